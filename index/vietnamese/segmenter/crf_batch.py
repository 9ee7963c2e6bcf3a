"""Many texts at a time, with NumPy: which tokens do they have, and which are joined?"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from index.vietnamese.segmenter.chunk_memo import END, LEVEL_BIT, REACH_BIT, Lexicon, Met
from index.vietnamese.segmenter.chunks import cut
from index.vietnamese.segmenter.crf import best_labels, chain
from index.vietnamese.segmenter.integer_map import Longs
from index.vietnamese.segmenter.weights import weights
from index.vietnamese.segmenter.word_lists import SYLLABLE_BITS, word_lists

Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Segmentation:
    """The tokens of a batch of texts, by their numbers in a lexicon.

    `pieces` has the pieces of all texts in reading order, with the piece `END` behind each text;
    `starts` says where they start in their text, and `lengths` how many cuts they have. `cuts`
    has these, `tokens` their texts, END's among them. `joined` says of each token whether it
    continues the word of the token before it. `met` are the pieces that were new to the lexicon.
    """

    pieces: Ints
    starts: Ints
    lengths: Ints
    cuts: Ints
    tokens: Ints
    joined: Flags
    met: Sequence[Met]


MOST_CHARACTERS = 1 << 18
"""Of texts that are cut at once: more take more memory, but no less time."""


def segment(texts: Sequence[str], lexicon: Lexicon) -> Segmentation:
    """Cut the texts into tokens and join them as pyvi does; the lexicon learns new pieces."""
    parts = [_segment(portion, lexicon) for portion in _portions(texts)]
    if len(parts) == 1:
        return parts[0]
    return Segmentation(
        pieces=np.concatenate([part.pieces for part in parts]),
        starts=np.concatenate([part.starts for part in parts]),
        lengths=np.concatenate([part.lengths for part in parts]),
        cuts=np.concatenate([part.cuts for part in parts]),
        tokens=np.concatenate([part.tokens for part in parts]),
        joined=np.concatenate([part.joined for part in parts]),
        met=[met for part in parts for met in part.met],
    )


def _portions(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Give one portion at least, and more where there are too many characters for one."""
    start = size = 0
    for number, text in enumerate(texts):
        size += len(text)
        if size > MOST_CHARACTERS and number > start:
            yield texts[start:number]
            start, size = number, len(text)
    yield texts[start:]


def _segment(texts: Sequence[str], lexicon: Lexicon) -> Segmentation:
    found = cut(texts)
    pieces, met = lexicon.number(found)
    cuts, lengths = lexicon.cuts.places(pieces)
    tokens = lexicon.cuts.values().take(cuts)
    own, before, after, others = lexicon.features().take(tokens, axis=0).T
    bits = others.astype(np.int32)
    own[1:] += before[:-1]
    own[:-1] += after[1:]
    joined = _labels(_with_words(own.copy(), bits & (1 << SYLLABLE_BITS) - 1))
    joined[1:] &= bits[1:] >> LEVEL_BIT & 3 < bits[:-1] >> REACH_BIT  # the reach is one more
    starts = _starts_in_texts(found.starts[1:], pieces[1:])
    return Segmentation(pieces[1:], starts, lengths[1:], cuts[1:], tokens[1:], joined[1:], met)


def _starts_in_texts(starts: Longs, pieces: Ints) -> Ints:
    """Count from where the piece's text starts: there is a line feed before and behind each."""
    ends = np.flatnonzero(pieces == END)
    text_starts = np.append(0, starts[ends])[:-1] + 1
    within: Longs = starts - np.repeat(text_starts, np.diff(ends, prepend=-1))
    return within.astype(np.int32)


def _with_words(scores: NDArray[np.float64], syllables: Ints) -> NDArray[np.float64]:
    """Add to the tokens' scores what the word lists say; see `decoder.decode`."""
    weight = chain()
    pairs = syllables[:-1] << SYLLABLE_BITS | syllables[1:]
    tables = _tables()
    bits = tables.bigrams.take(pairs >> 3)
    bits >>= pairs.astype(np.uint8) & 7
    bits &= 1
    bigrams = np.flatnonzero(bits.view(np.bool_))
    scores[bigrams] += weight.bigram[0]
    scores[bigrams + 1] += weight.bigram[1]
    likely = np.flatnonzero(tables.trigrams.take(_bucket(pairs[:-1], syllables[2:])))
    triples = zip(pairs[likely].tolist(), syllables[likely + 2].tolist(), strict=True)
    trigrams = likely[np.array([triple in tables.triples for triple in triples], np.bool_)]
    scores[trigrams] += weight.trigram[0]
    scores[trigrams + 2] += weight.trigram[1]
    return scores


def _labels(scores: NDArray[np.float64]) -> Flags:
    """Give the best labels, True for I."""
    surely_b, surely_i = chain().surely
    labels = scores > surely_i
    unsure = np.flatnonzero((scores > surely_b) & ~labels)
    gaps = np.diff(unsure, prepend=-2, append=len(scores) + 1)
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
    """Give [start, end) of each run of ascending positions that follow each other directly."""
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
    """The word lists for NumPy: a bit for each pair of syllables, a byte for a triple's bucket.

    `triples` has the words of three syllables: the pair's number and the third.
    """

    bigrams: NDArray[np.uint8]
    trigrams: Flags
    triples: frozenset[tuple[int, int]]


_BUCKET_BITS = 19


@cache
def _tables() -> _Tables:
    pairs = np.fromiter((pair for pair, (is_word, _) in _pairs() if is_word), np.int32)
    bigrams = np.zeros(1 << (2 * SYLLABLE_BITS - 3), np.uint8)
    np.bitwise_or.at(bigrams, pairs >> 3, (1 << (pairs & 7)).astype(np.uint8))
    triples = [(pair, third) for pair, (_, thirds) in _pairs() for third in thirds]
    trigrams = np.zeros(1 << _BUCKET_BITS, np.bool_)
    trigrams[_bucket(*np.array(triples, np.int32).T)] = True
    return _Tables(bigrams, trigrams, frozenset(triples))


def _pairs() -> Iterator[tuple[int, tuple[bool, frozenset[int]]]]:
    for first, seconds in word_lists().seconds.items():
        for second, what in seconds.items():
            yield first << SYLLABLE_BITS | second, what


def _bucket(pairs: Ints, lasts: Ints) -> Ints:
    """Spread triples of syllables over buckets: multiplicative hashing (Knuth, TAOCP 3, 6.4)."""
    mixed = pairs.astype(np.uint32) * np.uint32(0x9E3779B1)
    mixed ^= lasts.astype(np.uint32) * np.uint32(0x85EBCA6B)
    mixed >>= np.uint32(32 - _BUCKET_BITS)
    return mixed.view(np.int32)
