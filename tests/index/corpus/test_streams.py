import gzip
import json
import random
import time
from pathlib import Path

import pytest
import zstandard

from tests.index.corpus.files import PACKERS, read, read_with_notes, write

LINES = "".join(
    json.dumps({"id": str(n), "title": f"Tựa {random.Random(n).random()}"}) + "\n"
    for n in range(3000)
)


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.txt"])
@pytest.mark.parametrize("trailing", [b"garbage" * 20, b"x", b"\0\0\0x" * 1000])
def test_bytes_after_the_compressed_data_are_ignored_and_reported(
    tmp_path: Path, suffix: str, name: str, trailing: bytes
) -> None:
    content = (LINES if name == "a.jsonl" else "Tựa\n\nThân").encode()
    path = tmp_path / f"{name}{suffix}"
    path.write_bytes(PACKERS[suffix](content) + trailing)
    articles, bad, notes = read_with_notes(path)
    assert len(articles) == (3000 if name == "a.jsonl" else 1)
    assert not bad
    assert any("are not compressed data" in note and str(path) in note for note in notes)


def test_gzip_members_may_be_padded_with_nuls(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    one, two = (gzip.compress(b'{"title": "%s"}\n' % title) for title in (b"a", b"b"))
    path.write_bytes(one + bytes(200_000) + two + bytes(200_000))
    articles, bad, notes = read_with_notes(path)
    assert [article.title for article in articles] == ["a", "b"]
    assert not bad
    assert not notes


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
@pytest.mark.parametrize("part", [3, 2, 50])
def test_a_truncated_file_is_damaged(tmp_path: Path, suffix: str, part: int) -> None:
    path = write(tmp_path / f"a.jsonl{suffix}", LINES)
    path.write_bytes(path.read_bytes()[: -path.stat().st_size // part])
    articles, [bad] = read(path)
    assert len(articles) < 3000
    assert bad.damaged


def test_damage_in_the_middle_reports_the_unread_share(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl.gz", LINES)
    packed = bytearray(path.read_bytes())
    middle = len(packed) // 4
    packed[middle : middle + 200] = bytes(200)
    path.write_bytes(packed)
    articles, bad = read(path)
    assert len(articles) < 3000
    assert [record.damaged for record in bad][-1]


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.txt", "a.json"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_a_hundred_megabytes_of_blank_lines_are_read(
    tmp_path: Path, name: str, encoding: str
) -> None:
    path = tmp_path / f"{name}.zst"
    last = '{"title": "b"}\n' if name.startswith("a.json") else "a\nb\n"
    first = "title\n" if name == "a.csv" else '{"title": "a"}\n'
    blank = ("\n" * (1 << 20)).encode(encoding)
    with path.open("wb") as file, zstandard.ZstdCompressor().stream_writer(file) as packed:
        packed.write(first.encode(encoding))
        for _ in range(100):
            packed.write(blank)
        packed.write(last.encode(encoding))
    began = time.monotonic()
    articles, bad = read(path)
    assert time.monotonic() - began < 20
    if name == "a.txt":
        assert "16 MiB" in bad[0].reason
    else:
        assert [article.title for article in articles] == ["a", "b"]


def test_a_quoted_row_of_blank_lines_is_bounded(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv.zst", 'title,body\na,"' + "\n" * 3_000_000 + "\nz,last\n")
    articles, bad = read(path)
    assert articles[-1].title == "z"
    assert bad[0].line == 2
