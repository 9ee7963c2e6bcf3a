"""Metrics folders of servers: unused ones are removed."""

import os
import signal
import tempfile
import time
from pathlib import Path

import pytest

from tests.web.test_server import index, serving
from web.metrics_folder import metrics_folder, remove_abandoned

__all__ = ["index"]  # a fixture


@pytest.fixture
def parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_the_folder_of_a_server_exists_only_while_it_runs(parent: Path) -> None:
    with metrics_folder() as folder:
        assert folder.parent == parent
        remove_abandoned(parent, 0)
        assert folder.is_dir()
    assert not any(parent.iterdir())


def test_only_folders_of_killed_servers_are_removed(parent: Path) -> None:
    left, young, other = (parent / f"timtin-metrics-{name}" for name in ("left", "young", "file"))
    left.mkdir()
    (left / "counter_1.db").write_bytes(b"x")
    os.utime(left, (time.time() - 3_600,) * 2)
    young.mkdir()
    other.write_text("no folder")
    elsewhere = parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("kept")
    os.utime(elsewhere, (0, 0))
    (parent / "timtin-metrics-link").symlink_to(elsewhere)
    with metrics_folder():
        pass
    assert {path.name for path in parent.iterdir()} == {
        "timtin-metrics-young", "timtin-metrics-file", "timtin-metrics-link", "elsewhere",
    }  # fmt: skip
    assert (elsewhere / "kept").read_text() == "kept"


def test_the_folder_of_a_killed_server_is_removed_by_the_next(index: Path, tmp_path: Path) -> None:
    def folders() -> list[Path]:
        return sorted(tmp_path.glob("timtin-metrics-*"))

    extra = {"TMPDIR": str(tmp_path)}
    with serving("--index", str(index), "--port", "0", extra=extra) as (_, process):
        [killed] = folders()
        process.kill()
        process.wait(10)
    assert folders() == [killed]
    os.utime(killed, (0, 0))
    with serving("--index", str(index), "--port", "0", extra=extra) as (_, process):
        [running] = folders()
        assert running != killed
        process.send_signal(signal.SIGTERM)
        process.wait(10)
    assert folders() == []
