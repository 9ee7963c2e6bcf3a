import gzip
import json
import re
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zstandard

from index.embedded import commits, writer
from index.embedded.commits import read_commit
from index.embedded.segment import OpenSegment
from index.targets import FolderTarget
from tests.index.command_line import jsonl, numbered, run, stats

ROOT = Path(__file__).resolve().parents[2]


def test_an_index_is_built_updated_and_deleted_from(tmp_path: Path, index: Path) -> None:
    ten = jsonl(tmp_path / "ten.jsonl", numbered(10))
    result = run("build", ten, "--index", index, "--workers", 1)
    assert result.exit_code == 0, result.stderr
    assert result.stdout == ""
    assert "read 10 records: 10 indexed, 0 skipped" in result.stderr
    assert re.search(r"took [\d.]+ seconds, [\d,]+ articles a second", result.stderr)
    assert stats(index)["articles"] == 10

    result = run("update", jsonl(tmp_path / "b.jsonl", numbered(10, start=5)), "--index", index)
    assert result.exit_code == 0, result.stderr
    assert "read 10 records: 10 indexed, 0 skipped" in result.stderr
    assert "  5 existing articles with the same id were replaced" in result.stderr
    assert stats(index)["articles"] == 15

    result = run("delete", 3, 4, 4, "không có", "--index", index)
    assert result.exit_code == 0, result.stderr
    assert result.stderr == "deleted 2 of 3 articles named\n"
    assert stats(index)["articles"] == 13

    assert run("build", ten, "--index", index).exit_code == 0
    assert stats(index)["articles"] == 10


