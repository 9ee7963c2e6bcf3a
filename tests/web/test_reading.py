"""Paragraphs with marks, whatever the text and wherever the spans."""

import re
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from search.results import Spans
from web.reading import paragraphs

TEXTS = st.text(st.sampled_from("aá<>&\"' \n\r\v\u2028👩e\u0301"), max_size=40)


def bare(html: str) -> str:
    return "".join(unescape(re.sub("<[^>]*>", "", html)).split())


def test_each_line_is_a_paragraph_and_blank_ones_are_none() -> None:
    assert list(paragraphs("một\n\n hai \r\n\t\nba", ())) == ["một", " hai ", "ba"]


def test_marks_stand_where_the_spans_say() -> None:
    assert list(paragraphs("a <b>\nnước", ((2, 3), (6, 10)))) == [
        "a <mark>&lt;</mark>b&gt;",
        "<mark>nước</mark>",
    ]


def test_a_span_over_a_line_break_marks_both_sides() -> None:
    assert list(paragraphs("xã\nhội", ((0, 6),))) == ["<mark>xã</mark>", "<mark>hội</mark>"]


@st.composite
def texts_with_spans(draw: st.DrawFn) -> tuple[str, Spans]:
    text = draw(TEXTS)
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)))
    return text, tuple(zip(cuts[::2], cuts[1::2], strict=False))


@given(texts_with_spans())
def test_no_letter_is_lost_or_marked_elsewhere(given_: tuple[str, Spans]) -> None:
    text, spans = given_
    shown = list(paragraphs(text, spans))
    assert bare("".join(shown)) == "".join(text.split())
    marked = re.findall(r"<mark>(.*?)</mark>", "".join(shown), re.DOTALL)
    assert bare("".join(marked)) == "".join("".join(text[a:b] for a, b in spans).split())
