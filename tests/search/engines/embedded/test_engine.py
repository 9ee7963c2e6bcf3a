"""One engine used by many threads while the index is written to."""

import gc
import os
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread, current_thread

import numpy as np
import pytest
from whoosh.query import Wildcard

from index import open_whoosh
from index.analysis import analyse
from index.article import Article
from index.embedded import writer
from index.embedded.commits import CommitStamp, commit_stamp
from index.embedded.limits import WriteLimits
from index.embedded.verification import verify
from index.errors import IndexUnavailableError
from search import plan
from search.engines import open_engine as open_any_engine
from search.engines.embedded.engine import EmbeddedEngine, open_engine
from search.engines.embedded.limits import DEFAULT_LIMITS
from search.request import Bucket, Sort
from search.searcher import Searcher, open_searcher
from tests.index.embedded.segments import IN_SEGMENTS
from tests.search.engines.embedded.test_pruning import any_of, zipf


def test_threads_get_the_same_results(tmp_path: Path) -> None:
    writer.build(zipf(2000, seed=4), tmp_path)
    plans = [any_of([f"t{at}", f"t{3 * at}", "t1"], 20, pairs=at % 2 == 0) for at in range(60)]
    alone = open_engine(tmp_path).reader()
    expected = alone.execute(plans)
    shared = open_engine(tmp_path)
    with ThreadPoolExecutor(4) as threads:
        for _ in range(3):
            found = threads.map(lambda query_plan: shared.reader().execute([query_plan])[0], plans)
            assert list(found) == expected


def test_an_old_commit_is_released_at_once(tmp_path: Path) -> None:
    """Its files take address space, and must not wait for the garbage collector."""
    batches = list(zipf(500, seed=7))
    writer.build(batches, tmp_path)
    engine = open_engine(tmp_path)
    searcher = Searcher(engine)
    gc.collect()
    gc.disable()
    try:
        for generation in (2, 3):
            old = weakref.ref(engine.reader())
            engine.reader().execute([any_of(["t1", "t2"], 5, pairs=True)])
            engine.reader().execute([plan.Plan(plan.Phrase("title", (("t1",), ("t2",))))])
            searcher.search('"t1 t2" t3 tu -source:x', facets=["year"])
            searcher.article("8", "t1")
            searcher.explain("t1", "8")
            searcher.related("8")
            searcher.complete("t")
            writer.build(batches, tmp_path)
            assert searcher.articles == 500
            searcher.search("t1")
            assert engine.reader().generation == generation
            assert old() is None
    finally:
        gc.enable()


def test_a_new_commit_reuses_open_files(tmp_path: Path) -> None:
    """Whatever was read of a segment is reused, whatever else is written or deleted."""
    batches = list(zipf(600, seed=7))
    large = WriteLimits(exact_tokens=0, beside_largest=1)  # otherwise a small index is rewritten
    writer.build(batches, tmp_path)
    engine = open_engine(tmp_path)
    query_plan = plan.Plan(plan.Phrase("text", (("t1",), ("t2",))), limit=1000)
    before = engine.reader()
    [every] = before.execute([query_plan])
    [segment] = before.segments
    writer.delete(tmp_path, [every.page[0].id], limits=large)
    [without] = engine.reader().segments
    assert without is not segment
    assert without.stored is segment.stored
    assert len(without.deleted) == 1
    assert len(segment.deleted) == 0
    [fewer] = engine.reader().execute([query_plan])
    assert fewer.total == every.total - 1
    assert every.page[0].id not in {match.id for match in fewer.page}
    writer.update([analyse([Article("new", "t1 t2")])], tmp_path, limits=large)
    again, added = engine.reader().segments
    assert again is without
    assert engine.reader().article_count == before.article_count
    assert added.documents == 1
    assert engine.reader().execute([query_plan]) == open_engine(tmp_path).reader().execute(
        [query_plan]
    )


def test_a_commit_is_opened_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that noticed the new commit before another had opened it uses that one's reader."""
    writer.build(zipf(500, seed=1), tmp_path)
    engine = open_engine(tmp_path)
    writer.build(zipf(500, seed=2), tmp_path)
    looked, opened = Event(), []

    def look(directory: Path) -> CommitStamp | None:
        stamp = commit_stamp(directory)
        if current_thread() is second and not looked.is_set():
            looked.set()  # it has noticed the new commit; now the first thread opens it
            opened.append(engine.reader())
        return stamp

    monkeypatch.setattr("search.engines.embedded.engine.commit_stamp", look)
    second = Thread(target=lambda: opened.append(engine.reader()))
    second.start()
    second.join()
    assert opened[0].generation == 2
    assert opened[1] is opened[0] is engine.reader()


