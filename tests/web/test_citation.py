"""Citations of any article."""

import re
from datetime import date, datetime

from hypothesis import given
from hypothesis import strategies as st

from index.article import Article
from web.citation import bibtex, escape_bibtex, plain_citation

TODAY = date(2026, 3, 2)
ARTICLE = Article(
    id="https://bao.example/1",
    title="Giá lúa & gạo:\ntăng 5% {kỷ lục}",
    author="Lê Mai; Bá Tùng",
    source="Nhà Nông",
    published=datetime.fromisoformat("2026-02-28T20:00:00+00:00"),
)


def test_a_plain_citation_has_the_day_in_vietnam() -> None:
    assert plain_citation(ARTICLE, "https://x.example/", TODAY, "vi") == (
        "Lê Mai; Bá Tùng (1/3/2026). “Giá lúa & gạo: tăng 5% {kỷ lục}”. Nhà Nông. "
        "https://x.example/ (truy cập 2/3/2026)."
    )


def test_a_citation_omits_missing_fields() -> None:
    bare = Article(id="7", body="x")
    assert plain_citation(bare, "/article/7", TODAY, "en") == (
        "“7”. /article/7 (accessed 2 Mar 2026)."
    )
    assert "author" not in bibtex(bare, "/article/7", TODAY)


def test_bibtex_joins_authors_and_escapes() -> None:
    entry = bibtex(ARTICLE, "https://x.example/{a}", TODAY)
    assert entry.startswith("@online{https-bao-example-1,\n")
    assert r"title = {{Giá lúa \& gạo: tăng 5\% \{kỷ lục\}}}" in entry
    assert "author = {{Lê Mai} and {Bá Tùng}}" in entry
    assert "date = {2026-03-01}" in entry
    assert "url = {https://x.example/%7Ba%7D}" in entry


@given(st.text())
def test_braces_of_bibtex_are_balanced(text: str) -> None:
    entry = bibtex(Article(id=text or "x", title=text, source=text), "https://x.example", TODAY)
    bare = re.sub(r"\\(textbackslash|textasciitilde|textasciicircum)\{\}|\\.", "", entry)
    depth = 0
    for character in bare:
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0
    assert "\n" not in escape_bibtex(text)
