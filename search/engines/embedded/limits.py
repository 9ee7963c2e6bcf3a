"""The limits of the embedded engine; tests lower them, since small corpora do not reach them."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Limits:
    """When terms are kept densely, when articles are pruned by block maxima, and cache sizes.

    "Flat" means that times stay within the noise, 10 %, on 188,687 records: for OR of three and
    eight syllables and AND of two and three, each limit changed by itself.
    """

    dense_one_in: int = 16
    """Terms that fewer than one article in this many contain are kept sparsely: with six bytes for
    each article there, they take less memory. With 24 or 32 a whole search takes as long, but for
    noise of 5 %."""

    max_scored: int = 2000
    """Up to this many matches are scored exhaustively, without bounds; flat from 1,000 to 5,000."""

    max_scored_one_in: int = 64
    """If fewer than one article in this many matches, they are scored exhaustively as well; flat
    from 16 to 256."""

    min_first_blocks: int = 256
    """This many blocks are scored first to find a threshold, or half as many as articles are to be
    returned, if that is more. With 64 an OR of three or eight takes a fifth longer."""

    max_block_features: int = 64
    """With more features no block bounds are computed: nearly every block contains some of the
    frequent terms, so that only bounds per article prune anything."""

    champions: int = 100
    """Best articles of a frequent term that are kept in order for queries of that term alone: ten
    pages."""

    max_features: int = 1000
    """If a plan has more features, those with the lowest weights are left out. Long texts without
    diacritics have about 750; with 1,000 frequent ones a query takes 0.25 s."""

    min_postings: int = 4_000_000
    """A call reads at most this many uncached postings: about 0.15 s on the development machine."""

    postings_per_article: int = 20
    """A call may read this many for each article of the index, if that is more."""

    dense_bytes: int = 44 << 20
    """Memory of the cache of dense terms: all 488 of 188,687 records take 39 MB.

    This, the next five and `dense_one_in` keep a process within 250 MB, not counting mapped files
    (`benchmarks.worker_memory`). With 440 MB, queries like those of `benchmarks.full_search` take
    2.5 instead of 3.2 ms.
    """

    min_dense_terms: int = 256
    """The cache has room for at least this many dense terms: each takes about half a byte for each
    article of the index."""

    sparse_bytes: int = 22 << 20
    """Memory of the cache of sparse terms."""

    bigram_bytes: int = 12 << 20
    """Memory of the cache of bigrams: about 5 kB each, and a millisecond to compute. In the cache
    of terms they would be evicted, and repeated queries take up to three times the CPU."""

    positions_bytes: int = 4 << 20
    """Memory of the occurrences of terms, for phrases and bigrams."""

    phrase_bytes: int = 6 << 20
    """Memory of the occurrences of bigrams and of several terms together, which take the longest to
    compute. In the cache of terms they would be evicted: a phrase of three took 2 ms, not 0.15."""

    prefix_bytes: int = 8 << 20
    """Memory of the cache of prefixes: one bit for each article of the index."""

    def with_caches(self, total_bytes: int) -> "Limits":
        """Return these limits with that much memory for all caches but that of prefixes.

        >>> larger = DEFAULT_LIMITS.with_caches(880 << 20)
        >>> larger.dense_bytes >> 20, larger.sparse_bytes >> 20, larger.bigram_bytes >> 20
        (440, 220, 120)
        """
        current = self.dense_bytes + self.sparse_bytes + self.bigram_bytes + self.positions_bytes
        current += self.phrase_bytes
        return replace(
            self,
            dense_bytes=self.dense_bytes * total_bytes // current,
            sparse_bytes=self.sparse_bytes * total_bytes // current,
            bigram_bytes=self.bigram_bytes * total_bytes // current,
            positions_bytes=self.positions_bytes * total_bytes // current,
            phrase_bytes=self.phrase_bytes * total_bytes // current,
        )


DEFAULT_LIMITS = Limits()
