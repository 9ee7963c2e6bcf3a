"""Popular queries as completions: only those of several clients, which reveal nobody."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import newspaper
from tests.web.fake import FakeSearcher
from web.app import create_app
from web.settings import Settings
from web.state.popular import MIN_CLIENTS, PopularQueries, popular_queries
from web.state.pseudonyms import Pseudonyms
from web.state.query_log import QueryLog

TODAY = datetime(2026, 11, 30, 12, tzinfo=UTC)


def entries(query: str, askers: int, age: int = 0, total: int = 3) -> Iterator[Mapping[str, Any]]:
    at = (TODAY - timedelta(days=age)).isoformat()
    for who in range(askers):
        yield {"q": query, "at": at, "total": total, "who": str(who)}


def opened(query: str, times: int) -> Iterator[Mapping[str, Any]]:
    yield from ({"q": query, "at": TODAY.isoformat(), "opened": "1"} for _ in range(times))


def test_a_query_is_offered_if_enough_clients_sent_it_on_one_day() -> None:
    log = [*entries("giá gạo", MIN_CLIENTS), *entries("bệnh của tôi", MIN_CLIENTS - 1)]
    assert popular_queries(log, TODAY) == ["giá gạo"]


def test_damaged_lines_of_the_log_are_ignored() -> None:
    damaged = [
        {"q": "giá gạo", "at": at, "total": 3, "who": "x"} for at in ("", "zzzz", "2026-13-45")
    ]
    assert popular_queries([*damaged, *entries("giá gạo", MIN_CLIENTS)], TODAY) == ["giá gạo"]


def test_a_query_of_a_single_client_is_never_offered() -> None:
    log = [one for age in range(10) for _ in range(50) for one in entries("riêng tôi", 1, age)]
    assert popular_queries(log, TODAY) == []


@pytest.mark.parametrize("query", ['"giá gạo"', "tác giả:mai", "gạo -nếp OR (ngô)", "-gạo", " "])
def test_only_plain_words_are_offered(query: str) -> None:
    assert popular_queries(entries(query, MIN_CLIENTS), TODAY) == []


def test_old_queries_and_queries_without_results_are_not_offered() -> None:
    log = [*entries("xyz", 9, total=0), *entries("tin cũ", 9, age=20)]
    assert popular_queries(log, TODAY) == []


def test_recent_frequent_and_opened_queries_come_first() -> None:
    log = [*entries("lũ lụt", 9, age=7), *entries("giá gạo", 6), *entries("bóng đá", 6)]
    assert popular_queries([*log, *opened("bóng đá", 5)], TODAY) == [
        "bóng đá",
        "giá gạo",
        "lũ lụt",
    ]


def test_a_query_is_offered_in_its_most_frequent_spelling() -> None:
    log = [*entries("GIÁ gạo", 2), *entries("giá gạo", 4), *entries("Giá, gạo", 1)]
    assert popular_queries(log, TODAY, min_clients=4) == ["giá gạo"]


def test_records_without_the_expected_fields_are_ignored() -> None:
    odd: list[Mapping[str, Any]] = [{}, {"q": 5}, {"q": "a", "at": None, "total": "x", "who": []}]
    assert popular_queries(odd, TODAY) == []


def test_a_pseudonym_is_stable_for_a_day_and_cannot_be_traced_later(tmp_path: Path) -> None:
    pseudonyms, other = Pseudonyms(tmp_path), Pseudonyms(tmp_path)  # two processes
    token = pseudonyms.of("10.0.0.1", TODAY)
    assert token == other.of("10.0.0.1", TODAY) != pseudonyms.of("10.0.0.2", TODAY)
    assert "10.0.0.1" not in token
    before = {path.read_bytes() for path in tmp_path.iterdir()}
    assert pseudonyms.of("10.0.0.1", TODAY + timedelta(days=1)) != token
    assert before.isdisjoint(path.read_bytes() for path in tmp_path.iterdir())
    assert Pseudonyms(tmp_path).of("", TODAY) == ""
    assert Pseudonyms(tmp_path / "nowhere").of("10.0.0.1", TODAY) == ""


def client_of(state: Path, **settings: Any) -> FlaskClient:
    return create_app(
        FakeSearcher(newspaper()), Settings(state=state, query_log=True, **settings)
    ).test_client()


def search_from(client: FlaskClient, query: str, addresses: int) -> None:
    for number in range(addresses):
        environ = {"REMOTE_ADDR": f"10.1.2.{number}"}
        client.get("/search", query_string={"q": query}, environ_overrides=environ)


def completions(client: FlaskClient, typed: str) -> list[str]:
    found = client.get("/api/complete", query_string={"q": typed}).get_json()
    return list(found["completions"])


def test_popular_queries_come_first_among_the_completions(tmp_path: Path) -> None:
    client = client_of(tmp_path, popular_queries=True)
    search_from(client, "Nước sạch", MIN_CLIENTS)
    search_from(client, "lúa", MIN_CLIENTS - 1)
    client.application.extensions["popular_queries"].read()
    for typed in ("nước", "nuoc s", "NƯỚC"):
        found = completions(client, typed)
        assert found[0] == "Nước sạch"
        assert len(found) == len({one.lower() for one in found})
    assert completions(client, "nước sạch")[:1] != ["Nước sạch"]
    assert "lúa" not in completions(client, "lú")
    assert b"10.1.2." not in b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())


def test_without_the_setting_no_pseudonyms_are_logged(tmp_path: Path) -> None:
    client = client_of(tmp_path)
    search_from(client, "Nước sạch", MIN_CLIENTS)
    lines = next((tmp_path / "queries").glob("*.jsonl")).read_text("utf-8").splitlines()
    assert lines
    assert not any("who" in json.loads(line) for line in lines)
    assert not list((tmp_path / "queries").glob("secret-*"))
    assert "Nước sạch" not in completions(client, "nước")


def test_a_log_that_cannot_be_read_offers_nothing(tmp_path: Path) -> None:
    log = QueryLog(tmp_path)
    popular = PopularQueries(log)
    day = tmp_path / "queries" / "2026-11-30.jsonl"
    day.mkdir()
    popular.read()
    assert popular.beginning("giá", 3) == []
