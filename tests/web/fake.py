"""A searcher over a few articles in memory, with the interface of the real one."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

from index.article import Article
from index.article_json import article_to_record
from index.history import NO_HISTORY
from index.schema import DEFAULT_SCHEMA, Schema
from index.storage.cache import CacheUse
from search.request import FacetBy, FilterBy, SearchRequest
from search.results.records import (
    Contribution,
    Explanation,
    FacetValue,
    FoundArticle,
    Hit,
    InterpretedQuery,
    Results,
    Spans,
)
from search.results.snippets import highlight
from search.suggestions.topics import Topic
from search.warnings import QueryWarning

VIETNAM = timezone(timedelta(hours=7))


class FakeSearcher:
    """Finds the articles with every word of a query as typed, ignoring case."""

    def __init__(self, articles: Iterable[Article], schema: Schema = DEFAULT_SCHEMA) -> None:
        self._articles = tuple(articles)
        self.schema = schema
        self.identity = "commit-1"
        self.history = NO_HISTORY
        self.requests: list[SearchRequest] = []
        self.stored_calls = 0
        self.warnings: tuple[QueryWarning, ...] = ()

    @property
    def articles(self) -> int:
        return len(self._articles)

    @property
    def size_bytes(self) -> int:
        return 1_000 * len(self._articles)

    def caches(self) -> dict[str, CacheUse]:
        return {"terms": CacheUse(2 * len(self.requests), len(self.requests), 500, 1_000)}

    def answer(self, request: SearchRequest) -> Results:
        self.requests.append(request)
        matches = list(self.iterate(request))
        titles = Counter(article.title for article in matches)
        found = matches
        if request.collapse:  # articles of one title are near-duplicates here
            found = list({article.title: article for article in reversed(matches)}.values())[::-1]
        page = found[request.start : request.start + request.size]
        return Results(
            query=request.query,
            interpretation=InterpretedQuery(request.query, request.query),
            total=len(matches),
            took_ms=1.25,
            page=request.page,
            size=request.size,
            hits=tuple(
                replace(
                    _hit(article, request.query),
                    similar=titles[article.title] - 1 if request.collapse else 0,
                )
                for article in page
            ),
            groups=len(found) if request.collapse else None,
            facets={facet.name: self._counts(request, facet) for facet in request.facets},
            warnings=self.warnings,
        )

    def iterate(self, request: SearchRequest) -> Iterator[Article]:
        found = [article for article in self._articles if _matches(article, request)]
        if request.sort:
            by = request.sort
            with_value = [
                article for article in found if _value(article, by.field) not in {None, ""}
            ]
            with_value.sort(key=lambda article: _value(article, by.field), reverse=by.descending)
            found = with_value + [article for article in found if article not in with_value]
        return iter(found)

    def records(self, request: SearchRequest) -> Iterator[dict[str, Any]]:
        return map(article_to_record, self.iterate(request))

    def _counts(self, request: SearchRequest, facet: FacetBy) -> tuple[FacetValue, ...]:
        others = tuple(kept for kept in request.filters if kept.field != facet.field)
        found = self.iterate(replace(request, filters=others))
        if facet.bucket:
            form = {"year": "%Y", "month": "%Y-%m", "day": "%Y-%m-%d"}[facet.bucket]
            days = Counter(a.published.strftime(form) for a in found if a.published)
            return tuple(FacetValue(*pair) for pair in sorted(days.items(), reverse=True))
        values = Counter(
            value for article in found for value in _labels(_value(article, facet.field)) if value
        )
        return tuple(FacetValue(*pair) for pair in values.most_common(facet.limit))

    def complete(self, typed: str, size: int = 8) -> tuple[str, ...]:
        titles = sorted({article.title.lower() for article in self._articles})
        return tuple(title for title in titles if title.startswith(typed.lower()))[:size]

    def related(self, id: str, size: int = 5) -> tuple[Hit, ...]:  # noqa: A002
        found = self.article(id)
        alike = [a for a in self._articles if found and a.section == found.article.section]
        return tuple(_hit(article, "") for article in alike if article.id != id)[:size]

    def topics(self, size: int = 8) -> tuple[Topic, ...]:
        dated = [article for article in self._articles if article.published]
        newest = max((a.published for a in dated if a.published), default=None)
        if newest is None:
            return ()
        return (Topic("bão số 3", newest.date(), 4, "Bão số 3 vào bờ"),)[:size]

    def explain(
        self,
        query: str,
        id: str,  # noqa: A002
        *,
        literal: bool = False,
        freshness: bool = True,
    ) -> Explanation | None:
        found = self.article(id, query, literal=literal)
        if found is None:
            return None
        text = _text(found.article)
        matched = [word for word in query.split() if word.lower() in text.lower()]
        parts = tuple(Contribution("text", word, 1.0, 1.25) for word in matched)
        read = query if literal else query.lower()
        return Explanation(id, query, read, sum(part.score for part in parts), parts)

    def article(
        self,
        id: str,  # noqa: A002
        query: str = "",
        *,
        literal: bool = False,
    ) -> FoundArticle | None:
        for article in self._articles:
            if article.id == id:
                fields = ("title", "summary", "body", "author")
                return FoundArticle(
                    article, {f: _spans(getattr(article, f), query) for f in fields}
                )
        return None

    def stored(self, ids: Sequence[str]) -> list[Article | None]:
        self.stored_calls += 1
        found = {article.id: article for article in self._articles}
        return [found.get(one) for one in ids]


def _text(article: Article) -> str:
    return f"{article.title}\n{article.summary}\n{article.body}\n{article.author}"


def _matches(article: Article, request: SearchRequest) -> bool:
    words = request.query.lower().split()
    return all(word in _text(article).lower() for word in words) and all(
        _keeps(condition, _value(article, condition.field)) for condition in request.filters
    )


def _keeps(condition: FilterBy, value: Any) -> bool:
    if condition.values:
        return any(label in condition.values for label in _labels(value))
    if value is None:
        return False
    for end, low in ((condition.low, True), (condition.high, False)):
        other = value
        if isinstance(end, date) and not isinstance(end, datetime):
            other = value.astimezone(VIETNAM).date()
        if end is not None and (other < end if low else other > end):
            return False
    return True


def _labels(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _value(article: Article, field: str) -> Any:
    if field == "author":
        return [name.strip() for name in article.author.split(";") if name.strip()]
    return article.values.get(field) if field in article.values else getattr(article, field, None)


def _hit(article: Article, query: str) -> Hit:
    passage = (article.summary or article.body)[:240]
    return Hit(
        id=article.id,
        title=article.title,
        url=article.url,
        source=article.source,
        section=article.section,
        published=article.published.isoformat() if article.published else "",
        score=1.0,
        snippet=highlight(passage, _spans(passage, query)),
        highlights={"title": _spans(article.title, query)},
        author=article.author,
        image=article.image,
        published_precision=article.published_precision,
        has_body=bool(article.body),
    )


def _spans(text: str, query: str) -> Spans:
    """Return the spans of the words of a query in a text, without duplicates."""
    lower = text.lower()
    if len(lower) != len(text):
        return ()
    marked: list[tuple[int, int]] = []
    at = 0
    words = query.lower().split()
    while words and at < len(text):
        found_at = [(lower.find(word, at), word) for word in words]
        place, word = min(((p, w) for p, w in found_at if p >= 0), default=(-1, ""))
        if place < 0:
            break
        at = place + len(word)
        marked.append((place, at))
    return tuple(marked)
