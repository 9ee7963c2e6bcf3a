"""The API over a real index: declared fields are filtered, counted, sorted and paged."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from search import open_searcher
from web.app import create_app
from web.command import main

FIELDS = ("tags:keywords:facet", "views:number:filter:sortable")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    folder = tmp_path_factory.mktemp("real")
    records = [
        {
            "id": f"{number}",
            "title": f"Giá lúa kỳ {number}",
            "source": "AB"[number % 2],
            "tags": ["lúa", "giá"] if number % 3 else ["lúa"],
            "views": number * 10,
            "date": f"2026-0{1 + number % 3}-02T08:00:00+07:00",
        }
        for number in range(30)
    ]
    corpus = folder / "a.jsonl"
    corpus.write_text("\n".join(json.dumps(record) for record in records), "utf-8")
    options = [part for field in FIELDS for part in ("--field", field)]
    built = CliRunner().invoke(main, ["build", str(corpus), "--index", str(folder / "i"), *options])
    assert built.exit_code == 0, built.output
    return create_app(open_searcher(folder / "i")).test_client()


@pytest.mark.parametrize(
    ("query_string", "total", "first"),
    [
        ("tags=giá&sort=views", 20, "1"),
        ("filter=views>=100 AND views<200&sort=views", 10, "10"),
        ("views=100..100", 1, "10"),
        ("source=A&views=..40&sort=-views", 3, "4"),
        ("filter=published>=2026-03-01&sort=views", 10, "2"),
        ("filter=published<2026-02-01&sort=views:desc", 10, "27"),
        ("since=2026-02-02&until=2026-02-02&sort=views", 10, "1"),
        ("offset=29&sort=views", 30, "29"),
        ("operator=and&sort=views", 30, "0"),
    ],
)
def test_filters_and_orders_apply_to_a_real_index(
    client: FlaskClient, query_string: str, total: int, first: str
) -> None:
    response = client.get(f"/api/search?q=giá lúa&{query_string}").get_json()
    assert (response["total"], response["hits"][0]["id"]) == (total, first)


@pytest.mark.parametrize("path", ["/api/export?", "/search.atom?"])
def test_hours_apply_to_searches_exports_and_feeds(tmp_path: Path, path: str) -> None:
    now = datetime.now(UTC)
    records = [
        {"id": f"h{hours}-", "title": "Giá lúa", "date": str(now - timedelta(hours=hours))}
        for hours in (1, 23, 25)
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, records)), "utf-8")
    where = ["build", str(tmp_path / "a.jsonl"), "--index", str(tmp_path / "i")]
    assert CliRunner().invoke(main, where).exit_code == 0
    client = create_app(open_searcher(tmp_path / "i")).test_client()
    found = client.get(f"{path}q=lúa&hours=24").text
    assert [f"h{hours}-" in found for hours in (1, 23, 25)] == [True, True, False]
    assert 'content="2 kết quả' in client.get("/search?q=lúa&hours=24").text


def test_facets_count_all_matches(client: FlaskClient) -> None:
    facets = client.get("/api/search?q=giá lúa&facets=tags,source,month").get_json()["facets"]
    assert facets == {
        "tags": [{"value": "lúa", "count": 30}, {"value": "giá", "count": 20}],
        "source": [{"value": "A", "count": 15}, {"value": "B", "count": 15}],
        "month": [{"value": f"2026-0{month}", "count": 10} for month in (3, 2, 1)],
    }
    found = client.get("/api/facets?field=tags&prefix=gia").get_json()["values"]
    assert found == [{"value": "giá", "count": 20}]


def test_cursors_return_every_hit_once(client: FlaskClient) -> None:
    for sort in ("relevance", "newest", "views:desc"):
        ids, cursor = [], "*"
        while cursor:
            request = {"q": "giá lúa", "size": 7, "sort": sort, "cursor": cursor}
            response = client.get("/api/search", query_string=request).get_json()
            ids += [hit["id"] for hit in response["hits"]]
            cursor = response["next_cursor"]
        assert sorted(ids, key=int) == [str(number) for number in range(30)]
    assert client.get("/api/search?q=a&cursor=nobody's").status_code == 400


def test_an_export_is_indexed_again_as_it_was(client: FlaskClient, tmp_path: Path) -> None:
    exported = client.get("/api/export?q=giá lúa&sort=views").data
    records = [json.loads(line) for line in exported.splitlines()]
    assert [record["id"] for record in records] == [str(number) for number in range(30)]
    assert (records[1]["tags"], records[1]["views"]) == (["lúa", "giá"], 10)
    (tmp_path / "b.jsonl").write_bytes(exported)
    options = [part for field in FIELDS for part in ("--field", field)]
    where = ["--index", str(tmp_path / "i"), *options]
    assert CliRunner().invoke(main, ["build", str(tmp_path / "b.jsonl"), *where]).exit_code == 0
    again = create_app(open_searcher(tmp_path / "i")).test_client()
    assert again.get("/api/export?q=giá lúa&sort=views").data == exported


def test_any_stored_field_can_be_returned(client: FlaskClient) -> None:
    request = "/api/search?q=kỳ 7&fields=title,tags,views&views=70"
    [hit] = client.get(request).get_json()["hits"]
    assert hit == {"id": "7", "title": "Giá lúa kỳ 7", "tags": ["lúa", "giá"], "views": 70}


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("name", ["since", "until"])
@pytest.mark.parametrize("path", ["/api/search", "/search", "/search.atom", "/api/export"])
def test_dates_at_the_ends_of_the_calendar_are_answered(
    client: FlaskClient, path: str, name: str, day: str
) -> None:
    for request in (f"{name}={day}", f"filter=published:{day}..{day}"):
        with client.get(f"{path}?q=lúa&{request}") as response:
            assert response.status_code == 200
