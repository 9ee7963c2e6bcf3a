"""Widening in one pass gives what widening by one plan after another gives, and all ways of scoring
the same scores."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build
from search import plan
from search.engines.embedded.engine import open_engine
from search.engines.embedded.index_reader import EmbeddedReader
from search.engines.embedded.limits import Limits
from search.engines.opensearch.widening import Answer, Execute, Question, execute_widened
from search.relaxation import has_steps
from search.request import Bucket, Sort
from tests.search.engines.contract.oracle import counted_values

SYLLABLES = "lúa gạo mưa nắng sông biển rừng núi thuyền lưới muối đường mía trà cam".split()
UNLISTED_LIMIT = 1
LIMITS = {
    "by block maxima": Limits(max_scored=20, max_scored_one_in=1 << 20, min_first_blocks=2),
    "all at once": Limits(max_scored=1),
    "as shipped": Limits(),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an index of articles of a few syllables, some far more frequent than others."""
    draw = random.Random(11)
    weights = [1 / rank**2 for rank in range(1, len(SYLLABLES) + 1)]
    articles = [
        Article(
            id=str(at),
            body=" ".join(draw.choices(SYLLABLES, weights, k=draw.choice([2, 5, 20, 60]))),
            source=draw.choice("AB"),
            published=datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=draw.randint(0, 9000)),
        )
        for at in range(900)
    ]
    directory = tmp_path_factory.mktemp("widened")
    build([analyse(articles)], directory)
    return directory


def drawn_match(draw: random.Random) -> tuple[plan.Node, tuple[plan.Feature, ...]]:
    """Draw a match like those of the match policy, sometimes with a filter or an alternative."""
    words = draw.sample(SYLLABLES, draw.randint(2, 7))
    children = tuple(plan.Or((plan.Term("text", word),)) for word in words)
    weights = tuple(draw.uniform(0.2, 3) for _ in words)
    share = draw.choice([0.3, 0.7, 0.95, 1.0])
    match: plan.Node = plan.AtLeast(children, weights, share * sum(weights))
    if draw.random() < 0.3:
        match = plan.And((match, plan.Keyword("source", ("A",))))
    if draw.random() < 0.2:
        phrase = plan.Phrase("text", ((words[0],), (words[1],)))
        match = plan.Or((match, phrase))
    scores = tuple(plan.TermScore("text", word, draw.uniform(0.1, 1)) for word in words)
    return match, (*scores, plan.BigramScore(words[0], words[1], 0.5))


def drawn_facets(draw: random.Random, match: plan.Node) -> tuple[plan.FacetRequest, ...]:
    own = draw.choice([None, match])
    limit = draw.choice([UNLISTED_LIMIT, 2, 100])
    dates = plan.FacetRequest("published", draw.choice(list(Bucket)), draw.choice([2, 400]), own)
    return plan.FacetRequest("source", limit=limit, match=own), dates


def drawn_plan(draw: random.Random) -> plan.Plan:
    match, features = drawn_match(draw)
    return plan.Plan(
        match,
        features,
        sort=draw.choice([None, None, Sort.NEWEST.by]),
        offset=draw.choice([0, 0, 0, 3, 40]),
        limit=draw.choice([1, 3, 10, 10, 25]),
        facets=draw.choice([(), drawn_facets(draw, match)]),
        widening=draw.choice([plan.Widening.IN_STEPS, *plan.Widening]),
    )


