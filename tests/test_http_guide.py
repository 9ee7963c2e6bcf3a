"""The program in the guide to the HTTP API works as described."""

import os
import re
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from web.command import main

ROOT = Path(__file__).resolve().parents[1]
GUIDE = (ROOT / "docs" / "guide" / "http-api.md").read_text("utf-8")


def test_the_program_adds_searches_exports_and_deletes(tmp_path: Path) -> None:
    [program] = re.findall(r"^```py\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)
    assert len(program.splitlines()) <= 45
    (tmp_path / "a.jsonl").write_text('{"id": "0", "title": "Bóng đá"}\n', "utf-8")
    where = ["--index", str(tmp_path / "i")]
    assert CliRunner().invoke(main, ["build", str(tmp_path / "a.jsonl"), *where]).exit_code == 0
    command = [sys.executable, "-m", "web", *where, "--port", "0", "--workers", "1"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as server:
        try:
            assert server.stderr
            address = re.search(r"http://\S+(?=/)", server.stderr.readline())
            assert address
            done = subprocess.run(
                [sys.executable, "-c", program, address[0], str(tmp_path / "i")],
                capture_output=True,
                text=True,
                env=environment,
                check=False,
                timeout=120,
            )
        finally:
            server.kill()
    assert done.returncode == 0, done.stderr
    *added, counted, exported, deleted, remaining = done.stdout.splitlines()
    assert ["'indexed': 2500" in line for line in added] == [True] * 4
    assert counted == "10000 {'Báo 0': 3334, 'Báo 1': 3333, 'Báo 2': 3333}"
    assert exported.startswith("3333 Giá lúa kỳ ")
    assert "'deleted': 10000" in deleted
    assert remaining == "0"
