"""Readings of what people type, by a model of a few sentences."""

import math
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.vietnamese.forms import fold
from index.vietnamese.keystrokes import telex, vni
from index.vietnamese.syllables import terms
from search.interpretation.candidates import candidates
from search.interpretation.decoder import decode
from search.interpretation.interpreter import interpret
from search.interpretation.model import IndexLanguage
from search.interpretation.reading import literally
from tests.search.interpretation.language import language

SENTENCES = [
    "Tiếng Việt có sáu thanh và nhiều dấu, người học tiếng Việt hay quên dấu.",
    "Mưa lớn ở Hà Nội khiến nhiều tuyến đường ngập sâu, học sinh được nghỉ học.",
    "Sở Giáo dục Hà Nội cho học sinh nghỉ học vì mưa lớn.",
    "Kỹ thuật trồng lúa mới giúp người dân tỉnh Thái Bình tăng thu nhập.",
    "Đội bóng đá nữ Việt Nam thắng trận mở màn, người hâm mộ đổ ra đường.",
    "Thủ tướng yêu cầu các tỉnh miền núi chủ động ứng phó với mưa lũ.",
    "Ông Nguyễn Văn An, trưởng phòng giáo dục, nói về kỹ thuật dạy học.",
    "Người Việt ở nước ngoài dạy tiếng Việt cho con, teen cũng học.",
]
CLEAN = [
    "tiếng việt",
    "mưa lớn ở hà nội",
    "học sinh nghỉ học",
    "bóng đá nữ việt nam",
    "thủ tướng yêu cầu",
    "người hâm mộ đổ ra đường",
]


MODEL = language(SENTENCES * 40)  # in a handful of sentences every slip is as good as a word
IN_THREE_SEGMENTS = language(SENTENCES * 40, segments=3)


def read(text: str) -> str:
    return " ".join(interpret(terms(text), MODEL).best)


@pytest.mark.parametrize("text", CLEAN)
def test_clean_queries_stay_and_every_way_of_typing_is_read(text: str) -> None:
    assert read(text) == text
    assert read(fold(text)) == text
    assert read(telex(text)) == text
    assert read(vni(text)) == text
    first, rest = text.split(" ", 1)
    assert read(f"{fold(first)} {rest}") == text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("kĩ thuật", "kỹ thuật"),
        ("trưởgn phòng", "trưởng phòng"),
        ("truog phong giao duc", "trưởng phòng giáo dục"),
        ("nguyễn van an", "nguyễn văn an"),
        ("mua lon o ha nội", "mưa lớn ở hà nội"),
        ("teen", "teen"),
        ("tỉnh thái bính", "tỉnh thái bình"),
    ],
)
def test_slips(typed: str, meant: str) -> None:
    assert read(typed) == meant


words_of = st.lists(
    st.one_of(
        st.sampled_from(" ".join(CLEAN).split()),
        st.sampled_from(fold(" ".join(CLEAN)).split()),
        st.text("aăâbdđeêghinôơtưư12ws", min_size=1, max_size=9).flatmap(
            lambda text: st.just((terms(text) or ["a"])[0])
        ),
    ),
    max_size=8,
)


@given(words_of)
def test_what_was_typed_is_always_a_candidate(typed: list[str]) -> None:
    reading = interpret(typed, MODEL)
    assert reading.typed == tuple(typed)
    assert len(reading.best) == len(reading.candidates) == len(typed)
    for text, best, choices in zip(typed, reading.best, reading.candidates, strict=True):
        texts = [choice.text for choice in choices]
        assert text in texts
        assert best in texts
        assert len(set(texts)) == len(texts)
        weights = [choice.weight for choice in choices]
        assert weights == sorted(weights, reverse=True)
        assert all(0 < weight <= 1 for weight in weights)


@given(words_of)
def test_segments_add_up(typed: list[str]) -> None:
    assert interpret(typed, IN_THREE_SEGMENTS) == interpret(typed, MODEL)


@given(words_of.filter(lambda typed: 0 < len(typed) <= 4))
def test_decoding_weighs_every_path(typed: list[str]) -> None:
    width = 4
    lattice = [dict(list(place.items())[:width]) for place in candidates(typed, MODEL)]
    decoded = decode(lattice, MODEL, width)
    paths = {path: _probability(path, lattice, MODEL) for path in product(*lattice)}
    total = sum(paths.values())
    for place, posteriors in enumerate(decoded.posteriors):
        for term, posterior in posteriors.items():
            through = sum(p for path, p in paths.items() if path[place] == term)
            assert posterior == pytest.approx(through / total, abs=1e-9)
    assert paths[decoded.best] == pytest.approx(max(paths.values()))


def _probability(path: tuple[str, ...], lattice: list[dict[str, float]], m: IndexLanguage) -> float:
    counts = [max(int(count), 0.5) for count in m.counts(path)]
    probability = counts[0] / m.tokens
    for a, b, here, after in zip(path, path[1:], counts, counts[1:], strict=False):
        share = 0.9 * here / (here + 20)
        pair = int(m.pair_counts([[a], [b]])[0][0, 0])
        probability *= share * max(pair - 0.5, 0) / here + (1 - share) * after / m.tokens
    return probability * math.exp(
        -sum(place[term] for place, term in zip(lattice, path, strict=True))
    )


def test_nothing_typed_and_an_empty_index() -> None:
    assert interpret([], MODEL) == literally([])
    empty = language([])
    assert interpret(["tieengs", "viet"], empty).best == ("tieengs", "viet")
