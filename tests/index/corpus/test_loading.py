import io
import os
import sys
from itertools import islice
from pathlib import Path

import pytest

from index.article import Article
from index.corpus import Corpus, CorpusError, LoadOptions, read_corpus
from tests.index.corpus.files import read, write
from tests.shared_data import SHARED


def test_a_folder_is_walked_in_order_and_every_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "z").mkdir()
    (tmp_path / "b").mkdir()
    write(tmp_path / "2.txt", "hai")
    write(tmp_path / "10.jsonl", '{"title": "mười"}\nx\n')
    write(tmp_path / "b" / "1.csv", "title\nmột\n")
    write(tmp_path / "z" / "1.txt.gz", "một nữa")
    write(tmp_path / "z" / "photo.jpg", b"\xff\xd8")
    write(tmp_path / ".hidden", "x")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "nowhere.txt").symlink_to(tmp_path / "missing")
    os.mkfifo(tmp_path / "pipe.jsonl")
    articles, bad = read(tmp_path)
    assert [article.title for article in articles] == ["mười", "hai", "một", "một nữa"]
    problems = {str(problem.path.relative_to(tmp_path)): problem.reason for problem in bad}
    assert set(problems) == {
        "10.jsonl", ".hidden", "loop", "nowhere.txt", "pipe.jsonl", "z/photo.jpg"
    }  # fmt: skip
    assert "no known format" in problems["z/photo.jpg"]
    assert "not followed" in problems["loop"]


def test_an_index_inside_a_corpus_is_left_out_and_reported(tmp_path: Path) -> None:
    write(tmp_path / "a.json", '{"title": "một"}')
    schema = '{"fields": [{"name": "title", "labels": {"vi": "Tiêu đề"}}]}'
    for folder in (tmp_path, tmp_path / "index"):
        folder.mkdir(exist_ok=True)
        write(folder / "commit-2.json", schema)
        write(folder / "segment-0123456789abcdef.text", "x")
        write(folder / "write.lock", "")
    articles, bad = read(tmp_path)
    assert [article.title for article in articles] == ["một"]
    assert {problem.path for problem in bad} == {tmp_path, tmp_path / "index"}
    assert all("an index" in problem.reason for problem in bad)


def test_only_files_named_like_commits_are_read(tmp_path: Path) -> None:
    for number in (1, 2):
        write(tmp_path / f"commit-{number}.json", f'{{"title": "{number}"}}')
    articles, bad = read(tmp_path)
    assert (len(articles), bad) == (2, [])


@pytest.mark.parametrize("name", ["TCVN3", "Viscii", "windows-1258", "UTF-8", " auto"])
def test_encodings_are_known_in_any_case(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / "a.json", '{"title": "Giá gạo"}')
    [article], _ = read(path, options=LoadOptions(encoding=name))
    assert article.title == "Giá gạo"


def test_file_names_are_reported_without_control_characters(tmp_path: Path) -> None:
    write(tmp_path / "\x1b[31m\n\udcff.txt", "")
    _, [bad] = read(tmp_path)
    assert str(bad).isprintable()
    assert "no text" in str(bad)


def test_a_file_named_minus_is_not_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "-", '{"title": "a"}')
    articles, [bad] = read(Path())
    assert not articles
    assert "no known format" in bad.reason


def test_a_named_file_must_exist_and_have_a_known_format(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"none\.jsonl: No such file"):
        read_corpus([tmp_path / "none.jsonl"])
    with pytest.raises(CorpusError, match=r"a\.pdf: a file of no known format; known are \.jsonl"):
        read_corpus([write(tmp_path / "a.pdf", "x")])
    with pytest.raises(CorpusError, match="null"):
        read_corpus([Path("a\0b.jsonl")])


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_named_file_without_permission_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", "{}")
    path.chmod(0)
    with pytest.raises(CorpusError, match="permission denied"):
        read_corpus([path])


def test_standard_input_is_json_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO('{"title": "á"}\n?\n'.encode()))
    monkeypatch.setattr(sys, "stdin", stream)
    corpus = Corpus([Path("-")])
    article, bad = corpus
    assert corpus.total_bytes is None
    assert isinstance(article, Article)
    assert article.title == "á"
    assert str(bad).startswith("-:2: broken JSON")


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_the_position_grows_to_the_total(tmp_path: Path, suffix: str) -> None:
    content = "".join(f'{{"title": "{n} {hash(str(n))}"}}\n' for n in range(20_000))
    path = write(tmp_path / f"a.jsonl{suffix}", content)
    write(tmp_path / "b.txt", "một bài")
    corpus = Corpus([tmp_path])
    assert corpus.total_bytes == path.stat().st_size + len("một bài".encode())
    positions = [corpus.position for _ in corpus]
    assert positions == sorted(positions)
    assert len(set(positions)) > 2
    assert corpus.position == corpus.total_bytes
    assert sum(1 for _ in corpus) == 20_001, "a corpus can be read again"
    assert corpus.position == corpus.total_bytes


@pytest.mark.parametrize("name", ["news", "headlines"])
def test_real_articles_are_read_completely(name: str) -> None:
    path = SHARED / "data" / f"{name}.jsonl.gz"
    if not path.exists():
        pytest.skip("no shared data here")
    for record in islice(read_corpus([path]), 3000):
        assert isinstance(record, Article)
        assert record.id
        assert record.title
        assert record.source
        assert record.published or name == "news"
        assert not record.extra
