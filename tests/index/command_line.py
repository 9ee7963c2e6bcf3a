"""The command line of the index, run in this process on small corpora."""

import json
from collections.abc import Iterable
from pathlib import Path

from click.testing import CliRunner, Result

from index.__main__ import main


def run(*arguments: object, **environment: str) -> Result:
    return CliRunner().invoke(main, list(map(str, arguments)), env=environment)


def stats(index: Path) -> dict[str, int]:
    result = run("stats", "--index", index, "--json")
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


def jsonl(path: Path, records: Iterable[dict[str, object]]) -> Path:
    path.write_text("\n".join(map(json.dumps, records)), "utf-8")
    return path


def numbered(count: int, start: int = 0) -> list[dict[str, object]]:
    return [
        {"id": n, "title": f"Bài số {n}", "body": "Hội nghị tổng kết công tác năm. " * 5}
        for n in range(start, start + count)
    ]
