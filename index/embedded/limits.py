"""The limits of a write: memory, segments, kept commits, waiting time."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WriteLimits:
    """Limits of a write; tests set smaller ones."""

    flush_tokens: int = 4_000_000
    """Tokens of all fields that are buffered in memory before they are flushed to a segment: 12
    bytes each while they are collected, about 40 while they are sorted."""

    flush_articles: int = 50_000
    """Articles that are buffered before a flush, if they have little text: their ids, labels, dates
    and terms are Python objects. Without it 200,000 headlines took 409 to 417 MB
    (`python -m benchmarks.corpora --texts headlines --articles 200000`)."""

    merged_flushes: int = 32
    """Flushed segments that are merged into one. Each takes about 4 MB while it is open; the merge
    prunes bigrams that occur less than three times in them."""

    segment_tokens: int = 1 << 31
    """Tokens of a segment, so that its positions can be counted in 32 bits."""

    beside_largest: float = 1 / 32
    """The share of the articles that segments beside the largest may have. With more, all become
    one segment, whose models are those of a build. Arbitrary: less would merge more often, which
    takes two fifths of the CPU of a build; with more, more completions differ from a build's."""

    segments: int = 4
    """Segments of an index; each makes queries a little slower."""

    exact_tokens: int = 500_000
    """An index with up to this many tokens of "text", about 900 news articles, is always one
    segment without deleted articles. Each write counts its models again, which takes 0.35 s of CPU,
    so that they equal those of a build."""

    merged_postings: int = 1 << 19
    """Postings that are merged at a time; each takes about 60 bytes."""

    compared_ids: int = 1 << 18
    """Ids that are compared at a time. Arbitrary."""

    mined_postings: int = 1 << 18
    """Postings of titles that are read at a time; each takes about 60 bytes."""

    looked_up_one_in: int = 32
    """New ids are looked up in the old segments if there are fewer than one for this many old
    articles; otherwise all ids are compared. A lookup takes about 15 us, a comparison 2: adding 20
    articles to 34,862 takes 1 ms instead of 70."""

    kept_commits: int = 1
    """Commits that are kept on disk for `restore`, including the newest."""

    wait_seconds: float = 0.0
    """How long to wait for another writer."""


LIMITS = WriteLimits()
"""The default limits: about 300 MB of memory for a build of any size (188,687 records: 298 MB)."""
