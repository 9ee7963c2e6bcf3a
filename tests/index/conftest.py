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
