"""The budget of a call: an answer beyond it says that it is incomplete."""

from pathlib import Path

import pytest

from index.embedded import writer
from search import plan
from search.engines.embedded.engine import open_engine
from search.engines.embedded.index_reader import EmbeddedReader
from search.engines.embedded.limits import Limits
from tests.search.engines.embedded.test_pruning import any_of, zipf

TERMS = [f"t{number}" for number in range(300)]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("budget")
    writer.build(zipf(2000, seed=5), directory)
    return directory


def opened(directory: Path, **limits: int) -> EmbeddedReader:
    return open_engine(directory, Limits(**limits)).reader()


@pytest.mark.parametrize(
    "match",
    [
        plan.Or(tuple(plan.Term("text", term) for term in TERMS)),
        plan.And(tuple(plan.Term("text", term) for term in TERMS[:50])),
        plan.And((plan.Term("text", "t1"), *(plan.Not(plan.Term("text", t)) for t in TERMS))),
        plan.Or(tuple(plan.Prefix("words", f"t{number}") for number in range(10))),
        plan.Phrase("text", tuple((term,) for term in TERMS), slop=99),
        plan.Keyword("id", tuple(map(str, range(500)))),
    ],
)
def test_a_match_past_the_budget_is_not_complete(directory: Path, match: plan.Node) -> None:
    query_plan = plan.Plan(match)
    [full] = opened(directory).execute([query_plan])
    assert full.complete
    limits = {"min_postings": 100, "postings_per_article": 0}
    [cut] = opened(directory, **limits).execute([query_plan])
    assert not cut.complete or cut == full
    assert not cut.complete or isinstance(match, plan.Keyword)


def test_positions_that_are_sorted_are_counted_though_they_are_in_memory(directory: Path) -> None:
    of_several = plan.Phrase("text", (tuple(TERMS[:20]), tuple(TERMS[20:40])), slop=20)
    many = [plan.Plan(plan.Phrase("text", of_several.terms, slop)) for slop in range(1, 40)]
    reader = opened(directory, min_postings=300_000, postings_per_article=0)
    assert all(reader.execute([one])[0].complete for one in many[:2])
    assert not all(answer.complete for answer in reader.execute(many))


def test_an_equal_phrase_is_searched_for_once_in_a_call(directory: Path) -> None:
    """Corrections of a query repeat its phrases: each was evaluated seven times."""
    steps = (tuple(TERMS[:20]), tuple(TERMS[20:40]))
    equal = [plan.Plan(plan.Not(plan.Phrase("text", steps, 20))) for _ in range(40)]
    reader = opened(directory, min_postings=300_000, postings_per_article=0)
    first, *others = reader.execute(equal)
    assert first.complete
    assert others == [first] * 39


def test_features_past_the_budget_are_left_out_and_reported(directory: Path) -> None:
    query_plan = any_of(TERMS, 10, pairs=True)
    everything = plan.Plan(plan.Everything(), query_plan.features)
    [full] = opened(directory).execute([everything])
    [cut] = opened(directory, min_postings=1000, postings_per_article=0).execute([everything])
    assert full.complete
    assert not cut.complete
    assert cut.total == full.total == 2000
    assert 0 < cut.page[0].score < full.page[0].score


def test_the_features_of_highest_weight_are_scored(directory: Path) -> None:
    heavy = tuple(plan.TermScore("text", term, 2.0) for term in TERMS[:5])
    light = tuple(plan.TermScore("text", term, 1.0) for term in TERMS[5:])
    [cut] = opened(directory, max_features=5).execute([plan.Plan(plan.Everything(), light + heavy)])
    [of_any_term] = opened(directory).execute([plan.Plan(plan.Everything(), heavy)])
    assert not cut.complete
    assert [match.id for match in cut.page] == [match.id for match in of_any_term.page]


def test_cached_postings_cost_no_budget(directory: Path) -> None:
    query_plan = any_of(TERMS[:20], 10, pairs=False)
    reader = opened(directory, min_postings=3000, postings_per_article=0)
    complete = [reader.execute([query_plan])[0].complete for _ in range(20)]
    assert not complete[0]
    assert complete[-1]


def test_caches_report_their_use_and_stay_below_their_limits(directory: Path) -> None:
    limits = {
        "dense_bytes": 60_000,
        "sparse_bytes": 60_000,
        "bigram_bytes": 30_000,
        "positions_bytes": 60_000,
        "phrase_bytes": 30_000,
        "prefix_bytes": 2_000,
    }
    reader = opened(directory, min_dense_terms=0, **limits)
    for at in range(0, 290, 10):
        prefix = plan.Plan(plan.Prefix("text", f"t{at}"))
        steps = tuple((term,) for term in TERMS[at : at + 3])
        phrases = [plan.Plan(plan.Phrase("text", steps, slop)) for slop in (0, 1)]
        reader.execute([any_of(TERMS[at : at + 3], 10, pairs=True), prefix, *phrases])
    uses = reader.caches()
    assert list(uses) == [
        "frequent terms",
        "rare terms",
        "bigrams",
        "positions",
        "positions of phrases",
        "prefixes",
    ]
    for use, limit in zip(uses.values(), limits.values(), strict=True):
        assert 0 < use.nbytes <= use.limit == limit
        assert use.misses
    assert 0 < uses["frequent terms"].hit_rate < 1  # matched, then scored
    assert uses["prefixes"].hit_rate == 0


def test_rare_terms_do_not_evict_frequent_ones(directory: Path) -> None:
    """Nor the reverse: a dense term takes as much memory as a hundred others."""
    reader = opened(directory, min_dense_terms=0, dense_bytes=60_000, sparse_bytes=20_000)
    frequent = plan.Plan(plan.Term("text", TERMS[0]))
    reader.execute([frequent])
    for rare in TERMS[200:]:
        reader.execute([plan.Plan(plan.Term("text", rare))])
    before = reader.caches()
    reader.execute([frequent])
    after = reader.caches()
    assert after["rare terms"].nbytes > 10_000
    assert after["frequent terms"].hits == before["frequent terms"].hits + 1
    assert after["frequent terms"].misses == before["frequent terms"].misses


def test_iteration_ignores_the_budget(directory: Path) -> None:
    query_plan = any_of(TERMS, 10, pairs=False)
    reader = opened(directory, min_postings=100, postings_per_article=0)
    assert len(list(reader.iterate(query_plan))) == 2000


@pytest.mark.parametrize("slop", [0, 5])
def test_a_phrase_of_one_step_is_found_without_positions(directory: Path, slop: int) -> None:
    """An example is "-nguoi" in all its forms: all their positions were sorted, 2 ms each."""
    reader = opened(directory)
    step = (*TERMS[200:220], TERMS[203], "none")
    phrase = plan.Plan(plan.Phrase("text", (step,), slop))
    any_term = plan.Plan(plan.Or(tuple(plan.Term("text", term) for term in step)))
    found, of_any_term = reader.execute([phrase, any_term])
    assert found == of_any_term
    assert 0 < found.total < 2000
    uses = reader.caches()["positions"]
    assert (uses.hits, uses.misses) == (0, 0)
