"""Trigram rescoring, compared with brute force over all paths."""

import math
from itertools import pairwise, product

import numpy as np
import pytest

from index.models.language_model import CountedLanguage
from index.vietnamese import Language
from index.vietnamese.syllables import terms
from search.interpretation.interpreter import interpret
from search.interpretation.trigram_rescoring import DISCOUNT, BigramLattice, rescored
from tests.search.interpretation.language import segment

SENTENCES = [
    *["ma tố"] * 4,
    *["ma tổ"] * 10,
    *["tổ lên"] * 40,
    *["ma tố lên"] * 9,
    *["lên mà tố", "lên ma tổ"] * 3,
]
LANGUAGE = Language.default()
MODEL = CountedLanguage([segment(SENTENCES, with_trigrams=True)])
BY_PAIRS = CountedLanguage([segment(SENTENCES)])
PLACES = (["lên", "len"], ["ma", "mà"], ["tố", "tổ"], ["lên", "len"])


def test_trigrams_decide_where_bigrams_are_wrong() -> None:
    assert interpret(terms("ma to len"), BY_PAIRS, LANGUAGE).best == ("ma", "tổ", "lên")
    assert interpret(terms("ma to len"), MODEL, LANGUAGE).best == ("ma", "tố", "lên")


def test_rescored_posteriors_equal_the_sum_over_all_paths() -> None:
    chance = np.random.default_rng(3)
    lattice = BigramLattice(
        PLACES,
        chance.random(2),
        [chance.random((2, 2)) for _ in range(3)],
        [chance.random(2) for _ in range(4)],
        MODEL.bigram_counts(PLACES),
    )
    reported = rescored(lattice, MODEL)
    assert reported is not None
    posteriors, best = reported
    weights = {path: _weight(path, lattice) for path in product(range(2), repeat=4)}
    total = sum(weights.values())
    for place, term in product(range(4), range(2)):
        through = sum(weight for path, weight in weights.items() if path[place] == term)
        assert posteriors[place][term] == pytest.approx(through / total)
    assert weights[tuple(best)] == pytest.approx(max(weights.values()))


def _weight(path: tuple[int, ...], lattice: BigramLattice) -> float:
    weight = float(lattice.start[path[0]] * lattice.transitions[0][path[0], path[1]])
    for at in range(2, 4):
        first, second, last = (PLACES[at + shift][path[at + shift]] for shift in (-2, -1, 0))
        step = float(lattice.transitions[at - 1][path[at - 1], path[at]])
        weight *= _probability(first, second, last, step)
    return weight * math.prod(float(lattice.channels[at][path[at]]) for at in range(4))


def _probability(first: str, second: str, last: str, by_pairs: float) -> float:
    words = sorted({word for sentence in SENTENCES for word in sentence.split()})
    found = MODEL.trigram_counts([[first], [second], words])
    if not found:
        return by_pairs
    [following] = found
    counts = dict(zip(words, following.counts[0, 0].tolist(), strict=True))
    assert following.totals[0, 0] == sum(counts.values())
    assert following.types[0, 0] == sum(count > 0 for count in counts.values())
    pairs = sum(
        (a, b) == (first, second) for words in map(str.split, SENTENCES) for a, b in pairwise(words)
    )
    seen: dict[str, float] = {
        word: max(count - DISCOUNT, 0) / pairs for word, count in counts.items()
    }
    return seen.get(last, 0) + max(1 - sum(seen.values()), 1e-3) * by_pairs


def test_without_trigrams_nothing_is_rescored() -> None:
    lattice = BigramLattice(
        PLACES,
        np.ones(2),
        [np.ones((2, 2))] * 3,
        [np.ones(2)] * 4,
        BY_PAIRS.bigram_counts(PLACES),
    )
    assert rescored(lattice, BY_PAIRS) is None
