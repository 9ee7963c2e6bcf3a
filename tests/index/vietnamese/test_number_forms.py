"""Numbers are found in all their written forms."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.vietnamese.number_forms import MAX_ALTERNATIVES, number_forms
from index.vietnamese.syllables import terms


def others(text: str) -> set[str]:
    return {" ".join(form) for found in number_forms(terms(text)) for form in found.alternatives}


SAME = [
    ("500000", "500.000"),
    ("1500000", "1.500.000"),
    ("1.500.000 đồng", "1500000đ"),
    ("100.000đ", "100.000 đ"),
    ("100.000đ", "100000 đồng"),
    ("0912345678", "0912.345.678"),
    ("0912345678", "0912 34 56 78"),
    ("0912345678", "+84 912 345 678"),
    ("02438251234", "024 3825 1234"),
    ("06/02/2017", "6/2/2017"),
    ("1/8/2014", "01/08/2014"),
    ("10km", "10 km"),
    ("37°C", "37c"),
    ("u23", "U-23"),
    ("iPhone 17", "iphone17"),
    ("covid 19", "COVID19"),
    ("QL1A", "QL 1A"),
    ("Su-30MKI", "su30mki"),
    ("29A12345", "29A 12345"),
    ("29A-123.45", "29A12345"),
    ("29A1-123.45", "29A112345"),
    ("7h30", "7 giờ 30"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_second_form_is_found_from_the_first(one: str, other: str) -> None:
    assert " ".join(terms(other)) in others(one)


@pytest.mark.parametrize(("one", "other"), [pair for pair in SAME if pair[0] != "Su-30MKI"])
def test_the_first_form_is_found_from_the_second(one: str, other: str) -> None:
    assert " ".join(terms(one)) in others(other)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "xã hội",
        "năm 2024",
        "tháng 3",
        "2024",
        "ở 5 nơi",
        "1 2 3",
        "3-1",
        "000 85",
        "32/1/2024",
        "00912345678",
        "00 84 50 0500",
    ],
)
def test_other_texts_have_no_second_form(text: str) -> None:
    assert others(text) == set()


@pytest.mark.parametrize("fragment", ["a1", "1đ", "7h30"])
def test_a_long_token_of_letters_and_digits_is_no_model(fragment: str) -> None:
    assert number_forms([fragment * 3])
    assert number_forms([fragment * 1000]) == []


PARTS = st.sampled_from(
    "500 000 0912 345 678 84 10 km u 23 u23 29a 29a12345 đ đồng 7h30 h giờ 1 8 2014 năm 1a ql 00 ٣"
    " 000đ x².".split()
) | st.text(max_size=6)


@given(st.lists(PARTS, max_size=12))
def test_spans_ascend_are_disjoint_and_never_offer_what_was_typed(parts: list[str]) -> None:
    end = 0
    for found in number_forms(parts):
        assert end <= found.start < found.end <= len(parts)
        assert 0 < len(found.alternatives) <= MAX_ALTERNATIVES
        assert tuple(parts[found.start : found.end]) not in found.alternatives
        assert all(map(all, found.alternatives))
        end = found.end


@given(st.lists(PARTS, max_size=6))
@example(["000", "84", "500", "500"])  # not a telephone number
@example(["84", "84", "500", "500", "8"])  # a number that begins with 084
def test_no_digit_and_no_letter_is_lost(parts: list[str]) -> None:
    """This does not apply to leading zeros, the country code, and names of units."""

    def kept(syllables: tuple[str, ...]) -> str:
        text = "".join(syllables).replace("giờ", "h").replace("đồng", "đ").replace("phút", "p")
        return text.replace("0", "")

    for found in number_forms(parts):
        typed = kept(tuple(parts[found.start : found.end]))
        same = {typed, f"84{typed}", typed.removeprefix("84")}
        assert all(kept(form) in same for form in found.alternatives)
