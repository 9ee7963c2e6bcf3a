"""Merging: when segments are merged, checks before it, and the merged statistics."""

import itertools
import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from index.analysis import AnalysedBatch, FieldTokens, analyse
from index.article import Article
from index.embedded import writer
from index.embedded.commits import read_commit
from index.embedded.verification import verify
from index.errors import IndexUnavailableError
from search.engines.embedded.engine import open_engine
from tests.index.embedded.segments import IN_SEGMENTS


@pytest.fixture(autouse=True)
def _nobody_pulls_the_plug(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)


def news(names: Iterable[int]) -> list[AnalysedBatch]:
    return [analyse([Article(id=str(name), body=f"tin số {name}") for name in names])]


def segments(directory: Path) -> list[tuple[int, int]]:
    """Return the articles of each segment, with and without the deleted ones."""
    return [(segment.documents, segment.articles) for segment in read_commit(directory).segments]


def bigrams(directory: Path, first: str, second: str) -> int:
    """Return how often one syllable follows another, as the language model knows it."""
    [counts] = open_engine(directory).reader().models.language.bigram_counts([[first], [second]])
    return int(counts[0, 0])


@pytest.mark.parametrize(
    ("old", "new", "after"),
    [
        (100, 50, [(100, 100), (50, 50)]),
        (100, 51, [(151, 151)]),
        (100, 1, [(100, 100), (1, 1)]),
        (1, 1, [(2, 2)]),
        (2, 1, [(2, 2), (1, 1)]),
    ],
)
def test_a_segment_is_merged_unless_it_is_twice_as_large(
    tmp_path: Path, old: int, new: int, after: list[tuple[int, int]]
) -> None:
    writer.build(news(range(old)), tmp_path)
    writer.update(news(range(old, old + new)), tmp_path, limits=IN_SEGMENTS)
    assert segments(tmp_path) == after


def test_merging_continues_while_the_next_segment_is_small(tmp_path: Path) -> None:
    writer.build(news(range(40)), tmp_path)
    writer.update(news(range(100, 110)), tmp_path, limits=IN_SEGMENTS)
    writer.update(news(range(200, 204)), tmp_path, limits=IN_SEGMENTS)
    assert segments(tmp_path) == [(40, 40), (10, 10), (4, 4)]
    writer.update(
        news(range(300, 303)), tmp_path, limits=IN_SEGMENTS
    )  # 4 < 2 * 3; 10 < 2 * 7; 40 >= 2 * 17
    assert segments(tmp_path) == [(40, 40), (17, 17)]


@pytest.mark.parametrize(
    ("deleted", "after"), [(50, [(100, 50), (1, 1)]), (51, [(50, 50)]), (99, [(2, 2)])]
)
def test_a_segment_more_than_half_deleted_is_merged(
    tmp_path: Path, deleted: int, after: list[tuple[int, int]]
) -> None:
    writer.build(news(range(100)), tmp_path)
    writer.delete(tmp_path, map(str, range(deleted)), limits=IN_SEGMENTS)
    writer.update(news([1000]), tmp_path, limits=IN_SEGMENTS)
    assert segments(tmp_path) == after


def test_a_segment_more_than_half_deleted_is_written_again_where_nothing_joins_it(
    tmp_path: Path,
) -> None:
    writer.build(news(range(100)), tmp_path)
    writer.update(news(range(100, 150)), tmp_path, limits=IN_SEGMENTS)
    writer.delete(tmp_path, map(str, range(60)), limits=IN_SEGMENTS)
    writer.update(news([1000]), tmp_path, limits=IN_SEGMENTS)
    assert segments(tmp_path) == [(40, 40), (50, 50), (1, 1)]


