"""Why does this article stand here? Each feature of the query is scored alone, on this article."""

from collections.abc import Iterator

from search.engines.contract import Snapshot
from search.planning import plan
from search.planning.planner import Understood
from search.results.records import Contribution


def contributions(
    understood: Understood, snapshot: Snapshot, article_id: str
) -> tuple[Contribution, ...]:
    """Take an article's score apart, the greatest part first; nothing where it does not match.

    The statistics of a term do not depend on what else is asked, so the parts of an article add
    up to its score.
    """
    here = plan.Keyword("id", (article_id,))
    if not snapshot.execute(plan.Plan(plan.And((understood.match, here)), limit=0)).total:
        return ()

    def score(*scores: plan.TermScore, pairs: tuple[plan.PairScore, ...] = ()) -> float:
        return snapshot.execute(plan.Plan(here, scores, pairs, limit=1)).page[0].score

    def parts() -> Iterator[Contribution]:
        for term in understood.scores:
            yield Contribution(term.field, term.text, term.weight, score(term))
        for pair in understood.pairs:
            text = f"{pair.first} {pair.second}"
            yield Contribution("pair", text, pair.weight, score(pairs=(pair,)))

    return tuple(sorted((part for part in parts() if part.score), key=lambda part: -part.score))
