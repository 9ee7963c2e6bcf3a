"""Commands exit soon, whatever happens, and report the state of the index."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.embedded.commits import read_commit
from index.embedded.verification import verify
from tests.index.command_line import jsonl, numbered, run, stats

ROOT = Path(__file__).resolve().parents[2]
SECONDS_TO_END = 10
"""Far more than the specified two seconds, since the machine may be busy."""

COMMANDS = {
    "build": ("build", "{corpus}", "--workers", "2"),
    "update": ("update", "{corpus}", "--workers", "2"),
    "purge": ("delete", "1", "--purge", "--workers", "2"),
    "restore": ("restore", "{snapshot}"),
}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an index of 600 articles, its snapshot, and a corpus of 1,500 others."""
    folder = tmp_path_factory.mktemp("made")
    old = jsonl(folder / "old.jsonl", numbered(600))
    assert run("build", old, "--index", folder / "index", "--workers", 1).exit_code == 0
    assert run("snapshot", folder / "snapshot", "--index", folder / "index").exit_code == 0
    jsonl(folder / "corpus.jsonl", numbered(1500, start=10_000))
    return folder


@pytest.fixture
def index(prepared: Path, tmp_path: Path) -> Path:
    index = tmp_path / "index"
    assert run("restore", prepared / "snapshot", "--index", index).exit_code == 0
    return index


def command(prepared: Path, index: Path, name: str) -> list[str]:
    paths = {"corpus": prepared / "corpus.jsonl", "snapshot": prepared / "snapshot"}
    arguments = [part.format(**paths) for part in COMMANDS[name]]
    return [sys.executable, "-m", "index", *arguments, "--index", str(index)]


