"""Term statistics: from the models if they are accurate enough, otherwise from the cluster."""

from collections.abc import Callable, Sequence

from index.models.part_file import PartFile, min_frequency
from index.schema import KEYWORD_KINDS, Schema
from search.engines.contract import TermCount, TermStatistics
from search.engines.opensearch.queries import Json, token_field

MAX_PREFIX_CANDIDATES = 1000
"""Terms that begin with a prefix, the most frequent, whose articles the models count."""

MIN_COUNTED_CANDIDATES = 50
"""Terms that begin with a prefix, the most frequent of the text, whose articles the cluster counts;
or twice as many as are requested, if that is more. Arbitrary."""

MAX_COUNTED_TERMS = 250
"""Terms whose articles are counted by one request. Each is a search of its own, answered from the
term dictionary: over 1,197,000 articles, 160 terms took 0.9 s on a busy machine, and one
aggregation of 160 filters, which visits every article, 2.9 s; one of 651 took more than 10."""

MAX_STALE_SHARE = 0.01
"""Up to this share of articles replaced or deleted since the models counted them, document
frequencies come from the models, without a round trip. Lucene, too, counts deleted articles until
it merges. Arbitrary."""

Pair = tuple[str, str]
Search = Callable[[Sequence[Json]], list[Json]]


class TermCounts:
    """The terms of one commit, and how many articles contain them.

    `parts` are the parts of the models. `stale` is the number of articles they count that were
    replaced or deleted since, `articles` the number of all articles.
    """

    def __init__(
        self, schema: Schema, parts: Sequence[PartFile], articles: int, stale: int, search: Search
    ) -> None:
        self._schema = schema
        self._parts = parts
        self._search = search
        tokens = sum(part.tokens for part in parts)
        self._is_accurate = stale <= MAX_STALE_SHARE * articles
        self._has_all = min_frequency(tokens) == 1

    def statistics(
        self, terms: Sequence[Pair], prefixes: Sequence[Pair], limit: int
    ) -> TermStatistics:
        """See `search.engines.contract.IndexReader`.

        The terms of a prefix come from the models, which know those of "text"; the cluster counts
        how many articles contain each in the field. Raises ValueError for a prefix in "words".
        """
        candidates = [self._candidates(field, prefix, limit) for field, prefix in prefixes]
        pairs = [
            (field, term)
            for (field, _), matching in zip(prefixes, candidates, strict=True)
            for term in matching
        ]
        counts = self._counts([*terms, *pairs])
        counted = iter(counts[len(terms) :])
        with_prefix = []
        for matching in candidates:
            found = [TermCount(term, next(counted)) for term in matching]
            nonzero = sorted(
                (count for count in found if count.document_frequency),
                key=lambda count: (-count.document_frequency, count.term),
            )
            with_prefix.append(nonzero[:limit])
        return TermStatistics(counts[: len(terms)], with_prefix)

    def _counts(self, terms: Sequence[Pair]) -> list[int]:
        counts = self._counts_from_models([text for field, text in terms if field == "text"])
        missing = [pair for pair in dict.fromkeys(terms) if pair not in counts]
        counts |= zip(missing, self._counts_from_cluster(missing), strict=True)
        return [counts[pair] for pair in terms]

    def _counts_from_models(self, texts: Sequence[str]) -> dict[Pair, int]:
        """Return the counts that the models have for terms of "text"."""
        if not self._is_accurate:
            return {}
        counts = [0] * len(texts)
        for part in self._parts:
            part_counts = part.article_counts(texts).tolist()
            counts = [count + n for count, n in zip(counts, part_counts, strict=True)]
        found = zip(texts, counts, strict=True)
        return {("text", text): count for text, count in found if count or self._has_all}

    def _counts_from_cluster(self, terms: Sequence[Pair]) -> list[int]:
        """Return how many articles the cluster counts for each term; usually one request."""
        bodies: list[Json] = [
            {"size": 0, "query": self._query(*term), "track_total_hits": True} for term in terms
        ]
        return [
            int(answer["hits"]["total"]["value"])
            for i in range(0, len(bodies), MAX_COUNTED_TERMS)
            for answer in self._search(bodies[i : i + MAX_COUNTED_TERMS])
        ]

    def _query(self, field: str, text: str) -> Json:
        schema = self._schema
        if field in schema and schema[field].kind in KEYWORD_KINDS and field != "author":
            return {"term": {field: text}}
        try:
            return {"term": {token_field(schema, field): text}}
        except ValueError as error:
            raise ValueError(f"there is no field {field!r} of terms") from error

    def _candidates(self, field: str, prefix: str, limit: int) -> list[str]:
        """Return the most frequent terms of the models that begin with `prefix`."""
        if field == "words":
            raise ValueError("the cluster does not list the terms of 'words'")
        token_field(self._schema, field)  # raises if there is no such field
        totals: dict[str, int] = {}
        for part in self._parts:
            for ordinal in part.vocabulary.with_prefix(prefix):
                term = part.vocabulary.term(ordinal)
                totals[term] = totals.get(term, 0) + int(part.frequencies[ordinal])
        is_local = field == "text" and self._is_accurate and self._has_all
        most = MAX_PREFIX_CANDIDATES if is_local else max(2 * limit, MIN_COUNTED_CANDIDATES)
        return sorted(totals, key=lambda term: (-totals[term], term))[:most]
