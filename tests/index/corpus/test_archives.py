"""Archives are read like folders: ZIP and tar, compressed or not, damaged or hostile."""

import gzip
import io
import json
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from index.article import Article
from index.corpus import Corpus
from tests.index.corpus.files import read

MEMBERS = {
    "báo/b.jsonl": b'{"id": "b", "title": "hai"}\n',
    "a.jsonl.gz": gzip.compress(b'{"id": "a", "title": "m\xe1\xbb\x99t"}\n'),
    "c.csv": b"id,title\nc,ba\n",
    "anh.jpg": b"\xff\xd8",
    "other.zip": b"PK",
    "t.sgm": b"<DOC><DOCNO>t</DOCNO><TEXT>x</TEXT></DOC>",
}
PACKED: dict[str, Callable[[bytes], bytes]] = {
    "a.tar": bytes,
    "a.tar.gz": gzip.compress,
    "a.tgz": gzip.compress,
    "a.tar.zst": zstandard.ZstdCompressor().compress,
}


def tar(members: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        folder = tarfile.TarInfo("báo")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return held.getvalue()


@pytest.mark.parametrize("name", PACKED)
def test_a_tar_archive_is_read_as_a_folder(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(PACKED[name](tar(MEMBERS)))
    articles, bad = read(path)
    assert sorted(article.id for article in articles) == ["a", "b", "c", "t"]
    assert sorted(one.path.name for one in bad) == ["anh.jpg", "other.zip"]
    assert not any(one.damaged for one in bad)
    corpus = Corpus([path])
    assert len(list(corpus)) == 6
    assert corpus.position == corpus.total_bytes == path.stat().st_size


@pytest.mark.parametrize("name", PACKED)
def test_a_truncated_tar_archive_is_damaged(tmp_path: Path, name: str) -> None:
    lines = "".join(json.dumps({"id": n, "title": "a" * 99}) + "\n" for n in range(2000)).encode()
    packed = PACKED[name](tar({"a.jsonl": MEMBERS["báo/b.jsonl"], "b.jsonl": lines}))
    path = tmp_path / name
    path.write_bytes(packed[: len(packed) // 2])
    articles, bad = read(path)
    assert bad
    assert all(one.damaged for one in bad)
    assert len(articles) < 2001


def test_links_devices_and_sparse_files_are_reported_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        for number, kind in enumerate((tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE)):
            entry = tarfile.TarInfo(f"{number}.jsonl")
            entry.type, entry.linkname = kind, "/etc/passwd"
            archive.addfile(entry)
        entry = tarfile.TarInfo("sparse.jsonl")
        entry.size = len(b'{"id": "s", "title": "x"}')
        entry.pax_headers = {
            "GNU.sparse.map": f"0,{entry.size}",
            "GNU.sparse.size": f"{entry.size}",
        }
        archive.addfile(entry, io.BytesIO(b'{"id": "s", "title": "x"}'))
        entry = tarfile.TarInfo("../../etc/x.jsonl")
        entry.size = len(MEMBERS["báo/b.jsonl"])
        archive.addfile(entry, io.BytesIO(MEMBERS["báo/b.jsonl"]))
    articles, bad = read(path)
    assert [article.id for article in articles] == ["b"]
    assert ["a link, a device" in one.reason for one in bad] == [True] * 4


def test_the_checksum_after_the_last_file_is_checked(tmp_path: Path) -> None:
    archive = tar({"a.jsonl": MEMBERS["báo/b.jsonl"]}) + bytes(
        1 << 22
    )  # longer than the part that is read
    packed = bytearray(gzip.compress(archive))
    packed[-8] ^= 1  # of the CRC
    path = tmp_path / "a.tar.gz"
    path.write_bytes(packed)
    articles, [bad] = read(path)
    assert [article.id for article in articles] == ["b"]
    assert bad.damaged


def test_an_absolute_name_is_relative_to_its_archive(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(tar({"/etc/anh.jpg": b"\xff\xd8"}))
    _, [bad] = read(path)
    assert bad.path == path / "etc/anh.jpg"


@pytest.mark.parametrize("lost", [1, 40])
def test_a_zip_archive_without_its_beginning_is_damaged(tmp_path: Path, lost: int) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("1.jsonl", MEMBERS["a.jsonl.gz"])
        archive.writestr("2.jsonl", MEMBERS["báo/b.jsonl"])
    path.write_bytes(path.read_bytes()[lost:])
    articles, [bad] = read(path)
    assert [article.id for article in articles] == ["b"]
    assert bad.damaged


@pytest.mark.parametrize("offset", [1 << 63, (1 << 64) - 1])
def test_an_offset_beyond_the_end_of_a_zip_archive_is_damage(tmp_path: Path, offset: int) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("1.jsonl", MEMBERS["báo/b.jsonl"])
        archive.writestr("2.jsonl", MEMBERS["báo/b.jsonl"])
        archive.filelist[0].header_offset = offset
    articles, [bad] = read(path)
    assert [article.id for article in articles] == ["b"]
    assert bad.damaged


def test_progress_counts_the_bytes_read_of_a_zip_archive(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("1", "2"):
            archive.writestr(f"{name}.jsonl", MEMBERS["báo/b.jsonl"] * 100)
    corpus = Corpus([path])
    assert len(list(corpus)) == 200
    assert corpus.total_bytes is not None
    assert 0.8 * corpus.total_bytes < corpus.position <= corpus.total_bytes


def test_a_name_of_gigabytes_is_damage_not_memory(tmp_path: Path) -> None:
    entry = tarfile.TarInfo("x")
    entry.type, entry.size = tarfile.XHDTYPE, 4 << 30
    path = tmp_path / "a.tar"
    path.write_bytes(entry.tobuf(tarfile.GNU_FORMAT) + b"\0" * 10_240)
    articles, [bad] = read(path)
    assert not articles
    assert bad.damaged
    assert "a header of 4,294,967,296 bytes" in bad.reason


@pytest.mark.parametrize("content", [b"", b"x" * 600, b"\0" * 2048, b"ustar" * 200])
def test_a_file_that_is_no_tar_archive_is_reported(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(content)
    articles, bad = read(path)
    assert not articles
    assert all(one.damaged for one in bad)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_tar_archive_may_come_through_a_pipe(
    monkeypatch: pytest.MonkeyPatch, pack: type[bytes]
) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(pack(tar(MEMBERS))))
    monkeypatch.setattr(sys, "stdin", stdin)
    found = list(Corpus([Path("-")]))
    assert sorted(one.id for one in found if isinstance(one, Article)) == ["a", "b", "c", "t"]
