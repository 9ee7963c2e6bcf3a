"""Nodes that are down, slow, full or red: complete results or a clear error, nothing partial."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.analysis import AnalysedBatch, analyse
from index.article import Article
from index.errors import IndexUnavailableError
from index.opensearch import writer
from index.opensearch.bulk import Outcome, indexing, write
from index.opensearch.client import Client, ClusterError, to_json
from index.opensearch.documents import Document, documents
from index.opensearch.lifecycle import Settings, count_articles
from index.opensearch.location import parse_location
from index.opensearch.names import read_commit
from index.schema import DEFAULT_SCHEMA
from search import open_searcher
from search.engines import open_engine
from search.engines.opensearch.searches import run_searches
from search.plan import Everything, Plan
from tests import cluster
from tests.search.engines.opensearch.stumbling import Stumbling, stumbling
from web.app import create_app

pytestmark = pytest.mark.skipif(not cluster.available(), reason=cluster.MISSING)

SMALL = Settings(shards=2, replicas=0)
NAMES = ["1", "2", "3", "4", "5"]


@pytest.fixture
def location(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """Return the address of an index of five articles."""
    monkeypatch.setenv("TIMTIN_CACHE", str(tmp_path / "cache"))
    address = cluster.location("failing")
    writer.build([news()], address, settings=SMALL)
    return address


def news(*ids: str) -> AnalysedBatch:
    return analyse([Article(name, title=f"Giá gạo {name}", source="A") for name in ids or NAMES])


@pytest.fixture
def node(location: str) -> Iterator[Stumbling]:
    """Return a node in front of the cluster."""
    with stumbling(cluster.address()) as reported:
        yield reported


def through(*nodes: str) -> str:
    return f"opensearch://{','.join(nodes)}/failing"


def test_an_unreachable_cluster_is_unavailable_until_it_returns(node: Stumbling) -> None:
    client = create_app(open_searcher(through(node.address))).test_client()
    assert client.get("/api/search?q=gạo").get_json()["total"] == 5
    node.is_down = True
    for address in ("/api/search?q=giá", "/search?q=giá", "/api/export?q=giá"):
        answer = client.get(address)
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
    node.is_down = False
    assert client.get("/api/search?q=giá").get_json()["total"] == 5


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_search_that_a_node_refuses_is_sent_again(node: Stumbling, status: int) -> None:
    searcher = open_searcher(through(node.address))
    node.answers = [status, status]
    assert searcher.search("gạo").total == 5
    assert not node.answers


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_search_that_fails_briefly_is_sent_again(node: Stumbling, status: int) -> None:
    searcher = open_searcher(through(node.address))
    assert searcher.search("giá").total == 5  # this loads the models
    lost = {"type": "node_disconnected_exception", "reason": "[phase/fetch/id] disconnected"}
    node.answers = [to_json({"responses": [{"error": lost, "status": status}]})] * 2
    assert searcher.search("gạo").total == 5
    assert not node.answers


def test_a_hanging_node_is_given_up_for_the_next(node: Stumbling, location: str) -> None:
    client = Client(parse_location(through(node.address, cluster.address())))
    commit = read_commit(client)
    node.answers = [6.0]
    began = time.monotonic()
    [answer] = run_searches(client, commit, [{"query": {"match_all": {}}}], seconds=2.0)
    assert answer["hits"]["total"]["value"] == 5
    assert time.monotonic() - began < 5.0


def test_a_search_waits_for_a_hanging_node_only_briefly(node: Stumbling) -> None:
    searcher = open_searcher(through(node.address, cluster.address()))
    assert searcher.search("giá").total == 5  # this loads the models
    node.answers = [4.0]
    began = time.monotonic()
    assert searcher.search("gạo").total == 5
    assert time.monotonic() - began < 3.9


def test_copies_on_nodes_that_respond_are_preferred_after_a_node_hung(node: Stumbling) -> None:
    client = Client(parse_location(through(node.address)))
    commit = read_commit(client)
    responding = {"_nodes": {"failed": 1}, "nodes": {"first": {}, "second": {}}}
    node.answers = [4.0, to_json(responding)]
    body: dict[str, object] = {"query": {"match_all": {}}}
    [found] = run_searches(client, commit, [body], seconds=2.0)
    assert found["hits"]["total"]["value"] == 5
    assert read_commit(client) == commit
    (_, before), (stats_path, _), (_, after), (commit_path, _) = node.requests[-4:]
    assert stats_path.startswith("/_nodes/process")
    assert b"prefer" not in before
    assert b'"preference":"_prefer_nodes:first,second"' in after
    assert "preference=_prefer_nodes%3Afirst%2Csecond" in commit_path


@pytest.mark.parametrize(
    "reported", [403, to_json({"_nodes": {"failed": 0}, "nodes": {"first": {}}}), b"no JSON"]
)
def test_without_node_statistics_the_cluster_chooses_the_copies(
    node: Stumbling, reported: int | bytes
) -> None:
    client = Client(parse_location(through(node.address)))
    commit = read_commit(client)
    node.answers = [4.0, reported]
    [found] = run_searches(client, commit, [{"query": {"match_all": {}}}], seconds=2.0)
    assert found["hits"]["total"]["value"] == 5
    assert b"preference" not in node.requests[-1][1]


def test_a_request_that_hangs_everywhere_ends(node: Stumbling) -> None:
    client = Client(parse_location(through(node.address)))
    commit = read_commit(client)
    node.answers = [1.0] * 20
    began = time.monotonic()
    with pytest.raises(ClusterError, match="does not answer"):
        run_searches(client, commit, [{"query": {"match_all": {}}}], seconds=0.2)
    assert time.monotonic() - began < 1.5


def test_a_closed_index_is_unavailable_until_it_is_opened(location: str) -> None:
    client = Client(parse_location(location))
    index = read_commit(client).index
    web = create_app(open_searcher(location)).test_client()
    client.request("POST", f"/{index}/_close")
    answer = web.get("/api/search?q=gạo")
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
    client.request("POST", f"/{index}/_open", None, {"wait_for_active_shards": "all"})
    assert web.get("/api/search?q=gạo").get_json()["total"] == 5


def test_a_bulk_request_whose_response_is_lost_is_counted_once(node: Stumbling) -> None:
    """The articles that arrived are replaced by equal ones."""
    client = Client(parse_location(through(node.address)))
    index, version = read_commit(client).index, read_commit(client).version + 10
    actions = [
        indexing(found, version)
        for _, found in documents(news("6", "7"), DEFAULT_SCHEMA, version)
        if isinstance(found, Document)
    ]
    outcome = Outcome()
    node.lost = 2
    write(client, index, actions, outcome)
    assert not node.lost
    assert (outcome.older, outcome.refused) == (0, [])
    assert outcome.created + outcome.replaced == 2
    client.request("POST", f"/{index}/_refresh")
    assert count_articles(client, index) == len(NAMES) + 2


def test_a_full_disk_stops_a_write_and_no_search(location: str) -> None:
    client = Client(parse_location(location))
    index = read_commit(client).index
    block = (
        "index.blocks.read_only_allow_delete"  # which the cluster sets at the flood stage of a disk
    )
    client.request("PUT", f"/{index}/_settings", {block: True})
    began = time.monotonic()
    with pytest.raises(ClusterError, match="accepts no writes"):
        writer.update([news("6")], location)
    assert time.monotonic() - began < 5
    assert open_searcher(location).search("gạo").total == 5
    client.request("PUT", f"/{index}/_settings", {block: None})
    assert writer.update([news("6")], location).articles == 6


def test_a_cluster_that_refuses_to_create_an_index_is_reported(location: str) -> None:
    """This happens if a node's disk is nearly full; the status is that of a missing permission."""
    client = Client(parse_location(location))
    blocked = "cluster.blocks.create_index"
    client.request("PUT", "/_cluster/settings", {"persistent": {blocked: True}})
    try:
        with pytest.raises(ClusterError, match=r"accepts no writes.*create-index"):
            writer.build([news("7")], location, settings=SMALL)
    finally:
        client.request("PUT", "/_cluster/settings", {"persistent": {blocked: None}})
    assert open_searcher(location).search("gạo").total == 5


def test_a_build_during_paging_mixes_no_commits(location: str) -> None:
    engine = open_engine(location)
    before = engine.reader()
    [page] = before.execute([Plan(Everything(), limit=2)])
    writer.build([news("7", "8")], location, settings=SMALL)
    with pytest.raises(IndexUnavailableError, match="replaced just now"):
        before.execute([Plan(Everything(), limit=2, cursor=page.cursor)])
    time.sleep(1.1)  # an engine checks once a second
    [now] = engine.reader().execute([Plan(Everything())])
    assert (now.total, {match.id for match in now.page}) == (2, {"7", "8"})