def test_the_report_counts_every_record(tmp_path: Path, index: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    jsonl(corpus / "a.jsonl", [*numbered(4), {"id": "x"}, *numbered(1, start=2), {"views": 1}])
    (corpus / "b.csv").write_text("title,body\n" + "chỉ một\n" * 20)
    (corpus / "c.pdf").write_text("x")
    result = run("build", corpus, "--index", index)
    assert result.exit_code == 0, result.stderr
    lines = result.stderr.splitlines()
    assert "read 28 records: 4 indexed, 24 skipped" in lines
    assert "  1 because a later record has the same id" in lines
    assert "  23 because they are not articles:" in lines
    assert any(line.startswith(f"    {corpus}/a.jsonl:5: no text") for line in lines)
    assert f"    {corpus}/b.csv:2: 1 columns where the header has 2" in lines
    assert "    ... and 13 more" in lines
    assert stats(index)["articles"] == 4


def test_bytes_of_stats_are_the_size_of_the_folder(built: Path) -> None:
    size = sum(path.stat().st_size for path in built.rglob("*") if path.is_file())
    assert stats(built)["bytes"] == size
    result = run("stats", "--index", built)
    assert "articles: 10\n" in result.stdout
    assert f"bytes: {size:,}\n" in result.stdout


@pytest.mark.parametrize("command", ["build", "update"])
def test_strict_stops_at_the_first_bad_record(tmp_path: Path, built: Path, command: str) -> None:
    corpus = jsonl(tmp_path / "new.jsonl", [*numbered(3, start=100), {"id": 1}])
    result = run(command, corpus, "--index", built, "--strict")
    assert result.exit_code == 1
    assert f"Error: {corpus}:4: no text: neither title nor body" in result.stderr
    assert stats(built)["articles"] == 10


@pytest.mark.parametrize("content", ["", "{}\n7\n"])
def test_an_index_is_never_replaced_by_nothing(tmp_path: Path, built: Path, content: str) -> None:
    corpus = tmp_path / "new.jsonl"
    corpus.write_text(content)
    result = run("build", corpus, "--index", built)
    assert result.exit_code == 1
    assert "Error: no article was found" in result.stderr
    assert ("new.jsonl:1: no text" in result.stderr) is bool(content)
    assert stats(built)["articles"] == 10


def test_every_option_has_an_environment_variable(tmp_path: Path, index: Path) -> None:
    corpus = jsonl(tmp_path / "a.jsonl", [*numbered(2), {}])
    environment = {"TIMTIN_INDEX": str(index), "TIMTIN_WORKERS": "1"}
    assert run("build", corpus, **environment, TIMTIN_STRICT="1").exit_code == 1
    assert run("build", corpus, **environment).exit_code == 0
    assert json.loads(run("stats", **environment, TIMTIN_JSON="1").stdout)["articles"] == 2
    assert run("delete", "0", **environment).exit_code == 0
    assert stats(index)["articles"] == 1
    assert run("build", corpus, **{**environment, "TIMTIN_WORKERS": "0"}).exit_code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["build"],
        ["delete"],
        ["rebuild"],
        ["stats", "--xml"],
        ["build", "a.jsonl", "--workers", "0"],
        ["build", "a.jsonl", "--workers", "two"],
    ],
)
def test_bad_usage_is_status_2(arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Usage:" in result.stderr


def test_a_missing_corpus_is_reported_and_creates_no_index(tmp_path: Path, index: Path) -> None:
    result = run("build", tmp_path / "none.jsonl", "--index", index)
    assert result.exit_code == 1
    assert result.stderr == f"Error: {tmp_path}/none.jsonl: No such file or directory\n"
    assert not index.exists()


@pytest.mark.parametrize("command", [["stats"], ["delete", "1"]])
def test_a_folder_without_an_index_is_reported_and_left_alone(
    tmp_path: Path, command: list[str]
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "letter.txt").write_text("thư")
    for location in (tmp_path / "none", tmp_path / "folder", tmp_path / "folder" / "letter.txt"):
        result = run(*command, "--index", location)
        assert result.exit_code == 1
        assert result.stderr.startswith("Error: ")
        assert str(location) in result.stderr
        assert result.stderr.count("\n") == 1
    assert (tmp_path / "folder" / "letter.txt").read_text() == "thư"


def test_other_files_in_the_folder_are_kept(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "letter.txt").write_text("thư")
    corpus = jsonl(tmp_path / "a.jsonl", numbered(2))
    run("build", corpus, "--index", folder)
    assert (folder / "letter.txt").read_text() == "thư"


@pytest.mark.parametrize("location", ["/proc/nowhere/index", "/dev/null", "/dev/null/index"])
def test_a_folder_that_cannot_be_written_is_reported_in_one_line(
    tmp_path: Path, location: str
) -> None:
    result = run("build", jsonl(tmp_path / "a.jsonl", numbered(2)), "--index", location)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1


def test_a_full_disk_leaves_the_index_as_it_was(tmp_path: Path, built: Path) -> None:
    corpus = jsonl(tmp_path / "a.jsonl", numbered(300, start=1000))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, hard))
    try:
        result = run("build", corpus, "--index", built, "--workers", 1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert "File too large" in result.stderr
    assert result.stderr.count("\n") == 1
    assert stats(built)["articles"] == 10


def test_an_index_removed_after_the_write_is_no_error(
    tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_target: FolderTarget) -> None:
        raise FileNotFoundError(2, "No such file or directory", "x")

    monkeypatch.setattr(FolderTarget, "statistics", fail)
    result = run("build", jsonl(tmp_path / "a.jsonl", numbered(2)), "--index", index)
    assert result.exit_code == 0
    assert result.stderr.endswith(f"{index} contains 2 articles\n")


@pytest.mark.parametrize("command", ["build", "update", "delete"])
def test_a_signal_just_after_the_commit_does_not_deny_it(
    tmp_path: Path, built: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    write_commit = commits.write_commit

    def interrupted(*arguments: Any) -> None:
        write_commit(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(writer, "write_commit", interrupted)
    argument = "3" if command == "delete" else jsonl(tmp_path / "a.jsonl", numbered(1, start=50))
    result = run(command, argument, "--index", built)
    assert result.exit_code == 1
    assert result.stderr == (
        f"Error: interrupted; the write had already finished: the index in {built} is the new one\n"
    )
    assert stats(built)["articles"] == {"build": 1, "update": 11, "delete": 9}[command]


def damaged_corpora(folder: Path) -> Iterator[Path]:
    content = "\n".join(map(json.dumps, numbered(2000))).encode()
    packed = gzip.compress(content)
    for name, damaged in (
        ("cut.jsonl.gz", packed[: len(packed) // 3]),
        ("cut.jsonl.zst", zstandard.compress(content)[:-200]),
    ):
        path = folder / name
        path.write_bytes(damaged)
        yield path


def test_an_index_is_not_replaced_by_a_part_of_a_damaged_corpus(
    tmp_path: Path, built: Path
) -> None:
    for corpus in damaged_corpora(tmp_path):
        result = run("build", corpus, "--index", built, "--workers", 1)
        assert result.exit_code == 1, corpus
        assert corpus.name in result.stderr
        assert "the file is damaged" in result.stderr
        assert result.stderr.endswith(f"the index in {built} is unchanged\n")
        assert stats(built)["articles"] == 10
    allowed = run("build", tmp_path / "cut.jsonl.gz", "--index", built, "--allow-damage")
    assert allowed.exit_code == 0
    assert 10 < stats(built)["articles"] < 2000


def test_mapped_and_own_fields_are_read(tmp_path: Path, index: Path) -> None:
    corpus = jsonl(tmp_path / "a.jsonl", [{"id": "1", "noidung": "Giá lúa tăng", "tags": ["lúa"]}])
    options = ("--map", "body=noidung", "--field", "tags:keywords:facet")
    result = run("build", corpus, "--index", index, *options)
    assert result.exit_code == 0, result.stderr
    commit = read_commit(index)
    article = OpenSegment(index, commit.segments[0]).stored.article(0)
    assert (article.body, article.values["tags"]) == ("Giá lúa tăng", ["lúa"])
    assert run("build", corpus, "--index", index, "--map", "body").exit_code == 2


def test_own_fields_are_declared_when_an_index_is_built(tmp_path: Path, index: Path) -> None:
    corpus = jsonl(tmp_path / "ten.jsonl", numbered(10))
    declared = ("--field", "tags:keywords:facet", "--field", "price:number")
    result = run("build", corpus, "--index", index, *declared)
    assert result.exit_code == 0, result.stderr
    schema = read_commit(index).schema
    assert [field.name for field in schema.own] == ["tags", "price"]
    assert run("update", corpus, "--index", index).exit_code == 0
    assert run("update", corpus, "--index", index, *declared).exit_code == 0
    assert read_commit(index).schema == schema
    other = run("update", corpus, "--index", index, "--field", "tags:keyword")
    assert other.exit_code == 1
    assert "other fields" in other.stderr


def test_own_fields_can_be_read_from_a_file(tmp_path: Path, index: Path) -> None:
    corpus = jsonl(tmp_path / "ten.jsonl", numbered(10))
    schema = tmp_path / "schema.toml"
    schema.write_text('[fields.tags]\nkind = "keywords"\nlabels = {vi = "Thẻ"}\n', "utf-8")
    assert run("build", corpus, "--index", index, "--schema", schema).exit_code == 0
    assert read_commit(index).schema["tags"].label("vi") == "Thẻ"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--field", "tags"), "NAME:KIND"),
        (("--field", "tags:list"), "'list' is not a kind"),
        (("--field", "text:keyword"), "uses itself"),
        (("--schema", "missing.toml"), "does not exist"),
    ],
)
def test_an_invalid_field_is_a_usage_error(
    tmp_path: Path, index: Path, options: tuple[str, str], message: str
) -> None:
    result = run("build", jsonl(tmp_path / "a.jsonl", numbered(1)), "--index", index, *options)
    assert result.exit_code == 2
    assert message in result.stderr
    assert not index.exists()


def test_verify_names_the_damaged_file(built: Path) -> None:
    assert run("verify", "--index", built).exit_code == 0
    path = next(built.glob("*.articles"))
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    result = run("verify", "--index", built)
    assert result.exit_code == 1
    assert path.name in result.stderr
    assert "damaged" in result.stderr
