from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.analysis import analyse
from index.article import Article
from index.embedded.commits import read_commit
from index.embedded.model_parts import models_of
from index.embedded.segment import OpenSegment
from index.embedded.writer import build, delete, update
from index.models.completions import (
    MAX_CONTINUED_SHARE,
    MAX_GONE_PHRASES,
    MAX_PHRASE_SYLLABLES,
    Completions,
    best_phrases,
    completion_arrays,
    mine_phrases,
)
from index.models.frequent_runs import TitleTokens
from index.models.typed_marks import may_become
from index.vietnamese import Language
from index.vietnamese.forms import fold

STOPS = Language.default().stop_syllables


def tokens(titles: list[list[str]]) -> tuple[TitleTokens, list[str]]:
    vocabulary = sorted({syllable for title in titles for syllable in title})
    rows = [
        (vocabulary.index(syllable), article, position)
        for article, title in enumerate(titles)
        for position, syllable in enumerate(title)
    ]
    columns = np.array(rows, np.int32).reshape(-1, 3).T
    return TitleTokens(*columns), vocabulary


def mined(titles: list[str], words: dict[str, int] | None = None) -> dict[str, int]:
    split = [title.split() for title in titles]
    columns, vocabulary = tokens(split)
    return mine_phrases(columns, vocabulary, words or {}, set(vocabulary), STOPS).weights


def test_what_titles_repeat_is_a_phrase() -> None:
    found = mined(["giá vàng tăng", "giá vàng giảm", "giá điện tăng", "giá xăng"])
    assert found == {"giá vàng": 2, "giá": 1}  # four titles with a single syllable weigh as one


def test_a_piece_of_a_longer_phrase_is_none() -> None:
    found = mined(["hồ chí minh"] * 5 + ["hồ nước", "hồ sâu"] * 6)
    assert found["hồ chí minh"] == 5
    assert "hồ chí" not in found
    assert "chí minh" not in found


def test_a_phrase_neither_begins_nor_ends_with_a_stop_syllable() -> None:
    found = mined(["của việt nam và mỹ", "của việt nam và nga", "việt nam thắng", "việt nam thua"])
    assert list(found) == ["việt nam"]


def test_numbers_and_letters_alone_are_no_phrases() -> None:
    assert mined(["2024", "2024", "a", "a"] * 9 + ["covid 19"] * 9) == {"covid 19": 9}


def test_half_a_word_is_no_phrase() -> None:
    titles = ["xuất khẩu nông sản", "xuất khẩu nông dân", "xuất khẩu gạo"] * 2
    columns, vocabulary = tokens([title.split() for title in titles])
    found = mine_phrases(columns, vocabulary, {"xuất_khẩu": 8}, {"gạo"}, STOPS).weights
    assert "xuất khẩu nông" not in found
    assert {"xuất khẩu", "xuất khẩu gạo"} <= set(found)


def test_frequent_compounds_of_the_text_are_phrases() -> None:
    words = {"khí_tượng": 80, "thủy_văn": 2, "hải_lưu": 1}
    assert mined([], words) == {"khí tượng": 10, "thủy văn": 1}


SYLLABLES = st.sampled_from("giá vàng hồ chí minh".split())


@settings(max_examples=60)
@given(st.lists(st.lists(SYLLABLES, max_size=10), max_size=25))
def test_phrases_are_those_that_counting_finds(titles: list[list[str]]) -> None:
    columns, vocabulary = tokens(titles)
    runs = Counter(
        tuple(title[start : start + length])
        for title in titles
        for length in range(1, MAX_PHRASE_SYLLABLES + 2)
        for start in range(len(title) - length + 1)
    )
    expected = {}
    for run, count in runs.items():
        longer = [other for other in runs if len(other) == len(run) + 1 and runs[other] >= 2]
        continued = max(
            (runs[other] for other in longer if run in (other[:-1], other[1:])), default=0
        )
        if (
            count >= 2
            and len(run) <= MAX_PHRASE_SYLLABLES
            and continued <= MAX_CONTINUED_SHARE * count
        ):
            expected[" ".join(run)] = count if len(run) > 1 else count // 4
    found = mine_phrases(columns, vocabulary, {}, set(vocabulary), STOPS).weights
    assert found == {phrase: weight for phrase, weight in expected.items() if weight}


class Phrases:
    """A part that has completions alone; some of its phrases no article has any more."""

    def __init__(self, weights: dict[str, int], gone: Collection[str] = ()) -> None:
        self.completions = Completions(completion_arrays(weights))
        self.gone = gone

    def holds_phrase(self, phrase: str) -> bool:
        return phrase not in self.gone


PHRASES = st.dictionaries(
    st.text(st.sampled_from("aăâdđnh "), min_size=1, max_size=6), st.integers(1, 2**32 - 1)
)


@given(PHRASES, st.text(st.sampled_from("adnh "), max_size=4))
def test_a_table_finds_all_that_begins_so(weights: dict[str, int], prefix: str) -> None:
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
    gone = {phrase for at, phrase in enumerate(one) if at in picked}
    left = {phrase: weight for phrase, weight in one.items() if phrase not in gone}
    total = Counter(left) + Counter(two)
    found = best_phrases([Phrases(one, gone), Phrases(two)], typed, 1000)
    assert dict(found) == {p: w for p, w in total.items() if fold(p).startswith(typed)}


def test_very_many_phrases_of_deleted_articles_end_the_search() -> None:
    every = {f"a{n:04}": 10_000 - n for n in range(5000)}
    table = Phrases(every, list(every)[:MAX_GONE_PHRASES])
    assert best_phrases([table], "a", 3)[0] == (f"a{MAX_GONE_PHRASES:04}", 10_000 - 256)
    assert best_phrases([Phrases(every, list(every)[: MAX_GONE_PHRASES + 1])], "a", 3) == []


def test_the_best_come_first_however_many_there_are() -> None:
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
def test_marks_may_still_come(typed: str, phrase: str) -> None:
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
def test_marks_that_are_there_must_be_right(typed: str, phrase: str) -> None:
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
