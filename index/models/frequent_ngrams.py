"""Frequent n-grams of titles, found level by level (the Apriori algorithm)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.storage.radix_sort import stable_order


@dataclass(frozen=True, slots=True)
class TitleTokens:
    """The tokens of titles in reading order: three aligned int32 arrays.

    `terms`: ordinals in the vocabulary of titles. `articles`: ascending. `positions`: ascending
    within an article.
    """

    terms: NDArray[np.int32]
    articles: NDArray[np.int32]
    positions: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class NgramLevel:
    """The frequent n-grams of one length n; the arrays are aligned.

    `ngrams` (n-grams, n): the ordinals of their terms. `counts`: the occurrences of each. `ends`:
    its occurrences at the end of a title. `articles`: an article with it in its title. `heads` and
    `tails`: the rows, in the level before, of the n-gram without its last and without its first
    term; meaningless in the first level.
    """

    ngrams: NDArray[np.int32]
    counts: NDArray[np.int64]
    ends: NDArray[np.int64]
    articles: NDArray[np.int32]
    heads: NDArray[np.int64]
    tails: NDArray[np.int64]


def frequent_ngrams(
    titles: TitleTokens, terms: int, min_count: int, max_length: int
) -> Iterator[NgramLevel]:
    """Yield the n-grams that occur at least `min_count` times, for n from 1 to `max_length`.

    `terms` is the size of the vocabulary. A level may be empty.

    An n-gram can only be frequent if its head and its tail are (Agrawal and Srikant 1994, "Fast
    Algorithms for Mining Association Rules"), so each level has few candidates.
    """
    follows = np.zeros(len(titles.terms), np.bool_)
    follows[:-1] = (titles.articles[1:] == titles.articles[:-1]) & (
        titles.positions[1:] == titles.positions[:-1] + 1
    )
    last = np.append(titles.articles[1:] != titles.articles[:-1], True)[: len(titles.terms)]
    # Of each candidate occurrence, `keys` has (head, tail) packed and `starts` the first token.
    # Occurrences at the beginning of a title come last, since the first one of each n-gram becomes
    # its example.
    starts = _with_beginnings_last(np.arange(len(titles.terms), dtype=np.int32), titles)
    keys, width = titles.terms[starts].astype(np.int64), max(terms, 1)
    for length in range(1, max_length + 1):
        order, bounds = _groups(keys)
        counts = np.diff(bounds)
        frequent = np.flatnonzero(counts >= min_count)
        firsts = order[bounds[frequent]]
        rows = starts[firsts][:, None] + np.arange(length)
        articles = titles.articles[rows[:, 0]]
        ended = np.append(np.int64(0), np.cumsum(last[starts[order] + (length - 1)]))
        ends = np.diff(ended[bounds])[frequent]
        parts = np.divmod(keys[firsts], width)
        yield NgramLevel(titles.terms[rows], counts[frequent], ends, articles, *parts)
        number = np.full(len(counts), -1, np.int32)
        number[frequent] = np.arange(len(frequent))
        ngram_at = np.full(len(titles.terms), -1, np.int32)
        ngram_at[starts[order]] = np.repeat(number, counts)
        del order  # to free its memory before the next level
        following = np.append(ngram_at[1:], np.int32(-1))
        starts = np.flatnonzero(follows & (ngram_at >= 0) & (following >= 0)).astype(np.int32)
        starts = _with_beginnings_last(starts, titles)
        width = max(len(frequent), 1)
        keys = ngram_at[starts].astype(np.int64) * width + following[starts]


def _with_beginnings_last(starts: NDArray[np.int32], titles: TitleTokens) -> NDArray[np.int32]:
    """Return the indices of tokens in the same order, but those that begin a title last."""
    begins = titles.positions[starts] == 0
    return np.concatenate([starts[~begins], starts[begins]])


def _groups(keys: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return the stable sort order of the keys, and the boundaries of equal keys in it.

    The boundaries are the start of each group and the total length. For 1.4 million keys,
    `np.unique` takes 80 MB more.
    """
    order = stable_order(keys).astype(np.int32)
    ordered = keys[order]
    begins = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1
    if not len(keys):
        return order, np.zeros(1, np.int64)
    return order, np.concatenate([[0], begins, [len(keys)]])
