"""The JSON endpoints: parameters, answers, errors."""

from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from index.article import Article
from search import IndexUnavailableError
from search.__main__ import FACETS
from search.request import Bucket, FacetBy, FilterBy, SearchRequest, SortBy
from search.results.records import Results
from tests.web.fake import VIETNAM, FakeSearcher
from web.app import create_app
from web.parameters import MAX_PAGE


def test_a_response_has_the_documented_keys(client: FlaskClient) -> None:
    response = client.get("/api/search?q=nước&size=3").get_json()
    assert list(response) == [
        "query",
        "interpretation",
        "total",
        "took_ms",
        "page",
        "size",
        "hits",
        "facets",
        "corrections",
        "warnings",
        "full_total",
        "relaxed",
        "groups",
    ]
    assert list(response["hits"][0]) == [
        "id",
        "title",
        "url",
        "source",
        "section",
        "published",
        "score",
        "snippet",
        "highlights",
        "author",
        "image",
        "published_precision",
        "has_body",
        "values",
        "similar",
    ]
    assert (response["total"], len(response["hits"])) == (24, 3)
    assert response["facets"] == {}


def test_letters_are_readable_in_the_json(client: FlaskClient) -> None:
    assert "Giá lúa ở Cần Thơ".encode() in client.get("/api/search?q=Cần Thơ").data


def test_every_parameter_reaches_the_searcher(client: FlaskClient, searcher: FakeSearcher) -> None:
    client.get(
        "/api/search?q=nước&page=2&size=5&sort=oldest&source=Nhà Nông&source=Tin Biển"
        "&section=Kinh tế&since=2020-01-01&until=2023-12-31&facets=source,year&literal=1"
    )
    assert searcher.requests == [
        SearchRequest(
            query="nước",
            page=2,
            size=5,
            sort=SortBy("published"),
            filters=(
                FilterBy("section", ("Kinh tế",)),
                FilterBy("source", ("Nhà Nông", "Tin Biển")),
                FilterBy("published", low=date(2020, 1, 1), high=date(2023, 12, 31)),
            ),
            facets=(FacetBy("source"), FacetBy("published", Bucket.YEAR)),
            literal=True,
            collapse=True,
        )
    ]


def test_the_last_hours_end_now(client: FlaskClient, searcher: FakeSearcher) -> None:
    before = datetime.now(UTC)
    client.get("/api/search?q=nước&hours=24&until=2023-12-31")
    until, lately = searcher.requests[0].filters
    assert until == FilterBy("published", high=date(2023, 12, 31))
    assert lately.field == "published" and lately.high is None
    assert isinstance(lately.low, datetime)
    assert timedelta(0) <= lately.low + timedelta(hours=24) - before < timedelta(minutes=1)


def test_absent_empty_and_unknown_parameters_change_nothing(
    client: FlaskClient, searcher: FakeSearcher
) -> None:
    client.get("/api/search")
    client.get("/api/search?q=&page=&size=&sort=&source=&section=&since=&until=&facets=&literal=")
    client.get("/api/search?utm_source=x&Page=7&self=1&query=2&parameters=3")
    assert searcher.requests[0] == searcher.requests[1] == searcher.requests[2]
    assert searcher.requests[0] == SearchRequest(collapse=True)


@pytest.mark.parametrize("facet", FACETS)
def test_matches_are_counted_by_every_facet(client: FlaskClient, facet: str) -> None:
    assert list(client.get(f"/api/search?facets={facet}").get_json()["facets"]) == [facet]


def test_facets_may_be_repeated_or_joined(client: FlaskClient, searcher: FakeSearcher) -> None:
    client.get("/api/search?facets=source, section,&facets=year&facets=source")
    facets = [facet.name for facet in searcher.requests[0].facets]
    assert facets == ["source", "section", "year"]
    counted = client.get("/api/search?facets=section").get_json()["facets"]
    assert counted["section"][0] == {"value": "Kinh tế", "count": 6}


