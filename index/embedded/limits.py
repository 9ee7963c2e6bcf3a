"""The limits of a write: memory and files at a time, segments and commits that stay, waiting."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WriteLimits:
    """Bounds of a write; tests set smaller ones."""

    run_tokens: int = 4_000_000
    """Tokens of all fields held in memory before a segment, a run, goes to the disk: 12 bytes each
    while they are collected, some 40 when they are sorted."""

    run_articles: int = 50_000
    """Articles of a run, for articles without much text: their ids, labels, dates and terms are
    objects until the run is written. 200,000 headlines took 409 to 417 MB with runs that only
    their tokens ended (`python -m benchmarks.corpora --texts headlines --articles 200000`)."""

    merged_runs: int = 32
    """This many runs become one segment. Each takes some 4 MB while it is open; bigrams that were
    counted less than three times in them are pruned then."""

    segment_tokens: int = 1 << 31
    """Tokens of a segment, so that 32 bits count its positions."""

    segments: int = 4
    """Segments of an index; a query costs a little more for each."""

    exact_tokens: int = 500_000
    """Up to this many tokens of "text" an index is one segment without deleted articles, its models
    counted anew with each write, so that they are those of a build of the same articles: some 900
    news articles, and .35 s of CPU a write, however small."""

    merged_postings: int = 1 << 19
    """Postings that are merged at a time; each takes some 60 bytes."""

    compared_ids: int = 1 << 18
    """Ids that are compared at a time. Arbitrary."""

    mined_postings: int = 1 << 18
    """Postings of titles that are read at a time; each takes some 60 bytes."""

    looked_up_one_in: int = 32
    """Fewer new articles than one in this many old ones are looked up by their ids, else all ids
    are compared: a look-up takes some 15 us, a comparison 2 (20 articles to 34,862: 1 ms instead of
    70)."""

    kept_commits: int = 1
    """Commits that stay on the disk, the newest one included, to be restored."""

    wait_seconds: float = 0.0
    """How long another writer is waited for."""


LIMITS = WriteLimits()
"""What the commands use: some 300 MB for a build of any size (188,687 records: 298 MB)."""
