"""Preferences, the status page, and files that browsers request."""

import json
import re
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from index.article import Article
from index.history import NO_HISTORY, WriteKind, WriteSummary
from tests.web.fake import FakeSearcher
from tests.web.html import seen
from web.app import create_app


def test_static_files_are_cacheable_with_versioned_addresses(client: FlaskClient) -> None:
    address = re.search(r"/static/style\.css\?v=[0-9a-f]{12}", client.get("/").text)
    assert address
    response = client.get(address[0], buffered=True)
    assert "max-age=31536000" in response.headers["Cache-Control"]
    assert "immutable" in response.headers["Cache-Control"]
    assert client.get("/").headers["Cache-Control"] == "no-cache"


def test_browsers_can_add_the_search(client: FlaskClient) -> None:
    response = client.get("/opensearch.xml")
    assert response.mimetype == "application/opensearchdescription+xml"
    root = ElementTree.fromstring(response.data)
    templates = [url.get("template") for url in root.iter() if url.tag.endswith("Url")]
    assert templates[0] == "http://localhost/search?q={searchTerms}"


def test_the_status_shows_skipped_records_but_no_file_names(
    client: FlaskClient, searcher: FakeSearcher
) -> None:
    build = WriteSummary(
        WriteKind.BUILD, "2026-03-07T01:15:00+00:00", read=1204, indexed=1200, bad=3, repeated=1,
        undated=2, unsearched=("<b>",), lines=("/srv/secret.jsonl:3: no text",),
    )  # fmt: skip
    searcher.history = NO_HISTORY.with_write(build)
    page = client.get("/status").text
    page_text = seen(client, "/status")
    assert "đã đọc 1.204 bài: 1.200 bài vào kho, 4 bài bị bỏ qua" in page_text
    assert "3 bài bị bỏ qua vì không có nội dung" in page_text
    assert "7/3/2026, 08:15" in page_text
    assert "&lt;b&gt;" in page
    assert "secret" not in page


def test_an_index_without_a_history_shows_no_writes(client: FlaskClient) -> None:
    assert 'id="writes"' not in client.get("/status").text


@pytest.mark.parametrize(
    ("sent_from", "leads_to"),
    [
        (
            "http://localhost/search?q=n%C6%B0%E1%BB%9Bc&page=2",
            "/search?q=n%C6%B0%E1%BB%9Bc&page=2",
        ),
        ("http://localhost/article/a%2F..%2Fb", "/article/a%2F..%2Fb"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        (None, "/"),
    ],
)
def test_preferences_are_stored_and_redirect_back(
    client: FlaskClient, sent_from: str | None, leads_to: str
) -> None:
    headers = {"Referer": sent_from} if sent_from else {}
    response = client.post("/preferences", data={"theme": "dark"}, headers=headers)
    assert response.status_code == 303
    assert response.headers["Location"].removeprefix("http://localhost") == leads_to
    assert 'data-theme="dark"' in client.get("/").text


def test_unknown_preferences_are_ignored(client: FlaskClient) -> None:
    client.post("/preferences", data={"theme": '"><script>', "language": "fr", "q": "x"})
    client.set_cookie("images", "yes")
    html = client.get("/")
    assert 'lang="vi" data-theme="auto"' in html.text
    assert "img-src 'self' https:;" in html.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/", "/search?q=nước", "/article/bai-1-2020", "/help", "/zzz"])
def test_pictures_of_others_are_allowed_where_hits_are_shown(
    client: FlaskClient, path: str
) -> None:
    shown = path == "/" or path.startswith("/search")  # instant results appear on the home page
    allowed = "img-src 'self' https:;" if shown else "img-src 'self';"
    for _ in ("made", "from the cache"):
        assert allowed in client.get(path).headers["Content-Security-Policy"]
    client.post("/preferences", data={"images": "off"})
    assert "img-src 'self';" in client.get(path).headers["Content-Security-Policy"]


def test_only_pictures_over_https_are_shown() -> None:
    images = ["https://a.vn/1.jpg", "http://a.vn/2.jpg", "javascript:alert(3)", "4.jpg", ""]
    articles = [
        Article(id=str(number), title=f"Nước {number}", image=image)
        for number, image in enumerate(images)
    ]
    client = create_app(FakeSearcher(articles)).test_client()
    [picture] = re.findall("<img[^>]*>", client.get("/search?q=nước").text)
    for attribute in ('src="https://a.vn/1.jpg"', 'loading="lazy"', 'width="112"', 'height="75"'):
        assert attribute in picture
    client.set_cookie("images", "off")
    assert "<img" not in client.get("/search?q=nước").text


def test_the_state_of_the_index_is_reported(client: FlaskClient) -> None:
    page = seen(client, "/status")
    assert "Số bài 24" in page
    assert "Bài mới nhất 3/4/2024, 14:05" in page
    assert "Phố Thị 12" in page


def test_browsers_get_suggestions_and_a_manifest(client: FlaskClient) -> None:
    response = client.get("/api/complete?format=suggestions&q=giá lúa ở l")
    assert response.mimetype == "application/x-suggestions+json"
    assert json.loads(response.text) == ["giá lúa ở l", ["giá lúa ở lào cai tăng trở lại"]]
    manifest = client.get("/manifest.webmanifest").get_json(force=True)
    for icon in manifest["icons"]:
        assert client.get(icon["src"], buffered=True).mimetype == "image/png"
    assert client.get("/favicon.ico", buffered=True).status_code == 200
