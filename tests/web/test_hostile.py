"""Text from a corpus, a URL or a query is always shown as text."""

import re
import time
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urljoin

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from index.article import Article
from search.query.parser import MAX_LENGTH, parse
from search.results.records import FoundArticle
from tests.web.conftest import newspaper
from tests.web.fake import FakeSearcher
from web.addresses import article_address, host, safe_url
from web.app import create_app

ATTACK = """"'><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}</title></textarea>"""
IDS = [
    "a/b/c",
    "/leading/and/trailing/",
    "//",
    "https://bao.example/2024/01/x?y=1&z=2#top",
    "có dấu và khoảng trắng",
    "100%",
    "%2F%00",
    "a\nb\tc",
    "..",
    ".",
    "../../etc/passwd",
    "a/../b",
    "a?b#c;d",
    "\u202egnab",
    "👩‍🌾",
    "a\\b",
    "+",
    ATTACK,
]


class AnyArticle(FakeSearcher):
    """A searcher with an article for every id."""

    def article(self, id: str, query: str = "", *, literal: bool = False) -> FoundArticle:  # noqa: A002
        return FoundArticle(Article(id=id, title=f"Tựa: {id}"), {})


CLIENT = create_app(AnyArticle(newspaper())).test_client()


def bare(html: str) -> str:
    """Return the text of a page's heading."""
    heading = re.search(r"<h1>(.*?)</h1>", html, re.DOTALL)
    assert heading
    return unescape(heading[1])


class Elements(HTMLParser):
    """Collects the elements of a page with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs


def harmless(html: str) -> bool:
    """Return whether nothing in a page can run."""
    page = Elements()
    page.feed(html)
    names = {name for name, _ in page.attributes}
    values = [value for name, value in page.attributes if name in {"href", "src", "action"}]
    return (
        html.count("<script")
        == html.count('<script defer src="/static/')
        + html.count('<script type="application/ld+json')
        and not page.tags & {"img", "iframe", "textarea"}
        and not any(name.startswith("on") or name == "style" for name in names)
        and all((value or "").startswith(("/", "#", "http://", "https://")) for value in values)
    )


@pytest.fixture
def hostile() -> FlaskClient:
    article = Article(
        id=ATTACK,
        title=f"Nước {ATTACK}",
        summary=f"nước {ATTACK}",
        body=f"nước {ATTACK}\n{ATTACK}",
        author=ATTACK,
        source=ATTACK,
        section=ATTACK,
        url=f"javascript:{ATTACK}",
    )
    other = replace(article, id="2", source="Phố Thị", section="Kinh tế")
    return create_app(FakeSearcher([article, other])).test_client()


@pytest.mark.parametrize(
    "address", ["/", "/search?q=nước", article_address(ATTACK), "/article/2", "/why/2?q=nước"]
)
def test_hostile_articles_are_only_text(hostile: FlaskClient, address: str) -> None:
    response = hostile.get(address)
    assert response.status_code == 200
    assert harmless(response.text)
    assert ">49<" not in response.text
    assert "{{7*7}}" in response.text


@pytest.mark.parametrize("name", ["q", "source", "section", "since", "sort", "page", "x"])
def test_hostile_addresses_are_only_text(client: FlaskClient, name: str) -> None:
    for path in ("/search", "/article/bai-1-2019", "/why/bai-1-2019", f"/{ATTACK}"):
        assert harmless(client.get(path, query_string={"q": "nước"} | {name: ATTACK}).text)


@given(st.text())
def test_any_query_has_a_page(query: str) -> None:
    for path in ("/search", "/api/search", "/api/complete", "/why/bai-1-2019"):
        response = CLIENT.get(path, query_string={"q": query.encode("utf-8", "replace")})
        assert response.status_code in {200, 302}
        if response.content_type.startswith("text/html"):
            assert harmless(response.text)


@pytest.mark.parametrize("fragment", ["a", "ắ", "-", " -", "a:", "a_", '"', "AND", "(", " ", "1*"])
def test_a_query_of_any_length_has_a_page_at_once(client: FlaskClient, fragment: str) -> None:
    query = "x" + fragment * (50_000 // len(fragment))
    for path in ("/search", "/api/search", "/api/complete", "/article/bai-1-2019"):
        began = time.monotonic()
        response = client.get(path, query_string={"q": query})
        assert response.status_code == 200
        assert len(response.data) < 2_000_000
        assert time.monotonic() - began < 3


def test_a_long_query_is_cut_one_character_above_the_limit(searcher: FakeSearcher) -> None:
    client = create_app(searcher).test_client()
    for length in (MAX_LENGTH, MAX_LENGTH + 1, 10 * MAX_LENGTH):
        typed = "ữ" * length
        client.get("/api/search", query_string={"q": typed})
        searched = searcher.requests[-1].query
        assert searched == typed[: MAX_LENGTH + 1]
        assert parse(searched) == parse(typed)


@pytest.mark.parametrize("identifier", IDS)
def test_any_id_has_an_address(identifier: str) -> None:
    client = create_app(FakeSearcher([Article(id=identifier, title="Nước")])).test_client()
    address = article_address(identifier)
    assert urljoin("http://a/b", address) == f"http://a{address}"  # no browser resolves it
    response = client.get(address)
    assert response.status_code == 200
    assert ">Nước</h1>" in response.text


@given(st.text(min_size=1))
def test_any_text_may_be_an_id(identifier: str) -> None:
    response = CLIENT.get(article_address(identifier))
    assert response.status_code == 200
    assert bare(response.text) == f"Tựa: {identifier}"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        " JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "//evil.example",
        "/local",
        "ftp://a.example",
        "http:",
        "https:///x",
        "http://[",
        "",
    ],
)
def test_only_web_addresses_are_linked(url: str) -> None:
    assert safe_url(url) == ""
    assert host(url) == ""


def test_web_addresses_are_linked() -> None:
    assert safe_url(" https://www.bao.example/a b ") == "https://www.bao.example/a b"
    assert host("https://me:secret@www.bao.example/x") == "bao.example"


def test_lone_surrogates_are_shown() -> None:
    article = Article(id="x", title="Nước \ud83d", body="nước\ud83d", source="\ud83d")
    client = create_app(FakeSearcher([article])).test_client()
    for address in (
        "/search?q=nước",
        "/article/x",
        "/api/search?q=nước&facets=source",
        "/api/article?id=x",
    ):
        response = client.get(address)
        assert response.status_code == 200
        assert "Nước ?" in re.sub("<[^>]*>", "", response.text)


def test_invalid_utf8_in_an_address_is_no_error(client: FlaskClient) -> None:
    assert client.get("/search?q=%ff%fe&source=%c3").status_code == 200
    assert client.get("/article/%ff%fe").status_code == 404
