"""Every engine agrees with the oracle, whatever the history of its index."""

import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.addresses import CLUSTER_SCHEMES
from index.analysis import AnalysedBatch, analyse
from index.article import Article
from index.errors import IndexUnavailableError
from index.opensearch.target import ClusterTarget
from index.targets import open_target
from search import plan
from search.engines import open_engine
from search.engines.contract import CursorError, IndexReader
from search.request import Bucket, Sort, SortBy
from tests.search.engines.contract.checks import check, check_stored, check_terms
from tests.search.engines.contract.corpora import SCHEMA, Document, batch, corpora_of, plans
from tests.search.engines.contract.engines import ENGINES, EngineUnderTest, Index
from tests.search.engines.contract.oracle import Oracle

History = Sequence[tuple[str, list[Any]]]


def histories(gaps: Sequence[int]) -> st.SearchStrategy[History]:
    corpora = corpora_of(gaps)
    return st.lists(
        st.tuples(st.just("build"), corpora)
        | st.tuples(st.just("update"), corpora)
        | st.tuples(st.just("delete"), st.lists(st.integers(0, 30).map(str))),
        max_size=4,
    )


each_engine = pytest.mark.parametrize("engine", ENGINES, ids=str)


class Written(NamedTuple):
    """The articles after some writes, in the order of indexing.

    `deleted`: those that were removed or replaced by the last build or a later write.
    """

    documents: list[Document]
    deleted: list[Document]


def write(index: Index, history: History) -> Written:
    """Execute the writes."""
    live: dict[str, Document] = {}
    deleted: list[Document] = []
    for step, values in history:
        if step == "delete":
            index.delete(values)
            deleted += (live.pop(name) for name in set(values) if name in live)
            continue
        if step == "build":
            live, deleted = {}, []
        for document in values:
            if document.article.id in live:
                deleted.append(live.pop(document.article.id))
            live[document.article.id] = document
        batches = (batch(values[at : at + 2]) for at in range(0, len(values), 2))
        (index.build if step == "build" else index.update)(batches)
    return Written(list(live.values()), deleted)


@each_engine
def test_plans_agree_with_the_oracle(engine: EngineUnderTest) -> None:
    @given(
        first=corpora_of(engine.gaps),
        history=histories(engine.gaps),
        query_plans=st.lists(plans, min_size=1, max_size=5),
    )
    @settings(max_examples=engine.examples, deadline=None, phases=engine.phases)
    def compare(first: list[Document], history: History, query_plans: list[plan.Plan]) -> None:
        check_history(engine, first, history, query_plans)

    compare()


def check_history(
    engine: EngineUnderTest, first: list[Document], history: History, query_plans: list[plan.Plan]
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)  # for speed; test_crashes.py tests crashes
        index = engine.make(Path(folder) / "index")
        live, deleted = write(index, [("build", first), *history])
        oracle = Oracle(live, deleted if engine.counts_deleted else ())
        reader = index.open().reader()
        check(reader, oracle, query_plans, engine.tolerance)
        check_terms(reader, oracle, engine.prefix_fields)
        check_stored(reader, live)


def analyse_by(articles: Sequence[Article]) -> AnalysedBatch:
    return analyse(articles, SCHEMA)


def dated(name: str, published: datetime | None, **others: Any) -> Article:
    return Article(name, title=f"bài {name}", published=published, **others)


@pytest.fixture(params=ENGINES, ids=str)
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Index:
    opened: Index = request.param.make(tmp_path / "index")
    return opened


def reader_of(index: Index, *articles: Article) -> IndexReader:
    index.build([analyse_by(articles)])
    return index.open().reader()


