"""An article laid out for reading, with what was searched for marked in it."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from markupsafe import Markup

from search.results.records import FoundArticle, Spans
from search.results.snippets import mark
from web.addresses import host, safe_url, search_address
from web.formats import in_vietnam
from web.parameters import SearchParameters

MAX_DESCRIPTION = 200
"""Characters of the description that search engines and chats show of a page."""

_LINE = re.compile(r"[^\r\n\v\f\x85\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class ArticleView:
    """One article as its page shows it: escaped texts with `<mark>`, and plain facts."""

    id: str
    heading: Markup
    title: str
    lede: tuple[Markup, ...]
    body: tuple[Markup, ...]
    author: Markup
    written_by: str
    source: str
    section: str
    published: datetime | None
    precision: str
    url: str
    host: str
    image: str
    description: str
    marked: int

    @property
    def in_section(self) -> str:
        """The address of all articles of this section."""
        return search_address(SearchParameters(), section=(self.section,))

    @property
    def from_source(self) -> str:
        """The address of all articles of this source."""
        return search_address(SearchParameters(), source=(self.source,))

    def json_ld(self, address: str) -> dict[str, Any]:
        """Return what the article is in schema.org's words, for search engines and archives."""
        facts: dict[str, Any] = {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "headline": self.title,
            "inLanguage": "vi",
            "url": address,
            "description": self.description,
            "articleSection": self.section,
            "author": self.written_by and {"@type": "Person", "name": self.written_by},
            "publisher": self.source and {"@type": "Organization", "name": self.source},
            "isBasedOn": self.url,
            "image": self.image,
            "datePublished": self.published.isoformat() if self.published else "",
        }
        return {name: fact for name, fact in facts.items() if fact}


def view_article(found: FoundArticle) -> ArticleView:
    """Lay an article out; its marks are numbered in reading order, title and author first."""
    article, spans = found.article, found.highlights
    numbers = count(1)
    heading, author = (
        _numbered((Markup(mark(text, spans.get(name, ()))),), numbers)  # noqa: S704 (mark escapes)
        for name, text in (("title", article.title), ("author", article.author))
    )
    lede = _numbered(paragraphs(article.summary, spans.get("summary", ())), numbers)
    body = _numbered(paragraphs(article.body, spans.get("body", ())), numbers)
    return ArticleView(
        id=article.id,
        heading=heading[0],
        title=article.title,
        lede=lede,
        body=body,
        author=author[0],
        written_by=article.author,
        source=article.source,
        section=article.section,
        published=in_vietnam(article.published) if article.published else None,
        precision=article.published_precision,
        url=safe_url(article.url),
        host=host(article.url),
        image=safe_url(article.image),
        description=shorten(article.summary or article.body, MAX_DESCRIPTION),
        marked=next(numbers) - 1,
    )


def shorten(text: str, length: int) -> str:
    """Return the beginning of a text on one line, cut between words.

    >>> shorten("Giá lúa ở Cần Thơ tăng", 12)
    'Giá lúa ở…'
    """
    line = " ".join(text[: 2 * length].split())
    return line if len(line) <= length else line[:length].rpartition(" ")[0] + "…"


def paragraphs(text: str, spans: Spans) -> Iterator[Markup]:
    """Cut a text at its line breaks and mark each piece; a span over a break is cut with it."""
    starts, ends = [start for start, _ in spans], [end for _, end in spans]
    for line in _LINE.finditer(text):
        if line[0].strip():
            first, last = line.span()
            inside = (
                (max(start, first) - first, min(end, last) - first)
                for start, end in spans[bisect_right(ends, first) : bisect_left(starts, last)]
            )
            yield Markup(mark(line[0], tuple(inside)))  # noqa: S704


def _numbered(texts: Iterable[Markup], numbers: Iterator[int]) -> tuple[Markup, ...]:
    """Give each mark an id, so that links and scripts can step through them.

    The texts are escaped: "<mark>" in them is an element.
    """
    return tuple(
        Markup(re.sub("<mark>", lambda _: f'<mark id="mark-{next(numbers)}">', text))  # noqa: S704
        for text in texts
    )
