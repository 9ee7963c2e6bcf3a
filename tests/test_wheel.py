"""The built wheel: it contains all files that the code reads."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_a_wheel_contains_every_file_of_the_packages(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    listed = subprocess.run(
        ["git", "ls-files", "index", "search", "web"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    assert set(listed.stdout.split()) <= packed


LEAN = {
    "blinker", "click", "colorama", "deprecated", "flask", "flask-cors", "flask-limiter", "granian",
    "itsdangerous", "jinja2", "limits", "lxml", "markupsafe", "msgspec", "numpy", "ordered-set",
    "orjson", "packaging", "prometheus-client", "structlog", "tqdm", "typing-extensions",
    "werkzeug", "whoosh3", "wrapt", "zstandard",
}  # fmt: skip
"""The packages of a plain install, 122 MB of site-packages; adding one is a decision
(docs/decisions/dependencies.md)."""


def test_a_plain_install_brings_no_other_packages() -> None:
    pinned = (ROOT / "requirements" / "run.txt").read_text("utf-8")
    assert set(re.findall(r"^([a-z0-9-]+)==", pinned, re.MULTILINE)) == LEAN