def test_readers_continue_while_the_index_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every answer comes from a single commit: all its articles, or all of the next one's."""
    monkeypatch.setattr(os, "fsync", lambda _: None)
    first, second = list(zipf(500, seed=1)), list(zipf(1000, seed=2))
    writer.build(first, tmp_path)
    engine, done = open_engine(tmp_path), Event()

    def read(engine: EmbeddedEngine) -> set[tuple[int, int]]:
        seen = set()
        while not done.is_set():
            reader = engine.reader()
            [matches] = reader.execute([plan.Plan(plan.Everything(), limit=1)])
            assert None not in reader.stored([str(matches.total - 1)])
            seen.add((reader.article_count, matches.total))
        return seen

    with ThreadPoolExecutor(3) as threads:
        readers = [threads.submit(read, engine) for _ in range(3)]
        for turn in range(12):
            writer.build(second if turn % 2 == 0 else first, tmp_path)
        done.set()
        for reader in readers:
            assert reader.result() <= {(500, 500), (1000, 1000)}
    assert engine.reader().article_count == 500


def test_a_damaged_section_is_detected_when_read(tmp_path: Path) -> None:
    writer.build(zipf(4000, seed=6), tmp_path)
    verify(tmp_path)
    path = next(tmp_path.glob("*.text"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(IndexUnavailableError, match="is damaged"):
        verify(tmp_path)


def _everything(directory: Path) -> list[object]:
    """Return the results of many kinds of requests to an index."""
    searcher = open_searcher(directory)
    reader = open_engine(directory).reader()
    plans = [any_of([f"t{at}", f"t{3 * at}"], 20, pairs=at % 2 == 0) for at in range(0, 60, 7)]
    kinds: list[plan.Node] = [
        plan.Prefix("words", "t19"),
        plan.Phrase("text", (("t1",), ("t2", "t3")), slop=1),
        plan.Phrase("title", (("t1",), ("t1",))),
        plan.Not(plan.Keyword("source", ("x",))),
        plan.Range("published"),
    ]
    facets = plan.FacetRequest("published", Bucket.YEAR), plan.FacetRequest("section")
    plans += [plan.Plan(kind, facets=facets, sort=Sort.OLDEST.by) for kind in kinds]
    return [
        reader.execute(plans),
        reader.stored([str(number) for number in range(0, 600, 9)]),
        replace(searcher.search('t1 "t2 t3" t4', facets=["year"]), took_ms=0.0),
        searcher.related("8"),
        searcher.complete("t1"),
        set(open_whoosh(directory).searcher().docs_for_query(Wildcard("text", "t1*9"))),
    ]


@pytest.mark.parametrize(
    "kind", ["*.text", "*.articles", "*.language", "*.completions", "commit-*.json"]
)
def test_damage_is_reported_or_harmless(tmp_path: Path, kind: str) -> None:
    """Changing any byte of any file never causes a crash or a wrong result."""
    writer.build(zipf(500, seed=8), tmp_path)
    writer.delete(tmp_path, ["3", "77", "300"], limits=IN_SEGMENTS)
    sound = _everything(tmp_path)
    path = next(tmp_path.glob(kind))
    content = path.read_bytes()
    reported = 0
    for at in np.random.default_rng(9).integers(0, len(content), 60).tolist():
        damaged = bytearray(content)
        damaged[at] ^= 1 << at % 8
        path.write_bytes(damaged)
        try:
            assert _everything(tmp_path) == sound, at
        except IndexUnavailableError as error:
            assert "again" in str(error)
            reported += 1
    assert reported > 10


def test_the_caches_share_memory_in_the_default_proportions() -> None:
    half = DEFAULT_LIMITS.with_caches(44 << 20)
    for name in ("dense_bytes", "sparse_bytes", "bigram_bytes", "positions_bytes", "phrase_bytes"):
        assert getattr(half, name) == getattr(DEFAULT_LIMITS, name) // 2
    assert DEFAULT_LIMITS.with_caches(88 << 20) == DEFAULT_LIMITS


def test_an_engine_is_opened_with_memory_for_postings(tmp_path: Path) -> None:
    writer.build([analyse([Article(id="1", title="Giá lúa")])], tmp_path)
    reader = open_any_engine(tmp_path, 84 << 10).reader()
    assert sum(use.limit for name, use in reader.caches().items() if name != "prefixes") < 200_000
