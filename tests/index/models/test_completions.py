from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis import analyse
from index.article import Article
from index.embedded.commits import read_commit
from index.embedded.model_parts import models_of
from index.embedded.segment import OpenSegment
from index.embedded.writer import build, delete, update
from index.models.completions import (
    MAX_DELETED_PHRASES,
    Completions,
    best_phrases,
    completion_arrays,
)
from index.models.typed_marks import may_become
from index.vietnamese.forms import fold


class Phrases:
    """A part with completions only; some phrases occur only in deleted articles."""

    def __init__(self, weights: dict[str, int], deleted: Collection[str] = ()) -> None:
        self.completions = Completions(completion_arrays(weights))
        self.deleted = deleted

    def contains_phrase(self, phrase: str) -> bool:
        return phrase not in self.deleted


PHRASES = st.dictionaries(
    st.text(st.sampled_from("aăâdđnh "), min_size=1, max_size=6), st.integers(1, 2**32 - 1)
)


@given(PHRASES, st.text(st.sampled_from("adnh "), max_size=4))
def test_a_table_finds_all_phrases_with_the_prefix(weights: dict[str, int], prefix: str) -> None:
    table = Completions(completion_arrays(weights))
    rows = table.beginning_with(prefix)
    found = {table.phrase(row): int(table.weights[row]) for row in rows}
    assert found == {p: w for p, w in weights.items() if fold(p).startswith(prefix)}


@given(PHRASES, PHRASES, st.text(st.sampled_from("adnh"), max_size=2))
def test_weights_of_tables_add_up(one: dict[str, int], two: dict[str, int], typed: str) -> None:
    tables = [Phrases(weights) for weights in (one, two)]
    total = Counter(one) + Counter(two)
    found = best_phrases(tables, typed, 1000)
    assert dict(found) == {p: w for p, w in total.items() if fold(p).startswith(typed)}
    assert all(a[1] >= b[1] for a, b in pairwise(found))


@given(PHRASES, PHRASES, st.sets(st.integers(0, 20)), st.text(st.sampled_from("adnh"), max_size=2))
def test_phrases_of_deleted_articles_are_not_offered(
    one: dict[str, int], two: dict[str, int], picked: set[int], typed: str
) -> None:
    deleted = {phrase for at, phrase in enumerate(one) if at in picked}
    remaining = {phrase: weight for phrase, weight in one.items() if phrase not in deleted}
    total = Counter(remaining) + Counter(two)
    found = best_phrases([Phrases(one, deleted), Phrases(two)], typed, 1000)
    assert dict(found) == {p: w for p, w in total.items() if fold(p).startswith(typed)}


def test_the_search_ends_after_many_phrases_of_deleted_articles() -> None:
    every = {f"a{n:04}": 10_000 - n for n in range(5000)}
    table = Phrases(every, list(every)[:MAX_DELETED_PHRASES])
    assert best_phrases([table], "a", 3)[0] == (f"a{MAX_DELETED_PHRASES:04}", 10_000 - 256)
    assert best_phrases([Phrases(every, list(every)[: MAX_DELETED_PHRASES + 1])], "a", 3) == []


def test_the_heaviest_phrases_come_first() -> None:
    table = Phrases({f"a{n:04}": n % 977 + 1 for n in range(5000)})
    found = best_phrases([table], "a", 700)
    weights = [weight for _, weight in found]
    assert len(found) == 700
    assert weights == sorted((n % 977 + 1 for n in range(5000)), reverse=True)[:700]


@pytest.mark.parametrize(
    ("typed", "phrase"),
    [
        ("ti", "tiếng"),
        ("tiê", "tiếng"),
        ("tiế", "tiếng"),
        ("hòa", "hoàn"),
        ("hoa", "hòa bình"),
        ("ha", "hà nội"),
        ("đ", "đồng"),
        ("d", "đồng"),
        ("thủy đ", "thủy điện"),
        ("", "gì"),
    ],
)
def test_missing_marks_match_any_marks(typed: str, phrase: str) -> None:
    assert may_become(typed, phrase)


@pytest.mark.parametrize(
    ("typed", "phrase"),
    [
        ("tiề", "tiếng"),
        ("hà", "hả"),
        ("hà", "ha"),
        ("kỹ", "kỷ lục"),
        ("đ", "dân"),
        ("thuy đ", "thủy dân"),
    ],
)
def test_typed_marks_must_match(typed: str, phrase: str) -> None:
    assert not may_become(typed, phrase)


def test_damaged_tables_are_refused() -> None:
    arrays = completion_arrays({"hà nội": 3})
    with pytest.raises(ValueError, match="damaged"):
        Completions({**arrays, "completion_weights": np.zeros(2, np.uint32)})


def phrases(directory: Path) -> dict[str, int]:
    segments = [OpenSegment(directory, one) for one in read_commit(directory).segments]
    return dict(models_of(segments).phrases("", 1000))


def articles(*titles: str) -> list[Article]:
    return [Article(id=title, title=title, body="Trời đẹp.") for title in titles]


def test_an_index_has_the_phrases_of_its_titles(tmp_path: Path) -> None:
    titles = ["Hà Nội mưa lớn", "Hà Nội nắng", "Mưa lớn ở Huế", "Đà Lạt"]
    build([analyse(articles(*titles))], tmp_path)
    assert phrases(tmp_path).keys() >= {"hà nội", "mưa lớn"}
    update([analyse(articles("Đà Lạt lạnh", "Đà Lạt đông khách"))], tmp_path)
    assert "đà lạt" in phrases(tmp_path)
    assert delete(tmp_path, ["Đà Lạt lạnh"]) == 1


def test_titles_without_a_date_are_no_newer_than_others(tmp_path: Path) -> None:
    undated = [Article(id=str(at), title=f"Giá gạo {at}") for at in range(20)]
    dated = [
        Article(id=f"{year}", title=f"Giá vàng {year}", published=datetime(year, 1, 1, tzinfo=UTC))
        for year in (2024, 1960, 2025)
    ]
    build([analyse(undated + dated)], tmp_path)
    segments = [OpenSegment(tmp_path, one) for one in read_commit(tmp_path).segments]
    found = models_of(segments).titles("gia", 4)
    assert found.total == 23
    titles = [one.title for one in found.newest]
    assert titles == ["Giá vàng 2025", "Giá vàng 2024", "Giá vàng 1960", "Giá gạo 0"]


def test_an_index_without_titles_has_no_phrases(tmp_path: Path) -> None:
    build([analyse([Article(id="1", body="Không có tựa.")])], tmp_path)
    assert phrases(tmp_path) == {}