def test_periods_are_in_vietnamese_time(index: Index) -> None:
    """The last second of 2016 in Vietnam is 16:59:59 UTC."""
    reader = reader_of(
        index,
        dated("old", datetime(2016, 12, 31, 16, 59, 59, tzinfo=UTC)),
        dated("new", datetime(2016, 12, 31, 17, tzinfo=UTC)),
        dated("none", None),
    )
    buckets = Bucket.YEAR, Bucket.MONTH, Bucket.DAY
    facets = tuple(plan.FacetRequest("published", bucket) for bucket in buckets)
    [answer] = reader.execute([plan.Plan(plan.Everything(), facets=facets)])
    assert [list(facet.counts.items()) for facet in answer.facets] == [
        [("2017", 1), ("2016", 1)],
        [("2017-01", 1), ("2016-12", 1)],
        [("2017-01-01", 1), ("2016-12-31", 1)],
    ]


def test_a_facet_has_a_match_of_its_own(index: Index) -> None:
    """A chosen source is counted together with the others."""
    reader = reader_of(
        index, dated("1", None, source="A"), dated("2", None, source="B"), dated("3", None)
    )
    words: plan.Node = plan.Term("text", "bài")
    chosen = plan.And((words, plan.Keyword("source", ("A",))))
    facets = plan.FacetRequest("source"), plan.FacetRequest("source", match=words)
    [answer] = reader.execute([plan.Plan(chosen, facets=facets)])
    assert answer.total == 1
    assert [facet.counts for facet in answer.facets] == [{"A": 1}, {"A": 1, "B": 1}]


def test_own_fields_are_filtered_counted_and_sorted(index: Index) -> None:
    reader = reader_of(
        index,
        Article("1", title="a", values={"tags": ["lúa", "gạo"], "price": 2, "note": "ghi nhanh"}),
        Article("2", title="b", values={"tags": ["gạo"], "edited": "2024-05-01T00:00:00+07:00"}),
        Article("3", title="c", author="An; Bình", values={"price": -1}),
    )
    everything = plan.Everything()
    query_plans = [
        plan.Plan(plan.Keyword("tags", ("gạo",)), facets=(plan.FacetRequest("tags"),)),
        plan.Plan(everything, sort=SortBy("price")),
        plan.Plan(plan.Range("price", 0.0), sort=SortBy("edited", descending=True)),
        plan.Plan(plan.Term("note", "nhanh")),
        plan.Plan(everything, facets=(plan.FacetRequest("edited", Bucket.MONTH),)),
        plan.Plan(everything, facets=(plan.FacetRequest("author"),)),
    ]
    answers = reader.execute(query_plans)
    ids = [[match.id for match in answer.page] for answer in answers[:4]]
    assert ids == [["1", "2"], ["3", "1", "2"], ["1"], ["1"]]
    counted = [facet.counts for answer in answers for facet in answer.facets]
    assert counted == [{"gạo": 2, "lúa": 1}, {"2024-05": 1}, {"An": 1, "Bình": 1}]


def test_many_values_are_counted_up_to_the_limit(index: Index) -> None:
    articles = [dated(f"{at}", None, source=f"nguồn {at:03}") for at in range(150)]
    articles.append(dated("twice", None, source="nguồn 149"))
    reader = reader_of(index, *articles)
    query_plan = plan.Plan(plan.Everything(), facets=(plan.FacetRequest("source", limit=3),))
    [answer] = reader.execute([query_plan])
    assert list(answer.facets[0].counts.items()) == [
        ("nguồn 149", 2),
        ("nguồn 000", 1),
        ("nguồn 001", 1),
    ]
    assert answer.facets[0].omitted == 147


def test_a_cursor_survives_a_new_commit(index: Index) -> None:
    days = [datetime(2024, 1, day, tzinfo=UTC) for day in range(1, 10)]
    index.build([analyse_by([dated(str(day.day), day) for day in days])])
    newest = plan.Plan(plan.Everything(), sort=Sort.NEWEST.by, limit=3)
    [first] = index.open().reader().execute([newest])
    assert [match.id for match in first.page] == ["9", "8", "7"]
    index.update([analyse_by([dated("10", datetime(2024, 1, 10, tzinfo=UTC))])])
    index.delete(["7"])
    [second] = index.open().reader().execute([replace(newest, cursor=first.cursor)])
    assert [match.id for match in second.page] == ["6", "5", "4"]


