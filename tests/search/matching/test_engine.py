"""One engine for many threads, while the index is being written to."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from index import writer
from index.errors import IndexUnavailableError
from search import plan
from search.matching.engine import EmbeddedEngine, open_engine
from tests.search.matching.test_pruning import any_of, zipf


def test_threads_get_what_one_gets(tmp_path: Path) -> None:
    writer.build(zipf(2000, seed=4), tmp_path)
    plans = [any_of([f"t{at}", f"t{3 * at}", "t1"], 20, pairs=at % 2 == 0) for at in range(60)]
    alone = open_engine(tmp_path).snapshot()
    expected = [alone.execute(asked) for asked in plans]
    shared = open_engine(tmp_path)
    with ThreadPoolExecutor(4) as threads:
        for _ in range(3):
            found = threads.map(lambda asked: shared.snapshot().execute(asked), plans)
            assert list(found) == expected


def test_readers_go_on_while_the_index_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every answer is that of one commit: all of its articles or all of the next one's."""
    monkeypatch.setattr(os, "fsync", lambda _: None)
    first, second = list(zipf(500, seed=1)), list(zipf(1000, seed=2))
    writer.build(first, tmp_path)
    engine, done = open_engine(tmp_path), Event()

    def read(engine: EmbeddedEngine) -> set[tuple[int, int]]:
        seen = set()
        while not done.is_set():
            snapshot = engine.snapshot()
            total = snapshot.execute(plan.Plan(plan.Everything(), limit=1)).total
            snapshot.article(total - 1)
            seen.add((snapshot.articles, total))
        return seen

    with ThreadPoolExecutor(3) as threads:
        readers = [threads.submit(read, engine) for _ in range(3)]
        for turn in range(12):
            writer.build(second if turn % 2 == 0 else first, tmp_path)
        done.set()
        for reader in readers:
            assert reader.result() <= {(500, 500), (1000, 1000)}
    assert engine.snapshot().articles == 500


@pytest.mark.parametrize(
    "asked",
    [
        plan.Plan(plan.Term("nonsense", "x")),
        plan.Plan(plan.Prefix("nonsense", "x")),
        plan.Plan(plan.Keyword("nonsense", ("x",))),
        plan.Plan(plan.Phrase("words", (("a",), ("b",)))),
        plan.Plan(plan.Everything(), scores=(plan.TermScore("nonsense", "x", 1.0),)),
        plan.Plan(plan.Everything(), facets=("nonsense",)),
    ],
)
def test_what_does_not_exist_is_said(tmp_path: Path, asked: plan.Plan) -> None:
    writer.build(zipf(500, seed=1), tmp_path)
    with pytest.raises(ValueError, match=r"there is no|keeps no positions"):
        open_engine(tmp_path).snapshot().execute(asked)


def test_numbers_and_ids_that_are_not_there(tmp_path: Path) -> None:
    writer.build(zipf(500, seed=1), tmp_path)
    writer.delete(tmp_path, ["7"])
    snapshot = open_engine(tmp_path).snapshot()
    assert snapshot.number_of("8") == 8
    assert snapshot.number_of("7") is None
    assert snapshot.number_of("nobody") is None
    for number in (-1, 7, 500):
        with pytest.raises(KeyError):
            snapshot.article(number)


def test_the_vocabulary_counts_documents_and_occurrences(tmp_path: Path) -> None:
    batches = list(zipf(1000, seed=5))
    writer.build(batches, tmp_path)
    snapshot = open_engine(tmp_path).snapshot()
    vocabulary = snapshot.vocabulary()
    assert list(vocabulary.terms) == sorted(set(vocabulary.terms))
    assert vocabulary.occurrences.sum() == sum(len(b.fields["text"].terms) for b in batches)
    for at in range(0, len(vocabulary.terms), 97):
        term = vocabulary.terms[at]
        assert snapshot.document_frequency("text", term) == vocabulary.documents[at]
        assert term in snapshot.terms_with_prefix("text", term[:2])


def test_a_damaged_section_is_found_when_asked_for(tmp_path: Path) -> None:
    writer.build(zipf(4000, seed=6), tmp_path)
    writer.verify(tmp_path)
    path = next(tmp_path.glob("*.text"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(IndexUnavailableError, match="is damaged"):
        writer.verify(tmp_path)
