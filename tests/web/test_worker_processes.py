"""The workers of `python -m web` keep up with commits, and ignore a hangup."""

import json
import os
import signal
import time
from pathlib import Path
from threading import Event, Thread
from urllib.request import urlopen

import pytest

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build, update
from index.errors import IndexUnavailableError
from tests.web.test_server import serving
from web.server import CHECK_SECONDS, check_periodically

WORKERS = ("--port", "0", "--workers", "2")


def found(address: str) -> list[str]:
    with urlopen(f"{address}api/search?q=tin", timeout=20) as response:
        return sorted(hit["id"] for hit in json.load(response)["hits"])


def test_workers_without_requests_do_not_miss_a_commit(tmp_path: Path) -> None:
    build([analyse([Article("a", body="tin")])], tmp_path)
    with serving("--index", str(tmp_path), *WORKERS) as (address, _):
        update([analyse([Article("b", body="tin")])], tmp_path)
        time.sleep(CHECK_SECONDS + 1.5)
        update([analyse([Article("c", body="tin")])], tmp_path)
        (tmp_path / "commit-3.json").write_bytes(b"{")
        # Each request has a connection of its own, which the kernel gives to either worker.
        assert [found(address) for _ in range(24)] == [["a", "b"]] * 24


def test_checks_for_commits_continue_after_any_error(caplog: pytest.LogCaptureFixture) -> None:
    """Before, the thread ended, so its worker missed every later commit."""
    looked = Event()
    errors: list[Exception] = [OSError("too many open files")] * 3
    errors += [IndexUnavailableError(), ValueError("damaged")]

    def look() -> None:
        if errors:
            raise errors.pop(0)
        looked.set()

    Thread(target=check_periodically, args=(look, 0.001), daemon=True).start()
    assert looked.wait(10)
    logged = [str(record.exc_info[1]) for record in caplog.records if record.exc_info]
    assert logged == ["too many open files", "damaged"]


def test_sighup_is_ignored(tmp_path: Path) -> None:
    build([analyse([Article("a", body="tin")])], tmp_path / "index")
    options = ("--index", str(tmp_path / "index"), *WORKERS, "--state", str(tmp_path / "state"))
    with serving(*options, session=True) as (address, process):
        stopped, answers, errors = Event(), [], []

        def search() -> None:
            while not stopped.is_set():
                try:
                    answers.append(found(address))
                except OSError as error:
                    errors.append(error)

        threads = [Thread(target=search) for _ in range(3)]
        for thread in threads:
            thread.start()
        for number in range(4):  # to the server alone, and as a closed terminal sends it
            time.sleep(1)
            if number % 2:
                os.killpg(process.pid, signal.SIGHUP)
            else:
                process.send_signal(signal.SIGHUP)
        time.sleep(2)
        stopped.set()
        for thread in threads:
            thread.join()
        assert errors == []
        assert len(answers) > 9
        assert all(response == ["a"] for response in answers)
        process.terminate()
        _, log = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "died" not in log
