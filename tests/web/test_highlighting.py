"""Snippets that fit: cut at spaces outside of marks, earlier on phones."""

import re
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from search.results.snippets import highlight
from web.highlighting import MAX_CHARACTERS, MAX_PHONE_CHARACTERS, fitted_snippet

WORDS = st.lists(st.tuples(st.sampled_from(["chữ", "a&b", "<b>", "dài" * 20]), st.booleans()))


@given(WORDS)
def test_a_passage_is_cut_between_words_and_outside_of_marks(words: list[tuple[str, bool]]) -> None:
    text, spans = "", []
    for word, marked in words:
        if marked:
            spans.append((len(text), len(text) + len(word)))
        text += word + " "
    html = fitted_snippet(highlight(text, tuple(spans)))
    head, _, rest = html.partition('<span class="rest">')
    for part in (head, rest):
        assert part.count("<mark>") == part.count("</mark>")
    shown = [unescape(re.sub(r"<[^<>]*>", "", part)) for part in (head, rest)]
    shown_text = "".join(shown).removesuffix("…")
    assert text.startswith(shown_text)
    assert text[len(shown_text) : len(shown_text) + 1] in ("", " ")
    if "<mark>" not in html and rest:
        assert len(shown[0]) <= MAX_PHONE_CHARACTERS
        assert len(shown_text) <= MAX_CHARACTERS


def test_a_short_passage_is_shown_whole() -> None:
    assert fitted_snippet("một <mark>hai</mark> &amp; ba") == "một <mark>hai</mark> &amp; ba"
