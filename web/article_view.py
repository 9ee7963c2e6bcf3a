"""How is an article laid out for reading, with what was searched for marked in it?"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from search.results.records import FoundArticle, Spans
from search.results.snippets import mark
from web.addresses import host, safe_url, search_address
from web.parameters import SearchParameters

_LINE = re.compile(r"[^\r\n\v\f\x85\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Reading:
    """One article as its page shows it: escaped texts with `<mark>`, and plain facts."""

    heading: Markup
    title: str
    lede: tuple[Markup, ...]
    body: tuple[Markup, ...]
    author: Markup
    source: str
    section: str
    published: datetime | None
    url: str
    host: str

    @property
    def in_section(self) -> str:
        """The address of all articles of this section."""
        return search_address(SearchParameters(), section=(self.section,))

    @property
    def from_source(self) -> str:
        """The address of all articles of this source."""
        return search_address(SearchParameters(), source=(self.source,))

    @property
    def marked(self) -> int:
        """How many places are marked."""
        texts = (self.heading, self.author, *self.lede, *self.body)
        return sum(text.count("<mark>") for text in texts)


def reading(found: FoundArticle) -> Reading:
    """Lay an article out."""
    article, spans = found.article, found.highlights
    return Reading(
        heading=Markup(mark(article.title, spans.get("title", ()))),  # noqa: S704 (mark escapes)
        title=article.title,
        lede=tuple(paragraphs(article.summary, spans.get("summary", ()))),
        body=tuple(paragraphs(article.body, spans.get("body", ()))),
        author=Markup(mark(article.author, spans.get("author", ()))),  # noqa: S704
        source=article.source,
        section=article.section,
        published=article.published,
        url=safe_url(article.url),
        host=host(article.url),
    )


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
