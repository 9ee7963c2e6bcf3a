"""Runs of terms that many titles have, found by length."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class TitleTokens:
    """The tokens of titles in reading order: aligned arrays.

    `terms`: int32, ordinals in the vocabulary of titles. `articles`: int32, ascending. `positions`:
    int32, ascending within an article.
    """

    terms: NDArray[np.int32]
    articles: NDArray[np.int32]
    positions: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class RunLevel:
    """The frequent runs of one length.

    `runs`: the ordinals of their terms, one row each. `counts`: how often each occurs, `ends`: at
    the end of a title, `articles`: one where it does. `heads` and `tails`: which runs of the level
    before are all of it but the last and the first term.
    """

    runs: NDArray[np.int32]
    counts: NDArray[np.int64]
    ends: NDArray[np.int64]
    articles: NDArray[np.int32]
    heads: NDArray[np.int64]
    tails: NDArray[np.int64]


def frequent_runs(
    titles: TitleTokens, terms: int, min_count: int, max_length: int
) -> Iterator[RunLevel]:
    """Yield the runs that occur `min_count` times, by length, from one term to `max_length`.

    `terms` is how many different ones there are. A level may be empty.

    A run can only be frequent if its head and its tail are (Agrawal and Srikant 1994, "Fast
    Algorithms for Mining Association Rules"), so each level is small.
    """
    follows = np.zeros(len(titles.terms), np.bool_)
    follows[:-1] = (titles.articles[1:] == titles.articles[:-1]) & (
        titles.positions[1:] == titles.positions[:-1] + 1
    )
    last = np.append(titles.articles[1:] != titles.articles[:-1], True)[: len(titles.terms)]
    # `keys` are the runs of the current length as pairs (head, tail), `starts` their first tokens.
    # Those at the beginning of a title come last: a group begins with the first one of its key.
    starts = _with_beginnings_last(np.arange(len(titles.terms), dtype=np.int32), titles)
    keys, width = titles.terms[starts].astype(np.int64), max(terms, 1)
    for length in range(1, max_length + 1):
        order, bounds = _groups(keys)
        counts = np.diff(bounds)
        often = np.flatnonzero(counts >= min_count)
        firsts = order[bounds[often]]
        rows = starts[firsts][:, None] + np.arange(length)
        articles = titles.articles[rows[:, 0]]
        ended = np.append(np.int64(0), np.cumsum(last[starts[order] + (length - 1)]))
        ends = np.diff(ended[bounds])[often]
        parts = np.divmod(keys[firsts], width)
        yield RunLevel(titles.terms[rows], counts[often], ends, articles, *parts)
        number = np.full(len(counts), -1, np.int32)
        number[often] = np.arange(len(often))
        here = np.full(len(titles.terms), -1, np.int32)
        here[starts[order]] = np.repeat(number, counts)
        del order  # the next level has its own
        following = np.append(here[1:], np.int32(-1))
        starts = np.flatnonzero(follows & (here >= 0) & (following >= 0)).astype(np.int32)
        starts = _with_beginnings_last(starts, titles)
        width = max(len(often), 1)
        keys = here[starts].astype(np.int64) * width + following[starts]


def _with_beginnings_last(starts: NDArray[np.int32], titles: TitleTokens) -> NDArray[np.int32]:
    """Return places of tokens in the same order, those at the beginning of a title last."""
    begins = titles.positions[starts] == 0
    return np.concatenate([starts[~begins], starts[begins]])


def _groups(keys: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return the stable order that sorts the keys, and where in it each one begins, and its end.

    What `np.unique` returns of 1.4 million keys takes 80 MB more.
    """
    order = np.argsort(keys, kind="stable").astype(np.int32)
    ordered = keys[order]
    begins = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1
    if not len(keys):
        return order, np.zeros(1, np.int64)
    return order, np.concatenate([[0], begins, [len(keys)]])
