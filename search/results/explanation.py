"""The explanation of a score: what each feature of the query contributes."""

from typing import assert_never

from search import plan
from search.engines.contract import IndexReader
from search.results.records import Contribution


def contributions(
    query_plan: plan.Plan, reader: IndexReader, article_id: str
) -> tuple[Contribution, ...] | None:
    """Return the contributions to an article's score, highest first; () if it does not match.

    None for an unknown id. The contributions add up to the score.
    """
    explained = reader.explain(query_plan, article_id)
    if explained is None:
        return None
    if not explained.matches:
        return ()
    parts = map(_contribution, query_plan.features, explained.scores)
    return tuple(sorted((part for part in parts if part.score), key=lambda part: -part.score))


def _contribution(feature: plan.Feature, score: float) -> Contribution:
    match feature:
        case plan.TermScore(field, text, weight):
            return Contribution(field, text, weight, score)
        case plan.BigramScore(first, second, weight):
            return Contribution("pair", f"{first} {second}", weight, score)
        case plan.Freshness(_, moment, half_life_days, weight):
            near = f"{moment:%d/%m/%Y} ±{half_life_days:g}"
            return Contribution("freshness", near, weight, score)
        case _:
            assert_never(feature)
