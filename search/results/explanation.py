"""The explanation of a score: each feature of the query scored alone, on this article."""

from search import plan
from search.engines.contract import Snapshot
from search.results.records import Contribution


def contributions(
    asked: plan.Plan, snapshot: Snapshot, article_id: str
) -> tuple[Contribution, ...] | None:
    """Take an article's score apart, the greatest part first; nothing where it does not match.

    None where there is no such article. The statistics of a term do not depend on what else is
    asked, so the parts of an article add up to its score.
    """
    explained = snapshot.explain(asked, article_id)
    if explained is None:
        return None
    if not explained.matches:
        return ()
    parts = map(_contribution, asked.features, explained.scores)
    return tuple(sorted((part for part in parts if part.score), key=lambda part: -part.score))


def _contribution(feature: plan.Feature, score: float) -> Contribution:
    if isinstance(feature, plan.TermScore):
        return Contribution(feature.field, feature.text, feature.weight, score)
    if isinstance(feature, plan.Freshness):
        near = f"{feature.moment:%d/%m/%Y} ±{feature.half_life_days:g}"
        return Contribution("freshness", near, feature.weight, score)
    return Contribution("pair", f"{feature.first} {feature.second}", feature.weight, score)
