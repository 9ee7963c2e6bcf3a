"""Filters, ranges, orders, facets, selected fields, multi-search."""

import json
import time
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from index.article import Article
from index.schema import DEFAULT_SCHEMA
from index.schema_files import parse_field
from search.request import Bucket, FacetBy, FilterBy, Operator, SearchRequest
from search.warnings import warning
from tests.web.fake import FakeSearcher
from web.app import create_app
from web.conditions import parse_conditions
from web.problems import BadParameterError
from web.requests import MAX_FACET_VALUES
from web.searching import MAX_VALUES_SCANNED

SCHEMA = DEFAULT_SCHEMA.with_fields(
    parse_field("tags:keywords:facet"),
    parse_field("views:number:filter:sortable"),
    parse_field("edited:date:facet:sortable"),
)
ARTICLES = [
    Article(
        id="1", title="Nước lũ", author="Lê Mai", source="A", values={"tags": ["mưa"], "views": 5.0}
    ),
    Article(
        id="2", title="Nước sạch", source="B", values={"tags": ["mưa", "lúa gạo"], "views": 9.0}
    ),
    Article(id="3", title="Nước mắm", source="B", body="Ủ chượp."),
]


@pytest.fixture
def searcher() -> FakeSearcher:
    return FakeSearcher(ARTICLES, SCHEMA)


@pytest.fixture
def client(searcher: FakeSearcher) -> FlaskClient:
    return create_app(searcher).test_client()


def ids(client: FlaskClient, query_string: str) -> list[str]:
    response = client.get(f"/api/search?q=nước&{query_string}")
    assert response.status_code == 200, response.text
    return [hit["id"] for hit in response.get_json()["hits"]]


@pytest.mark.parametrize(
    ("query_string", "found"),
    [
        ("tags=mưa", ["1", "2"]),
        ("tags=lúa gạo&tags=khô", ["2"]),
        ("views=9", ["2"]),
        ("views=5..8", ["1"]),
        ("views=..8", ["1"]),
        ("views=6..", ["2"]),
        ("filter=source:B", ["2", "3"]),
        ("filter=source=B AND views>=9", ["2"]),
        ('filter=tags:["lúa gạo", "khô"]', ["2"]),
        ('filter=tags IN ["lúa gạo", khô]', ["2"]),
        ("filter=views>5", ["2"]),
        ("filter=views<9", ["1"]),
        ("filter=views>=5 AND views<=8", ["1"]),
        ("filter=nguồn:'B'&filter=views:5..9", ["2"]),
        ("sort=views&size=2", ["1", "2"]),
        ("sort=views:desc", ["2", "1", "3"]),
        ("sort=-views", ["2", "1", "3"]),
        ("limit=1&offset=1", ["2"]),
        ("offset=2", ["3"]),
    ],
)
def test_any_field_filters_and_sorts(
    client: FlaskClient, query_string: str, found: list[str]
) -> None:
    assert ids(client, query_string) == found


@pytest.mark.parametrize(
    ("query_string", "code"),
    [
        ("filter=body:x", "invalid_filter"),
        ("filter=nobody:x", "invalid_filter"),
        ("filter=source", "invalid_filter"),
        ("filter=source:A OR source:B AND", "invalid_filter"),
        ("filter=source>A", "invalid_filter"),
        ("filter=source!=A", "invalid_filter"),
        ("filter=views>much", "invalid_filter"),
        ("filter=views:nan", "invalid_filter"),
        ("filter=published>yesterday", "invalid_filter"),
        ("filter=published>9999-12-31", "invalid_filter"),
        ("views=5&views=6", "invalid_filter"),
        ("filter=" + " AND ".join(["views>1"] * 21), "invalid_filter"),
        ("filter=" + "x" * 1001, "invalid_filter"),
        ("tags=" + "x" * 201, "invalid_values"),
        ("sort=title", "invalid_sort"),
        ("sort=views:up", "invalid_sort"),
        ("facets=title", "invalid_facets"),
        ("facets=tags.month", "invalid_facets"),
        ("facets=edited.week", "invalid_facets"),
        ("fields=nothing", "invalid_fields"),
        ("offset=-1", "invalid_offset"),
        ("operator=xor", "invalid_operator"),
        ("collapse=2", "invalid_collapse"),
        ("highlights=some", "invalid_highlights"),
        ("cursor=*&offset=3", "invalid_cursor"),
    ],
)
def test_requests_that_the_schema_forbids_are_refused(
    client: FlaskClient, query_string: str, code: str
) -> None:
    response = client.get(f"/api/search?q=nước&{query_string}")
    assert (response.status_code, response.get_json()["error"]["code"]) == (400, code)


