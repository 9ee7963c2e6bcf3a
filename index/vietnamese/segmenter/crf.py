"""Labels of a linear-chain CRF: B begins a word, I continues it.

`score` is what speaks for I over B in a token. Its two neighbours can change it only by as much
as the four transitions differ, so most tokens are decided by themselves; in news 0.9 % are not,
and these, with what stands beside them, are all that Viterbi has to settle.
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from index.vietnamese.segmenter.features import BLOCKED, NO_REACH, Fields, as_part
from index.vietnamese.segmenter.weights import weights
from index.vietnamese.segmenter.word_lists import NO_SECONDS, NO_THIRDS


class Chain(NamedTuple):
    """The weights of the model that belong to no token, and what follows from the transitions.

    `surely` has two limits: a score up to the first is B and one above the second is I, whatever
    the neighbours are. The ends of a text have a neighbour on one side only; with `first` added
    to the first score and `last` to the last, both may be treated as standing beside a B. A word
    of the lists adds to the scores of its first and its last syllable: `bigram`, `trigram`.
    """

    surely: tuple[float, float]
    first: float
    last: float
    bigram: tuple[float, float]
    trigram: tuple[float, float]


@cache
def chain() -> Chain:
    """Return the weights, from pyvi's model."""
    _, attributes, steps = weights()
    before = (steps.bi - steps.bb, steps.ii - steps.ib)  # after a B, after an I
    after = (steps.ib - steps.bb, steps.ii - steps.bi)
    return Chain(
        surely=(-max(before) - max(after), -min(before) - min(after)),
        first=-before[0],
        last=-after[0],
        bigram=(attributes["+1:word.bi_gram()"], attributes["-1:word.bi_gram()"]),
        trigram=(attributes["+2:word.tri_gram()"], attributes["-2:word.tri_gram()"]),
    )


def decode(text: str) -> tuple[list[Fields], list[int]]:
    """Return the tokens of a text, and which pyvi joins to the one before: positions, ascending.

    One pass for everything: with a short text, most of the time goes into the steps of Python.
    """
    (surely_b, surely_i), before_next, last, (bigram_left, bigram_right), trigram = chain()
    tokens: list[Fields] = []
    scores: list[float] = []  # the first is of no token
    joins: list[int] = []
    are_sure = True
    score = 0.0  # of the token before
    seconds, thirds = NO_SECONDS, NO_THIRDS
    level, reach, reach_before = BLOCKED, NO_REACH, NO_REACH
    offset = 0
    for advance, part in map(as_part, text.split(" ")):
        for (token, start, end, alone, own, before, after, syllable,
             next_seconds, next_level, next_reach) in part:  # fmt: skip
            score += after
            next_score = own + before_next
            if thirds:
                if syllable in thirds:
                    scores[-1] += trigram[0]
                    are_sure = False  # that score was judged already
                    next_score += trigram[1]
                thirds = NO_THIRDS
            if syllable in seconds:
                is_word, thirds = seconds[syllable]
                if is_word:
                    score += bigram_left
                    next_score += bigram_right
            if score > surely_b and level <= reach_before:
                joins.append(len(scores) - 1)
                if score <= surely_i:
                    are_sure = False
            scores.append(score)
            tokens.append((token, offset + start, offset + end, alone))
            score, before_next, seconds = next_score, before, next_seconds
            reach_before, level, reach = reach, next_level, next_reach
        offset += advance
    score += last
    if score > surely_b and level <= reach_before:
        joins.append(len(scores) - 1)
        are_sure = are_sure and score > surely_i
    scores.append(score)
    return tokens, joins if are_sure else _settled(joins, scores[1:])


def _settled(likely: list[int], scores: list[float]) -> list[int]:
    """Return those of the positions that are I."""
    surely_b, surely_i = chain().surely
    settled = []
    labels: list[bool] = []  # of the unsure positions from `start` to before `end`
    start = end = 0
    for position in likely:
        if scores[position] > surely_i:
            settled.append(position)
        elif scores[position] > surely_b:
            if position >= end:
                start, end = _unsure(position, scores)
                labels = best_labels(
                    scores[start:end],
                    after_i=start > 0 and scores[start - 1] > surely_i,
                    before_i=end < len(scores) and scores[end] > surely_i,
                )
            if labels[position - start]:
                settled.append(position)
    return settled


def _unsure(position: int, scores: list[float]) -> tuple[int, int]:
    """Return [start, end) of the run of unsure positions around one."""
    surely_b, surely_i = chain().surely
    start, end = position, position + 1
    while start and surely_b < scores[start - 1] <= surely_i:
        start -= 1
    while end < len(scores) and surely_b < scores[end] <= surely_i:
        end += 1
    return start, end


def best_labels(scores: Sequence[float], *, after_i: bool, before_i: bool) -> list[bool]:
    """Label neighbours that depend on each other, True for I: Viterbi between certain labels."""
    bb, bi, ib, ii = weights().transitions
    best_b, best_i = (ib, ii) if after_i else (bb, bi)
    best_i += scores[0]
    came_from_i = []
    for score in scores[1:]:
        came_from_i.append((best_i + ib > best_b + bb, best_i + ii > best_b + bi))
        best_b, best_i = max(best_b + bb, best_i + ib), max(best_b + bi, best_i + ii) + score
    labels = [best_i + (ii if before_i else ib) > best_b + (bi if before_i else bb)]
    for origin in reversed(came_from_i):
        labels.append(origin[labels[-1]])
    return labels[::-1]