def by_plans(reader: EmbeddedReader, trips: list[int]) -> Execute:
    """Return a function that executes questions as plans, and records each call."""

    def matched_parts(question: Question, page: Sequence[plan.Match]) -> tuple[frozenset[int], ...]:
        named = plan.Keyword("id", tuple(match.id for match in page))
        parts = [plan.Plan(plan.And((named, part)), limit=len(page)) for part in question.parts]
        found = [{match.id for match in answer.page} for answer in reader.execute(parts)]
        return tuple(
            frozenset(at for at, ids in enumerate(found) if match.id in ids) for match in page
        )

    def values(
        question: Question, page: Sequence[plan.Match]
    ) -> Iterator[tuple[tuple[str, ...], ...]]:
        for article in reader.stored([match.id for match in page]):
            assert article
            yield tuple(tuple(counted_values(article, facet)) for facet in question.facets)

    def all_counts(question: Question) -> tuple[Mapping[str, int] | None, ...]:
        every = tuple(replace(facet, limit=1000) for facet in question.query_plan.facets)
        [answer] = reader.execute([replace(question.query_plan, limit=0, facets=every)])
        # If few values are requested, pretend that there are more than a cluster returns.
        return tuple(
            None if facet.limit == UNLISTED_LIMIT else found.counts
            for facet, found in zip(question.query_plan.facets, answer.facets, strict=True)
        )

    def execute(every: Sequence[Question]) -> list[Answer]:
        trips.append(len(every))
        answers = reader.execute([question.query_plan for question in every])
        return [
            Answer(
                answer,
                matched_parts(question, answer.page),
                tuple(values(question, answer.page)),
                all_counts(question),
            )
            for question, answer in zip(every, answers, strict=True)
        ]

    return execute


@pytest.mark.parametrize("limits", LIMITS.values(), ids=LIMITS)
def test_widening_in_one_pass_equals_widening_by_plans(folder: Path, limits: Limits) -> None:
    reader: EmbeddedReader = open_engine(folder, limits).reader()
    draw = random.Random(5)
    factors, added, in_one_trip = set(), 0, 0
    for _ in range(400):
        query_plan = drawn_plan(draw)
        other = plan.Plan(plan.Term("text", draw.choice(SYLLABLES)), limit=0)
        found, beside = reader.execute([query_plan, other])
        trips: list[int] = []
        expected, expected_beside = execute_widened(query_plan, [other], by_plans(reader, trips))
        assert replace(found, full_total=None) == replace(expected, full_total=None), query_plan
        assert expected.full_total in (None, found.full_total)
        assert beside == expected_beside
        factors.add(found.factor)
        added += bool(found.added)
        steps = query_plan.widening is plan.Widening.IN_STEPS and has_steps(query_plan.match)
        if (
            steps
            and query_plan == replace(query_plan, sort=None, offset=0, limit=10)
            and found.factor == 1.0
        ):
            few = any(facet.limit == UNLISTED_LIMIT for facet in query_plan.facets) and bool(
                found.added
            )
            assert len(trips) == 1 + few
            in_one_trip += bool(found.added) and not few
    assert in_one_trip > 3
    assert added > 10
    assert len(factors) > 5
    assert {0.0, 1.0} < factors


def test_pages_before_and_after_the_best_ten_continue_one_order(folder: Path) -> None:
    reader = open_engine(folder, LIMITS["by block maxima"]).reader()
    draw = random.Random(6)
    for _ in range(40):
        match, features = drawn_match(draw)
        query_plan = plan.Plan(match, features, limit=60, widening=plan.Widening.IN_STEPS)
        [long] = reader.execute([query_plan])
        for offset, limit in ((0, 1), (0, 10), (4, 5), (8, 7)):
            [short] = reader.execute([replace(query_plan, offset=offset, limit=limit)])
            assert short.page == long.page[offset : offset + limit]
            assert short.total == long.total


@pytest.mark.parametrize("limits", LIMITS.values(), ids=LIMITS)
def test_all_algorithms_score_dates_alike(folder: Path, limits: Limits) -> None:
    """Articles are scored exhaustively, by blocks, or all at once, one feature at a time."""
    reader = open_engine(folder, limits).reader()
    exhaustive = open_engine(folder, Limits(max_scored=1 << 20)).reader()
    draw = random.Random(7)
    for _ in range(40):
        match, features = drawn_match(draw)
        moment = datetime(2024, 6, 1, tzinfo=UTC) + timedelta(days=draw.randint(0, 200))
        near = plan.Freshness(
            "published", moment, draw.choice([1.0, 30.0]), draw.choice([1.0, 60.0])
        )
        query_plan = plan.Plan(match, (*features, near), limit=10)
        [found] = reader.execute([query_plan])
        [every] = exhaustive.execute([replace(query_plan, limit=1000)])
        score_of = {article.id: article.score for article in every.page}
        assert [one.score for one in found.page] == pytest.approx(
            [article.score for article in every.page[:10]], abs=1e-9
        )
        for article in found.page:
            assert article.score == pytest.approx(score_of[article.id], abs=1e-9)


