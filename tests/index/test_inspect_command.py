import json
from pathlib import Path

from click.testing import CliRunner

from index.__main__ import main


def test_a_corpus_is_shown_before_anything_is_built(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"headline": "Giá gạo", "toan_van_2": "%s"}\n' % ("chữ " * 100), "utf-8")
    result = CliRunner().invoke(main, ["inspect", str(path)])
    assert result.exit_code == 0
    assert "=> title: Giá gạo" in result.stdout
    assert "--map body=toan_van_2" in result.stdout
    again = CliRunner().invoke(main, ["inspect", str(path), "--map", "body=toan_van_2", "--json"])
    record = json.loads(again.stdout)["records"][0]
    assert record["article"]["body"].startswith("chữ chữ")
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_corpus_is_reported(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["inspect", str(tmp_path / "no.jsonl")])
    assert result.exit_code == 1
    assert "No such file" in result.output
