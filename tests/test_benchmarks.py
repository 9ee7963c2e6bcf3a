"""The benchmarks can be run; their figures are not checked here."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

pytest.importorskip("tantivy", reason="needs the peers, see the dependency group `bench`")

from benchmarks.engines.__main__ import main as engines  # after the skip
from benchmarks.full_search import main as full_search


def test_all_engines_find_the_same_in_the_demo_corpus(tmp_path: Path) -> None:
    result = CliRunner().invoke(engines, ["--quick", "--work", str(tmp_path), "--json"])
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)["demo"]
    assert set(figures["built"]) == {"ours", "peer_tantivy", "peer_whoosh"}
    for agreement in figures["agreement"].values():
        assert agreement["totals"] == 1
        assert agreement["top"] > 0.9
    assert figures["agreement"]["peer_whoosh"]["score"] < 1e-9
    for by_engine in figures["latency"].values():
        assert all(0 < one["p50"] <= one["p95"] for one in by_engine.values())


def test_the_whole_search_of_the_demo_corpus_is_measured(tmp_path: Path) -> None:
    options = ["--corpus", "demo", "--queries", "2", "--work", str(tmp_path), "--json"]
    result = CliRunner().invoke(full_search, options)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert len(json.loads(result.stdout)) == 9
