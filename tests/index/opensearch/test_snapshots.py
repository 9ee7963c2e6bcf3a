"""Snapshots in a repository of a real cluster, if it has a folder for one (`path.repo`)."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from index.__main__ import main
from index.analysis import AnalysedBatch, analyse
from index.article import Article
from index.errors import IndexUnavailableError
from index.opensearch import writer
from index.opensearch.client import Client
from index.opensearch.lifecycle import Settings, settings_of
from index.opensearch.location import parse_location
from index.opensearch.snapshots import parse_name, restore_snapshot
from search import open_searcher
from tests import cluster

SMALL = Settings(shards=1, replicas=0)


@pytest.fixture
def repository(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """Return the name of an empty repository of the cluster."""
    if not cluster.available():
        pytest.skip(cluster.MISSING)
    monkeypatch.setenv("TIMTIN_CACHE", str(tmp_path / "cache"))
    client = Client(parse_location(cluster.location("saved")))
    nodes: dict[str, Any] = client.request("GET", "/_nodes/settings")["nodes"]
    folders = next(iter(nodes.values()))["settings"]["path"].get("repo")
    if not folders:
        pytest.skip("the cluster has no path.repo")
    settings = {"type": "fs", "settings": {"location": f"{folders[0]}/timtin-tests"}}
    client.request("PUT", "/_snapshot/timtin-tests", settings)
    client.request("DELETE", "/_snapshot/timtin-tests/one", missing_ok=True)
    return "timtin-tests"


def news(*ids: str) -> AnalysedBatch:
    return analyse([Article(name, title=f"Giá gạo {name}") for name in ids])


def test_a_snapshot_can_replace_any_index(repository: str) -> None:
    saved, other = cluster.location("saved"), cluster.location("saved-elsewhere")
    writer.build([news("1", "2", "3")], saved, settings=SMALL)
    writer.build([news("9")], other, settings=SMALL)

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 0, result.output
        return result.output

    assert "contains 3 articles" in run("snapshot", f"{repository}/one", "--index", saved)
    writer.update([news("4")], saved)
    for location in (saved, other):
        run("restore", f"{repository}/one", "--index", location)
        searcher = open_searcher(location)
        assert {hit.id for hit in searcher.search("gạo").hits} == {"1", "2", "3"}
        assert writer.update([news("3", "5")], location).replaced == 1
    with pytest.raises(IndexUnavailableError, match="does not exist"):
        restore_snapshot(saved, f"{repository}/none")
    assert open_searcher(saved).search("gạo").total == 4


def test_an_invalid_name_is_reported() -> None:
    for name in ("file.tar", "/tmp/file", "a/b/c", "repository/Upper"):
        with pytest.raises(IndexUnavailableError, match="write REPOSITORY/SNAPSHOT"):
            parse_name(name)


def test_an_unknown_layout_is_reported() -> None:
    for variable, text in (("SHARDS", "0"), ("SHARDS", "x"), ("REPLICAS", "5000")):
        with pytest.raises(IndexUnavailableError, match=variable):
            settings_of({f"TIMTIN_CLUSTER_{variable}": text})
    assert settings_of({}) == Settings()
