"""Builds, updates, deletions and copies in a real cluster."""

import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from index.analysis import AnalysedBatch, analyse
from index.article import Article
from index.embedded import writer as folder_writer
from index.errors import IndexBusyError, IndexUnavailableError
from index.opensearch import lock, writer
from index.opensearch.client import Client
from index.opensearch.lifecycle import Settings
from index.opensearch.location import parse_location
from index.opensearch.names import read_commit
from index.opensearch.partitions import abandon, begin, finish, write_partition
from index.schema import DEFAULT_SCHEMA, SchemaError
from index.schema_files import parse_field
from index.targets import copy, open_target
from search import open_searcher
from search.request import SearchRequest, SortBy
from tests import cluster

pytestmark = pytest.mark.skipif(not cluster.available(), reason=cluster.MISSING)

SMALL = Settings(shards=2, replicas=0)


@pytest.fixture
def location(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    monkeypatch.setenv("TIMTIN_CACHE", str(tmp_path / "cache"))
    address = cluster.location("writing")
    client = Client(parse_location(address))
    for index in client.request("GET", "/writing*", None, {"expand_wildcards": "all"}):
        client.request("DELETE", f"/{index}")
    return address


def articles(*ids: str, word: str = "gạo") -> list[AnalysedBatch]:
    return [
        analyse([Article(name, title=f"Giá {word} {name}", body=f"bài {name}")]) for name in ids
    ]


def found(location: str, query: str) -> set[str]:
    return {hit.id for hit in open_searcher(location).search(query, size=50).hits}


def test_a_build_replaces_everything_and_leaves_nothing_behind(location: str) -> None:
    first = writer.build(articles("1", "2"), location, settings=SMALL)
    assert (first.given, first.articles) == (2, 2)
    second = writer.build(articles("2", "3", "3"), location, settings=SMALL)
    assert (second.given, second.repeated, second.articles) == (3, 1, 2)
    assert found(location, "gạo") == {"2", "3"}
    client = Client(parse_location(location))
    commit = read_commit(client)
    assert set(client.request("GET", "/writing*")) == {commit.index, commit.models}


def test_an_update_counts_each_article_once(location: str) -> None:
    assert writer.update(articles("1", "2"), location, settings=SMALL).articles == 2
    report = writer.update(articles("2", "3"), location)
    assert (report.given, report.replaced, report.articles) == (2, 1, 3)
    again = writer.update(articles("2", "3", word="ngô"), location)
    assert (again.replaced, again.articles) == (2, 3)
    assert found(location, "ngô") == {"2", "3"}


def test_both_of_two_concurrent_first_updates_are_written(location: str) -> None:
    second = threading.Thread(
        target=writer.update,
        args=(articles("2"), location),
        kwargs={"settings": SMALL, "wait_seconds": 60.0},
    )

    def first() -> Iterator[AnalysedBatch]:
        second.start()  # while the first one has the lock and there is no index yet
        time.sleep(1.0)
        yield from articles("1")

    writer.update(first(), location, settings=SMALL)
    second.join()
    assert found(location, "gạo") == {"1", "2"}


def test_articles_are_deleted_and_unknown_ids_ignored(location: str) -> None:
    writer.build(articles("1", "2", "x" * 600), location, settings=SMALL)
    assert writer.delete(location, ["2", "none", "x" * 600]) == 2
    assert found(location, "giá") == {"1"}
    assert writer.statistics(location).articles == 1


def test_many_updates_keep_few_parts_of_the_models(location: str) -> None:
    writer.build(articles("0"), location, settings=SMALL)
    for at in range(1, 7):
        writer.update(articles(str(at)), location)
    commit = read_commit(Client(parse_location(location)))
    assert len(commit.parts) <= writer.MAX_PARTS
    language = open_searcher(location)._engine.reader().models.language
    assert language.counts(["gạo"]).tolist() == [7]


def test_hostile_records_are_refused_one_by_one(location: str) -> None:
    odd = [
        Article("long source", title="giá", source="a" * 40_000),
        Article("\ud800", title="giá"),
        Article("nul", title="giá \0", body="x" * 100_000),
        Article("i/d ?#", title="giá"),
    ]
    report = writer.build([analyse(odd)], location, settings=SMALL)
    assert [name for name, _ in report.refused] == ["long source"]
    assert report.articles == 3


def test_a_failing_build_leaves_the_old_index(location: str) -> None:
    writer.build(articles("1"), location, settings=SMALL)

    def broken() -> Iterator[AnalysedBatch]:
        yield from articles("2")
        raise RuntimeError("the corpus ends")

    with pytest.raises(RuntimeError, match="the corpus ends"):
        writer.build(broken(), location, settings=SMALL)
    assert found(location, "giá") == {"1"}
    client = Client(parse_location(location))
    assert len(client.request("GET", "/writing*")) == 2


def test_two_writers_at_once_are_excluded(location: str) -> None:
    writer.build(articles("1"), location, settings=SMALL)
    begun, end = threading.Event(), threading.Event()

    def slow() -> Iterator[AnalysedBatch]:
        begun.set()
        end.wait(60)
        yield from articles("2")

    other = threading.Thread(target=lambda: writer.build(slow(), location, settings=SMALL))
    other.start()
    assert begun.wait(60)
    with pytest.raises(IndexBusyError):
        writer.update(articles("3"), location)
    end.set()
    other.join(60)
    assert writer.update(articles("3"), location).articles == 2


def test_a_lock_taken_over_by_another_writer_is_left_alone(
    location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(parse_location(location))
    monkeypatch.setattr(lock, "RENEWED_SECONDS", 0.1)
    monkeypatch.setattr(lock, "STALE_SECONDS", -1.0)  # as if the lock's holder had been killed
    with lock.write_lock(client) as first, lock.write_lock(client) as second:
        time.sleep(0.5)
        lost = [held for held in (first, second) if held._lost.is_set()]
        assert len(lost) == 1
        with pytest.raises(IndexBusyError, match="lost"):
            lost[0].check()
        lost[0].release()
        monkeypatch.setattr(lock, "STALE_SECONDS", 60.0)
        with pytest.raises(IndexBusyError, match="another writer"), lock.write_lock(client):
            pass


def test_readers_see_whole_builds_only(location: str) -> None:
    def generation(word: str) -> list[AnalysedBatch]:
        return [analyse([Article(str(at), title=f"{word} {word}") for at in range(20)])]

    writer.build(generation("lúa"), location, settings=SMALL)
    searcher, stop, wrong = open_searcher(location), threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            try:
                totals = [searcher.search(word, literal=True).total for word in ("lúa", "ngô")]
            except IndexUnavailableError:  # reported; the caller tries again
                continue
            if totals[0] not in (0, 20) or totals[1] not in (0, 20):
                wrong.append(totals)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for word in ("ngô", "lúa", "ngô"):
        writer.build(generation(word), location, settings=SMALL)
    stop.set()
    for reader in readers:
        reader.join()
    assert wrong == []


def test_verify_reports_missing_parts(location: str) -> None:
    writer.build(articles("1"), location, settings=SMALL)
    assert writer.verify(location) == []
    client = Client(parse_location(location))
    commit = read_commit(client)
    client.request("DELETE", f"/{commit.models}/_doc/{commit.parts[0]}.0")
    [wrong] = writer.verify(location)
    assert "part" in wrong
    assert "missing" in wrong


def test_verify_reports_articles_deleted_by_others(location: str) -> None:
    writer.build(articles("1", "2"), location, settings=SMALL)
    client = Client(parse_location(location))
    index = read_commit(client).index
    client.request("DELETE", f"/{index}/_doc/1", None, {"refresh": "true"})
    [wrong] = writer.verify(location)
    assert "contains 1 articles, and 2 when" in wrong
    with lock.write_lock(client):  # a running writer may have got this far
        assert writer.verify(location) == []


def test_a_missing_index_is_reported(location: str) -> None:
    with pytest.raises(IndexUnavailableError, match="there is no index here"):
        open_searcher(location)
    with pytest.raises(IndexUnavailableError, match="there is no index here"):
        writer.delete(location, ["1"])


def test_the_schema_is_kept(location: str) -> None:
    schema = DEFAULT_SCHEMA.with_fields(parse_field("tags:keywords:facet"))
    tagged = analyse([Article("1", title="giá", values={"tags": ["lúa", "gạo"]})], schema)
    writer.build([tagged], location, schema, settings=SMALL)
    assert open_target(location).stored_schema() == schema
    with pytest.raises(SchemaError):
        writer.update(articles("2"), location, DEFAULT_SCHEMA)


OWN = ("sequence:number:sortable", "signature:keyword:facet", "author_tokens:text", "gia:link",
       "title_start:keywords:facet", "commit:date:filter", "index:text")  # fmt: skip


def test_own_fields_of_any_name_and_kind_survive_copies_in_both_directions(
    location: str, tmp_path: Path
) -> None:
    """This includes names of internal fields, current and former ones."""
    schema = DEFAULT_SCHEMA.with_fields(*map(parse_field, OWN))
    values = [
        {"sequence": at, "signature": f"s{at % 2}", "author_tokens": "lúa mới", "gia": "https://a.vn",
         "title_start": ["t", "u"], "commit": "2026-01-02T03:00:00+07:00", "index": f"chợ {at}"}
        for at in (3, 1, 2)
    ]  # fmt: skip
    given_ = [
        Article(str(row["sequence"]), title="Giá gạo", author="An", values=row) for row in values
    ]
    folder, back = tmp_path / "index", tmp_path / "back"
    folder_writer.build([analyse(given_, schema)], folder, schema)
    copy(open_target(str(folder)), open_target(location), workers=1)
    copy(open_target(location), open_target(str(back)), workers=1)
    assert open_target(str(back)).stored_schema() == open_target(location).stored_schema() == schema
    assert list(open_target(str(back)).articles()) == list(open_target(location).articles())
    for address in (str(folder), location, str(back)):
        searcher = open_searcher(address)
        by_number = SearchRequest("gạo", sort=SortBy("sequence", descending=True))
        assert [hit.id for hit in searcher.answer(by_number).hits] == ["3", "2", "1"]
        assert searcher.search("author_tokens:lúa").total == 3
        assert searcher.search("index:chợ commit:2026").total == 3
        assert searcher.search('title_start:"t"').total == 3
        facets = searcher.search("gạo", facets=["signature", "author"]).facets
        assert [facet.count for facet in facets["signature"]] == [2, 1]
        assert [facet.count for facet in facets["author"]] == [3]


def test_an_index_is_copied_in_both_directions(location: str, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    folder_writer.build(articles("1", "2", "3"), folder)
    folder_writer.delete(folder, ["2"])
    assert copy(open_target(str(folder)), open_target(location), workers=1).articles == 2
    assert found(location, "giá") == {"1", "3"}
    back = tmp_path / "back"
    assert copy(open_target(location), open_target(str(back)), workers=1).articles == 2
    assert list(open_target(str(back)).articles()) == list(open_target(str(folder)).articles())


def parts(count: int) -> Sequence[list[AnalysedBatch]]:
    return [articles(*(f"{number}-{at}" for at in range(3))) for number in range(count)]


def test_a_partition_written_twice_is_indexed_once(location: str) -> None:
    build = begin(location, settings=SMALL)
    reports = [write_partition(build, at, batches) for at, batches in enumerate(parts(3))]
    again = write_partition(build, 1, parts(3)[1])
    with pytest.raises(IndexUnavailableError, match="there is no index here"):
        open_searcher(location)
    report = finish(build, [*reports, again])
    assert (report.given, report.repeated, report.articles) == (9, 0, 9)
    commit = read_commit(Client(parse_location(location)))
    assert commit.parts == ("merged",)
    language = open_searcher(location)._engine.reader().models.language
    assert language.counts(["gạo"]).tolist() == [9]


def test_a_partitioned_build_removed_by_a_later_build_is_reported(location: str) -> None:
    """The first bulk request would otherwise create the index again, without a mapping."""
    build = begin(location, settings=SMALL)
    first = write_partition(build, 0, parts(2)[0])
    writer.build(articles("9"), location, settings=SMALL)
    for _ in range(2):
        with pytest.raises(IndexUnavailableError, match="was removed"):
            write_partition(build, 1, parts(2)[1])
    with pytest.raises(IndexUnavailableError, match="was removed"):
        finish(build, [first])
    assert found(location, "giá") == {"9"}
    client = Client(parse_location(location))
    assert len(client.request("GET", "/writing*", None, {"expand_wildcards": "all"})) == 2


def test_partitions_are_not_published_under_another_writer(location: str) -> None:
    build = begin(location, settings=SMALL)
    reports = [write_partition(build, at, batches) for at, batches in enumerate(parts(2))]
    with (
        lock.write_lock(Client(parse_location(location))),
        pytest.raises(IndexBusyError, match="another writer"),
    ):
        finish(build, reports)
    assert finish(build, reports).articles == 6


def test_a_missing_partition_is_reported_and_an_abandoned_build_leaves_nothing(
    location: str,
) -> None:
    build = begin(location, settings=SMALL)
    reports = [write_partition(build, at, parts(3)[at]) for at in (0, 2)]
    with pytest.raises(IndexUnavailableError, match="without gaps"):
        finish(build, reports)
    abandon(build)
    assert Client(parse_location(location)).request("GET", "/writing*") == {}