def test_the_request_has_all_parameters(client: FlaskClient, searcher: FakeSearcher) -> None:
    client.get(
        "/api/search?q=a&operator=and&collapse=0&highlights=all&semantic=1&cursor=*"
        "&facets=month,tags,edited.day&author=Lê Mai&filter=published>2024-01-31"
    )
    assert searcher.requests == [
        SearchRequest(
            query="a",
            filters=(
                FilterBy("author", ("Lê Mai",)),
                FilterBy("published", low=date(2024, 2, 1)),
            ),
            facets=(
                FacetBy("published", Bucket.MONTH),
                FacetBy("tags"),
                FacetBy("edited", Bucket.DAY),
            ),
            operator=Operator.AND,
            all_highlights=True,
            semantic=True,
        )
    ]


def test_near_duplicates_are_collapsed_by_default() -> None:
    copies = [Article(id=f"c{n}", title="Nước về làng") for n in range(3)]
    client = create_app(FakeSearcher([*copies, Article(id="x", title="Nước")])).test_client()
    for parameter in ("", "&collapse=1", "&collapse="):
        response = client.get(f"/api/search?q=nước{parameter}").get_json()
        assert (response["total"], response["groups"]) == (4, 2)
        assert [hit["similar"] for hit in response["hits"]] == [2, 0]
    opened = client.get("/api/search?q=nước&collapse=0").get_json()
    assert (opened["total"], len(opened["hits"]), "groups" in opened) == (4, 4, False)
    assert not any("similar" in hit for hit in opened["hits"])
    searches = {"searches": [{"q": "nước"}, {"q": "nước", "collapse": False}]}
    together = client.post("/api/multi-search", json=searches).get_json()["results"]
    assert [len(response["hits"]) for response in together] == [2, 4]
    assert client.get("/api/export?q=nước").data.count(b"\n") == 4


@pytest.mark.parametrize(
    ("name", "reported"),
    [
        ("hitsPerPage", "Did you mean 'size'?"),
        ("from", "Did you mean 'offset'?"),
        ("filter_by", "Did you mean 'filter'?"),
        ("query", "Did you mean 'q'?"),
        ("utm_source", "ignored."),
    ],
)
def test_an_unknown_parameter_is_reported(client: FlaskClient, name: str, reported: str) -> None:
    [warning] = client.get(f"/api/search?q=nước&{name}=3").get_json()["warnings"]
    assert warning["code"] == "unknown_parameter"
    assert name in warning["message"]
    assert warning["message"].endswith(reported)


@pytest.mark.parametrize("name", ["limit", "offset", "tags", "views", "author", "edited", "lang"])
def test_a_known_parameter_is_not_reported(client: FlaskClient, name: str) -> None:
    value = "2024-01-31" if name == "edited" else "3"
    assert client.get(f"/api/search?q=nước&{name}={value}").get_json()["warnings"] == []


def test_hits_have_the_requested_fields(client: FlaskClient) -> None:
    [hit] = client.get("/api/search?q=mắm&fields=title,body,views,author").get_json()["hits"]
    assert hit == {"id": "3", "title": "Nước mắm", "body": "Ủ chượp.", "views": "", "author": ""}
    hit = client.get("/api/search?q=lũ&fields=tags,views").get_json()["hits"][0]
    assert hit == {"id": "1", "tags": ["mưa"], "views": 5.0}


def test_chosen_fields_of_a_page_are_read_in_one_call(
    searcher: FakeSearcher, client: FlaskClient
) -> None:
    for fields, calls in (("title,score", 0), ("body", 1), ("body,tags,extra", 1)):
        searcher.stored_calls = 0
        assert len(client.get(f"/api/search?q=nước&fields={fields}").get_json()["hits"]) == 3
        assert searcher.stored_calls == calls


@pytest.mark.parametrize(
    ("accepted", "reported"),
    [
        ("", "Bạn chưa nhập từ khóa nào."),
        ("vi", "Bạn chưa nhập từ khóa nào."),
        ("fr", "Bạn chưa nhập từ khóa nào."),
        ("en-GB,en;q=0.9,vi;q=0.5", "The query has no letters or digits."),
    ],
)
def test_warnings_are_reported_in_the_language_of_the_client(
    searcher: FakeSearcher, accepted: str, reported: str
) -> None:
    searcher.warnings = (warning("no_words"),)
    headers = {"Accept-Language": accepted} if accepted else {}
    response = create_app(searcher).test_client().get("/api/search?q=!", headers=headers)
    assert [one["message"] for one in response.get_json()["warnings"]] == [reported]


