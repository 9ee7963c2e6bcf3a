"""The oracle: a brute-force evaluation of plans, article by article and token by token."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from statistics import fmean
from typing import Any

from index.article import Article
from search import plan
from search.ranking import BIGRAMS, OWN_TEXT_SIMILARITY, SIMILARITIES, term_score
from search.request import Bucket
from tests.search.engines.contract.corpora import Document


def matches(document: Document, node: plan.Node) -> bool:
    match node:
        case plan.Everything():
            return True
        case plan.Term(field, text):
            return any(term == text for term, _ in document.tokens[field])
        case plan.Prefix(field, text):
            return any(term.startswith(text) for term, _ in document.tokens[field])
        case plan.Phrase(field, places, slop):
            return has_phrase(document.tokens[field], places, slop)
        case plan.Keyword(field, values):
            return not set(values).isdisjoint(labels(document.article, field))
        case plan.Range(field, minimum, maximum):
            value = sort_value(document.article, field)
            return (
                value is not None
                and (minimum is None or bool(minimum <= value))
                and (maximum is None or bool(value < maximum))
            )
        case _:
            return combined(document, node)


def combined(document: Document, node: plan.And | plan.Or | plan.Not | plan.AtLeast) -> bool:
    match node:
        case plan.And(children):
            return all(matches(document, child) for child in children)
        case plan.Or(children):
            return any(matches(document, child) for child in children)
        case plan.AtLeast(children, weights, minimum):
            held = [
                weight
                for child, weight in zip(children, weights, strict=True)
                if matches(document, child)
            ]
            return sum(held) >= minimum - plan.AT_LEAST_SLACK * sum(weights)
        case plan.Not(child):
            return not matches(document, child)


def has_phrase(
    tokens: Sequence[tuple[str, int]], places: Sequence[Sequence[str]], slop: int
) -> bool:
    """Return whether the phrase occurs, by trying every chain of positions."""
    if not places:
        return False
    chains = [(at, at) for term, at in tokens if term in places[0]]
    for terms in places[1:]:
        chains = [
            (start, at)
            for start, end in chains
            for term, at in tokens
            if term in terms and at > end
        ]
    return any(end - start <= len(places) - 1 + slop for start, end in chains)


class Oracle:
    """Answers plans over documents in the order they were indexed."""

    def __init__(self, documents: Sequence[Document], deleted: Sequence[Document] = ()) -> None:
        """`deleted` documents match nothing, but statistics may count them (`bounds`)."""
        self.documents = documents
        self.deleted = deleted

    def scored(self, query_plan: plan.Plan) -> list[tuple[float, Document]]:
        """Return all matches with their scores, in order."""
        found = [
            (sum(self.features(document, query_plan.features)), at, document)
            for at, document in enumerate(self.documents)
            if matches(document, query_plan.match)
        ]
        if query_plan.sort is None:
            found.sort(key=lambda hit: (-hit[0], hit[1]))
        else:
            name = query_plan.sort.field

            def value(hit: tuple[float, int, Document]) -> Any:
                return sort_value(hit[2].article, name)

            without = [hit for hit in found if value(hit) is None]
            found = [hit for hit in found if value(hit) is not None]
            found.sort(key=value, reverse=query_plan.sort.descending)
            found += without
        return [(score, document) for score, _, document in found]

    def bounds(self, document: Document, feature: plan.Feature) -> tuple[float, float]:
        """Return the lowest and highest score of a feature, whichever deleted documents count.

        The idf is lowest if those with the feature count, highest if the others do.
        """
        holding = [deleted for deleted in self.deleted if self.feature(deleted, feature)]
        others = [deleted for deleted in self.deleted if not self.feature(deleted, feature)]
        scores = [
            Oracle([*self.documents, *counted]).feature(document, feature)
            for counted in ((), *([holding, others, self.deleted] if self.deleted else []))
        ]
        return min(scores), max(scores)

    def features(self, document: Document, features: Sequence[plan.Feature]) -> list[float]:
        return [self.feature(document, feature) for feature in features]

    def feature(self, document: Document, feature: plan.Feature) -> float:
        match feature:
            case plan.TermScore():
                return self.score_term(document, feature)
            case plan.BigramScore():
                return self.score_bigram(document, feature)
            case plan.Freshness(field, moment, half_life, weight):
                date = sort_value(document.article, field)
                if date is None:
                    return 0.0
                days = abs((date - moment).total_seconds()) / 86_400
                return float(weight * 0.5 ** (days / half_life))

    def score_term(self, document: Document, feature: plan.TermScore) -> float:
        """Return the score of a term in a document."""
        tf = Counter(term for term, _ in document.tokens[feature.field])[feature.text]
        count = self.frequency(feature.field, feature.text)
        return self._score(document, feature.field, tf, count, feature.weight)

    def frequency(self, field: str, text: str) -> int:
        """Return the document frequency of a term."""
        return sum(any(term == text for term, _ in d.tokens[field]) for d in self.documents)

    def terms_with_prefix(self, field: str, prefix: str, limit: int) -> list[tuple[str, int]]:
        """Return the terms with a prefix and their document frequencies, most frequent first."""
        terms = {term for document in self.documents for term, _ in document.tokens[field]}
        counted = [(t, self.frequency(field, t)) for t in terms if t.startswith(prefix)]
        return sorted(counted, key=lambda item: (-item[1], item[0]))[:limit]

    def score_bigram(self, document: Document, feature: plan.BigramScore) -> float:
        """Return the score of a bigram of "text" in a document."""
        tf = pair_frequency(document, feature.first, feature.second)
        count = self.bigram_frequency(feature.first, feature.second)
        return self._score(document, BIGRAMS, tf, count, feature.weight)

    def _score(self, document: Document, key: str, tf: int, count: int, weight: float) -> float:
        """Return the score of a frequency in a field, or of bigrams: `key` in SIMILARITIES."""
        if not tf:
            return 0.0
        field = "text" if key == BIGRAMS else key
        return term_score(
            SIMILARITIES.get(key, OWN_TEXT_SIMILARITY),
            tf,
            articles=len(self.documents),
            document_frequency=count,
            length=len(document.tokens[field]),
            average_length=fmean(max(len(d.tokens[field]), 1) for d in self.documents),
            weight=weight,
        )

    def bigram_frequency(self, first: str, second: str) -> int:
        """Return the document frequency of two adjacent terms."""
        return sum(pair_frequency(document, first, second) > 0 for document in self.documents)

    def facet(self, query_plan: plan.Plan, facet: plan.FacetRequest) -> plan.FacetCounts:
        match = query_plan.match if facet.match is None else facet.match
        found = [d.article for d in self.documents if matches(d, match)]
        values = [value for article in found for value in counted_values(article, facet)]
        counts = Counter(values).items()
        if facet.bucket is None:
            ordered = sorted(counts, key=lambda item: (-item[1], item[0]))
        else:
            ordered = sorted(counts, reverse=True)
        return plan.FacetCounts(dict(ordered[: facet.limit]), max(len(ordered) - facet.limit, 0))


_PERIODS = {Bucket.YEAR: "%Y", Bucket.MONTH: "%Y-%m", Bucket.DAY: "%Y-%m-%d"}


def labels(article: Article, field: str) -> list[str]:
    """Return the labels of an article; the names of authors are between semicolons and commas."""
    if field == "author":
        return [name.strip() for name in re.split("[;,]", article.author) if name]
    if field == "tags":
        return list(article.values.get("tags", ()))
    return [value] if (value := getattr(article, field)) else []


def sort_value(article: Article, field: str) -> Any:
    """Return the value that an article is sorted by; None if it has none."""
    if field == "price":
        return article.values.get(field)
    if field == "edited":
        written = article.values.get(field)
        return datetime.fromisoformat(written) if written else None
    return getattr(article, field) or None


def counted_values(article: Article, facet: plan.FacetRequest) -> list[str]:
    if facet.bucket is None:
        return labels(article, facet.field)
    moment = sort_value(article, facet.field)
    vietnam = timezone(timedelta(hours=7))
    return [moment.astimezone(vietnam).strftime(_PERIODS[facet.bucket])] if moment else []


def pair_frequency(document: Document, first: str, second: str) -> int:
    tokens = document.tokens["text"]
    return sum((a, b) == (first, second) and at + 1 == bt for (a, at), (b, bt) in pairwise(tokens))
