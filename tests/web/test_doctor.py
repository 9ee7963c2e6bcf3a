"""`timtin doctor`: each problem is found, with advice."""

import json
import os
import re
import resource
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from index.embedded.write_lock import write_lock
from index.file_names import LOCK_NAME
from web.command import main
from web.doctor import machine_checks
from web.doctor.findings import CheckContext, Finding, Level
from web.doctor.index_checks import lock_holder
from web.doctor_command import CHECKS, examine
from web.state.database import FILE
from web.state.keys import Keys, Scope
from web.state.query_log import MAX_DAY_BYTES
from web.state.tasks import Kind, Tasks


@pytest.fixture
def index(tmp_path: Path) -> Path:
    (tmp_path / "a.jsonl").write_text('{"id": "1", "title": "Giá lúa"}\n', "utf-8")
    command = ["build", str(tmp_path / "a.jsonl"), "--index", str(tmp_path / "i"), "--workers", "1"]
    assert CliRunner().invoke(main, command).exit_code == 0
    return tmp_path / "i"


def findings_of(index: Path, **more: object) -> dict[str, list[Finding]]:
    """Return the problems found, by subject."""
    context = CheckContext(str(index), index.with_name("i.state"), **more)  # type: ignore[arg-type]
    found: dict[str, list[Finding]] = {}
    for finding in examine(context):
        assert finding.what
        if finding.level is not Level.OK:
            assert finding.advice, finding
            found.setdefault(finding.about, []).append(finding)
    return found


def test_all_is_well_and_nothing_is_changed(index: Path) -> None:
    Keys(index.with_name("i.state")).create(Scope.WRITE)
    before = sorted((path, path.stat().st_mtime_ns) for path in index.rglob("*"))
    assert findings_of(index) == {}
    assert findings_of(index, read_all=True) == {}
    assert sorted((path, path.stat().st_mtime_ns) for path in index.rglob("*")) == before


def test_the_command_reports_to_people_and_to_programs(index: Path, tmp_path: Path) -> None:
    well = CliRunner().invoke(main, ["doctor", "--index", str(index)])
    assert well.exit_code == 0
    assert "index: " in well.output
    ill = CliRunner().invoke(
        main,
        ["doctor", "--json", "--index", str(tmp_path / "none")],
        env={"TIMTIN_INDX": "x", "TIMTIN_TEST_CLUSTER": None},
    )
    assert ill.exit_code == 1
    by_level = {one["level"]: one for one in json.loads(ill.output) if one["level"] != "ok"}
    assert "no index here" in by_level["error"]["what"]
    assert by_level["warning"]["advice"] == "did you mean TIMTIN_INDEX?"


HEADER_BYTES = 64
"""Those of an array file; see docs/explanation/index-format.md."""


def damage(path: Path) -> None:
    """Change the first byte of the first section: a byte in the middle may be padding."""
    content = bytearray(path.read_bytes())
    content[HEADER_BYTES] ^= 0xFF
    path.write_bytes(content)


def test_damaged_and_missing_files_are_errors(index: Path) -> None:
    damage(next(index.glob("segment-*.articles")))
    assert findings_of(index, read_all=True)["index"][0].level is Level.ERROR
    next(index.glob("segment-*.text")).unlink()
    assert findings_of(index)["index"][0].level is Level.ERROR


def test_files_of_no_commit_are_reported(index: Path) -> None:
    (index / "segment-00000000000000aa.text").write_bytes(b"x" * 2**20)
    assert "1 files (1.0 MB)" in findings_of(index)["files"][0].what


def test_the_holder_of_the_lock_is_named(index: Path) -> None:
    with write_lock(index):
        assert f"process {os.getpid()}" in findings_of(index)["lock"][0].what
    assert lock_holder(index / LOCK_NAME) is None