def test_facet_values_can_be_searched(client: FlaskClient) -> None:
    response = client.get("/api/facets?field=tags&prefix=LUA").get_json()
    assert response == {"field": "tags", "values": [{"value": "lúa gạo", "count": 1}]}
    begin_first = client.get("/api/facets?field=tags&prefix=g").get_json()["values"]
    assert [one["value"] for one in begin_first] == ["lúa gạo"]
    assert client.get("/api/facets?field=title").status_code == 400


def test_searching_values_takes_linear_time() -> None:
    names = [f"Phóng viên {number:05}" for number in range(MAX_VALUES_SCANNED)]
    articles = [Article(id=name, title="Nước", author=name) for name in names]
    client = create_app(FakeSearcher(articles)).test_client()
    began = time.process_time()
    [found] = client.get("/api/facets?field=author&prefix=09999").get_json()["values"]
    assert found == {"value": names[-1], "count": 1}
    some = client.get("/api/facets?field=author&prefix=phong").get_json()["values"]
    assert len(some) == MAX_FACET_VALUES
    assert time.process_time() - began < 2  # it takes 0.1 s; comparing all pairs took 5


def test_several_searches_are_one_request(client: FlaskClient) -> None:
    searches = [{"q": "nước", "tags": ["mưa"], "size": 1, "literal": True}, {"q": "mắm", "x": None}]
    response = client.post("/api/multi-search", json={"searches": searches})
    first, second = response.get_json()["results"]
    assert (first["total"], len(first["hits"]), second["total"]) == (2, 1, 1)
    wrong: list[Any] = [{}, [], {"searches": []}, {"searches": [1]}, {"searches": [{"q": {}}]}]
    for bad in [*wrong, None]:
        assert client.post("/api/multi-search", json=bad).status_code == 400
    many = {"searches": [{"q": "a"}] * 11}
    assert client.post("/api/multi-search", json=many).status_code == 400


def test_related_articles_are_hits(client: FlaskClient) -> None:
    response = client.get("/api/related?id=1").get_json()
    assert (response["id"], [hit["id"] for hit in response["hits"]]) == ("1", ["2", "3"])
    assert len(client.get("/api/related?id=1&size=1").get_json()["hits"]) == 1
    assert client.get("/api/related?id=9").status_code == 404


@pytest.mark.parametrize("headers", [{"Accept": "application/x-suggestions+json"}, {}])
def test_browsers_get_suggestions_in_their_form(client: FlaskClient, headers: Any) -> None:
    form = "" if headers else "&format=suggestions"
    response = client.get(f"/api/complete?q=nước s{form}", headers=headers)
    assert response.content_type == "application/x-suggestions+json"
    assert json.loads(response.data) == ["nước s", ["nước sạch"]]


def test_the_schema_can_be_read(client: FlaskClient) -> None:
    fields = {one["name"]: one["kind"] for one in client.get("/api/schema").get_json()["fields"]}
    assert (fields["tags"], fields["title"]) == ("keywords", "text")


@given(
    st.text(alphabet=st.characters(codec="utf-8"), max_size=60)
    | st.from_regex(r"\A(source|views|published)[:=<>!]{1,2}[\[\]\"'.,0-9a-zA AND-]{0,40}\Z")
)
def test_any_filter_is_parsed_or_refused(text: str) -> None:
    try:
        conditions = list(parse_conditions(text, SCHEMA))
    except BadParameterError as error:
        assert error.problem.code == "invalid_filter"
    else:
        assert conditions
        assert all(condition.field in SCHEMA for condition in conditions)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [
                    "q",
                    "page",
                    "size",
                    "limit",
                    "offset",
                    "sort",
                    "since",
                    "until",
                    "filter",
                    "facets",
                    "fields",
                    "cursor",
                    "operator",
                    "views",
                    "edited",
                    "tags",
                ]
            ),
            st.text(max_size=12)
            | st.sampled_from(
                ["1", "0", "9999-12-31", "0001-01-01", "..", "1..", "a:b", "views>1"]
            ),
        ),
        max_size=6,
    )
)
def test_any_parameters_are_answered_or_refused(pairs: list[tuple[str, str]]) -> None:
    client = create_app(FakeSearcher(ARTICLES, SCHEMA)).test_client()
    encoded = [(name, value.encode("utf-8", "replace")) for name, value in pairs]
    response = client.get("/api/search", query_string=encoded)
    assert response.status_code in {200, 400}
    assert response.get_json()


def test_the_number_of_filters_is_bounded_in_all(client: FlaskClient) -> None:
    many = [("source", f"{number:0>200}") for number in range(20)]
    assert client.get("/api/search", query_string=many).status_code == 200
    refused = client.get("/api/search", query_string=[*many, ("tags", "x")])
    assert refused.get_json()["error"]["code"] == "invalid_values"
    assert len(client.get("/search", query_string=[*many, ("tags", "x")]).data) < 2_000_000
