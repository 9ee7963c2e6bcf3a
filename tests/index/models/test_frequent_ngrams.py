"""Frequent n-grams of titles, compared with counting every n-gram by hand."""

from collections import Counter, defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from index.models.frequent_ngrams import TitleTokens, frequent_ngrams

TERMS = 3
# The tokens of a title: (term, number of positions left free before it).
TITLES = st.lists(
    st.lists(st.tuples(st.integers(0, TERMS - 1), st.sampled_from((0, 0, 0, 1))), max_size=6),
    max_size=6,
)


def by_hand(
    titles: list[list[tuple[int, int]]], length: int
) -> dict[tuple[int, ...], list[tuple[bool, int]]]:
    """Return the occurrences of each n-gram: whether at the beginning of a title, and of which."""
    found: dict[tuple[int, ...], list[tuple[bool, int]]] = defaultdict(list)
    for article, title in enumerate(titles):
        positions = np.cumsum([1 + gap for _, gap in title]) - 1
        for at in range(len(title) - length + 1):
            if positions[at + length - 1] == positions[at] + length - 1:
                ngram = tuple(term for term, _ in title[at : at + length])
                found[ngram].append((bool(positions[at] == 0), article))
    return found


@given(TITLES, st.integers(1, 3))
def test_ngrams_are_those_that_occur_often_enough(
    titles: list[list[tuple[int, int]]], min_count: int
) -> None:
    rows = [
        (term, article, position)
        for article, title in enumerate(titles)
        for (term, _), position in zip(
            title, np.cumsum([1 + gap for _, gap in title]) - 1, strict=True
        )
    ]  # fmt: skip
    columns = np.array(rows, np.int32).reshape(-1, 3).T
    before: list[tuple[int, ...]] = []
    levels = frequent_ngrams(TitleTokens(*columns), TERMS, min_count, 4)
    for length, level in enumerate(levels, 1):
        ngrams = [tuple(ngram) for ngram in level.ngrams.tolist()]
        expected = {r: w for r, w in by_hand(titles, length).items() if len(w) >= min_count}
        assert dict(zip(ngrams, level.counts.tolist(), strict=True)) == {
            ngram: len(where) for ngram, where in expected.items()
        }
        ends = Counter(
            tuple(term for term, _ in title[-length:])
            for title in titles
            if len(title) >= length and all(gap == 0 for _, gap in title[len(title) - length + 1 :])
        )
        assert level.ends.tolist() == [ends[ngram] for ngram in ngrams]
        # The first occurrence that is not at the beginning of a title, if there is one.
        examples = {ngram: min(where)[1] for ngram, where in expected.items()}
        assert dict(zip(ngrams, level.articles.tolist(), strict=True)) == examples
        if length > 1:
            for ngram, head, tail in zip(
                ngrams, level.heads.tolist(), level.tails.tolist(), strict=True
            ):
                assert (before[head], before[tail]) == (ngram[:-1], ngram[1:])
        before = ngrams
    assert length == 4
