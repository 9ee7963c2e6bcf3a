"""Translates plans to OpenSearch queries.

Terms are looked up verbatim (`term`), so the cluster analyses nothing. Features are the `should`
clauses of a `bool` query, each boosted by its weight; the match is its `filter`.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from math import ceil, log
from typing import Any, assert_never

from index.models.language_model import LanguageModel
from index.opensearch.mapping import AUTHOR_TOKENS, FILLER, token_fields
from index.schema import KEYWORD_KINDS, Kind, Schema
from search import plan
from search.ranking import BIGRAMS, OWN_TEXT_SIMILARITY, SECONDS_PER_DAY, SIMILARITIES

Json = dict[str, Any]

MAX_CLAUSES = 1000
"""Clauses of a search, match and features together: OpenSearch rejects more than 1,024."""

_LEAVES = frozenset(
    # "match" is a term of a phrase in "intervals"; each counts.
    ("term", "terms", "prefix", "match", "range", "exists", "ids", "match_all", "match_none")
)

MAX_NEEDED_CLAUSES = 100
"""The most clauses of the prefilter of a sum of weights; a larger one saves little. Arbitrary."""

MATCH_NONE: Json = {"match_none": {}}
MATCH_ALL: Json = {"match_all": {}}
_POSITIONAL = ("text", "title", "author")


def token_field(schema: Schema, name: str) -> str:
    """Return the name of a token field in the cluster. Raises ValueError if there is none."""
    field = AUTHOR_TOKENS if name == "author" else name
    if field not in token_fields(schema):
        raise ValueError(f"there is no field {name!r} of tokens")
    return field


def query_of(node: plan.Node, schema: Schema) -> Json:
    """Return the query that matches what a node of a plan matches.

    Raises ValueError for a field that does not exist or does not support this kind of match.
    """
    match node:
        case plan.Term(field, text):
            return {"term": {token_field(schema, field): text}}
        case plan.Phrase():
            return _phrase(node, schema)
        case plan.Prefix(field, text):
            return _prefix(token_field(schema, field), text)
        case plan.Keyword() | plan.Range():
            return _condition(node, schema)
        case plan.And(children):
            queries = [query_of(child, schema) for child in children]
            return {"bool": {"filter": queries}} if queries else MATCH_ALL
        case plan.Or(children):
            return _any_of(children, schema)
        case plan.Not(child):
            return {"bool": {"must_not": [query_of(child, schema)]}}
        case plan.AtLeast():
            return _at_least(node, schema)
        case plan.Everything():
            return MATCH_ALL


def _any_of(children: Sequence[plan.Node], schema: Schema) -> Json:
    """Match any child; the terms of one field, of which there may be thousands, form one clause."""
    terms: dict[str, list[str]] = {}
    queries: list[Json] = []
    for child in children:
        if isinstance(child, plan.Term):
            terms.setdefault(token_field(schema, child.field), []).append(child.text)
        else:
            queries.append(query_of(child, schema))
    queries += [{"terms": {field: list(dict.fromkeys(texts))}} for field, texts in terms.items()]
    if not queries:
        return MATCH_NONE
    return {"bool": {"should": queries, "minimum_should_match": 1}}


def _at_least(node: plan.AtLeast, schema: Schema) -> Json:
    """Match by the sum of the weights of the children; scores are float32 in the cluster.

    The sum is computed only for articles that match one of the heaviest children, without which it
    cannot reach the minimum: these are mostly the rarest, so that few articles are left.
    """
    minimum = node.minimum - plan.AT_LEAST_SLACK * sum(node.weights)
    scored = [
        {"constant_score": {"filter": query_of(child, schema), "boost": weight}}
        for child, weight in zip(node.children, node.weights, strict=True)
    ]
    heaviest = sorted(range(len(scored)), key=lambda i: -node.weights[i])
    needed, rest = [], sum(node.weights)
    while heaviest and rest >= minimum:
        needed.append(heaviest.pop(0))
        rest -= node.weights[needed[-1]]
    summed = {
        "function_score": {
            "query": {"bool": {"should": scored, "minimum_should_match": 1}},
            "min_score": minimum,
        }
    }
    if not heaviest:
        return summed
    any_needed = _any_of([node.children[i] for i in needed], schema)
    if clause_count(any_needed) > MAX_NEEDED_CLAUSES:
        return summed
    return {"bool": {"filter": [any_needed], "must": [summed]}}


def _phrase(phrase: plan.Phrase, schema: Schema) -> Json:
    if phrase.field not in _POSITIONAL and phrase.field not in (f.name for f in schema.own):
        raise ValueError(f"the field {phrase.field!r} keeps no positions")
    field = token_field(schema, phrase.field)
    if not phrase.terms or not all(phrase.terms):
        return MATCH_NONE
    if len(phrase.terms) == 1:
        return {"terms": {field: list(phrase.terms[0])}}
    rules = [_alternatives(terms) for terms in phrase.terms]
    ordered = {"intervals": rules, "ordered": True, "max_gaps": phrase.slop}
    return {"intervals": {field: {"all_of": ordered}}}


def _alternatives(terms: Sequence[str]) -> Json:
    rules = [{"match": {"query": term, "analyzer": "terms"}} for term in dict.fromkeys(terms)]
    return rules[0] if len(rules) == 1 else {"any_of": {"intervals": rules}}


def _prefix(field: str, text: str) -> Json:
    if text:
        return {"prefix": {field: {"value": text}}}
    # Every article has a token in every field: the filler if the field is empty.
    return {"bool": {"must_not": [{"term": {field: FILLER}}]}}


def _condition(node: plan.Keyword | plan.Range, schema: Schema) -> Json:
    if isinstance(node, plan.Keyword):
        return _keyword(node.field, node.values, schema)
    return _range(node, schema)


def _keyword(name: str, values: Sequence[str], schema: Schema) -> Json:
    if name not in schema or schema[name].kind not in KEYWORD_KINDS:
        raise ValueError(f"there is no field {name!r} of labels")
    distinct = [value for value in dict.fromkeys(values) if value]
    return {"terms": {name: distinct}} if distinct else MATCH_NONE


def _range(limits: plan.Range, schema: Schema) -> Json:
    name, ends = limits.field, (limits.minimum, limits.maximum)
    kind = schema[name].kind if name in schema else None
    if kind not in (Kind.DATE, Kind.NUMBER):
        raise ValueError(f"there is no field {name!r} of dates or numbers")
    bounds: Json = {}
    for operator, end in zip(("gte", "lt"), ends, strict=True):
        if end is None:
            continue
        if isinstance(end, datetime) != (kind is Kind.DATE):
            raise ValueError(f"the field {name!r} cannot be compared with {end!r}")
        bounds[operator] = _seconds(end) if isinstance(end, datetime) else end
    return {"range": {name: bounds}} if bounds else {"exists": {"field": name}}


def _seconds(moment: datetime) -> int:
    """Return a moment in seconds since 1970, rounded up, since dates are stored in seconds."""
    if moment.utcoffset() is None:
        raise ValueError(f"{moment} has no offset from UTC")
    return ceil((moment - datetime.fromtimestamp(0, UTC)).total_seconds())


def feature_query(feature: plan.Feature, schema: Schema, name: str = "") -> Json:
    """Return the clause that adds a feature to the score, as a named query if `name` is given."""
    match feature:
        case plan.Freshness():
            return _freshness(feature, schema, name)
        case plan.BigramScore(first, second):
            field, text = "text.bigrams", f"{first}_{second}"
        case plan.TermScore(scored_field, text):
            field = token_field(schema, scored_field)
        case _:
            assert_never(feature)
    clause: Json = {"value": text, "boost": feature.weight}
    return {"term": {field: {**clause, "_name": name} if name else clause}}


def _freshness(feature: plan.Freshness, schema: Schema, name: str) -> Json:
    """Score nearness in time; articles without a date are left out, which would score highest."""
    if feature.field not in schema or schema[feature.field].kind is not Kind.DATE:
        raise ValueError(f"there is no date {feature.field!r}")
    near = {
        "origin": _seconds(feature.moment),
        "scale": f"{round(feature.half_life_days * SECONDS_PER_DAY)}s",
        "decay": 0.5,
    }
    clause: Json = {
        "query": {"exists": {"field": feature.field}},
        "functions": [{"exp": {feature.field: near}, "weight": feature.weight}],
        "boost_mode": "replace",  # so the weight is in the function: a boost would be replaced, too
    }
    return {"function_score": {**clause, "_name": name} if name else clause}


def clause_count(query: Any) -> int:  # noqa: ANN401 - any part of a query
    """Return the number of clauses of a query.

    >>> clause_count({"bool": {"filter": [{"term": {"text": "a"}}], "should": [{"match_all": {}}]}})
    2
    """
    if isinstance(query, list):
        return sum(map(clause_count, query))
    if not isinstance(query, dict):
        return 0
    return sum(1 if name in _LEAVES else clause_count(inner) for name, inner in query.items())


def most_valuable(
    features: Sequence[plan.Feature], count: int, language: LanguageModel
) -> list[plan.Feature]:
    """Return the `count` features that can add most to a score.

    That is weight times idf times the bound of the similarity. Freshness features are few and
    always kept.
    """
    terms = [feature for feature in features if not isinstance(feature, plan.Freshness)]
    others = [feature for feature in features if isinstance(feature, plan.Freshness)]
    texts = [_syllables(feature) for feature in terms]
    syllables = list(dict.fromkeys(text for group in texts for text in group))
    counts = dict(zip(syllables, language.counts(syllables).tolist(), strict=True))
    worth = [
        # The idf of a bigram or word is at least that of its rarest syllable.
        feature.weight
        * log((language.tokens + 1) / (min(counts[text] for text in group) + 1))
        * SIMILARITIES.get(_scored_field(feature), OWN_TEXT_SIMILARITY).bound
        for feature, group in zip(terms, texts, strict=True)
    ]
    best = sorted(range(len(worth)), key=lambda i: -worth[i])[: max(count - len(others), 0)]
    return [*(terms[i] for i in sorted(best)), *others]


def _scored_field(feature: plan.TermScore | plan.BigramScore) -> str:
    return BIGRAMS if isinstance(feature, plan.BigramScore) else feature.field


def _syllables(feature: plan.TermScore | plan.BigramScore) -> tuple[str, ...]:
    if isinstance(feature, plan.BigramScore):
        return feature.first, feature.second
    return tuple(feature.text.split("_"))


def named(parts: Sequence[plan.Node], schema: Schema, first: int = 0) -> list[Json]:
    """Return a query for each part, named by its index, counted from `first`."""
    return [
        {"bool": {"filter": [query_of(part, schema)], "_name": str(i)}}
        for i, part in enumerate(parts, first)
    ]


def scored(
    match: Json,
    features: Iterable[plan.Feature],
    schema: Schema,
    parts: Sequence[Json] = (),
) -> Json:
    """Return the query that matches `match` and sums the features; `parts` are named queries."""
    clauses = [feature_query(feature, schema) for feature in features]
    query: Json = {"filter": [match], "should": clauses, "minimum_should_match": 0}
    if parts:
        # Named queries are reported for the hits of a page wherever they are in the query. Here
        # they neither exclude anything nor cost time, because no article has an empty id.
        nowhere = {"bool": {"filter": [{"term": {"id": ""}}], "should": list(parts)}}
        query["must_not"] = [nowhere]
    return {"bool": query}
