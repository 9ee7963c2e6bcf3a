"""`verify` finds wrong references even if all checksums match."""

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from index.analysis import analyse_all
from index.article import Article
from index.embedded import writer
from index.embedded.commits import read_commit, write_commit
from index.embedded.verification import Verified, verify
from index.errors import IndexUnavailableError
from index.schema import DEFAULT_SCHEMA
from index.schema_files import parse_field
from index.storage.array_file import open_arrays
from index.storage.array_writer import write_arrays
from tests.index.embedded.crafted import accept_files
from tests.index.embedded.segments import IN_SEGMENTS

SCHEMA = DEFAULT_SCHEMA.with_fields(parse_field("tags:keywords:facet"), parse_field("price:number"))
Sections = Mapping[str, NDArray[Any]]


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(os, "fsync", lambda _: None)
    articles = [
        Article(
            str(number),
            f"Bản tin số {number}",
            body="Giá lúa gạo tăng, giá gạo giảm. " * (number % 7 + 1),
            source=f"Báo {number % 3}",
            published=datetime(2024, 1, number % 28 + 1, tzinfo=UTC),
            values={"tags": [f"thẻ {number % 5}", "chung"], "price": number / 2},
        )
        for number in range(60)
    ]
    writer.build(analyse_all(articles[:40], 1, SCHEMA), tmp_path, SCHEMA)
    writer.update(analyse_all(articles[40:], 1, SCHEMA), tmp_path, limits=IN_SEGMENTS)
    writer.delete(tmp_path, ["3", "45"], limits=IN_SEGMENTS)
    return tmp_path


def test_verify_counts_the_articles_of_an_intact_index(index: Path) -> None:
    size = sum(path.stat().st_size for path in index.glob("segment-*"))
    assert verify(index) == Verified(articles=58, segments=2, bytes=size)


def rolled(name: str) -> Callable[[Sections], Sections]:
    """Return a change that rotates the items of a section by one."""
    return lambda sections: {name: np.roll(sections[name], 1)}


def longer(sections: Sections) -> Sections:
    lengths = sections["text.lengths"].copy()
    lengths[0] += 1
    return {"text.lengths": lengths}


def swapped_ids(sections: Sections) -> Sections:
    documents = sections["id.doc_ids"].copy()
    documents[0], documents[1] = documents[1], documents[0]
    return {"id.doc_ids": documents}


def counted_twice(sections: Sections) -> Sections:
    counts = sections["bigram_counts"].copy()
    counts[:] = np.minimum(counts.astype(int) * 2 + 1, 250)
    return {"bigram_counts": counts}


def beyond(name: str) -> Callable[[Sections], Sections]:
    """Return a change that makes the last item of a section larger than any table."""

    def craft(sections: Sections) -> Sections:
        items = sections[name]
        return {name: np.append(items[:-1], np.uint32(1 << 30)).astype(np.uint32)}

    return craft


@pytest.mark.parametrize(
    ("kind", "craft", "message"),
    [
        (".text", longer, "lengths of 'text'"),
        (".text", rolled("published"), "published of the article"),
        (".text", rolled("price"), "price of the article"),
        (".text", swapped_ids, "id of the article"),
        (".text", rolled("source.doc_ids"), "source|inconsistent"),
        (".text", rolled("tags.terms"), "tags|inconsistent|ascend"),
        (".text", rolled("text.positions.low"), "positions of 'text'"),
        (".language", counted_twice, "bigrams"),
        (".language", rolled("spelling_terms"), "spellings"),
        (".removed", rolled("removed_bigrams"), "unknown rows of bigrams"),
        (".removed", beyond("removed_terms"), "unknown rows of terms"),
        (".removed", beyond("removed_trigrams"), "unknown rows of trigrams|columns differ"),
        (".removed", beyond("removed_titles"), "unknown rows of titles|columns differ"),
        (".removed", beyond("removed_words"), "unknown rows of words|columns differ"),
    ],
)
def test_an_inconsistency_is_named(
    index: Path, kind: str, craft: Callable[[Sections], Sections], message: str
) -> None:
    path = max(index.glob(f"*{kind}"), key=lambda path: path.stat().st_size)
    sound = {name: array.copy() for name, array in open_arrays(path).items()}
    write_arrays(path, {**sound, **craft(sound)})
    accept_files(index)
    with pytest.raises(IndexUnavailableError, match=message):
        verify(index)


def test_an_id_in_two_segments_is_named(index: Path) -> None:
    """This is the state after two writers ran at the same time without the lock."""
    other = index / "other"
    articles = [Article("7", "Bản tin khác"), Article("1000", "Bản tin mới")]
    writer.build(analyse_all(articles, 1, SCHEMA), other, SCHEMA)
    ours, theirs = read_commit(index), read_commit(other)
    for path in other.glob("segment-*"):
        path.rename(index / path.name)
    write_commit(index, ours.next([*ours.segments, *theirs.segments], SCHEMA, ours.history))
    with pytest.raises(IndexUnavailableError, match="'7' belongs to two articles"):
        verify(index)
