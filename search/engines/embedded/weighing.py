"""The features of a plan as the engine scores them: postings or dates, with their weights."""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, NamedTuple, assert_never

from numpy.typing import NDArray

from search import ranking
from search.engines.embedded.call_postings import CallPostings
from search.engines.embedded.decay import Decay, decay_of
from search.engines.embedded.term_postings import Dense, Sparse
from search.plan import BigramScore, Feature, Freshness, TermScore
from search.ranking import BIGRAMS

_MAX_UNSORTED_FEATURES = 64
"""Up to this many features are decoded in their order: the budget is large enough for all."""

DatesOf = Callable[[str], NDArray[Any]]
"""Returns the dates of all articles in a field, in seconds since 1970."""


Scorer = Sparse | Dense | Decay
"""What a feature scores, before its weight."""


class WeightedFeature(NamedTuple):
    """A feature's scorer, with the weight that multiplies its scores.

    `similarity_key` names the norms: a field, `BIGRAMS`, or "" for a date, which has none. `bound`
    is the most that the feature can add to a score.
    """

    similarity_key: str
    scorer: Scorer
    weight: float
    bound: float


Weighted = Sequence[WeightedFeature]


def weigh(
    postings: CallPostings, features: Sequence[Feature], dates: DatesOf
) -> list[WeightedFeature]:
    """Return the features that can add to a score, in descending order of their bounds.

    If the limits or the budget do not allow all features, those with the lowest weights are left
    out.
    """
    if len(features) > _MAX_UNSORTED_FEATURES:
        features = sorted(features, key=attrgetter("weight"), reverse=True)
        max_features = postings.reader.limits.max_features
        if len(features) > max_features:
            features, postings.budget.exhausted = features[:max_features], True
    weighted = []
    for feature in features:
        if not postings.budget.allows():
            break
        if weighted_feature := weigh_one(postings, feature, dates):
            weighted.append(weighted_feature)
    weighted.sort(key=attrgetter("bound"), reverse=True)
    return weighted


def weigh_one(postings: CallPostings, feature: Feature, dates: DatesOf) -> WeightedFeature | None:
    """Return a feature with its scorer; None if no article contains its term or bigram."""
    match feature:
        case TermScore(field, text):
            key, found = field, postings.term(field, text)
        case BigramScore(first, second):
            key, found = BIGRAMS, postings.bigram(first, second)
        case Freshness():
            decay = decay_of(feature, dates(feature.field))
            return WeightedFeature("", decay, feature.weight, max(feature.weight, 0.0))
        case _:
            assert_never(feature)
    if not found.articles:
        return None
    weight = feature.weight * ranking.idf(postings.reader.articles, found.articles)
    return WeightedFeature(key, found, weight, max(weight * found.bound, 0.0))
