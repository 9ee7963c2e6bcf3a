"""The page of an article, and the page that explains its score."""

import json
import re
from dataclasses import replace
from datetime import datetime

import pytest
from flask.testing import FlaskClient

from index.article import Article, Precision
from index.schema import DEFAULT_SCHEMA
from index.schema_files import parse_field
from tests.web.fake import VIETNAM, FakeSearcher
from tests.web.html import links, seen, shown
from web.app import create_app


def test_an_article_is_shown_whole_and_marked(client: FlaskClient) -> None:
    html = client.get("/article/bai-2-2021?q=nước").text
    page = shown(html)
    assert "Môi trường Nước sạch về với Thừa Thiên Huế Tin Biển 3/3/2021, 14:05" in page
    assert "<p>Sáng nay, chúng tôi có mặt ở Thừa Thiên Huế.</p>" in html
    assert '<p>Người dân nói về <mark id="mark-2">nước</mark> và lúa.</p>' in html
    assert "Bá Tùng, Mai Lan" in page
    assert "Đã tô sáng 2 chỗ khớp với nước" in page
    original = re.search(
        r'<a class="button" href="https://www.bao.example/2021/2" rel="(.*?)"', html
    )
    assert original
    assert {"noopener", "nofollow"} <= set(original[1].split())
    assert "Đọc bài gốc trên bao.example" in page


def test_an_article_leads_back_to_where_it_was_found(client: FlaskClient) -> None:
    found = "/search?q=n%C6%B0%E1%BB%9Bc&section=Th%E1%BB%83+thao&sort=oldest&page=1"
    html = client.get(found).text
    article = links(html)["Giải chạy ven sông ở Cần Thơ đông kỷ lục"]
    back = links(client.get(article).text)["‹ Quay lại kết quả tìm nước"]
    assert back == found.removesuffix("&page=1")
    assert links(client.get("/article/bai-1-2019").text)["‹ Về trang chủ"] == "/"
    assert links(client.get("/article/bai-1-2019?page=x").text)["‹ Về trang chủ"] == "/"


def test_an_article_with_hardly_anything_is_still_a_page() -> None:
    client = create_app(FakeSearcher([Article(id="x", body="Chỉ có một câu.")])).test_client()
    html = client.get("/article/x").text
    assert "(Không có tiêu đề) Chỉ có một câu." in shown(html)
    assert "Đọc bài gốc" not in html
    assert links(client.get("/search?q=câu").text)["x"] == "/article/x?q=c%C3%A2u&at=1"


def test_an_article_links_to_related_ones(client: FlaskClient) -> None:
    offered = links(client.get("/article/bai-1-2019").text)
    assert offered["Giải chạy ven sông ở Hà Nội đông kỷ lục"] == "/article/bai-1-2024"


def test_a_hit_explains_its_match(client: FlaskClient) -> None:
    found = "/search?q=n%C6%B0%E1%BB%9Bc+l%C3%BAa&sort=oldest"
    html = client.get(found).text
    why = links(html)["Vì sao có bài này? Giá lúa ở Cần Thơ tăng trở lại"]
    page = client.get(why).text
    assert "được 2,50 điểm với từ khóa nước lúa" in shown(page)
    assert "nước trong bài 1,25 lúa trong bài 1,25" in shown(page)
    assert links(page)["‹ Quay lại kết quả tìm nước lúa"] == found
    article = next(to for to in links(page).values() if to.startswith("/article/"))
    assert client.get(article).status_code == 200


def test_nothing_is_explained_without_a_query_or_match(client: FlaskClient) -> None:
    assert "Bạn chưa tìm gì" in seen(client, "/why/bai-1-2019")
    assert "không khớp với từ khóa" in seen(client, "/why/bai-1-2019?q=xyz")
    assert client.get("/why/khong-co?q=nước").status_code == 404


def test_an_unknown_article_is_not_found(client: FlaskClient) -> None:
    response = client.get("/article/khong-co")
    assert response.status_code == 404
    assert "Có thể bài đã bị gỡ" in response.text


def test_a_hit_links_to_the_previous_and_next_hit(client: FlaskClient) -> None:
    found = "/search?q=n%C6%B0%E1%BB%9Bc&sort=oldest&page=2"
    html = client.get(found).text
    tenth = client.get("/hit/10?q=nước&sort=oldest", follow_redirects=True).text
    following = client.get(links(tenth)["Bài sau"], follow_redirects=True).text
    title = shown(html[html.index('class="hit"') :].join(["<main>", "</h2>"])).split(" Nhà")[0]
    assert "kết quả thứ 11" in shown(following)
    assert links(following)["‹ Quay lại kết quả tìm nước"] == found
    assert re.search(r"<h1>(.*?)</h1>", following)
    assert title
    past = client.get("/hit/25?q=nước&sort=oldest")
    assert past.headers["Location"].endswith("&page=3")


