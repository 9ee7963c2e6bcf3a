"""Segmentation of many texts at once, with NumPy: their tokens, and which are joined to words.

The same decoding as `crf.decode`, on arrays.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from index.vietnamese.segmenter.chunk_memo import (
    JOIN_LEVEL_BIT,
    MAX_JOINED_BIT,
    ChunkMemo,
    NewChunk,
)
from index.vietnamese.segmenter.chunks import chunks_of
from index.vietnamese.segmenter.crf import best_labels, chain
from index.vietnamese.segmenter.weights import weights
from index.vietnamese.segmenter.word_lists import SYLLABLE_BITS, word_lists

Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]

MAX_CHARACTERS_AT_ONCE = 1 << 18
"""Characters of texts that are segmented together; more take more memory and save no time."""


@dataclass(frozen=True, slots=True)
class Segmentation:
    """The tokens of a batch of texts, as numbers of a `ChunkMemo`.

    `chunks`: the chunks of all texts in reading order, with the chunk `END` after each text.
    `tokens`: the tokens of these chunks, including END. Aligned with `tokens` are `texts`, the
    number of the token's text in `ChunkMemo.texts`, and `joined`, whether the token continues the
    word of the token before it. `new`: the chunks that were new to the memo.
    """

    chunks: Ints
    tokens: Ints
    texts: Ints
    joined: Flags
    new: Sequence[NewChunk]


def segment(
    texts: Sequence[str], memo: ChunkMemo, max_characters: int = MAX_CHARACTERS_AT_ONCE
) -> Segmentation:
    """Return the tokens of the texts, joined as pyvi joins them; add new chunks to the memo."""
    parts = [_segment(batch, memo) for batch in _batches(texts, max_characters)]
    if len(parts) == 1:
        return parts[0]
    return Segmentation(
        chunks=np.concatenate([part.chunks for part in parts]),
        tokens=np.concatenate([part.tokens for part in parts]),
        texts=np.concatenate([part.texts for part in parts]),
        joined=np.concatenate([part.joined for part in parts]),
        new=[new for part in parts for new in part.new],
    )


def _batches(texts: Sequence[str], max_characters: int) -> Iterator[Sequence[str]]:
    """Yield batches of at most `max_characters` or of one longer text; at least one batch."""
    start = size = 0
    for number, text in enumerate(texts):
        size += len(text)
        if size > max_characters and number > start:
            yield texts[start:number]
            start, size = number, len(text)
    yield texts[start:]


def _segment(texts: Sequence[str], memo: ChunkMemo) -> Segmentation:
    chunks, new = memo.number(chunks_of(texts))
    tokens, _ = memo.chunk_tokens.positions(chunks)
    token_texts = memo.chunk_tokens.values().take(tokens)
    scores, to_next, to_previous, others = memo.features().take(token_texts, axis=0).T
    bits = others.astype(np.int32)
    scores[1:] += to_next[:-1]
    scores[:-1] += to_previous[1:]
    joined = _labels(_with_words(scores.copy(), bits & (1 << SYLLABLE_BITS) - 1))
    # `max_joined` is stored plus 1 (see `ChunkMemo.features`), so < is <=.
    joined[1:] &= bits[1:] >> JOIN_LEVEL_BIT & 3 < bits[:-1] >> MAX_JOINED_BIT
    # Drop the first END, which only gives the first text a neighbour.
    return Segmentation(chunks[1:], tokens[1:], token_texts[1:], joined[1:], new)


def _with_words(scores: NDArray[np.float64], syllables: Ints) -> NDArray[np.float64]:
    """Add the weights of the words in pyvi's lists to the scores, in place, and return them.

    See `crf.decode`.
    """
    weight = chain()
    pairs = syllables[:-1] << SYLLABLE_BITS | syllables[1:]
    tables = _tables()
    # Test the bit of each bigram of syllables: set where it is a word.
    bits = tables.bigrams.take(pairs >> 3)
    bits >>= pairs.astype(np.uint8) & 7
    bits &= 1
    bigrams = np.flatnonzero(bits.view(np.bool_))
    scores[bigrams] += weight.bigram[0]
    scores[bigrams + 1] += weight.bigram[1]
    likely = np.flatnonzero(tables.buckets.take(_bucket(pairs[:-1], syllables[2:])))
    # Different trigrams may share a bucket: look them up.
    found = zip(pairs[likely].tolist(), syllables[likely + 2].tolist(), strict=True)
    trigrams = likely[np.array([each in tables.trigrams for each in found], np.bool_)]
    scores[trigrams] += weight.trigram[0]
    scores[trigrams + 2] += weight.trigram[1]
    return scores


def _labels(scores: NDArray[np.float64]) -> Flags:
    """Return the labels of the best path, True for I (inside a word)."""
    max_sure_b, min_sure_i = chain().max_sure_b, chain().min_sure_i
    labels = scores > min_sure_i
    unsure = np.flatnonzero((scores > max_sure_b) & ~labels)
    gaps = np.diff(unsure, prepend=-2, append=len(scores) + 1)
    # A single unsure token depends on its sure neighbours only; longer runs need Viterbi.
    alone = (gaps[:-1] > 1) & (gaps[1:] > 1)
    bb, bi, ib, ii = weights().transitions
    single = unsure[alone]
    labels[single] = (
        scores[single]
        + np.where(labels[single - 1], ii - ib, bi - bb)
        + np.where(labels[single + 1], ii - bi, ib - bb)
    ) > 0
    for start, end in _runs(unsure[~alone].tolist()):
        labels[start:end] = best_labels(
            scores[start:end].tolist(),
            after_i=bool(labels[start - 1]),
            before_i=bool(labels[end]),
        )
    return labels


def _runs(positions: Iterable[int]) -> list[tuple[int, int]]:
    """Return [start, end) of each run of consecutive integers in ascending positions."""
    found = []
    start = end = -1
    for position in positions:
        if position != end:
            if end > 0:
                found.append((start, end))
            start = position
        end = position + 1
    if end > 0:
        found.append((start, end))
    return found


@dataclass(frozen=True, slots=True)
class _Tables:
    """pyvi's word lists as arrays.

    `bigrams`: a bit for each pair of syllables, set if it is a word. `buckets`: for each value of
    `_bucket`, whether a word of three syllables has it. `trigrams`: the words of three syllables,
    each as (packed pair of the first two, third).
    """

    bigrams: NDArray[np.uint8]
    buckets: Flags
    trigrams: frozenset[tuple[int, int]]


_BUCKET_BITS = 19  # half a MB of booleans, which fits a processor's L2 cache; arbitrary


@cache
def _tables() -> _Tables:
    pairs = np.fromiter((pair for pair, (is_word, _) in _pairs() if is_word), np.int32)
    bigrams = np.zeros(1 << (2 * SYLLABLE_BITS - 3), np.uint8)
    np.bitwise_or.at(bigrams, pairs >> 3, (1 << (pairs & 7)).astype(np.uint8))
    trigrams = [(pair, third) for pair, (_, thirds) in _pairs() for third in thirds]
    buckets = np.zeros(1 << _BUCKET_BITS, np.bool_)
    buckets[_bucket(*np.array(trigrams, np.int32).T)] = True
    return _Tables(bigrams, buckets, frozenset(trigrams))


def _pairs() -> Iterator[tuple[int, tuple[bool, frozenset[int]]]]:
    """Yield each packed pair that begins a word, with its entry of `SecondSyllables`."""
    lists = word_lists()
    for first in lists.firsts:
        for second, entry in lists.second_syllables(first).items():
            yield lists.syllables[first] << SYLLABLE_BITS | second, entry


def _bucket(pairs: Ints, lasts: Ints) -> Ints:
    """Return the bucket of each trigram: multiplicative hashing (Knuth, TAOCP 3, 6.4)."""
    mixed = pairs.astype(np.uint32) * np.uint32(0x9E3779B1)
    mixed ^= lasts.astype(np.uint32) * np.uint32(0x85EBCA6B)
    mixed >>= np.uint32(32 - _BUCKET_BITS)
    return mixed.view(np.int32)