def test_little_disk_space_is_reported_by_level(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for free, level in ((50, Level.ERROR), (101, Level.WARNING)):
        usage = SimpleNamespace(free=free * 2**20)
        monkeypatch.setattr(shutil, "disk_usage", lambda _, usage=usage: usage)
        (index / "big").touch()
        os.truncate(index / "big", 200 * 2**20)
        assert findings_of(index)["disk"][0].level is level


def test_missing_permissions_are_reported(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda _path, mode: mode != os.W_OK)
    assert "written to" in findings_of(index)["permissions"][0].what
    monkeypatch.setattr("os.access", lambda _path, _mode: False)
    assert "cannot be read" in findings_of(index)["permissions"][0].what


def test_a_commit_from_the_future_is_reported(index: Path) -> None:
    os.utime(next(index.glob("commit-*")), (time.time() + 3600, time.time() + 3600))
    assert findings_of(index)["clock"][0].level is Level.ERROR


def test_readable_or_damaged_state_is_reported(index: Path) -> None:
    state = index.with_name("i.state")
    Keys(state).create(Scope.SEARCH)
    state.chmod(0o755)
    assert "other users" in findings_of(index)["state"][0].what
    state.chmod(0o700)
    (state / FILE).write_bytes(b"no database at all" * 100)
    assert findings_of(index)["state"][0].level is Level.ERROR


def test_expiring_keys_and_keys_from_the_future_are_reported(index: Path) -> None:
    state = index.with_name("i.state")
    keys = Keys(state)
    keys.create(Scope.WRITE, days=3)
    keys.create(Scope.WRITE, days=300)
    [soon] = findings_of(index)["keys"]
    assert "expires in 3.0 days" in soon.what
    with sqlite3.connect(state / FILE) as connection:
        connection.execute("UPDATE keys SET created = created + 9999")
    assert "future" in findings_of(index)["clock"][0].what


def test_stuck_and_failed_tasks_are_reported(index: Path) -> None:
    state = index.with_name("i.state")
    tasks = Tasks(state)
    tasks.add(Kind.ADD, b"{}")
    assert "tasks" not in findings_of(index)
    with sqlite3.connect(state / FILE) as connection:
        connection.execute("UPDATE tasks SET queued = queued - 3600")
    assert "no server runs" in findings_of(index)["tasks"][0].advice
    taken = tasks.take()
    assert taken
    tasks.finish(taken[0], {}, "the disk is full")
    assert "the disk is full" in findings_of(index)["tasks"][0].what


def test_a_full_query_log_is_reported(index: Path) -> None:
    log = index.with_name("i.state") / "queries"
    log.mkdir(parents=True)
    (log / "2026-01-01.jsonl").touch()
    os.truncate(log / "2026-01-01.jsonl", MAX_DAY_BYTES)
    assert "2026-01-01.jsonl is full" in findings_of(index)["query log"][0].what


def test_missing_and_old_packages_are_reported(
    monkeypatch: pytest.MonkeyPatch, index: Path
) -> None:
    required = ["click", "numpy>=99.2", "whoosh3==1.0", "not-there", "lost; extra == 'warc'"]
    monkeypatch.setattr(metadata, "requires", lambda _: required)
    real = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "1" if name == "tim-tin" else real(name))
    messages = [finding.what for finding in findings_of(index)["versions"]]
    assert [what.split()[0] for what in messages] == ["numpy", "whoosh3", "not-there"]


def test_unknown_settings_are_reported_but_not_those_of_a_cluster(index: Path) -> None:
    guide = Path(__file__).parents[2] / "docs" / "guide" / "cluster.md"
    of_a_cluster = set(re.findall(r"TIMTIN_[A-Z_]+[A-Z]", guide.read_text("utf-8")))
    assert len(of_a_cluster) > 5
    known = frozenset({"TIMTIN_INDEX"})
    given = dict.fromkeys(of_a_cluster | known, "x")
    assert "configuration" not in findings_of(index, environment=given, known_variables=known)
    [wrong] = findings_of(index, environment=given | {"TIMTIN_INDXE": "x"}, known_variables=known)[
        "configuration"
    ]
    assert "TIMTIN_INDXE" in wrong.what
    assert "TIMTIN_INDEX" in wrong.advice


def test_low_limits_of_files_and_memory_are_reported(
    monkeypatch: pytest.MonkeyPatch, index: Path, tmp_path: Path
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (64, 64))
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemAvailable:    9 kB")
    monkeypatch.setattr(machine_checks, "Path", lambda _: meminfo)
    found = findings_of(index)
    assert "64 files" in found["limits"][0].what
    assert found["memory"][0].level is Level.WARNING


def test_a_full_temporary_folder_is_reported(monkeypatch: pytest.MonkeyPatch, index: Path) -> None:
    def full() -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    assert "No space left" in findings_of(index)["temporary files"][0].what


def test_a_check_that_fails_is_reported(monkeypatch: pytest.MonkeyPatch, index: Path) -> None:
    def check_nothing(_context: CheckContext) -> Iterator[Finding]:
        raise ValueError("unexpected")
        yield

    monkeypatch.setattr("web.doctor_command.CHECKS", (*CHECKS, check_nothing))
    assert "could not be checked: unexpected" in findings_of(index)["nothing"][0].what
