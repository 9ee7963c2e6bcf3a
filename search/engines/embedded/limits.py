"""The limits of the embedded engine that tests set, since small corpora do not reach them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """When terms are kept densely, and when articles are passed over by block maxima.

    "Flat" means: within the noise of 10 % on 188,687 records, OR of three and of eight syllables,
    AND of two and three, each limit changed alone.
    """

    dense_one_in: int = 32
    """Terms that fewer than one article in this many hold are kept sparsely. The dense terms of 250
    queries of 2 to 8 syllables take 190 MB and the others 33; with 16, 97 and 52 MB, but an OR of
    three words takes 1.25 times as long, of five 1.4 times, and a whole search 2 % more."""

    max_scored: int = 2000
    """Up to this many matches are all scored, without bounds; flat from 1,000 to 5,000."""

    max_scored_one_in: int = 64
    """All are scored, too, where fewer than one article in this many matches; flat from 16 to
    256."""

    min_first_blocks: int = 256
    """This many blocks are scored first, or one for two articles wanted, to learn what the best of
    them score. With 64 an OR of three or eight takes a fifth longer."""

    max_block_features: int = 64
    """With more features no bounds of blocks are computed, since nearly every block holds some of
    the frequent terms: bounds of articles alone leave any out."""

    champions: int = 100
    """Best articles of a frequent term that are kept in order, for queries of that one term: ten
    pages."""

    max_features: int = 1000
    """Of more features of a plan those of the least weight and idf are left out. Long texts without
    marks ask for some 750; with 1,000 frequent ones a query takes .25 s."""

    min_postings: int = 4_000_000
    """A call reads at most this many postings that are not in memory: some .15 s here."""

    postings_an_article: int = 20
    """Or this many for each article of the index, where that is more."""

    dense_bytes: int = 240 << 20
    """Memory of the dense terms kept decoded: nearly all that queries to 188,687 records use. With
    `dense_one_in` 16 and 48, 48 and 24 MB of this and the next two a process takes some 250 MB
    beyond the maps, and 350 queries take 1.45 times the CPU when they are new, 2.7 times when asked
    again (`benchmarks.worker_memory`)."""

    min_dense_terms: int = 128
    """Dense terms whose memory is granted at least: each takes 1.25 bytes an article."""

    sparse_bytes: int = 96 << 20
    """Memory of the other terms and the bigrams kept decoded: the longest to make for a byte."""

    positions_bytes: int = 96 << 20
    """Memory of the occurrences of terms, for phrases and bigrams."""

    prefix_bytes: int = 8 << 20
    """Memory of the articles of prefixes, a bit each."""


DEFAULT_LIMITS = Limits()
