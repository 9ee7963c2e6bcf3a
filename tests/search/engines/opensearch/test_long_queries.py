"""A query of many words never has more clauses than the cluster accepts."""

from pathlib import Path

import pytest

from index.analysis import analyse
from index.article import Article
from index.opensearch import writer
from index.opensearch.lifecycle import Settings
from index.schema import DEFAULT_SCHEMA
from index.vietnamese.forms import fold
from search import open_searcher, plan
from search.engines.opensearch.bodies import searches_of
from search.engines.opensearch.queries import MAX_CLAUSES, clause_count
from search.engines.opensearch.widening import Question
from tests import cluster

SYLLABLES = [
    f"{first}{vowel}{last}"
    for first in ("b", "c", "d", "g", "h", "l", "m", "n", "t", "v")
    for vowel in ("á", "ò", "ệ", "ũ")
    for last in ("n", "m", "ng", "c", "")
]


def long_plan(words: int) -> plan.Plan:
    """Return a plan of that many words, each in four forms, and of all pairs as phrases."""
    forms = [tuple(f"{word}{form}" for form in "abcd") for word in SYLLABLES * 2][:words]
    terms = [plan.Or(tuple(plan.Term("text", form) for form in each)) for each in forms]
    phrases = [plan.Phrase("text", pair) for pair in zip(forms[::2], forms[1::2], strict=True)]
    nodes: tuple[plan.Node, ...] = (*terms, *phrases)
    match = plan.AtLeast(nodes, (1.0,) * len(nodes), 0.7 * len(nodes))
    scores = [plan.TermScore("text", form, 1.0) for each in forms for form in each]
    return plan.Plan(match, tuple(scores))


@pytest.mark.parametrize("words", [2, 20, 60, 120, 160])
def test_the_match_has_priority_over_features_and_parts(words: int) -> None:
    query_plan = long_plan(words)
    assert isinstance(query_plan.match, plan.AtLeast)
    request = searches_of(
        Question(query_plan, query_plan.match.children),
        DEFAULT_SCHEMA,
        lambda found, match: found.features[: max(MAX_CLAUSES - clause_count(match), 0)],
    )
    assert clause_count(request.searches[0]) <= MAX_CLAUSES
    assert request.names_parts == (words <= 60)


@pytest.mark.skipif(not cluster.available(), reason=cluster.MISSING)
def test_a_long_query_without_marks_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIMTIN_CACHE", str(tmp_path / "cache"))
    location = cluster.location("long")
    bodies = [" ".join(SYLLABLES), " ".join(reversed(SYLLABLES)), "lúa gạo"]
    articles = [Article(str(at), title="x", body=body) for at, body in enumerate(bodies)]
    writer.build([analyse(articles)], location, settings=Settings(replicas=0))
    found = open_searcher(location).search(fold(bodies[0]))
    assert found.hits[0].id == "0"
