"""The command line as processes: signals, workers that die, two writers, a terminal."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.index.command_line import jsonl, numbered, run, stats

ROOT = Path(__file__).resolve().parents[2]


def start(*arguments: object, stderr: int = subprocess.PIPE) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "index", *map(str, arguments)],
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stderr=stderr,
        start_new_session=True,
    )


@pytest.fixture
def writing(built: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a build of 3,000 articles that waits for more input."""
    process = start("build", "-", "--index", built, "--workers", 2, "--wait", 60)
    assert process.stdin
    process.stdin.write("\n".join(map(json.dumps, numbered(3000, start=1000))) + "\n")
    process.stdin.flush()
    deadline = time.monotonic() + 20
    while run("delete", "none", "--index", built).exit_code == 0 and time.monotonic() < deadline:
        time.sleep(0.1)
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def test_standard_input_is_a_corpus(index: Path) -> None:
    process = start("build", "-", "--index", index)
    _, errors = process.communicate("\n".join(map(json.dumps, numbered(200))) + "\n?\n")
    assert process.returncode == 0, errors
    assert "-:201: broken JSON" in errors
    assert stats(index)["articles"] == 200


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_build_leaves_the_index_as_it_was(
    built: Path, writing: subprocess.Popen[str], stop: signal.Signals
) -> None:
    os.killpg(writing.pid, stop)
    _, errors = writing.communicate(timeout=20)
    assert writing.returncode == 1
    assert errors.endswith(f"Error: interrupted; the index in {built} is unchanged\n")
    assert "Traceback" not in errors
    assert stats(built)["articles"] == 10
    assert run("delete", "1", "--index", built).exit_code == 0
    assert stats(built)["articles"] == 9


def test_a_worker_that_dies_leaves_the_index_as_it_was(
    built: Path, writing: subprocess.Popen[str]
) -> None:
    # Both: the remaining work at the end of the input goes to one of them.
    while len(workers := list(workers_of(writing.pid))) < 2:
        time.sleep(0.05)
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
    _, errors = writing.communicate(timeout=30)
    assert writing.returncode == 1
    assert "Error: a worker process died" in errors
    assert errors.endswith(f"the index in {built} is unchanged\n")
    assert "Traceback" not in errors
    assert stats(built)["articles"] == 10


def workers_of(process: int) -> Iterator[int]:
    for child in Path(f"/proc/{process}/task/{process}/children").read_text().split():
        if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
            yield int(child)


def test_a_second_writer_is_refused(
    tmp_path: Path, built: Path, writing: subprocess.Popen[str]
) -> None:
    corpus = jsonl(tmp_path / "a.jsonl", numbered(2))
    for command in (["build", corpus], ["update", corpus], ["delete", "1"]):
        result = run(*command, "--index", built)
        assert result.exit_code == 1
        assert result.stderr.startswith("Error: ")
        assert result.stderr.count("\n") == 1
    assert stats(built)["articles"] == 10
    _, errors = writing.communicate(timeout=60)
    assert writing.returncode == 0, errors
    assert stats(built)["articles"] == 3000


def test_a_terminal_shows_a_progress_bar(tmp_path: Path, index: Path) -> None:
    corpus = jsonl(tmp_path / "a.jsonl", numbered(1500))
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    process = start("build", corpus, "--index", index, stderr=theirs)
    os.close(theirs)
    shown = b""
    try:
        while chunk := os.read(ours, 1 << 16):
            shown += chunk
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert re.search(rb"100%\|.*\| \d\d:\d\d left, 1,500 articles, [\d,]+ a second", shown)
    assert b"read 1,500 records: 1,500 indexed" in shown
