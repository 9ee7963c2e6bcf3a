from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from index.models.frequent_ngrams import TitleTokens
from index.models.mined_phrases import (
    MAX_CONTINUED_SHARE,
    MAX_PHRASE_SYLLABLES,
    MIN_END_RATE,
    mine_phrases,
)
from index.vietnamese import Language

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


def test_a_sequence_repeated_in_titles_is_a_phrase() -> None:
    found = mined(["giá vàng tăng", "giá vàng giảm", "giá điện tăng", "giá xăng"])
    assert found == {"giá vàng": 2, "giá": 1}  # a single syllable gets one unit for four titles


def test_a_part_of_a_longer_phrase_is_no_phrase() -> None:
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


SUBJECTS = ("hà nội", "tô lâm", "ga huế")
VERBS = ("dự kiến", "sắp", "hội kiến", "đá")
OBJECTS = ("cầu mới", "chợ hoa", "đường to", "giá vé xe", "vé tàu", "sân đá")


def test_a_phrase_ends_where_titles_may_end() -> None:
    """Verbs that need an object end no title. "sân đá" ends some, though "đá" is often a verb."""
    titles = [f"{who} {does} {what}" for who in SUBJECTS for does in VERBS for what in OBJECTS]
    words = dict.fromkeys(("hà_nội", "tô_lâm", "dự_kiến", "hội_kiến"), 99)
    found = mined([*titles, *titles], words)
    assert {"hà nội", "tô lâm", "cầu mới", "sân đá"} <= set(found)
    assert not {f"{who} {does}" for who in SUBJECTS for does in VERBS if does != "đá"} & set(found)


def test_a_name_that_the_segmenter_joins_with_a_verb_is_no_word() -> None:
    titles = [f"{who} ký {what}" for who in SUBJECTS for what in OBJECTS] * 3
    found = mined(titles, {"tô_lâm": 99, "tô_lâm_ký": 40, "hà_nội": 99})
    assert "tô lâm" in found
    assert "tô lâm ký" not in found
    assert "tô lâm ký" in mined([], {"tô_lâm_ký": 40})  # no title contradicts the segmenter


def test_words_are_written_as_in_titles_that_have_them() -> None:
    """This includes words that are part of a longer phrase in titles."""
    columns, vocabulary = tokens([title.split() for title in ["chúc tô lâm khỏe"] * 5])
    found = mine_phrases(columns, vocabulary, {"tô_lâm": 80}, set(vocabulary), STOPS)
    assert found.examples["tô lâm"] == 0


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
    ends = Counter(
        tuple(title[-length:]) for title in titles for length in range(1, len(title) + 1)
    )
    mean = sum(map(bool, titles)) / max(sum(map(len, titles)), 1)

    def may_end(run: tuple[str, ...]) -> bool:
        """Return whether a phrase may end with a run, with every syllable as a word."""
        *_, last = run
        fewest = mean * runs[last,] - (mean * runs[last,]) ** 0.5
        word = (ends[last,] + 10 * mean) / (runs[last,] + 10)
        share = (ends[run] + 10 * (word if len(run) > 1 else mean)) / (runs[run] + 10)
        return len(run) == 1 or ends[last,] >= fewest or share >= MIN_END_RATE * mean

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
            and may_end(run)
        ):
            expected[" ".join(run)] = count if len(run) > 1 else count // 4
    found = mine_phrases(columns, vocabulary, {}, set(vocabulary), STOPS).weights
    assert found == {phrase: weight for phrase, weight in expected.items() if weight}
