import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.vietnamese.forms import fold
from search.interpretation.context import Context
from search.suggestions.completing import complete


@pytest.mark.parametrize(
    ("typed", "completion"),
    [
        ("gia v", "giá vàng"),
        ("giá v", "giá vàng"),
        ("GIÁ V", "giá vàng"),
        ("gia\u0301 v", "giá vàng"),
        ("giá vàng ", "giá vàng thế giới"),
        ("gia vang the", "giá vàng thế giới"),
        ("xuat khau g", "xuất khẩu gạo"),
        ("gias v", "giá vàng"),
        ("gia1 va", "giá vàng"),
        ("tin xuất kh", "tin xuất khẩu"),
        ("lu lut mien t", "lũ lụt miền trung"),
    ],
)
def test_what_is_typed_goes_on(context: Context, typed: str, completion: str) -> None:
    assert completion in complete(context, typed)


@pytest.mark.parametrize(
    ("typed", "completion"),
    [
        ('"giá v', '"giá vàng'),
        ("title:giá v", "title:giá vàng"),
        ("gạo -giá v", "gạo -giá vàng"),
        ("gạo OR giá v", "gạo OR giá vàng"),
        ("(gạo AND giá v", "(gạo AND giá vàng"),
    ],
)
def test_the_query_language_around_the_words_is_kept(
    context: Context, typed: str, completion: str
) -> None:
    assert completion in complete(context, typed)


def test_marks_that_were_typed_must_be_right(context: Context) -> None:
    assert "mưa lũ" in complete(context, "mua l")
    assert "mùa lũ" in complete(context, "mua l")
    assert "mưa lũ" not in complete(context, "mùa l")[:1]


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("lũ lụt miền trung gây th", "Lũ lụt miền Trung gây thiệt hại"),
        ("lu lut mien trung gay thiet", "Lũ lụt miền Trung gây thiệt hại"),
        ("chợ n", "Bạn hàng chợ nổi"),
        ("cho noi", "Bạn hàng chợ nổi"),
        ("ngày ", "Chuyện ngày mưa"),
        ("choj noori", "Bạn hàng chợ nổi"),
    ],
)
def test_titles_are_offered_where_phrases_are_few(context: Context, typed: str, title: str) -> None:
    assert title in complete(context, typed)


@pytest.mark.parametrize("typed", ["", " ", "...", "zzzz", "giasv", '"', "-", "x" * 5000, "title:"])
def test_nothing_goes_on_from_nothing(context: Context, typed: str) -> None:
    assert complete(context, typed) == ()


@given(
    st.text(st.sampled_from('giá vàng mưa lũ"-:()'), max_size=25) | st.text(max_size=25),
    st.integers(1, 9),
)
def test_any_string_has_completions_or_none(context: Context, typed: str, size: int) -> None:
    found = complete(context, typed, size)
    assert len(found) == len(set(found)) <= size
    assert typed not in found


@given(st.sampled_from(["giá vàng thế giới", "xuất khẩu gạo", "mùa lũ"]), st.data())
def test_every_beginning_leads_to_the_phrase(
    context: Context, phrase: str, data: st.DataObject
) -> None:
    typed = phrase[: data.draw(st.integers(4, len(phrase) - 1))]
    for beginning in (typed, fold(typed), typed.upper()):
        assert phrase in complete(context, beginning, 30)