def test_a_related_article_links_back_to_the_results(client: FlaskClient) -> None:
    html = client.get("/article/bai-1-2019?q=nước&section=Thể thao&at=1").text
    other = links(html)["Giải chạy ven sông ở Hà Nội đông kỷ lục"]
    assert "Quay lại kết quả tìm nước" in seen(client, other)


def test_highlights_can_be_hidden_and_shown_again(client: FlaskClient) -> None:
    html = client.get("/article/bai-1-2019?q=nước&at=3").text
    plain = client.get(links(html)["Bỏ tô sáng"]).text
    assert "<mark" not in plain
    assert "Quay lại kết quả tìm nước" in shown(plain)
    assert "kết quả thứ 3" in shown(plain)
    assert "<mark" in client.get(links(plain)["Tô sáng từ đã tìm"]).text


def test_an_article_can_be_cited(client: FlaskClient) -> None:
    page = seen(client, "/article/bai-2-2021")
    assert (
        "Bá Tùng; Mai Lan (3/3/2021). “Nước sạch về với Thừa Thiên Huế”. Tin Biển. "
        "https://www.bao.example/2021/2 (truy cập " in page
    )
    assert "@online{bai-2-2021, title = {{Nước sạch về với Thừa Thiên Huế}}" in page


def test_an_article_has_metadata_for_other_programs(client: FlaskClient) -> None:
    html = client.get("/article/bai-2-2021?q=nước").text
    assert '<meta name="robots" content="noindex">' in html
    assert '<link rel="canonical" href="http://localhost/article/bai-2-2021">' in html
    assert '<meta property="og:title" content="Nước sạch về với Thừa Thiên Huế">' in html
    data = json.loads(html.split('<script type="application/ld+json">')[1].split("</script>")[0])
    assert data["@type"] == "NewsArticle"
    assert data["datePublished"] == "2021-03-03T14:05:00+07:00"
    assert [author["name"] for author in data["author"]] == ["Bá Tùng", "Mai Lan"]
    assert "noindex" not in client.get("/article/bai-2-2021").text


def test_own_fields_are_shown_with_links_to_searches() -> None:
    names = ("tags:keywords:facet", "place:text", "photo:link", "year:number", "rate:number")
    schema = DEFAULT_SCHEMA.with_fields(*map(parse_field, names))
    values = {
        "tags": ["lúa gạo", "xuất khẩu"],
        "place": "Cần Thơ",
        "photo": "javascript:alert(1)",
        "year": 2024.0,
        "rate": 6.5,
    }
    article = Article(id="1", title="Nước", values=values)
    client = create_app(FakeSearcher([article], schema)).test_client()
    html = client.get("/article/1").text
    assert "tags lúa gạo, xuất khẩu" in shown(html)
    assert "place Cần Thơ" in shown(html)
    assert "year 2024" in shown(html)
    assert "rate 6,5" in shown(html)
    assert 'href="javascript' not in html
    narrowed = client.get(links(html)["xuất khẩu"]).text
    assert "1 kết quả" in shown(narrowed)
    assert links(narrowed)["Bỏ lọc tags: xuất khẩu"] == "/search?"


@pytest.mark.parametrize(("precision", "written"), [("month", "3/2026"), ("year", "2026")])
def test_a_month_keeps_its_precision(precision: Precision, written: str) -> None:
    published = datetime(2026, 3, 1, tzinfo=VIETNAM)
    article = Article(id="1", title="Nước", published=published, published_precision=precision)
    client = create_app(FakeSearcher([article])).test_client()
    for address in ("/article/1", "/search?q=nước"):
        assert f'<span class="moment">{written}</span>' in client.get(address).text


def test_a_headline_leads_to_its_original_at_once() -> None:
    article = Article(id="1", title="Nước", url="https://bao.example/1")
    whole = replace(article, id="2", body="Nước về.", url="https://bao.example/2")
    html = create_app(FakeSearcher([article, whole])).test_client().get("/search?q=nước").text
    assert html.count('class="original"') == 1
    assert 'href="https://bao.example/1" rel="noopener nofollow noreferrer"' in html
