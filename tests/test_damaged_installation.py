"""A package whose segmentation model is damaged: each command says so in one line."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODEL = Path("index/vietnamese/segmenter/model/prepared.json")


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the packages, and an index built with the intact ones."""
    folder = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "-m", "index", "build", "demo", "--index", str(folder / "idx")]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    for name in ("index", "search", "web"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "demo", folder / "demo")
    return folder


COMMANDS = (
    ("index", "build", "demo", "--index", "new", "--workers", "1"),
    ("index", "build", "demo", "--index", "new", "--workers", "2"),
    ("index", "update", "demo", "--index", "idx"),
    ("index", "delete", "--purge", "lang-nghe-dan-lat-hoai-nhon", "--index", "idx"),
    ("search", "gia lua", "--index", "idx"),
    ("web", "--index", "idx", "--port", "0"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("damage", ["cut", "missing"])
def test_a_damaged_model_is_reported(package: Path, command: tuple[str, ...], damage: str) -> None:
    path = package / MODEL
    intact = path.read_bytes()
    if damage == "cut":
        path.write_bytes(intact[:1000])
    else:
        path.unlink()
    try:
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=package,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        path.write_bytes(intact)
    assert done.returncode == 1, done.stderr
    assert "prepared.json: " in done.stderr
    assert "install the package again" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(package.glob("new/commit*"))
