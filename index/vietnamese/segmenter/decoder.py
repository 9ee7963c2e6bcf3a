"""Which tokens continue a word? The best labels of a linear chain: B begins, I continues.

`score` is what speaks for I over B in a token. Its two neighbours can change it only by as much
as the four transitions differ, so most tokens are decided by themselves; in news 0.9 % are not,
and these, with what stands beside them, are all that Viterbi has to settle.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from index.vietnamese.segmenter.features import Token
from index.vietnamese.segmenter.weights import weights
from index.vietnamese.segmenter.word_lists import BIGRAM, HEAD, SYLLABLE_BITS, word_lists


class Chain(NamedTuple):
    """The model's weights that are no token's own, and what follows from the transitions.

    A score above `surely_i` is I and one up to `surely_b` is B, whatever the neighbours are. The
    ends of a text have a neighbour on one side only; with `first` added to the first score and
    `last` to the last, both may be treated as standing beside a B. A word of the lists adds to
    the scores of its first and its last syllable.
    """

    surely_b: float
    surely_i: float
    first: float
    last: float
    bigram_first: float
    bigram_last: float
    trigram_first: float
    trigram_last: float


@cache
def chain() -> Chain:
    """Give the weights, from pyvi's model."""
    _, attributes, steps = weights()
    before = (steps.bi - steps.bb, steps.ii - steps.ib)  # after a B, after an I
    after = (steps.ib - steps.bb, steps.ii - steps.bi)
    return Chain(
        surely_b=-max(before) - max(after),
        surely_i=-min(before) - min(after),
        first=-before[0],
        last=-after[0],
        bigram_first=attributes["+1:word.bi_gram()"],
        bigram_last=attributes["-1:word.bi_gram()"],
        trigram_first=attributes["+2:word.tri_gram()"],
        trigram_last=attributes["-2:word.tri_gram()"],
    )


def joined(tokens: Sequence[Token]) -> list[int]:
    """Give the positions of the tokens that pyvi joins to the token before them, ascending."""
    surely_b, surely_i, *_ = chain()
    scores = _scores(tokens)
    joins = [i for i, score in enumerate(scores) if score > surely_b]
    unsure = [i for i in joins if scores[i] <= surely_i]
    if unsure:
        labels = [score > surely_i for score in scores]
        labels.append(False)  # stands behind the last, and at -1 before the first
        for start, end in runs(unsure):
            labels[start:end] = best_labels(
                scores[start:end], after_i=labels[start - 1], before_i=labels[end]
            )
        joins = [i for i in joins if labels[i]]
    return [i for i in joins if i and _may_join(tokens[i - 1], tokens[i])]


def _may_join(left: Token, right: Token) -> bool:
    """Say whether pyvi lets two tokens be joined, whatever the labels are."""
    return not (left[7] or right[7]) and (left[8] or not right[8])


def _scores(tokens: Sequence[Token]) -> list[float]:
    """Add up what each token's attributes and the word lists say."""
    _, pairs, trigrams = word_lists()
    _, _, before_next, last, bigram_first, bigram_last, trigram_first, trigram_last = chain()
    scores: list[float] = []
    score = 0.0  # of the token before; at first, of none
    left = head = 0
    for _, _, _, own, before, after, syllable, _, _ in tokens:
        score += after
        score_here = own + before_next
        if head:
            if head << SYLLABLE_BITS | syllable in trigrams:
                scores[-1] += trigram_first
                score_here += trigram_last
            head = 0
        pair = left << SYLLABLE_BITS | syllable
        if pair in pairs:
            kind = pairs[pair]
            if kind & BIGRAM:
                score += bigram_first
                score_here += bigram_last
            if kind & HEAD:
                head = pair
        scores.append(score)
        score = score_here
        before_next = before
        left = syllable
    scores.append(score + last)
    del scores[0]
    return scores


def runs(positions: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Give [start, end) of each run of ascending positions that follow each other directly."""
    start = end = None
    for position in positions:
        if position != end:
            if start is not None and end is not None:
                yield start, end
            start = position
        end = position + 1
    if start is not None and end is not None:
        yield start, end


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