@pytest.mark.parametrize(
    ("query_string", "code"),
    [
        ("page=0", "invalid_page"),
        ("page=-1", "invalid_page"),
        ("page=1.0", "invalid_page"),
        ("page=1_0", "invalid_page"),
        ("page=٣", "invalid_page"),
        ("page=two", "invalid_page"),
        (f"page={MAX_PAGE + 1}", "invalid_page"),
        ("page=" + "9" * 6000, "invalid_page"),
        ("size=0", "invalid_size"),
        ("size=101", "invalid_size"),
        ("sort=best", "invalid_sort"),
        ("sort=Newest", "invalid_sort"),
        ("since=2024-02-30", "invalid_since"),
        ("since=0", "invalid_since"),
        ("until=1/2/2024", "invalid_until"),
        ("hours=0", "invalid_hours"),
        ("hours=1.5", "invalid_hours"),
        ("hours=10000", "invalid_hours"),
        ("until=2024-01-01T00:00:00", "invalid_until"),
        ("since=2024-02-01&until=2024-01-31", "invalid_period"),
        ("facets=title", "invalid_facets"),
        ("highlights=every", "invalid_highlights"),
        ("highlights=all%0A", "invalid_highlights"),
        ("literal=maybe", "invalid_literal"),
        ("&".join(f"source={n}" for n in range(101)), "invalid_source"),
        ("&".join(f"section={n}" for n in range(101)), "invalid_section"),
        ("&".join(["source=A"] * 101), "invalid_source"),
        ("&".join(["filter=source:A"] * 21), "invalid_filter"),
        ("facets=" + "," * 100, "invalid_facets"),
        ("&".join(["section="] * 101), "invalid_section"),
    ],
)
def test_bad_parameters_are_refused(client: FlaskClient, query_string: str, code: str) -> None:
    response = client.get(f"/api/search?q=a&{query_string}")
    assert response.status_code == 400
    error = response.get_json()["error"]
    assert (error["code"], set(error)) == (code, {"code", "message"})
    named = code.removeprefix("invalid_").replace("period", "since")
    assert named in error["message"]
    assert error["message"]


@pytest.mark.parametrize(
    "query_string", [f"page={MAX_PAGE}", "size=100", "since=2024-01-01&until=2024-01-01"]
)
def test_the_bounds_themselves_are_allowed(client: FlaskClient, query_string: str) -> None:
    assert client.get(f"/api/search?q=nước&{query_string}").status_code == 200


def test_a_page_past_the_end_is_empty(client: FlaskClient) -> None:
    response = client.get("/api/search?q=nước&page=4").get_json()
    assert (response["total"], response["hits"], response["page"]) == (24, [], 4)


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_other_methods_are_refused_in_json(client: FlaskClient, method: str) -> None:
    response = client.open("/api/search?q=a", method=method.upper())
    assert response.status_code == 405
    assert response.get_json()["error"]["code"] == "method_not_allowed"
    assert "GET" in response.headers["Allow"]


def test_unknown_endpoints_are_refused_in_json(client: FlaskClient) -> None:
    response = client.get("/api/find")
    assert (response.status_code, response.get_json()["error"]["code"]) == (404, "not_found")


def test_head_answers_without_a_body(client: FlaskClient) -> None:
    response = client.head("/api/search?q=nước")
    assert (response.status_code, response.data) == (200, b"")


def test_the_last_word_is_completed(client: FlaskClient) -> None:
    response = client.get("/api/complete?q=nước sạch về với c").get_json()
    assert response == {
        "query": "nước sạch về với c",
        "completions": ["nước sạch về với cần thơ"],
    }
    assert client.get("/api/complete?q=xyz").get_json()["completions"] == []


def test_a_score_is_explained(client: FlaskClient) -> None:
    response = client.get("/api/explain?q=nước&id=bai-1-2019").get_json()
    assert response == {
        "id": "bai-1-2019",
        "query": "nước",
        "read": "nước",
        "score": 1.25,
        "contributions": [{"kind": "text", "text": "nước", "weight": 1.0, "score": 1.25}],
    }


def test_an_explanation_uses_the_interpretation_of_the_search(client: FlaskClient) -> None:
    read = {
        literal: client.get(f"/api/explain?q=Nước&id=bai-1-2019&literal={literal}").get_json()
        for literal in "01"
    }
    assert (read["0"]["read"], read["1"]["read"]) == ("nước", "Nước")