def shell(line: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a line of a shell in which "$@" is a command."""
    return subprocess.run(
        ["bash", "-c", line, "bash", *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def members(group: int) -> Iterator[int]:
    """Find the living processes of a process group."""
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            yield int(entry.parent.name)


@pytest.mark.parametrize(
    ("name", "stop"),
    [  # all combinations at many moments: `python -m benchmarks.endings`
        ("build", signal.SIGTERM),
        ("build", signal.SIGHUP),
        ("update", signal.SIGINT),
        ("purge", signal.SIGTERM),
        ("purge", signal.SIGINT),
        ("restore", signal.SIGHUP),
    ],
    ids=str,
)
def test_a_signal_at_any_moment_ends_a_command_and_its_workers(
    prepared: Path, index: Path, name: str, stop: signal.Signals
) -> None:
    before = read_commit(index)
    process = subprocess.Popen(
        command(prepared, index, name),
        cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    time.sleep(random.Random(f"{name} {stop}").uniform(0.3, 3))
    process.send_signal(stop)
    _, errors = process.communicate(timeout=SECONDS_TO_END)
    deadline = time.monotonic() + 2
    while list(members(process.pid)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not list(members(process.pid))
    after = read_commit(index)
    if after.identity == before.identity:
        assert process.returncode != 0
        assert "is the new one" not in errors
        assert [*map(len, (after.segments,))] == [*map(len, (before.segments,))]
    verify(index)
    assert run("delete", "2", "--index", index).exit_code == 0  # the lock is free
    names = {path.name for path in index.iterdir()}
    assert names == read_commit(index).file_names | {"write.lock"}


@pytest.mark.parametrize("name", ["update", "purge"])
def test_a_file_that_may_not_grow_ends_a_command_with_workers(
    prepared: Path, index: Path, name: str
) -> None:
    before = read_commit(index).identity
    done = shell('ulimit -f 6; exec "$@"', *command(prepared, index, name))
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith("Error: ")
    assert "Traceback" not in done.stderr
    assert read_commit(index).identity == before
    assert {path.name for path in index.iterdir()} == read_commit(index).file_names | {"write.lock"}


@pytest.mark.parametrize(
    ("name", "stream"), [("build", "2>/dev/full"), ("build", "2>&-"), ("purge", ">&- 2>&- <&-")]
)
def test_a_write_is_done_even_if_nothing_can_be_printed(
    prepared: Path, index: Path, name: str, stream: str
) -> None:
    before = read_commit(index).identity
    done = shell(f'exec "$@" {stream}', *command(prepared, index, name))
    assert done.returncode == 0
    assert read_commit(index).identity != before
    verify(index)  # no message was written into a file of the index


def test_a_build_from_closed_standard_input_finds_no_article(index: Path) -> None:
    done = shell(
        'exec "$@" <&-', sys.executable, "-m", "index", "build", "-", "--index", str(index)
    )
    assert done.returncode == 1
    assert "Error: no article was found" in done.stderr
    assert stats(index)["articles"] == 600


@pytest.mark.parametrize("name", ["stats", "verify"])
def test_a_result_that_cannot_be_written_is_an_error(index: Path, name: str) -> None:
    arguments = (sys.executable, "-m", "index", name, "--index", str(index))
    full = shell('exec "$@" >/dev/full', *arguments)
    assert full.returncode == 1
    assert full.stderr == "Error: standard output cannot be written to: No space left on device\n"
    closed = shell('exec "$@" >&-', *arguments)
    assert closed.returncode == 1
    assert closed.stderr == "Error: standard output cannot be written to: it is closed\n"
    free_bytes = shell('exec "$@" | true; exit ${PIPESTATUS[0]}', *arguments)
    assert free_bytes.returncode in (0, 1)
    assert "Traceback" not in free_bytes.stderr


ON_A_FULL_DISK = {
    "build": "build {corpus} --index {index} --workers 1",
    "first build": "build {corpus} --index {disk}/new --workers 1",
    "update": "update {corpus} --index {index} --workers 1",
    "delete": "delete 1 --index {index}",
    "purge": "delete 1 --purge --index {index} --workers 1",
    "snapshot": "snapshot {disk}/snapshot --index {index}",
    "restore": "restore {snapshot} --index {disk}/new",
    "copy": "copy {index} {disk}/new --workers 1",
}


@pytest.mark.parametrize("name", ON_A_FULL_DISK)
def test_a_full_disk_is_reported_by_each_command_and_nothing_is_left(
    prepared: Path, small_disk: Callable[[int], Path], name: str
) -> None:
    """Whether no bytes at all can be written, or only some."""
    disk = small_disk(4 << 20)
    index = disk / "index"
    assert run("restore", prepared / "snapshot", "--index", index).exit_code == 0
    paths = {"corpus": prepared / "corpus.jsonl", "snapshot": prepared / "snapshot"}
    line = ON_A_FULL_DISK[name].format(disk=disk, index=index, **paths)
    for free_bytes in (0, 1 << 12, 1 << 15):
        room = os.statvfs(disk)
        (disk / "ballast").write_bytes(bytes(room.f_bavail * room.f_frsize - free_bytes))
        before = contents(disk)
        done = run(*line.split())
        assert done.exit_code == 1, (free_bytes, done.stderr)
        assert "the disk is full: free some space and try again" in done.stderr
        assert ("is unchanged" in done.stderr) != ("there is still no index" in done.stderr)
        assert contents(disk) == before
        (disk / "ballast").unlink()
    assert run(*line.split()).exit_code == 0


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder, except locks, with their contents."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock")
    return {str(path): path.read_bytes() for path in files}


def waiting_build(index: Path) -> subprocess.Popen[str]:
    """Start a build that has the lock and waits for a corpus."""
    process = subprocess.Popen(
        [sys.executable, "-m", "index", "build", "-", "--wait", "60", "--index", str(index)],
        cwd=ROOT, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while run("delete", "none", "--index", index).exit_code == 0:
        assert process.poll() is None
        time.sleep(0.05)
    return process


def test_a_build_into_a_folder_that_is_removed_fails_without_a_traceback(index: Path) -> None:
    process = waiting_build(index)
    for path in index.iterdir():
        path.unlink()
    index.rmdir()
    _, errors = process.communicate("\n".join(map(json.dumps, numbered(600))))
    assert process.returncode == 1
    assert "Traceback" not in errors


def test_commands_in_a_removed_working_directory_fail_without_a_traceback(
    tmp_path: Path, prepared: Path
) -> None:
    removed = tmp_path / "gone"
    removed.mkdir()
    line = f'cd {removed}; rmdir {removed}; PYTHONPATH={ROOT} exec "$@"'
    program = "from index.__main__ import main; main()"
    for arguments in (["build", str(prepared / "corpus.jsonl")], ["stats"], ["delete", "1"]):
        done = shell(line, sys.executable, "-c", program, *arguments)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert "Error: " in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_missing_permission_is_reported_in_one_line(index: Path) -> None:
    next(index.glob("*.text")).chmod(0)
    result = run("verify", "--index", index)
    assert result.exit_code == 1
    assert "Permission denied" in result.stderr


def test_a_write_with_wait_runs_after_the_other_writer(index: Path) -> None:
    process = waiting_build(index)
    assert "--wait" in run("delete", "1", "--index", index).stderr
    waiting = subprocess.Popen(
        [sys.executable, "-m", "index", "delete", "7", "--wait", "60", "--index", str(index)],
        cwd=ROOT, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    process.communicate("\n".join(map(json.dumps, numbered(9))))
    _, output = waiting.communicate(timeout=60)
    assert output == "deleted 1 of 1 articles named\n"
    assert stats(index)["articles"] == 8