@pytest.mark.parametrize("weight", [2.0, 0.0, -2.0])
def test_the_best_articles_of_one_frequent_term_are_those_of_all(
    folder: Path, weight: float
) -> None:
    """If its weight is positive, those of a short page are cached with the term."""
    reader = open_engine(folder).reader()
    query_plan = plan.Plan(
        plan.Term("text", SYLLABLES[0]), (plan.TermScore("text", SYLLABLES[0], weight),)
    )
    [short, every] = reader.execute([replace(query_plan, limit=limit) for limit in (10, 900)])
    assert len(every.page) > 500
    assert short.page == every.page[:10]  # to the last bit: a cursor compares scores


@pytest.mark.parametrize("full", [plan.MIN_MATCHES - 1, plan.MIN_MATCHES])
@pytest.mark.parametrize("way", plan.Widening)
def test_a_full_page_is_not_widened_to_weaker_matches(
    tmp_path: Path, full: int, way: plan.Widening
) -> None:
    both = [Article(id=f"both {at}", body="lúa gạo", source="A") for at in range(full)]
    one = [
        Article(id=f"one {at}", body="lúa mì và rất nhiều chữ khác", source="A") for at in range(20)
    ]
    build([analyse([*both, *one])], tmp_path)
    words = ("lúa", "gạo")
    match = plan.AtLeast(tuple(plan.Term("text", word) for word in words), (1.0, 1.0), 1.9)
    features = tuple(plan.TermScore("text", word, 1.0) for word in words)
    facets = (plan.FacetRequest("source", match=match),)
    query_plan = plan.Plan(match, features, limit=50, widening=way, facets=facets)
    [found] = open_engine(tmp_path).reader().execute([query_plan])
    # Nine of the ten best have both words: in steps only the tenth is added.
    is_wider = full < plan.MIN_MATCHES and way is plan.Widening.AT_ONCE
    total = full + len(one) if is_wider else plan.MIN_MATCHES
    assert (found.full_total, found.total) == (full, total)
    assert (found.factor == 0.0) == is_wider
    assert found.facets[0].counts == {"A": found.total}  # including the added articles


@pytest.mark.parametrize(("minimum", "added"), [(1.9, 10), (2.0, 0)])
def test_no_article_is_added_if_every_term_is_required(
    tmp_path: Path, minimum: float, added: int
) -> None:
    both = [Article(id=f"both {at}", body="lúa gạo" + " chữ" * 80) for at in range(12)]
    better = [Article(id=f"better {at}", body="gạo gạo gạo") for at in range(10)]
    build([analyse([*both, *better])], tmp_path)
    children = (plan.Term("text", "lúa"), plan.Term("text", "gạo"))
    match = plan.AtLeast(children, (1.0, 1.0), minimum)
    features = (plan.TermScore("text", "gạo", 1.0),)
    query_plan = plan.Plan(match, features, widening=plan.Widening.IN_STEPS)
    [found] = open_engine(tmp_path).reader().execute([query_plan])
    assert len(found.added) == added
    assert found.total == len(both) + added


def test_a_first_page_with_all_matches_is_the_last(tmp_path: Path) -> None:
    """More articles match any unit, but a cursor must not lead to them."""
    both = [Article(id=f"both {at}", body="lúa gạo") for at in range(plan.MIN_MATCHES)]
    one = [Article(id=f"one {at}", body="lúa mì và chữ") for at in range(20)]
    build([analyse([*both, *one])], tmp_path)
    words = ("lúa", "gạo")
    match = plan.AtLeast(tuple(plan.Term("text", word) for word in words), (1.0, 1.0), 1.9)
    features = tuple(plan.TermScore("text", word, 1.0) for word in words)
    query_plan = plan.Plan(match, features, widening=plan.Widening.IN_STEPS)
    reader: EmbeddedReader = open_engine(tmp_path).reader()
    for [found] in (
        reader.execute([query_plan]),
        execute_widened(query_plan, [], by_plans(reader, [])),
    ):
        assert (found.total, len(found.page), found.cursor) == (10, 10, None)
