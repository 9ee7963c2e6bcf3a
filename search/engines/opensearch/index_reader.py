"""One commit of an index in a cluster: executes plans as searches, many in one request."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import islice
from threading import Lock
from typing import Any

from index.article import Article
from index.article_json import article_from_record, article_to_record
from index.history import History
from index.models import Models
from index.models.part_file import PartFile
from index.models.titles import TitlesFound
from index.opensearch.client import Client, ClusterError, RequestError
from index.opensearch.documents import document_id
from index.opensearch.mapping import ARTICLE
from index.opensearch.names import ClusterCommit
from index.opensearch.parts import open_parts
from index.opensearch.reading import hits_at_one_time
from index.schema import Schema
from index.storage.cache import CacheUse
from search import plan
from search.engines.contract import Explained, TermStatistics
from search.engines.opensearch.bodies import (
    answer_of,
    distinct_body,
    match_of,
    matched_parts,
    parts_body,
    searches_of,
    sort_of,
    with_distinct_count,
)
from search.engines.opensearch.collapsing import collapsed_page
from search.engines.opensearch.cursors import read_cursor
from search.engines.opensearch.queries import (
    MAX_CLAUSES,
    Json,
    clause_count,
    feature_query,
    most_valuable,
    named,
    query_of,
    scored,
)
from search.engines.opensearch.searches import SEARCH_SECONDS, run_searches
from search.engines.opensearch.terms import TermCounts
from search.engines.opensearch.titles import titles_body, titles_found
from search.engines.opensearch.widening import Answer, Question, execute_widened

MAX_CACHED_ARTICLES = 2000
"""Articles that came with hits and are cached for `stored`: about 10 MB of news. Arbitrary."""

_NAMED_SCORES = {
    "include_named_queries_score": "true",
    "search_type": "dfs_query_then_fetch",
    "allow_partial_search_results": "false",
}


class OpenSearchReader:
    """See `search.engines.contract.IndexReader`.

    It is no snapshot: articles that are updated or deleted after it was opened are seen within a
    second, shard by shard. A build is seen by later readers only, all at once.
    """

    def __init__(self, client: Client, commit: ClusterCommit) -> None:
        self.commit = commit
        self._client = client
        self._article_cache: OrderedDict[str, Article] = OrderedDict()
        self._lock = Lock()

    @property
    def is_lost(self) -> bool:
        """See `search.engines.contract.IndexReader`; always False, as no postings are local."""
        return False

    @property
    def identity(self) -> str:
        """See `search.engines.contract.IndexReader`."""
        return self.commit.identity

    @property
    def schema(self) -> Schema:
        """See `search.engines.contract.IndexReader`."""
        return self.commit.schema

    @property
    def history(self) -> History:
        """See `search.engines.contract.IndexReader`."""
        return self.commit.history

    @property
    def article_count(self) -> int:
        """See `search.engines.contract.IndexReader`; as counted at the end of the last write."""
        return self.commit.articles

    @property
    def size_bytes(self) -> int:
        """See `search.engines.contract.IndexReader`; that of all primary shards."""
        found = self._client.request("GET", f"/{self.commit.index}/_stats/store")
        totals = found["_all"]["primaries"]
        return int(totals["store"]["size_in_bytes"])

    def caches(self) -> Mapping[str, CacheUse]:
        """See `search.engines.contract.IndexReader`; empty, as the cluster has its own caches."""
        return {}

    @cached_property
    def _parts(self) -> Sequence[PartFile]:
        return open_parts(self._client, self.commit.models, self.commit.parts)

    @cached_property
    def models(self) -> Models:
        """See `search.engines.contract.IndexReader`; downloaded once and mapped."""
        return Models(self._parts)

    def execute(self, plans: Sequence[plan.Plan]) -> list[plan.Matches]:
        """See `contract.IndexReader`; sends one `_msearch`, for a widened plan perhaps a second."""
        for i, query_plan in enumerate(plans):
            if query_plan.widening:
                others = [*plans[:i], *plans[i + 1 :]]
                found, *other_matches = execute_widened(query_plan, others, self._answer)
                return [*other_matches[:i], found, *other_matches[i:]]
        return [answer.matches for answer in self._answer(list(map(Question, plans)))]

    def _answer(self, questions: Sequence[Question]) -> list[Answer]:
        requests = [
            searches_of(question, self.schema, self._most_valuable) for question in questions
        ]
        answers = iter(self._search([body for request in requests for body in request.searches]))
        found: list[Answer] = []
        for question, request in zip(questions, requests, strict=True):
            own_answers = [next(answers) for _ in request.searches]
            collapsed = None
            if request.window:
                collapsed = collapsed_page(
                    question.query_plan, request.searches[0], own_answers[0], self._search
                )
                if collapsed is None:
                    plain = replace(question.query_plan, collapse=False)
                    found += self._answer([replace(question, query_plan=plain)])
                    continue
            self._cache_articles(collapsed.page if collapsed else own_answers[0]["hits"]["hits"])
            answer = answer_of(question, request, own_answers, collapsed)
            if question.parts and not request.names_parts:
                answer = replace(
                    answer, matched_parts=self._matched_parts(question, answer.matches.page)
                )
            found.append(
                replace(answer, matches=self._distinct(question.query_plan, answer.matches))
            )
        return found

    def _matched_parts(
        self, question: Question, page: Sequence[plan.Match]
    ) -> tuple[frozenset[int], ...]:
        """Return which parts of a plan its hits match, if these are too many for its search."""
        ids = [match.id for match in page]
        parts = named(question.parts, self.schema)
        bodies = [parts_body(ids, batch) for batch in _batches(parts, MAX_CLAUSES // 10)]
        matched: dict[str, frozenset[int]] = dict.fromkeys(map(document_id, ids), frozenset())
        for answer in self._search(bodies):
            for hit in answer["hits"]["hits"]:
                matched[hit["_id"]] |= matched_parts(hit)
        return tuple(matched[document_id(article_id)] for article_id in ids)

    def _distinct(self, query_plan: plan.Plan, matches: plan.Matches) -> plan.Matches:
        """Return matches with the number of values of facets that have more than were returned."""
        facets = list(matches.facets)
        many = [number for number, facet in enumerate(facets) if facet.omitted < 0]
        if not many:
            return matches
        answers = self._search([distinct_body(query_plan, number, self.schema) for number in many])
        for number, answer in zip(many, answers, strict=True):
            facets[number] = with_distinct_count(facets[number], answer)
        return replace(matches, facets=tuple(facets))

    def stored(self, ids: Sequence[str]) -> list[Article | None]:
        """See `search.engines.contract.IndexReader`; articles of hits are cached."""
        with self._lock:
            articles = {article_id: self._article_cache.get(article_id) for article_id in ids}
        missing = [
            article_id for article_id, found in articles.items() if found is None and article_id
        ]
        if missing:
            body = {"ids": [document_id(article_id) for article_id in missing]}
            docs = self._request("POST", "_mget", body)["docs"]
            for article_id, doc in zip(missing, docs, strict=True):
                if doc.get("found"):
                    articles[article_id] = _article(doc)
        return [articles[article_id] for article_id in ids]

    def term_statistics(
        self,
        terms: Sequence[tuple[str, str]],
        prefixes: Sequence[tuple[str, str]] = (),
        limit: int = 0,
    ) -> TermStatistics:
        """See `search.engines.contract.IndexReader`; see `TermCounts`."""
        return self._term_counts.statistics(terms, prefixes, limit)

    def titles(self, letters: str, size: int) -> TitlesFound:
        """See `search.engines.contract.IndexReader`."""
        [answer] = self._search([titles_body(letters, size)])
        return titles_found(answer, letters, size)

    @cached_property
    def _term_counts(self) -> TermCounts:
        commit = self.commit
        return TermCounts(self.schema, self._parts, commit.articles, commit.stale, self._search)

    def explain(self, query_plan: plan.Plan, article_id: str) -> Explained | None:
        """See `search.engines.contract.IndexReader`; uses the scores of named queries."""
        id_filter = {"ids": {"values": [document_id(article_id)]}}
        clauses = [
            feature_query(feature, self.schema, str(i))
            for i, feature in enumerate(query_plan.features)
        ]
        match = {"bool": {"filter": [query_of(query_plan.match, self.schema)], "_name": "match"}}
        bodies = [
            {
                "query": {"bool": {"filter": [id_filter], "should": [*batch, match]}},
                "size": 1,
                "_source": False,
            }
            for batch in _batches(clauses, MAX_CLAUSES // 2) or [()]
        ]
        scores: dict[str, float] = {}
        for body in bodies:  # several only for plans of hundreds of features
            answer = self._request("POST", "_search", body, _NAMED_SCORES)
            if not answer["hits"]["hits"]:
                return None
            scores |= answer["hits"]["hits"][0].get("matched_queries", {})
        parts = tuple(scores.get(str(i), 0.0) for i in range(len(query_plan.features)))
        return Explained("match" in scores, parts)

    def iterate(self, query_plan: plan.Plan) -> Iterator[plan.Match]:
        """See `search.engines.contract.IndexReader`; page by page at one point in time."""
        order = sort_of(query_plan, self.schema)
        match = query_of(query_plan.match, self.schema)
        body: Json = {
            "query": scored(match, self._most_valuable(query_plan, match), self.schema),
            "sort": order,
            "track_scores": True,
        }
        if query_plan.cursor is not None:
            body["search_after"] = read_cursor(query_plan.cursor, len(order))
        skipped = query_plan.offset
        for hits in hits_at_one_time(self._client, self.commit.index, body):
            self._cache_articles(hits)
            yield from map(match_of, hits[skipped:])
            skipped = max(skipped - len(hits), 0)

    def records(self, query_plan: plan.Plan) -> Iterator[Mapping[str, Any]]:
        """See `search.engines.contract.IndexReader`; the articles come with the matches."""
        matches = self.iterate(query_plan)
        while ids := [match.id for match in islice(matches, MAX_CACHED_ARTICLES // 4)]:
            yield from (article_to_record(found) for found in self.stored(ids) if found)

    def values(self, fields: Sequence[str], limit: int) -> list[Mapping[str, int]]:
        """See `search.engines.contract.IndexReader`."""
        facets = tuple(plan.FacetRequest(field, limit=limit) for field in fields)
        [answer] = self.execute([plan.Plan(plan.Everything(), limit=0, facets=facets)])
        return [facet.counts for facet in answer.facets]

    def _most_valuable(self, query_plan: plan.Plan, match: Json) -> Sequence[plan.Feature]:
        """Return the features that can add most, as many as the clause limit allows."""
        room = max(MAX_CLAUSES - clause_count(match), 0)
        if len(query_plan.features) <= room:
            return query_plan.features
        return most_valuable(query_plan.features, room, self.models.language)

    def _cache_articles(self, hits: Sequence[Json]) -> None:
        articles = [_article(hit) for hit in hits]
        with self._lock:
            for article in articles:
                self._article_cache[article.id] = article
                self._article_cache.move_to_end(article.id)
            while len(self._article_cache) > MAX_CACHED_ARTICLES:
                self._article_cache.popitem(last=False)

    def _search(self, bodies: Sequence[Json]) -> list[Json]:
        return run_searches(self._client, self.commit, bodies)

    def _request(
        self, method: str, what: str, body: Json | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> Json:  # fmt: skip
        try:
            return self._client.request(
                method, f"/{self.commit.index}/{what}", body, parameters,
                seconds=SEARCH_SECONDS, is_search=True,
            )  # fmt: skip
        except RequestError as error:
            raise ClusterError(f"{self._client.location}: {error}") from error


def _article(hit: Mapping[str, Any]) -> Article:
    return article_from_record(dict(hit["_source"][ARTICLE]))


def _batches(items: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [items[i : i + size] for i in range(0, len(items), size)]
