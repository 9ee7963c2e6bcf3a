"""Highlighted paragraphs, for any text and spans."""

import re
import time
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from web.article_view import paragraphs

TEXTS = st.text(st.sampled_from("aá<>&\"' \n\r\v\u2028👩e\u0301"), max_size=40)


def bare(html: str) -> str:
    return "".join(unescape(re.sub("<[^>]*>", "", html)).split())


def test_each_line_is_a_paragraph_and_blank_ones_are_none() -> None:
    assert list(paragraphs("một\n\n hai \r\n\t\nba", ())) == ["một", " hai ", "ba"]


def test_highlights_are_where_the_spans_are() -> None:
    assert list(paragraphs("a <b>\nnước", ((2, 3), (6, 10)))) == [
        "a <mark>&lt;</mark>b&gt;",
        "<mark>nước</mark>",
    ]


def test_a_span_over_a_line_break_marks_both_sides() -> None:
    assert list(paragraphs("xã\nhội", ((0, 6),))) == ["<mark>xã</mark>", "<mark>hội</mark>"]


@given(TEXTS, st.integers(0, 40), st.integers(1, 40))
def test_no_letter_is_lost_or_marked_elsewhere(text: str, start: int, length: int) -> None:
    start = min(start, len(text))
    end = min(start + length, len(text))
    shown = list(paragraphs(text, ((start, end),) if start < end else ()))
    assert bare("".join(shown)) == "".join(text.split())
    marked = re.findall(r"<mark>(.*?)</mark>", "".join(shown), re.DOTALL)
    assert bare("".join(marked)) == "".join(text[start:end].split())


def test_an_article_of_many_lines_and_matches_is_laid_out_at_once() -> None:
    count = 50_000
    began = time.monotonic()
    laid_out = list(paragraphs("nước\n" * count, tuple((5 * n, 5 * n + 4) for n in range(count))))
    assert laid_out == ["<mark>nước</mark>"] * count
    assert time.monotonic() - began < 5