@pytest.mark.parametrize("query_string", ["q=nước&id=khong-co", "q=nước", ""])
def test_a_missing_article_is_not_explained(client: FlaskClient, query_string: str) -> None:
    response = client.get(f"/api/explain?{query_string}")
    assert (response.status_code, response.get_json()["error"]["code"]) == (404, "not_found")


def test_an_article_is_returned_with_all_fields() -> None:
    article = Article(
        id="a/b ?",
        title="Nước",
        summary="Tóm tắt",
        body="<b>Toàn văn</b>\n",
        author="Lê Mai",
        source="Nhà Nông",
        section="Kinh tế",
        url="https://nhanong.example/17",
        published=datetime(2023, 8, 1, 7, tzinfo=VIETNAM),
        extra={"tags": ["gạo", None], "price": {"usd": 600.5}},
    )
    client = create_app(FakeSearcher([article, Article(id="bare", body="x")])).test_client()
    response = client.get("/api/article", query_string={"id": article.id})
    assert response.content_type == "application/json"
    assert list(response.get_json()) == [
        "id",
        "title",
        "summary",
        "body",
        "author",
        "source",
        "section",
        "url",
        "image",
        "published",
        "published_precision",
        "values",
        "extra",
    ]
    assert response.get_json() == asdict(article) | {"published": "2023-08-01T07:00:00+07:00"}
    bare = client.get("/api/article?id=bare").get_json()
    assert (bare["published"], bare["title"], bare["extra"]) == ("", "", {})


@pytest.mark.parametrize("query_string", ["id=khong-co", "id=", "", "id=%ff", "id=%00"])
def test_a_missing_article_is_not_found(client: FlaskClient, query_string: str) -> None:
    response = client.get(f"/api/article?{query_string}")
    assert (response.status_code, response.get_json()["error"]["code"]) == (404, "not_found")


def test_health_counts_the_articles(client: FlaskClient) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.get_json()) == (200, {"status": "ok", "articles": 24})


class BrokenSearcher(FakeSearcher):
    """A searcher that fails like one whose index was removed."""

    @property
    def articles(self) -> int:
        raise OSError("/srv/index/secret: No such file")

    def answer(self, request: SearchRequest) -> Results:
        raise OSError("/srv/index/secret: No such file")


@pytest.fixture
def broken() -> FlaskClient:
    return create_app(BrokenSearcher([])).test_client()


def test_health_fails_when_the_index_cannot_be_read(broken: FlaskClient) -> None:
    response = broken.get("/healthz")
    assert (response.status_code, response.get_json()) == (503, {"status": "unavailable"})


def test_a_failed_health_check_logs_one_line_without_traceback(
    broken: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        broken.get("/healthz")
    assert [record.exc_info for record in caplog.records] == [None] * 3
    assert all("OSError" in record.getMessage() for record in caplog.records)


def test_a_failure_is_reported_in_json_without_its_traceback(broken: FlaskClient) -> None:
    response = broken.get("/api/search?q=a")
    assert (response.status_code, response.get_json()["error"]["code"]) == (500, "internal_error")
    assert b"secret" not in response.data
    assert b"Traceback" not in response.data


def test_a_failure_is_reported_on_a_page_without_its_traceback(broken: FlaskClient) -> None:
    response = broken.get("/search?q=a")
    assert response.status_code == 500
    assert "trục trặc" in response.text
    assert "secret" not in response.text


class DamagedSearcher(FakeSearcher):
    """A searcher whose index turns out to be damaged when it is read."""

    def answer(self, request: SearchRequest) -> Results:
        raise IndexUnavailableError("/srv/index/secret.text is damaged; build the index again")


@pytest.mark.parametrize("address", ["/api/search?q=gạo", "/search?q=gạo"])
def test_a_damaged_index_is_service_unavailable(address: str) -> None:
    response = create_app(DamagedSearcher([])).test_client().get(address)
    assert response.status_code == 503
    assert "secret" not in response.get_data(as_text=True)
