"""One commit of an index in a cluster: plans as searches, many in one request."""

import json
import math
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from threading import Lock
from typing import Any

from index.article import Article
from index.article_json import article_from_json, article_to_record
from index.errors import IndexUnavailableError
from index.history import History
from index.models import Models
from index.opensearch.client import Client, ClusterError, RequestError
from index.opensearch.documents import key_of
from index.opensearch.names import ClusterCommit
from index.opensearch.parts import open_parts
from index.opensearch.reading import hits_at_one_time
from index.schema import LABELS, Schema
from search import plan
from search.engines.contract import Explained, TermFrequency, TermStatistics
from search.engines.opensearch.bodies import (
    asked,
    match_of,
    matches_of,
    read_cursor,
    sort_of,
)
from search.engines.opensearch.queries import (
    MATCH_ALL,
    MAX_FEATURES,
    Json,
    feature_query,
    query_of,
    scored,
    token_field,
)
from search.engines.widening import execute_widened

SEARCH_SECONDS = 10.0
"""How long a search may take in the cluster; a slower node is given up, and another one asked."""

MAX_CACHED_ARTICLES = 2000
"""Articles that came with hits and are kept for whoever shows them: some 10 MB of news."""

MAX_PREFIX_CANDIDATES = 1000
"""Terms that begin with a prefix, the most frequent, of which the cluster counts the articles."""

_NAMED_SCORES = {
    "include_named_queries_score": "true",
    "search_type": "dfs_query_then_fetch",
    "allow_partial_search_results": "false",
}