def test_damage_is_found_before_a_segment_is_merged(tmp_path: Path) -> None:
    """A damaged byte anywhere: the file must not be copied and then look intact."""
    writer.build(news(range(200)), tmp_path)
    more = news(range(200, 350))
    files = {path: path.read_bytes() for path in tmp_path.iterdir()}
    rng = np.random.default_rng(5)
    damaged = 0
    for path in [path for path in files if path.suffix in {".text", ".articles", ".language"}]:
        for at in rng.integers(len(files[path]), size=25).tolist():
            content = bytearray(files[path])
            content[at] ^= 1 << at % 8
            path.write_bytes(content)
            if is_damaged(tmp_path):  # a byte of padding is not
                damaged += 1
                with pytest.raises(IndexUnavailableError):
                    writer.update(more, tmp_path, limits=IN_SEGMENTS)
                assert {path: path.read_bytes() for path in tmp_path.iterdir()} == (
                    files | {path: bytes(content)}
                )
        path.write_bytes(files[path])
    assert damaged > 60


def is_damaged(directory: Path) -> bool:
    try:
        verify(directory)
    except IndexUnavailableError:
        return True
    return False


@pytest.mark.parametrize("deleted", [range(1), range(7), range(3, 10)])
def test_bigrams_of_deleted_articles_are_subtracted_when_they_are_merged(
    tmp_path: Path, deleted: range
) -> None:
    """The table counts the remaining articles, whether or not the merge dropped any."""
    bodies = ["lúa gạo lúa gạo, giá gạo"] * 5 + ["giá vàng, lúa gạo"] * 5
    articles = [Article(id=str(at), body=body) for at, body in enumerate(bodies)]
    writer.build([analyse(articles)], tmp_path / "deleted")
    writer.delete(tmp_path / "deleted", map(str, deleted), limits=IN_SEGMENTS)
    writer.update(
        [analyse([Article(id=str(at), body="tin") for at in range(10, 20)])],
        tmp_path / "deleted",
        limits=IN_SEGMENTS,
    )
    assert len(segments(tmp_path / "deleted")) == 1
    remaining = [article for at, article in enumerate(articles) if at not in deleted]
    for first, second in (("lúa", "gạo"), ("gạo", "lúa"), ("giá", "gạo"), ("giá", "vàng")):
        expected = sum(f"{first} {second}" in text for a in remaining for text in pairs_of(a.body))
        assert bigrams(tmp_path / "deleted", first, second) == expected, (first, second)


def pairs_of(text: str) -> list[str]:
    words = text.replace(",", "").split()
    return [f"{first} {second}" for first, second in itertools.pairwise(words)]


def tokens(count: int, *, rare: int) -> AnalysedBatch:
    """Return articles of `count` syllables: two frequent ones, and some rare pairs."""
    articles = 8
    each = count // articles
    terms = np.tile(np.arange(2, dtype=np.int32), count // 2)
    terms[3 : 3 + 2 * rare : 2] = 2 + np.arange(rare, dtype=np.int32)  # each once, after the first
    owners = np.repeat(np.arange(articles, dtype=np.int32), each)
    positions = np.tile(np.arange(each, dtype=np.int32), articles)
    text = FieldTokens(terms, owners, positions)
    nothing = FieldTokens(*[np.empty(0, np.int32)] * 3)
    fields = {"text": text, "words": text, "title": nothing, "author": nothing}
    vocabulary = ("mưa", "nắng", *(f"hiếm{at:03}" for at in range(rare)))
    return AnalysedBatch(tuple(Article(id=str(at)) for at in range(articles)), vocabulary, fields)


@pytest.mark.parametrize(("count", "kept"), [(800_000, 1), (1_200_000, 0)])
def test_bigrams_seen_once_leave_a_segment_that_is_large(
    tmp_path: Path, count: int, kept: int
) -> None:
    """This includes a segment that is written at once and never merged."""
    writer.build([tokens(count, rare=3)], tmp_path)
    assert len(segments(tmp_path)) == 1
    assert bigrams(tmp_path, "mưa", "nắng") > 1000
    assert bigrams(tmp_path, "mưa", "hiếm001") == kept
