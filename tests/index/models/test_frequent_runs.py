"""Frequent runs of titles against counting every run by hand."""

from collections import Counter, defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from index.models.frequent_runs import TitleTokens, frequent_runs

TERMS = 3
# The tokens of a title: the second number says how many positions are left free before one.
TITLES = st.lists(
    st.lists(st.tuples(st.integers(0, TERMS - 1), st.sampled_from((0, 0, 0, 1))), max_size=6),
    max_size=6,
)


def by_hand(
    titles: list[list[tuple[int, int]]], length: int
) -> dict[tuple[int, ...], list[tuple[bool, int]]]:
    """Return where each run stands: whether at the beginning of a title, and in which."""
    found: dict[tuple[int, ...], list[tuple[bool, int]]] = defaultdict(list)
    for article, title in enumerate(titles):
        positions = np.cumsum([1 + gap for _, gap in title]) - 1
        for at in range(len(title) - length + 1):
            if positions[at + length - 1] == positions[at] + length - 1:
                run = tuple(term for term, _ in title[at : at + length])
                found[run].append((bool(positions[at] == 0), article))
    return found


@given(TITLES, st.integers(1, 3))
def test_runs_are_those_that_occur_often_enough(
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
    levels = frequent_runs(TitleTokens(*columns), TERMS, min_count, 4)
    for length, level in enumerate(levels, 1):
        runs = [tuple(run) for run in level.runs.tolist()]
        expected = {r: w for r, w in by_hand(titles, length).items() if len(w) >= min_count}
        assert dict(zip(runs, level.counts.tolist(), strict=True)) == {
            run: len(where) for run, where in expected.items()
        }
        ends = Counter(
            tuple(term for term, _ in title[-length:])
            for title in titles
            if len(title) >= length and all(gap == 0 for _, gap in title[len(title) - length + 1 :])
        )
        assert level.ends.tolist() == [ends[run] for run in runs]
        # The first that is not at the beginning of its title, where there is one.
        examples = {run: min(where)[1] for run, where in expected.items()}
        assert dict(zip(runs, level.articles.tolist(), strict=True)) == examples
        if length > 1:
            for run, head, tail in zip(
                runs, level.heads.tolist(), level.tails.tolist(), strict=True
            ):
                assert (before[head], before[tail]) == (run[:-1], run[1:])
        before = runs
    assert length == 4
