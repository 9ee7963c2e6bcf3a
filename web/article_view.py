"""An article laid out for reading, with the terms of the search highlighted."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from operator import itemgetter
from typing import Any

from markupsafe import Markup

from index.article import Article
from index.schema import Field, Kind, Schema
from search.results.records import FoundArticle, Spans
from search.results.snippets import highlight
from web.addresses import host, safe_url
from web.filters import value_address
from web.formats import in_vietnam
from web.i18n import language, write_moment, write_plain_number

MAX_DESCRIPTION = 200
"""Characters of the description that search engines and chat apps show for a page."""

_NAME = re.compile(r"[^;,\s][^;,]*[^;,\s]|[^;,\s]")
_LINE = re.compile(r"[^\r\n\v\f\x85\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class LinkedValue:
    """A value as it is shown, and the address it links to, "" if none."""

    text: Markup | str
    address: str = ""


@dataclass(frozen=True, slots=True)
class OwnField:
    """A field that a user declared, with its name on the page and its values."""

    label: str
    values: tuple[LinkedValue, ...]


@dataclass(frozen=True, slots=True)
class ArticleView:
    """One article as its page shows it: escaped texts with `<mark>`, and plain values."""

    id: str
    heading: Markup
    title: str
    lede: tuple[Markup, ...]
    body: tuple[Markup, ...]
    authors: tuple[LinkedValue, ...]
    author_names: tuple[str, ...]
    source: str
    section: str
    published: datetime | None
    precision: str
    url: str
    host: str
    image: str
    description: str
    own: tuple[OwnField, ...]
    highlight_count: int

    @property
    def section_address(self) -> str:
        """The address of all articles of this section."""
        return value_address("section", self.section)

    @property
    def source_address(self) -> str:
        """The address of all articles of this source."""
        return value_address("source", self.source)

    def json_ld(self, address: str) -> dict[str, Any]:
        """Return the article as JSON-LD of schema.org, for search engines and archives."""
        properties: dict[str, Any] = {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "headline": self.title,
            "inLanguage": "vi",
            "url": address,
            "description": self.description,
            "articleSection": self.section,
            "author": [{"@type": "Person", "name": name} for name in self.author_names],
            "publisher": self.source and {"@type": "Organization", "name": self.source},
            "isBasedOn": self.url,
            "image": self.image,
            "datePublished": self.published.isoformat() if self.published else "",
        }
        return {name: value for name, value in properties.items() if value}


def view_article(found: FoundArticle, schema: Schema) -> ArticleView:
    """Lay an article out; highlights are numbered in reading order, title and author first."""
    article, spans = found.article, found.highlights
    numbers = count(1)
    heading = Markup(highlight(article.title, spans.get("title", ())))  # noqa: S704 (highlight escapes)
    [heading] = _numbered([heading], numbers)
    authors = list(_names(article.author, spans.get("author", ())))
    shown_names = _numbered([shown for _, shown in authors], numbers)
    lede = _numbered(paragraphs(article.summary, spans.get("summary", ())), numbers)
    body = _numbered(paragraphs(article.body, spans.get("body", ())), numbers)
    return ArticleView(
        id=article.id,
        heading=heading,
        title=article.title,
        lede=lede,
        body=body,
        authors=tuple(
            LinkedValue(shown, value_address("author", name))
            for (name, _), shown in zip(authors, shown_names, strict=True)
        ),
        author_names=tuple(name for name, _ in authors),
        source=article.source,
        section=article.section,
        published=in_vietnam(article.published) if article.published else None,
        precision=article.published_precision,
        url=safe_url(article.url),
        host=host(article.url),
        image=safe_url(article.image),
        description=shorten(article.summary or article.body, MAX_DESCRIPTION),
        own=tuple(_own_fields(article, schema)),
        highlight_count=next(numbers) - 1,
    )


def _names(authors: str, spans: Spans) -> Iterator[tuple[str, Markup]]:
    """Yield each name in an author field, with its highlights."""
    for found in _NAME.finditer(authors):
        inside = _within(found.span(), spans)
        yield " ".join(found[0].split()), Markup(highlight(found[0], inside))  # noqa: S704


def _own_fields(article: Article, schema: Schema) -> Iterator[OwnField]:
    """Yield the user's own fields that the article has, with links to filter by their values."""
    for field in schema.own:
        given = article.values.get(field.name)
        values = given if isinstance(given, list) else [given]
        linked = tuple(_linked_value(field, value) for value in values if value not in {None, ""})
        if field.shown and linked:
            yield OwnField(field.label(language()), linked)


def _linked_value(field: Field, value: object) -> LinkedValue:
    match field.kind:
        case Kind.LINK:
            return LinkedValue(str(value), safe_url(str(value)))
        case Kind.DATE:
            return LinkedValue(write_moment(str(value)))
        case Kind.NUMBER if isinstance(value, int | float):
            return LinkedValue(write_plain_number(value))
        case Kind.KEYWORD | Kind.KEYWORDS if field.filter:
            return LinkedValue(str(value), value_address(field.name, str(value)))
    return LinkedValue(str(value))


def shorten(text: str, length: int) -> str:
    """Return the beginning of a text on one line, cut between words.

    >>> shorten("Giá lúa ở Cần Thơ tăng", 12)
    'Giá lúa ở…'
    """
    line = " ".join(text[: 2 * length].split())
    return line if len(line) <= length else line[:length].rpartition(" ")[0] + "…"


def paragraphs(text: str, spans: Spans) -> Iterator[Markup]:
    """Yield the paragraphs of a text, highlighted; a span across a line break is split."""
    for line in _LINE.finditer(text):
        if line[0].strip():
            yield Markup(highlight(line[0], _within(line.span(), spans)))  # noqa: S704


def _within(part: tuple[int, int], spans: Spans) -> Spans:
    """Return the parts of ascending spans within a part of the text, relative to its start."""
    first, last = part
    begin = bisect_right(spans, first, key=itemgetter(1))
    end = bisect_left(spans, last, key=itemgetter(0))
    return tuple(
        (max(start, first) - first, min(stop, last) - first) for start, stop in spans[begin:end]
    )


def _numbered(texts: Iterable[Markup], numbers: Iterator[int]) -> tuple[Markup, ...]:
    """Add an id to each `<mark>`, so that links and scripts can step through them.

    The texts are escaped: any "<mark>" in them is an element.
    """
    return tuple(
        Markup(re.sub("<mark>", lambda _: f'<mark id="mark-{next(numbers)}">', text))  # noqa: S704
        for text in texts
    )
