import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.index.command_line import jsonl, numbered, run


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def built(tmp_path: Path, index: Path) -> Path:
    corpus = jsonl(tmp_path / "old.jsonl", numbered(10))
    assert run("build", corpus, "--index", index, "--workers", 1).exit_code == 0
    return index


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Yield a function that mounts a disk of a given size in bytes; skip if that is not allowed."""
    mount_point = tmp_path / "disk"
    mount_point.mkdir()

    def mount(size: int) -> Path:
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(mount_point)]
        try:
            done = subprocess.run(command, capture_output=True, check=False)
        except FileNotFoundError:
            pytest.skip("there is no mount")
        if done.returncode:
            pytest.skip("mounting is not allowed")
        return mount_point

    yield mount
    subprocess.run(["umount", "--lazy", str(mount_point)], capture_output=True, check=False)
