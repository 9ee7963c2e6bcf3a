"""The limits of the embedded engine that tests set, since small corpora do not reach them."""

from dataclasses import dataclass

from search.engines.embedded.docsets import DENSE_SHARE


@dataclass(frozen=True, slots=True)
class Limits:
    """When terms are kept densely, and when articles are passed over by block maxima.

    "Flat" means: within the noise of 10 % on 188,687 records, OR of three and of eight syllables,
    AND of two and three, each limit changed alone.

    `dense_share`: see `docsets.DENSE_SHARE`.

    `max_scored`: up to this many matches are all scored, without bounds; flat from 1,000 to 5,000.
    `max_scored_share`: so are they where fewer than one article in this many matches; flat from 16
    to 256.

    `min_first_blocks`: this many blocks are scored first, or one for two articles wanted, to learn
    what the best of them score. With 64 an OR of three or eight takes a fifth longer.

    `champions`: of a frequent term this many of the best articles are kept in order, for queries
    of that one term: ten pages.

    `max_features`: of more features of a plan those of the least weight and idf are left out. Long
    texts without marks ask for some 750; with 1,000 frequent ones a query takes .25 s.

    `min_postings`, `postings_an_article`: a call reads at most the first number of postings, or
    the second for each article of the index, that are not in memory: some .15 s here.

    `frequent_bytes`, `rare_bytes`: memory of the terms kept decoded, of dense ones and of others: a
    dense one takes a hundred times as much, and to make it a tenth of the time a byte. Of these
    `frequent_terms` are kept at least, since each takes 1.25 bytes an article of the index.
    `positions_bytes`: of the occurrences of terms, for phrases and bigrams. `prefix_bytes`: of the
    articles of prefixes, a bit each. With all full a process takes less than 250 MB beyond the maps
    (`benchmarks.worker_memory`); with three times as much a query that is new takes a quarter less.
    """

    dense_share: int = DENSE_SHARE
    max_scored: int = 2000
    max_scored_share: int = 64
    min_first_blocks: int = 256
    champions: int = 100
    max_features: int = 1000
    min_postings: int = 4_000_000
    postings_an_article: int = 20
    frequent_bytes: int = 40 << 20
    frequent_terms: int = 128
    rare_bytes: int = 24 << 20
    positions_bytes: int = 40 << 20
    prefix_bytes: int = 8 << 20


DEFAULT_LIMITS = Limits()
