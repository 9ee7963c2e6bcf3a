"""Interpretations of typed queries with a model of a few sentences."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.models.language_model import CountedLanguage, Counts
from index.vietnamese import Language
from index.vietnamese.forms import fold
from index.vietnamese.syllables import terms
from search.interpretation.candidates import candidates
from search.interpretation.decoder import decode
from search.interpretation.error_model import suspects
from search.interpretation.interpretation import as_typed
from search.interpretation.interpreter import interpret
from search.suggestions.correcting import alternatives
from tests.index.vietnamese.keystrokes import telex, vni
from tests.search.interpretation.language import language, segment

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


LANGUAGE = Language.default()
MODEL = language(SENTENCES * 40)  # in a few sentences a misspelling is as frequent as a word
IN_THREE_SEGMENTS = language(SENTENCES * 40, segments=3)


def read(text: str) -> str:
    return " ".join(interpret(terms(text), MODEL, LANGUAGE).best)


class _CountingModel(CountedLanguage):
    """A model that counts the bigrams that are looked up."""

    looked_up = 0

    def bigram_counts(self, slots: Sequence[Sequence[str]]) -> list[Counts]:
        grids = super().bigram_counts(slots)
        self.looked_up += sum(grid.size for grid in grids)
        return grids


def test_a_run_of_many_candidates_keeps_fewer_of_each_slot() -> None:
    """The cost of a query depends on the bigrams of its candidates, not only on its length."""
    forms = [f"{tone}{end}" for tone in "aàáảãạăằắẳẵặâầấẩẫậ" for end in ("n", "m")]
    sentences = [" ".join(pair) for pair in product(forms, forms)]
    model = _CountingModel(language(sentences)._parts)
    typed = ["an", "am"] * 30
    costs = {}
    for limit in (10_000, 1 << 20):
        model.looked_up = 0
        interpretation = interpret(typed, model, LANGUAGE, max_bigrams=limit)
        assert len(interpretation.best) == 60
        assert {fold(text) for text in interpretation.best} <= {"an", "am"}
        costs[limit] = model.looked_up
    assert costs[10_000] < 12_000 < costs[1 << 20]
    # A short run keeps all of its candidates.
    short = [interpret(typed[:2], model, LANGUAGE, max_bigrams=n) for n in (10_000, 1 << 20)]
    assert short[0] == short[1]


@pytest.mark.parametrize("text", CLEAN)
def test_clean_queries_are_unchanged_and_every_way_of_typing_is_understood(text: str) -> None:
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
        ("muaw lon", "mưa lớn"),
        ("doi bong daa", "đội bóng đá"),
    ],
)
def test_misspellings_are_corrected(typed: str, meant: str) -> None:
    assert read(typed) == meant


def test_numbers_in_names_of_models_are_not_corrected() -> None:
    model = language(["Giá 25 nghìn đồng một cân gạo."] * 40)
    assert interpret(["gia", "s25"], model, LANGUAGE).best == ("giá", "s25")


def test_letters_alone_choose_between_two_spellings() -> None:
    model = language(["Một tỷ đồng, một tỷ người."] * 9 + ["Một tỉ đồng."] * 3)
    assert interpret(["mot", "ti"], model, LANGUAGE).best == ("một", "tỉ")
    assert interpret(["mot", "ty"], model, LANGUAGE).best == ("một", "tỷ")


def test_the_interpretation_is_a_candidate_however_rare() -> None:
    model = language([*["Một tỷ đồng."] * 3000, "Một tỉ đồng."])
    reading = interpret(["mot", "ti", "dong"], model, LANGUAGE)
    assert reading.best == ("một", "tỉ", "đồng")
    assert {"tỉ", "tỷ"} <= {candidate.text for candidate in reading.candidates[1]}
    assert alternatives(reading, model, LANGUAGE) == []


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
    reading = interpret(typed, MODEL, LANGUAGE)
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
def test_counts_of_segments_add_up(typed: list[str]) -> None:
    for ours, whole in zip(IN_THREE_SEGMENTS.spelled(typed), MODEL.spelled(typed), strict=True):
        assert set(ours) == set(whole)
    assert IN_THREE_SEGMENTS.counts(typed).tolist() == MODEL.counts(typed).tolist()
    places = [typed[:3], typed[3:5], typed[5:]]
    for some, all_ in zip(
        IN_THREE_SEGMENTS.bigram_counts(places), MODEL.bigram_counts(places), strict=True
    ):
        assert some.tolist() == all_.tolist()


@pytest.mark.parametrize("text", CLEAN)
def test_the_segments_of_an_index_do_not_change_an_interpretation(text: str) -> None:
    assert interpret(terms(fold(text)), IN_THREE_SEGMENTS, LANGUAGE).best == tuple(terms(text))


def lattice_of(typed: list[str]) -> list[dict[str, float]]:
    return candidates(typed, MODEL, LANGUAGE, suspects(typed, MODEL, LANGUAGE)).lattice


@given(words_of.filter(bool).map(lambda typed: typed[:4]))
@settings(max_examples=25)
def test_posteriors_equal_the_sum_over_all_paths(typed: list[str]) -> None:
    width = 3
    lattice = [dict(list(place.items())[:width]) for place in lattice_of(typed)]
    decoded = decode(lattice, MODEL, width)
    assert all(place[0] == text for place, text in zip(map(list, lattice), typed, strict=True))
    paths = {path: _probability(path, lattice) for path in product(*lattice)}
    total = sum(paths.values())
    for place, posteriors in enumerate(decoded.posteriors):
        for term, posterior in posteriors.items():
            through = sum(p for path, p in paths.items() if path[place] == term)
            assert posterior == pytest.approx(through / total, abs=1e-9)
    assert paths[decoded.best] == pytest.approx(max(paths.values()))


def _probability(path: tuple[str, ...], lattice: list[dict[str, float]]) -> float:
    """Return the probability of a path, computed naively."""
    articles = [terms(sentence) for sentence in SENTENCES * 40]
    count = Counter(term for article in articles for term in article)
    pairs = Counter(pair for article in articles for pair in pairwise(article))
    probability = max(count[path[0]], 0.5)
    for a, b in pairwise(path):
        count_of_context = max(count[a], 0.5)
        seen = {
            pair: max(times - 0.9, 0) / count_of_context
            for pair, times in pairs.items()
            if pair[0] == a
        }
        backing_off = min(max(1 - sum(seen.values()), 1e-3), 1)
        predecessors = max(sum(second == b for _, second in pairs), 0.5)
        probability *= seen.get((a, b), 0) + backing_off * predecessors / len(pairs)
    costs = sum(place[term] for place, term in zip(lattice, path, strict=True))
    return probability * math.exp(-costs)


def test_an_empty_query_and_an_empty_index_have_an_interpretation() -> None:
    assert interpret([], MODEL, LANGUAGE) == as_typed([])
    empty = language([])
    assert interpret(["tieengs", "viet"], empty, LANGUAGE).best == ("tieengs", "viet")


class Counting(CountedLanguage):
    """A model that counts the spellings that are looked up."""

    lookups = 0

    def spelled(self, folded: Sequence[str]) -> list[tuple[str, ...]]:
        self.lookups += len(folded)
        return super().spelled(folded)


def test_the_work_on_a_hostile_query_is_bounded() -> None:
    model = Counting([segment(SENTENCES)])
    odd = ["xq" * 700, *(f"qx{number}z" for number in range(500))]
    reading = interpret(odd, model, LANGUAGE)
    assert reading.best[0] == odd[0]
    assert model.lookups < 12_000


@pytest.mark.parametrize(
    ("times", "read_as"),
    [(1, "alcaraz"), (100, "alcaraz"), (2_000, "alcaraz"), (100_000, "alcatraz")],
)
def test_a_rare_word_is_replaced_only_by_one_that_is_far_more_frequent(
    times: int, read_as: str
) -> None:
    """In a large corpus any string occurs somewhere: foreign names as well as misspellings."""
    part = segment(["Alcaraz thắng", "Alcatraz đóng cửa", *SENTENCES])
    frequencies = part.frequencies.astype(np.int64)
    [known] = part.vocabulary.ordinals(["alcatraz"])
    frequencies[known] = times
    model = CountedLanguage([replace(part, frequencies=frequencies, tokens=3_000_000)])
    assert interpret(["alcaraz"], model, LANGUAGE).best == (read_as,)


@pytest.mark.parametrize("letter", list("bdqszw"))
def test_a_single_letter_is_no_misspelling_of_another_one(letter: str) -> None:
    assert read(letter) == letter
    assert read(f"ha noi {letter}") == f"hà nội {letter}"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("tay gan nha", "tây ban nha"),  # "gan" is a word
        ("ac si noi tieng", "ca sĩ nổi tiếng"),
        ("tay ban nha", "tây ban nha"),
    ],
)
def test_a_typo_that_is_another_word_is_read_where_its_neighbours_say_so(
    typed: str, meant: str
) -> None:
    sentences = [
        *["Tây Ban Nha có ca sĩ nổi tiếng."] * 60,
        *["Lá gan, nhà em gần nhà, ác, bí ẩn."] * 6,
    ]
    assert interpret(typed.split(), language(sentences * 30), LANGUAGE).best == tuple(meant.split())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("đánh bm tự sát", "đánh bom tự sát"),  # "bm" occurs
        ("đánh bom tự sát", "đánh bom tự sát"),
        ("trường bm tuyển", "trường bm tuyển"),  # beside its usual neighbour
        ("khen thưởng bm", "khen thưởng bm"),  # the alternative does not fit its neighbour either
    ],
)
def test_an_acronym_is_a_typo_only_where_its_neighbours_say_so(typed: str, meant: str) -> None:
    sentences = [
        *["Vụ đánh bom tự sát gây rúng động."] * 60,
        *["Trường BM tuyển sinh.", "Khen thưởng học sinh."] * 3,
    ]
    assert interpret(typed.split(), language(sentences * 30), LANGUAGE).best == tuple(meant.split())


def test_unknown_syllables_take_no_weight_from_known_ones() -> None:
    model = language(["Đế chế Ottoman suy yếu."] + ["Lũ lụt ở miền Trung."] * 20)
    [*_, slot] = interpret(["ittoman"], model, LANGUAGE).candidates
    weights = {candidate.text: candidate.weight for candidate in slot}
    assert weights["ottoman"] == pytest.approx(1.0)
    assert 0 < weights["ittoman"] <= 1.0


MESSAGES = language(
    [
        *["tôi không biết làm gì", "nó được người ta cho nước", "tôi được nghỉ với con"] * 40,
        *["bổ sung vitamin k mỗi ngày", "ông tới washington dc hôm nay"] * 20,
    ]
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ko biết làm j", "không biết làm gì"),
        ("k biet lm j", "không biết làm gì"),
        ("nó đc ng ta cho nc", "nó được người ta cho nước"),
        ("dc nghi vs con", "được nghỉ với con"),
        ("vitamin k", "vitamin k"),
        ("washington dc", "washington dc"),
        ("tới washington dc", "tới washington dc"),
    ],
)
def test_chat_messages_are_interpreted_by_context(typed: str, meant: str) -> None:
    meanings = LANGUAGE.chat_meanings(typed.split())
    found = interpret(terms(typed), MESSAGES, LANGUAGE, chat_meanings=meanings)
    assert " ".join(found.best) == meant
    assert all(
        any(candidate.text == text for candidate in slot)
        for text, slot in zip(terms(typed), found.candidates, strict=True)
    )


NUMBERS = language(["có 20 người và 50 xe, số 8 và số 09 ở đường 1"] * 40)


@given(st.text("0123456789", min_size=1, max_size=12), st.sampled_from(["{}", "{} xe", "so {}"]))
def test_a_number_is_never_read_as_another(number: str, query: str) -> None:
    typed = terms(query.format(number))
    best = interpret(typed, NUMBERS, LANGUAGE).best
    assert best[typed.index(number)] == number
    assert [c.text for c in interpret([number], NUMBERS, LANGUAGE).candidates[0]] == [number]
