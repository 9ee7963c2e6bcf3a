"""All matches as JSON lines and CSV, streamed."""

import csv
import io
import json
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from index.article import Article
from index.schema import DEFAULT_SCHEMA
from index.schema_files import parse_field
from search.request import SearchRequest
from tests.web.fake import FakeSearcher
from tests.web.html import links
from web.api.export import FORMATS
from web.app import create_app
from web.settings import Settings


def test_every_match_is_one_line_that_can_be_indexed_again(client: FlaskClient) -> None:
    response = client.get("/api/export?q=Cần Thơ&sort=oldest&size=2&page=9")
    assert response.content_type == "application/x-ndjson"
    assert response.headers["Content-Disposition"] == 'attachment; filename="timtin.ndjson"'
    records = [json.loads(line) for line in response.data.splitlines()]
    assert [record["id"] for record in records] == [f"bai-{n}-2019" for n in range(4)]
    assert records[0]["body"].startswith("Sáng nay")
    assert records[0]["published"] == "2019-01-03T14:05:00+07:00"


def test_a_spreadsheet_reads_the_csv() -> None:
    schema = DEFAULT_SCHEMA.with_fields(parse_field("tags:keywords"), parse_field("views:number"))
    article = Article(
        id="1",
        title='=HYPERLINK("x")',
        summary='Một "câu",\nhai dòng',
        values={"tags": ["a", "b"], "views": -2.5},
    )
    untagged = Article(id="2", values={"views": 120.0})
    client = create_app(FakeSearcher([article, untagged], schema)).test_client()
    response = client.get("/api/export?format=csv")
    assert response.data.startswith("\ufeff".encode())
    row, second = csv.DictReader(io.StringIO(response.data.decode("utf-8-sig"), newline=""))
    assert second["views"] == "120"
    assert row["title"] == '\'=HYPERLINK("x")'
    assert row["summary"] == 'Một "câu",\nhai dòng'
    assert (row["tags"], row["views"]) == ("a; b", "-2.5")
    chosen = client.get("/api/export?format=csv&fields=id,body").data.decode("utf-8-sig")
    assert chosen == "id,body\r\n1,\r\n2,\r\n"


def test_every_format_is_accepted_declared_and_linked(client: FlaskClient) -> None:
    page = links(client.get("/search?q=nước").text)
    [operation] = client.get("/openapi.json").get_json()["paths"]["/api/export"].values()
    reported = operation["responses"]["200"]["content"]
    [parameter] = [one for one in operation["parameters"] if one["name"] == "format"]
    assert parameter["schema"]["enum"] == list(FORMATS)
    for name, form in FORMATS.items():
        assert f"format={name}&" in page[form.link]
        with client.get(page[form.link]) as response:
            assert response.content_type == form.content_type
            assert response.mimetype in reported


def test_fields_can_be_chosen(client: FlaskClient) -> None:
    lines = client.get("/api/export?q=Hà Nội&fields=title").data.splitlines()
    assert [list(json.loads(line)) for line in lines] == [["id", "title"]] * 4


@pytest.mark.parametrize("query_string", ["format=xml", "since=x", "fields=nothing"])
def test_bad_parameters_are_refused(client: FlaskClient, query_string: str) -> None:
    assert client.get(f"/api/export?{query_string}").status_code == 400


class EndlessSearcher(FakeSearcher):
    """A searcher that finds more than fits into memory."""

    read = 0

    def iterate(self, request: SearchRequest) -> Iterator[Article]:
        while True:
            self.read += 1
            yield Article(id=str(self.read), title="Nước")


def test_articles_are_read_as_they_are_sent_to_a_few_readers_at_a_time() -> None:
    searcher = EndlessSearcher([])
    client = create_app(searcher, Settings(max_exports=1)).test_client()
    first = client.get("/api/export", buffered=False)
    assert next(iter(first.response))
    assert searcher.read < 1_000
    busy = client.get("/api/export")
    assert (busy.status_code, busy.headers["Retry-After"]) == (503, "10")
    first.close()
    again = client.get("/api/export", buffered=False)
    assert again.status_code == 200
    again.close()