class OpenSearchSnapshot:
    """See `search.engines.contract.Snapshot`.

    It is not frozen: articles that are updated or deleted after it was taken are seen within a
    second, shard by shard. A build is seen by later snapshots only, all at once.
    """

    def __init__(self, client: Client, commit: ClusterCommit) -> None:
        self.commit = commit
        self._client = client
        self._articles_seen: OrderedDict[str, Article] = OrderedDict()
        self._lock = Lock()

    @property
    def is_lost(self) -> bool:
        """See `search.engines.contract.Snapshot`; a cluster's answers are never cut short."""
        return False

    @property
    def identity(self) -> str:
        """See `search.engines.contract.Snapshot`."""
        return self.commit.identity

    @property
    def schema(self) -> Schema:
        """See `search.engines.contract.Snapshot`."""
        return self.commit.schema

    @property
    def history(self) -> History:
        """See `search.engines.contract.Snapshot`."""
        return self.commit.history

    @cached_property
    def article_count(self) -> int:
        """See `search.engines.contract.Snapshot`."""
        return int(self._ask("GET", "_count")["count"])

    @cached_property
    def _parts(self) -> Sequence[Any]:
        return open_parts(self._client, self.commit.models, self.commit.parts)

    @cached_property
    def models(self) -> Models:
        """See `search.engines.contract.Snapshot`; downloaded once and mapped."""
        return Models(self._parts)

    def execute(self, plans: Sequence[plan.Plan]) -> list[plan.Matches]:
        """See `search.engines.contract.Snapshot`; one `_msearch` for all that is not widened."""
        for at, wanted in enumerate(plans):
            if wanted.widening:
                others = [*plans[:at], *plans[at + 1 :]]
                found, *beside = execute_widened(wanted, others, self.execute)
                return [*beside[:at], found, *beside[at:]]
        return self._execute(plans)

    def _execute(self, plans: Sequence[plan.Plan]) -> list[plan.Matches]:
        requests = [asked(wanted, self.schema, self._worthwhile) for wanted in plans]
        answers = iter(self._search([body for request in requests for body in request.searches]))
        found = []
        for wanted, request in zip(plans, requests, strict=True):
            own = [next(answers) for _ in request.searches]
            self._remember(own[0]["hits"]["hits"])
            found.append(matches_of(wanted, request.facet_searches, own))
        return found

    def stored(self, ids: Sequence[str]) -> list[Article | None]:
        """See `search.engines.contract.Snapshot`; what came with hits takes no request."""
        with self._lock:
            known = {name: self._articles_seen.get(name) for name in ids}
        missing = [name for name, article in known.items() if article is None and name]
        if missing:
            body = {"ids": [key_of(name) for name in missing]}
            docs = self._ask("POST", "_mget", body, {"_source_includes": "article"})["docs"]
            for name, doc in zip(missing, docs, strict=True):
                if doc.get("found"):
                    known[name] = _article(doc)
        return [known[name] for name in ids]

    def term_statistics(
        self,
        terms: Sequence[tuple[str, str]],
        prefixes: Sequence[tuple[str, str]] = (),
        limit: int = 0,
    ) -> TermStatistics:
        """See `search.engines.contract.Snapshot`.

        The terms of a prefix come from the models, which know those of "text"; the cluster counts
        how many articles hold each in the field. Raises ValueError for a prefix in "words".
        """
        candidates = [self._candidates(field, prefix) for field, prefix in prefixes]
        pairs = [
            (field, term)
            for (field, _), begun in zip(prefixes, candidates, strict=True)
            for term in begun
        ]
        counts = self._document_frequencies([*terms, *pairs])
        counted = iter(counts[len(terms) :])
        with_prefix = []
        for begun in candidates:
            found = [TermFrequency(term, next(counted)) for term in begun]
            held = sorted(
                (one for one in found if one.articles), key=lambda one: (-one.articles, one.term)
            )
            with_prefix.append(held[:limit])
        return TermStatistics(counts[: len(terms)], with_prefix)

    def _document_frequencies(self, terms: Sequence[tuple[str, str]]) -> list[int]:
        """Return how many articles hold each (field, term); one search that counts them all."""
        if not terms:
            return []
        filters = {str(at): self._term(*term) for at, term in enumerate(terms)}
        bodies = [
            {"size": 0, "query": MATCH_ALL, "aggs": {"df": {"filters": {"filters": dict(some)}}}}
            for some in _sliced(list(filters.items()), MAX_FEATURES)
        ]
        buckets: dict[str, Any] = {}
        for answer in self._search(bodies):
            buckets.update(answer["aggregations"]["df"]["buckets"])
        return [int(buckets[str(at)]["doc_count"]) for at in range(len(terms))]

    def _term(self, field: str, text: str) -> Json:
        if field in self.schema and self.schema[field].kind in LABELS and field != "author":
            return {"term": {field: text}}
        try:
            return {"term": {token_field(self.schema, field): text}}
        except ValueError as error:
            raise ValueError(f"there is no field {field!r} of terms") from error

    def _candidates(self, field: str, prefix: str) -> list[str]:
        """Return the terms of the models that begin so, the most frequent ones."""
        if field == "words":
            raise ValueError("the cluster does not list the terms of 'words'")
        token_field(self.schema, field)  # raises where there is no such field
        totals: dict[str, int] = {}
        for part in self._parts:
            ordinals = part.vocabulary.with_prefix(prefix)
            for ordinal in ordinals:
                term = part.vocabulary.term(ordinal)
                totals[term] = totals.get(term, 0) + int(part.frequencies[ordinal])
        return sorted(totals, key=lambda term: (-totals[term], term))[:MAX_PREFIX_CANDIDATES]

    def explain(self, wanted: plan.Plan, article_id: str) -> Explained | None:
        """See `search.engines.contract.Snapshot`; the cluster names the score of each clause."""
        one = {"ids": {"values": [key_of(article_id)]}}
        clauses = [
            feature_query(feature, self.schema, str(at))
            for at, feature in enumerate(wanted.features)
        ]
        named = {"bool": {"filter": [query_of(wanted.match, self.schema)], "_name": "match"}}
        bodies = [
            {
                "query": {"bool": {"filter": [one], "should": [*some, named]}},
                "size": 1,
                "_source": False,
            }
            for some in _sliced(clauses, MAX_FEATURES) or [()]
        ]
        scores: dict[str, float] = {}
        for body in bodies:  # one, but for plans of hundreds of features
            answer = self._ask("POST", "_search", body, _NAMED_SCORES)
            if not answer["hits"]["hits"]:
                return None
            scores |= answer["hits"]["hits"][0].get("matched_queries", {})
        parts = tuple(scores.get(str(at), 0.0) for at in range(len(wanted.features)))
        return Explained("match" in scores, parts)

    def iterate(self, wanted: plan.Plan) -> Iterator[plan.Match]:
        """See `search.engines.contract.Snapshot`; slice by slice at one point in time."""
        order = sort_of(wanted, self.schema)
        match = query_of(wanted.match, self.schema)
        body: Json = {
            "query": scored(match, self._worthwhile(wanted), self.schema),
            "sort": order,
            "track_scores": True,
        }
        if wanted.cursor is not None:
            body["search_after"] = read_cursor(wanted.cursor, len(order))
        skipped = wanted.offset
        for hits in hits_at_one_time(self._client, self.commit.index, body):
            self._remember(hits)
            yield from map(match_of, hits[skipped:])
            skipped = max(skipped - len(hits), 0)

    def records(self, wanted: plan.Plan) -> Iterator[Mapping[str, Any]]:
        """See `search.engines.contract.Snapshot`; the articles come with the matches."""
        matches = self.iterate(wanted)
        while ids := [match.id for match in islice(matches, MAX_CACHED_ARTICLES // 4)]:
            yield from (article_to_record(found) for found in self.stored(ids) if found)

    def values(self, fields: Sequence[str], limit: int) -> list[Mapping[str, int]]:
        """See `search.engines.contract.Snapshot`."""
        facets = tuple(plan.FacetRequest(field, limit=limit) for field in fields)
        [answer] = self.execute([plan.Plan(plan.Everything(), limit=0, facets=facets)])
        return [facet.counts for facet in answer.facets]

    def _worthwhile(self, wanted: plan.Plan) -> Sequence[plan.Feature]:
        """Return the features that add most, as many as the cluster takes clauses."""
        if len(wanted.features) <= MAX_FEATURES:
            return wanted.features
        terms = [f for f in wanted.features if not isinstance(f, plan.Freshness)]
        others = [f for f in wanted.features if isinstance(f, plan.Freshness)]
        texts = [_syllables(feature) for feature in terms]
        every = list(dict.fromkeys(text for some in texts for text in some))
        language = self.models.language
        counts = dict(zip(every, language.counts(every).tolist(), strict=True))
        worth = [
            # The idf of a bigram or word is at least that of its rarest syllable.
            feature.weight
            * math.log((language.tokens + 1) / (min(counts[text] for text in some) + 1))
            for feature, some in zip(terms, texts, strict=True)
        ]
        best = sorted(range(len(worth)), key=lambda at: -worth[at])[: MAX_FEATURES - len(others)]
        return [*(terms[at] for at in sorted(best)), *others]

    def _remember(self, hits: Sequence[Json]) -> None:
        articles = [_article(hit) for hit in hits]
        with self._lock:
            for article in articles:
                self._articles_seen[article.id] = article
                self._articles_seen.move_to_end(article.id)
            while len(self._articles_seen) > MAX_CACHED_ARTICLES:
                self._articles_seen.popitem(last=False)

    def _search(self, bodies: Sequence[Json]) -> list[Json]:
        """Send searches in one request; raises ClusterError where any shard did not answer."""
        header = json.dumps(
            {
                "index": self.commit.index,
                "search_type": "dfs_query_then_fetch",
                "allow_partial_search_results": False,
            }
        )
        lines = [line for body in bodies for line in (header, _line(body))]
        answer = self._client.lines("/_msearch", lines, seconds=SEARCH_SECONDS)
        if answer.status >= 400:
            raise ClusterError(f"{self._client.location}: the search failed: {answer.body}")
        for found in answer.body["responses"]:
            if "error" in found:
                raise self._failed(found)
            if found["_shards"]["failed"] or found.get("timed_out"):
                raise ClusterError(f"{self._client.location}: a part of the index did not answer")
        responses: list[Json] = answer.body["responses"]
        return responses

    def _failed(self, found: Json) -> IndexUnavailableError:
        error = found["error"]
        if error.get("type") == "index_not_found_exception":
            return IndexUnavailableError(
                f"{self._client.location}: the index was replaced just now; try again"
            )
        reason = (error.get("root_cause") or [error])[0].get("reason")
        return ClusterError(f"{self._client.location}: the search failed: {reason}")

    def _ask(
        self, method: str, what: str, body: Json | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> Json:  # fmt: skip
        try:
            return self._client.request(method, f"/{self.commit.index}/{what}", body, parameters)
        except RequestError as error:
            raise ClusterError(f"{self._client.location}: {error}") from error


def _line(body: Json) -> str:
    return json.dumps(body, ensure_ascii=False)


def _article(hit: Mapping[str, Any]) -> Article:
    return article_from_json(json.dumps(hit["_source"]["article"]).encode())


def _sliced(items: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [items[at : at + size] for at in range(0, len(items), size)]


def _syllables(feature: plan.TermScore | plan.BigramScore) -> tuple[str, ...]:
    if isinstance(feature, plan.BigramScore):
        return feature.first, feature.second
    return tuple(feature.text.split("_"))
