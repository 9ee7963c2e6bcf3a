"""Decoding of a linear-chain CRF with two labels: B begins a word, I continues it.

A token's score is the state weight of I minus that of B. The labels of its two neighbours can shift
the decision only by the differences between the four transition weights, so the score alone decides
most tokens. The others ("unsure": 0.9 % in news) are labelled by Viterbi, run by run.
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from index.vietnamese.segmenter.features import (
    BLOCKED,
    NONE_JOINED,
    TokenSpan,
    as_piece,
)
from index.vietnamese.segmenter.weights import weights
from index.vietnamese.segmenter.word_lists import NO_SECOND_SYLLABLES, NO_THIRD_SYLLABLES


class Chain(NamedTuple):
    """Weights and thresholds of the model that do not depend on a token.

    A token whose score is at most `max_sure_b` is B, and above `min_sure_i` I, whatever its
    neighbours are. The first and last token of a text have one neighbour only; `first` and `last`
    are added to their scores so that they can be decoded as if the missing neighbour were a B.
    `bigram` and `trigram`: what a listed word of two or three syllables adds to the scores of its
    first and its last syllable.
    """

    max_sure_b: float
    min_sure_i: float
    first: float
    last: float
    bigram: tuple[float, float]
    trigram: tuple[float, float]


@cache
def chain() -> Chain:
    """Return the `Chain` of pyvi's model."""
    attributes, transitions = weights()
    bb, bi, ib, ii = transitions
    from_previous = (bi - bb, ii - ib)  # I over B after a B, after an I
    from_next = (ib - bb, ii - bi)  # before a B, before an I
    return Chain(
        max_sure_b=-max(from_previous) - max(from_next),
        min_sure_i=-min(from_previous) - min(from_next),
        first=-from_previous[0],
        last=-from_next[0],
        bigram=(attributes["+1:word.bi_gram()"], attributes["-1:word.bi_gram()"]),
        trigram=(attributes["+2:word.tri_gram()"], attributes["-2:word.tri_gram()"]),
    )


def decode(text: str) -> tuple[list[TokenSpan], list[int]]:
    """Return the tokens of a text, and the ascending positions of those labelled I.

    All in one loop: for short texts, the interpreter's overhead dominates.
    """
    max_sure_b, min_sure_i, from_previous, last, bigram, trigram = chain()
    tokens: list[TokenSpan] = []
    scores: list[float] = []  # scores[0] is a placeholder, of no token
    joins: list[int] = []
    are_sure = True
    score = 0.0  # of the previous token, which the current one still changes
    second_syllables, third_syllables = NO_SECOND_SYLLABLES, NO_THIRD_SYLLABLES
    join_level, max_joined, max_joined_before = BLOCKED, NONE_JOINED, NONE_JOINED
    offset = 0
    for advance, piece in map(as_piece, text.split(" ")):
        for (token, start, end, alone, to_self, to_next, to_previous, syllable,
             next_second_syllables, next_join_level, next_max_joined) in piece:  # fmt: skip
            score += to_previous
            next_score = to_self + from_previous
            if third_syllables:
                if syllable in third_syllables:
                    scores[-1] += trigram[0]
                    are_sure = False  # that score was already compared with the thresholds
                    next_score += trigram[1]
                third_syllables = NO_THIRD_SYLLABLES
            if syllable in second_syllables:
                is_word, third_syllables = second_syllables[syllable]
                if is_word:
                    score += bigram[0]
                    next_score += bigram[1]
            if score > max_sure_b and join_level <= max_joined_before:
                joins.append(len(scores) - 1)
                if score <= min_sure_i:
                    are_sure = False
            scores.append(score)
            tokens.append((token, offset + start, offset + end, alone))
            score, from_previous = next_score, to_next
            second_syllables = next_second_syllables
            max_joined_before, max_joined = max_joined, next_max_joined
            join_level = next_join_level
        offset += advance
    score += last
    if score > max_sure_b and join_level <= max_joined_before:
        joins.append(len(scores) - 1)
        are_sure = are_sure and score > min_sure_i
    scores.append(score)
    return tokens, joins if are_sure else _labelled_i(joins, scores[1:])


def _labelled_i(candidates: list[int], scores: list[float]) -> list[int]:
    """Return the candidate positions that are labelled I."""
    max_sure_b, min_sure_i = chain().max_sure_b, chain().min_sure_i
    found = []
    labels: list[bool] = []  # of the unsure positions from `start` to before `end`
    start = end = 0
    for position in candidates:
        if scores[position] > min_sure_i:
            found.append(position)
        elif scores[position] > max_sure_b:
            if position >= end:
                start, end = _unsure(position, scores)
                labels = best_labels(
                    scores[start:end],
                    after_i=start > 0 and scores[start - 1] > min_sure_i,
                    before_i=end < len(scores) and scores[end] > min_sure_i,
                )
            if labels[position - start]:
                found.append(position)
    return found


def _unsure(position: int, scores: list[float]) -> tuple[int, int]:
    """Return [start, end) of the run of unsure positions that contains `position`."""
    max_sure_b, min_sure_i = chain().max_sure_b, chain().min_sure_i
    start, end = position, position + 1
    while start and max_sure_b < scores[start - 1] <= min_sure_i:
        start -= 1
    while end < len(scores) and max_sure_b < scores[end] <= min_sure_i:
        end += 1
    return start, end


def best_labels(scores: Sequence[float], *, after_i: bool, before_i: bool) -> list[bool]:
    """Return the best labels of a run of unsure tokens, True for I, by the Viterbi algorithm.

    `after_i` and `before_i`: whether the sure tokens before and after the run are I.
    """
    bb, bi, ib, ii = weights().transitions
    best_b, best_i = (ib, ii) if after_i else (bb, bi)
    best_i += scores[0]
    backpointers = []
    for score in scores[1:]:
        backpointers.append((best_i + ib > best_b + bb, best_i + ii > best_b + bi))
        best_b, best_i = max(best_b + bb, best_i + ib), max(best_b + bi, best_i + ii) + score
    labels = [best_i + (ii if before_i else ib) > best_b + (bi if before_i else bb)]
    for origin in reversed(backpointers):
        labels.append(origin[labels[-1]])
    return labels[::-1]
