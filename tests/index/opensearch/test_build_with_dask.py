"""The Dask example, with a worker that is killed while it writes."""

import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest
from distributed import Client, LocalCluster

from examples.build_with_dask import build
from index.opensearch import client as http
from index.opensearch.location import parse_location
from index.opensearch.names import read_commit
from search import open_searcher
from tests import cluster

pytestmark = pytest.mark.skipif(not cluster.available(), reason=cluster.MISSING)

FILES, ARTICLES = 6, 300


def corpus(folder: Path) -> list[Path]:
    paths = [folder / f"part-{number}.jsonl" for number in range(FILES)]
    for number, path in enumerate(paths):
        records = [
            {"id": f"{number}-{at}", "title": f"Giá gạo {at}", "body": "lúa gạo mùa này " * 40}
            for at in range(ARTICLES)
        ]
        broken = "broken\n" if number == 1 else ""
        path.write_text(broken + "".join(json.dumps(record) + "\n" for record in records))
    return paths


def test_a_killed_worker_neither_loses_nor_duplicates_articles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIMTIN_CACHE", str(tmp_path / "cache"))
    location, killed = cluster.location("dask"), []
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as workers,
        Client(workers) as client,
    ):

        def kill() -> None:
            while not any(client.processing().values()):
                time.sleep(0.02)
            time.sleep(0.3)  # it is writing by now
            victim = next(name for name, tasks in client.processing().items() if tasks)
            process = client.run(os.getpid, workers=[victim])[victim]
            os.kill(process, signal.SIGKILL)
            killed.append(process)

        killer = threading.Thread(target=kill)
        killer.start()
        report, files = build(client, location, corpus(tmp_path))
        killer.join()
    assert killed
    assert (report.given, report.repeated) == (FILES * ARTICLES, 0)
    assert report.articles == FILES * ARTICLES
    assert [file.skipped for file in files] == [0, 1, 0, 0, 0, 0]
    [message] = files[1].messages
    assert "part-1.jsonl:1: broken JSON" in message
    searcher = open_searcher(location)
    assert searcher.search("gạo").total == FILES * ARTICLES
    language = searcher._engine.reader().models.language
    assert language.counts(["mùa"]).tolist() == [FILES * ARTICLES * 40]
    assert read_commit(http.Client(parse_location(location))).parts == ("merged",)
