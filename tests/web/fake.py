"""A searcher of a few articles in memory, with the public shape of the real one."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta, timezone

from index.article import Article
from search.planning.plan import Sort
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
from search.results.snippets import mark

VIETNAM = timezone(timedelta(hours=7))


class FakeSearcher:
    """Finds the articles that hold every word of a query, as it was typed but for capitals."""

    def __init__(self, articles: Iterable[Article]) -> None:
        self._articles = tuple(articles)
        self.asked: list[dict[str, object]] = []

    @property
    def articles(self) -> int:
        return len(self._articles)

    def search(
        self,
        query: str,
        *,
        page: int = 1,
        size: int = 10,
        sort: Sort = Sort.RELEVANCE,
        source: Sequence[str] = (),
        section: Sequence[str] = (),
        since: date | None = None,
        until: date | None = None,
        facets: Sequence[str] = (),
        literal: bool = False,
    ) -> Results:
        self.asked.append({name: value for name, value in locals().items() if name != "self"})
        found = [
            article
            for article in self._articles
            if all(word in _text(article).lower() for word in query.lower().split())
            and (not source or article.source in source)
            and (not section or article.section in section)
            and _within(article, since, until)
        ]
        if sort != Sort.RELEVANCE:
            found.sort(key=lambda a: _moment(a, sort), reverse=sort == Sort.NEWEST)
        return Results(
            query=query,
            interpretation=InterpretedQuery(query, query),
            total=len(found),
            took_ms=1.25,
            page=page,
            size=size,
            hits=tuple(_hit(article, query) for article in found[(page - 1) * size : page * size]),
            facets={facet: _counts(found, facet) for facet in facets},
        )

    def complete(self, typed: str, size: int = 8) -> tuple[str, ...]:
        titles = sorted({article.title.lower() for article in self._articles})
        return tuple(title for title in titles if title.startswith(typed.lower()))[:size]

    def related(self, id: str, size: int = 5) -> tuple[Hit, ...]:  # noqa: A002
        found = self.article(id)
        alike = [a for a in self._articles if found and a.section == found.article.section]
        return tuple(_hit(article, "") for article in alike if article.id != id)[:size]

    def explain(
        self,
        query: str,
        id: str,  # noqa: A002
        *,
        literal: bool = False,
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


def _text(article: Article) -> str:
    return f"{article.title}\n{article.summary}\n{article.body}\n{article.author}"


def _moment(article: Article, sort: Sort) -> datetime:
    none = datetime(1 if sort == Sort.NEWEST else 9999, 1, 1, tzinfo=UTC)
    return article.published or none


def _within(article: Article, since: date | None, until: date | None) -> bool:
    if article.published is None:
        return since is None and until is None
    day = article.published.astimezone(VIETNAM).date()
    return (since or date.min) <= day <= (until or date.max)


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
        snippet=mark(passage, _spans(passage, query)),
        highlights={"title": _spans(article.title, query)},
    )


def _spans(text: str, query: str) -> Spans:
    """Find the words of a query in a text, each place once."""
    lower = text.lower()
    if len(lower) != len(text):
        return ()
    marked: list[tuple[int, int]] = []
    at = 0
    words = query.lower().split()
    while words and at < len(text):
        places = [(lower.find(word, at), word) for word in words]
        place, word = min(((p, w) for p, w in places if p >= 0), default=(-1, ""))
        if place < 0:
            break
        at = place + len(word)
        marked.append((place, at))
    return tuple(marked)


def _counts(found: Sequence[Article], facet: str) -> tuple[FacetValue, ...]:
    if facet == "year":
        years = Counter(a.published.strftime("%Y") for a in found if a.published)
        return tuple(FacetValue(*pair) for pair in sorted(years.items(), reverse=True))
    values = Counter(getattr(article, facet) for article in found if getattr(article, facet))
    return tuple(FacetValue(*pair) for pair in values.most_common())
