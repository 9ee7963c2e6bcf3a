"""Joined words are split if their parts are neighbours in articles; numbers in every form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.vietnamese.forms import fold
from search.interpretation.joined import other_groupings, split_words
from search.interpretation.splitting import MAX_JOINED_LETTERS, split_joined
from search.query.parser import parse
from search.query.tree import Joined, Words
from tests.search.interpretation.language import language

MODEL = language(
    ["Thủ tướng thăm Hà Nội."] * 10
    + ["Giá vàng thế giới hôm nay tăng."] * 10
    + ["Ông Obama gặp ô tô, bà cụ và má tôi."] * 10
    + ["Khách hàng xem hanoi.vn"] * 2
    + ["Bệnh nhân ngồi trong nhà ăn, dân làng không vào."] * 10
)


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("hanoi", "ha noi"),
        ("hànội", "hà nội"),
        ("thutuong", "thu tuong"),
        ("giavangthegioihomnay", "gia vang the gioi hom nay"),
        ("obama", "obama"),
        ("khach", "khach"),
        ("tăng", "tăng"),
        ("xyzxyz", "xyzxyz"),
        ("u23", "u23"),
        ("nhaan", "nhaan"),  # "nhân" in Telex, though "nhà" and "ăn" are neighbours
        ("nha6n", "nha6n"),
        (
            "thutuongzelenskythamhanoi",
            "thu tuong zelensky tham ha noi",
        ),  # a name that no article has
        ("giavang2026", "gia vang 2026"),
        ("zelensky", "zelensky"),
        ("GiaVang", "gia vang"),
        ("ThuTuongThamHaNoi", "thu tuong tham ha noi"),
        ("giaVàngXperiaZ1", "gia vàng xperia z1"),  # unknown names are separated
        ("tangA320Sharklet", "tang a320 sharklet"),
        ("DHHanoi", "dh ha noi"),
        ("HCDthutuong", "hcd thu tuong"),
        ("Giavang3G", "gia vang 3g"),
        ("vethan100", "vethan 100"),
        ("29A12345", "29a12345"),
        ("iPhone", "iphone"),
        ("OBAMA", "obama"),
        ("TThủ", "tthủ"),  # a doubled key
        ("tThủ", "tthủ"),  # transposed keys
    ],
)
def test_a_token_is_split_where_its_parts_are_neighbours(typed: str, parts: str) -> None:
    assert " ".join(split_joined(typed, MODEL)) == parts


@given(st.text(alphabet="abghinoắạ", max_size=70))
def test_a_split_loses_no_letter(token: str) -> None:
    assert "".join(split_joined(token, MODEL)) == token
    assert fold("".join(split_joined(fold(token), MODEL))) == fold(token)


def test_neighbours_seen_once_are_enough_in_a_small_corpus() -> None:
    model = language(["Thủ tướng thăm Hà Nội.", "Giá vàng tăng, giá gạo giảm, tướng về nhà."])
    assert split_joined("thutuongthamhanoi", model) == ("thu", "tuong", "tham", "ha", "noi")
    assert split_joined("giavang", model) == ("gia", "vang")
    assert split_joined("zidane", model) == ("zidane",)


def test_a_typo_in_one_syllable_is_not_split() -> None:
    model = language(["Ông Nguyễn nguy nguy khốn."] * 10)
    assert split_joined("nguyệng", model) == ("nguyệng",)  # and not "nguy ệng"


def test_a_name_that_occurs_with_its_marks_or_but_for_a_letter_is_not_split() -> None:
    model = language(["Vua Childéric chỉ huy, ông Jackson ở Jacksonville thăm Hà Nội."] * 10)
    for typed in ("childeric", "Childeric", "jacksonville", "jacksonviplle", "Jacksonvile"):
        assert split_joined(typed, model) == (typed.lower(),)
    assert split_joined("jacksonthamhanoi", model) == ("jackson", "tham", "ha", "noi")


def test_marks_that_were_typed_are_those_of_the_parts() -> None:
    model = language(["Hạ nồi xuống."] * 10)
    assert split_joined("hanoi", model) == ("ha", "noi")
    assert split_joined("hànội", model) == ("hànội",)


def test_a_number_is_not_cut() -> None:
    model = language(["Giá vàng 20 26 hôm nay."] * 10)
    assert split_joined("giavang2026", model) == ("gia", "vang", "2026")


def test_a_split_run_keeps_what_was_typed() -> None:
    tree, is_partial = split_words(
        parse("Tin HaNoi hôm nay -hanoi").tree, lambda word: split_joined(word, MODEL)
    )
    assert not is_partial
    [run, exclusion] = tree.children  # type: ignore[union-attr]
    assert run == Words("Tin ha noi hôm nay", joined=(Joined(1, 3, "hanoi"),))
    assert exclusion == parse("-hanoi").tree.children[0]  # type: ignore[union-attr]


def test_a_word_beyond_the_limit_is_split_up_to_it() -> None:
    typed = "giavangthegioihomnay" * 8
    run, is_partial = split_words(parse(typed).tree, lambda word: split_joined(word, MODEL))
    assert isinstance(run, Words)
    assert is_partial
    words = run.text.split()
    assert words[:7] == ["gia", "vang", "the", "gioi", "hom", "nay", "gia"]
    assert "".join(words) == typed
    assert len(words[-1]) >= len(typed) - MAX_JOINED_LETTERS


def test_the_limit_of_letters_applies_to_all_runs_together() -> None:
    looked_up: list[str] = []

    def split(word: str) -> tuple[str, ...]:
        looked_up.append(word)
        return (word,)

    split_words(parse(" OR ".join("giavangthegioi" + "a" * at for at in range(20))).tree, split)
    assert 1 < len(looked_up) < 20
    assert sum(map(len, looked_up)) <= MAX_JOINED_LETTERS


def test_a_query_of_many_runs_has_fewer_letters_split() -> None:
    """Each run takes part of the effort; letters that are not examined stay one word."""
    examined = {}
    for runs in (1, 4, 30):
        looked_up: list[str] = []

        def split(word: str, looked_up: list[str] = looked_up) -> tuple[str, ...]:
            looked_up.append(word)
            return (word,)

        short = [f"gạo{number}" for number in range(runs - 1)]
        split_words(parse(" OR ".join(["giavangthegioi" * 20, *short])).tree, split)
        examined[runs] = max(map(len, looked_up))
    assert examined[1] == MAX_JOINED_LETTERS
    assert MAX_JOINED_LETTERS > examined[4] > examined[30] > 0


@pytest.mark.parametrize(
    ("typed", "other"),
    [
        ("u23", "u 23"),
        ("iphone 17", "iphone17"),
        ("10 km", "10km"),
        ("15ml", "15 ml"),
        ("0912345678", "0912 345 678"),
        ("0912 345 678", "0912345678"),
        ("1500000", "1 500 000"),
        ("500 000", "500000"),
        ("29a12345", "29a 123 45"),
        ("06 02 2017", "6 2 2017"),
        ("6 2 2017", "06 02 2017"),
    ],
)
def test_numbers_are_searched_in_every_form(typed: str, other: str) -> None:
    [found] = other_groupings(typed.split())
    assert tuple(other.split()) in found.alternatives
    assert (found.start, found.end) == (0, len(typed.split()))


@pytest.mark.parametrize("typed", ["năm 2024", "giá vàng", "5 người", "tháng 3 năm 2024", ""])
def test_words_next_to_numbers_are_not_joined(typed: str) -> None:
    assert other_groupings(typed.split()) == []


def test_a_long_token_of_letters_and_digits_is_no_model() -> None:
    assert other_groupings(["a1" * 3])
    assert other_groupings(["a1" * 1000]) == []


@given(st.lists(st.sampled_from(["0", "00", "5", "17", "500", "2024", "km", "u", "giá", "x9"])))
def test_groupings_are_disjoint_and_keep_the_letters(typed: list[str]) -> None:
    at = 0
    for other in other_groupings(typed):
        assert at <= other.start < other.end <= len(typed)
        at = other.end
        letters = "".join(typed[other.start : other.end]).replace("0", "")
        assert all("".join(way).replace("0", "") == letters for way in other.alternatives)
