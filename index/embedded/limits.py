"""The limits of a write: memory and files at a time, segments and commits that stay, waiting."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WriteLimits:
    """Bounds of a write; tests set smaller ones.

    `run_tokens`: tokens of all fields that are held in memory before a segment, a run, goes to the
    disk; they take some 40 bytes each when they are sorted. `run_articles`: articles of a run, for
    articles without much text: their ids and labels take memory, too. `merged_runs`: this many runs
    become one segment; each that is open takes some 4 MB, and what is counted less than three times
    in them is pruned then. `segment_tokens`: tokens of a segment, so that 32 bits count its
    positions. `segments`: segments of an index; a query costs a little more for each.
    `exact_tokens`: up to this many tokens of "text" an index is one segment without deleted
    articles, its models counted anew with each write, so that they are those of a build of the
    same articles: some 900 news articles, and .35 s of CPU a write, however small.
    `merged_postings`: postings that are merged at a time; each takes some 60 bytes. `compared_ids`:
    ids that are compared at a time. `mined_postings`: postings of titles that are read at a time.
    `looked_up_share`: fewer new articles than one in this many old ones are looked up by their ids,
    else all ids are compared: a look-up takes some 15 us, a comparison 2 (20 articles to 34,862:
    1 ms instead of 70).
    `kept_commits`: commits that stay on the disk, the newest one included, to be restored.
    `wait_seconds`: how long another writer is waited for.
    """

    run_tokens: int = 4_000_000
    run_articles: int = 500_000
    merged_runs: int = 32
    segment_tokens: int = 1 << 31
    segments: int = 4
    exact_tokens: int = 500_000
    merged_postings: int = 1 << 19
    compared_ids: int = 1 << 18
    mined_postings: int = 1 << 20
    looked_up_share: int = 32
    kept_commits: int = 1
    wait_seconds: float = 0.0


LIMITS = WriteLimits()
"""What the commands use: some 370 MB for a build of any size."""