@pytest.mark.parametrize("cursor", ["", "x", "1", "[1]:a", "true:a", '"a":a', "{"])
def test_a_forged_cursor_is_refused(index: Index, cursor: str) -> None:
    reader = reader_of(index, dated("1", None))
    with pytest.raises(CursorError):
        reader.execute([plan.Plan(plan.Everything(), cursor=cursor)])


@pytest.mark.parametrize(
    "query_plan",
    [
        plan.Plan(plan.Term("nonsense", "x")),
        plan.Plan(plan.Prefix("nonsense", "x")),
        plan.Plan(plan.Keyword("nonsense", ("x",))),
        plan.Plan(plan.Phrase("words", (("a",), ("b",)))),
        plan.Plan(plan.Everything(), features=(plan.TermScore("nonsense", "x", 1.0),)),
        plan.Plan(plan.Everything(), facets=(plan.FacetRequest("nonsense"),)),
        plan.Plan(plan.Everything(), facets=(plan.FacetRequest("source", Bucket.YEAR),)),
        plan.Plan(plan.Everything(), sort=SortBy("title")),
        plan.Plan(plan.Range("source", 1.0)),
        plan.Plan(plan.Range("published", 1.0)),
        plan.Plan(plan.Range("price", datetime(2024, 1, 1, tzinfo=UTC))),
        plan.Plan(plan.Keyword("title", ("x",))),
        plan.Plan(plan.Everything(), sort=SortBy("tags")),
        plan.Plan(plan.Everything(), facets=(plan.FacetRequest("price"),)),
        plan.Plan(plan.Range("published", datetime(2024, 1, 1))),  # noqa: DTZ001 - on purpose
    ],
)
def test_a_plan_that_cannot_be_executed_is_refused(index: Index, query_plan: plan.Plan) -> None:
    reader = reader_of(index, dated("1", datetime(2024, 1, 1, tzinfo=UTC), source="A"))
    with pytest.raises(ValueError, match=r"there is no|keeps no|cannot be|compared|no offset"):
        reader.execute([query_plan])


def test_statistics_reflect_updates_and_deletions(index: Index) -> None:
    titles = {"1": "mưa lũ", "2": "mưa to", "3": "nắng", "4": "mưa mưa"}
    articles = {name: Article(name, title=title, source="Báo") for name, title in titles.items()}
    terms = [("text", "mưa"), ("title", "nắng"), ("source", "Báo"), ("text", "tuyết")]
    index.build([analyse_by([articles["1"], articles["2"]])])
    assert index.open().reader().term_statistics(terms).document_frequencies == [2, 0, 2, 0]
    index.update([analyse_by([articles["3"], articles["4"]])])
    assert index.open().reader().term_statistics(terms).document_frequencies == [3, 1, 4, 0]
    index.delete(["1"])
    assert index.open().reader().term_statistics(terms).document_frequencies == [2, 1, 3, 0]
    with pytest.raises(ValueError, match="no field 'body'"):
        index.open().reader().term_statistics([("body", "mưa")])


def test_a_commit_has_an_identity(index: Index) -> None:
    first = reader_of(index, dated("1", None))
    assert index.open().reader().identity == first.identity
    assert reader_of(index, dated("1", None)).identity != first.identity


@pytest.mark.parametrize(
    "location", ["gopher://x/y", "opensearch.://x", "http://host:9200/news", "file:///x", "://x"]
)
def test_an_address_with_an_unknown_scheme_is_refused(location: str) -> None:
    with pytest.raises(IndexUnavailableError, match="no engine knows"):
        open_engine(location)
    with pytest.raises(IndexUnavailableError, match="no engine knows"):
        open_target(location)


@pytest.mark.parametrize("scheme", CLUSTER_SCHEMES)
def test_a_cluster_is_read_and_written_by_either_scheme(scheme: str) -> None:
    address = f"{scheme}://127.0.0.1:9/news"
    assert isinstance(open_target(address), ClusterTarget)
    with pytest.raises(IndexUnavailableError, match=r"127\.0\.0\.1:9"):
        open_engine(address)
