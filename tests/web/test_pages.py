"""The pages, as HTML over HTTP."""

import re
from dataclasses import replace
from html import unescape
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from index.article import Article
from search.request import SearchRequest
from search.results.records import Correction, InterpretedQuery, Results
from search.results.warnings import warning
from tests.web.fake import FakeSearcher
from web.app import create_app

PAGES = [
    "/",
    "/search?q=nước",
    "/search?q=nước&page=3&section=Kinh tế&since=2019-01-01",
    "/search?section=Thể thao",
    "/search?q=khôngcógì",
    "/search?q=nước&page=9",
    "/search?q=a&size=0",
    "/article/bai-1-2020?q=nước",
    "/article/khong-co",
    "/why/bai-1-2020?q=nước",
    "/why/bai-1-2020",
    "/help",
    "/khong-co",
]


def shown(html: str) -> str:
    """Return what a reader sees of a page, with single spaces."""
    main = html[html.index("<main") :]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", main)).split())


def links(html: str) -> dict[str, str]:
    """Return the addresses of a page's links by what they say."""
    found = re.findall(r'<a [^>]*href="([^"]*)"[^>]*>(.*?)</a>', html, re.DOTALL)
    return {shown(f"<main>{said}"): unescape(address) for address, said in found}


def seen(client: FlaskClient, address: str) -> str:
    return shown(client.get(address).text)


@pytest.mark.parametrize("address", PAGES)
def test_every_page_has_its_frame(client: FlaskClient, address: str) -> None:
    response = client.get(address)
    html = response.text
    assert response.content_type == "text/html; charset=utf-8"
    assert '<html lang="vi">' in html
    assert html.count("<h1") == html.count("<main") == 1
    assert html.count('role="search"') == 1
    assert 'class="skip" href="#main"' in html
    assert re.search(r"<title>[^<]+</title>", html)
    assert re.findall(r"<script.*?</script>", html, re.DOTALL) == re.findall(
        r'<script defer src="/static/complete\.js\?v=[0-9a-f]{12}"></script>', html
    )
    assert "style=" not in html


POLICY = {
    "default-src": "'none'",
    "style-src": "'self'",
    "script-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
"""All that a browser may load, run, send or embed."""


@pytest.mark.parametrize("address", [*PAGES, "/api/search?q=nước", "/healthz", "/static/icon.svg"])
def test_every_answer_is_guarded(client: FlaskClient, address: str) -> None:
    headers = client.get(address, buffered=True).headers
    directives = headers["Content-Security-Policy"].split("; ")
    assert dict(directive.split(" ", 1) for directive in directives) == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("address", PAGES)
def test_every_link_within_leads_somewhere(client: FlaskClient, address: str) -> None:
    html = client.get(address).text
    addresses = {unescape(found) for found in re.findall(r'(?:href|src)="([^"#]+)"', html)}
    for link in addresses:
        if not urlsplit(link).netloc:
            response = client.get(link, buffered=True, follow_redirects=True)
            assert response.status_code == 200, link


def test_home_shows_ways_in(client: FlaskClient) -> None:
    page = seen(client, "/")
    assert "Tìm trong 24 bài báo tiếng Việt" in page
    assert "Thể thao 6 bài" in page
    assert "Thầy trò Hà Nội đón năm học mới Phố Thị Giáo dục 3/4/2024" in page


def test_home_of_an_empty_index_says_so() -> None:
    page = seen(create_app(FakeSearcher([])).test_client(), "/")
    assert "Chưa có bài báo nào" in page
    assert "Mới nhất" not in page


def test_results_show_total_hits_and_pages(client: FlaskClient) -> None:
    page = seen(client, "/search?q=nước")
    assert "24 kết quả cho nước trong 0,001 giây, trang 1/3" in page
    assert "Nước sạch về với Cần Thơ Tin Biển Môi trường 3/3/2019" in page
    html = client.get("/search?q=nước").text
    assert "<mark>Nước</mark> sạch về với Cần Thơ" in html
    assert "<title>nước – Tìm Tin</title>" in html


def test_paging_reaches_the_last_page(client: FlaskClient) -> None:
    offered = links(client.get("/search?q=nước").text)
    assert offered["Trang 3"] == offered["Trang 3"].replace("page=2", "")
    last = client.get(offered["Trang 3"]).text
    assert '<ol class="hits" start="21">' in last
    assert last.count('<article class="hit">') == 4
    assert "Trước ›" not in last
    assert 'rel="next"' not in last


def test_past_the_last_page_there_is_a_way_back(client: FlaskClient) -> None:
    html = client.get("/search?q=nước&page=8").text
    assert "Kết quả chỉ có 3 trang, không có trang 8." in shown(html)
    assert client.get(links(html)["Đến trang cuối"]).status_code == 200


def test_facets_filter_and_filters_can_be_removed(client: FlaskClient) -> None:
    html = client.get("/search?q=nước&page=2").text
    narrowed = client.get(links(html)["Thể thao 6"]).text
    assert "6 kết quả" in shown(narrowed)
    both = client.get(links(narrowed)["2020 1"]).text
    assert "1 kết quả" in shown(both)
    assert links(both)["Bỏ mọi bộ lọc"] == "/search?q=n%C6%B0%E1%BB%9Bc"
    assert "6 kết quả" in seen(client, links(both)["Năm: 2020 ×"])
    assert "4 kết quả" in seen(client, links(both)["Mục: Thể thao ×"])


def test_one_value_of_a_facet_is_no_choice(client: FlaskClient) -> None:
    page = seen(client, "/search?q=nước&source=Nhà Nông")
    assert "Nguồn Nhà Nông" in page
    assert "Mục Kinh tế" not in page


def test_the_order_can_be_changed(client: FlaskClient) -> None:
    newest = client.get(links(client.get("/search?q=nước").text)["Mới nhất"]).text
    first = newest.index('class="hit"')
    assert "Hà Nội" in newest[first : first + 400]
    assert 'aria-current="true">Mới nhất' in newest


def test_dates_and_words_keep_each_other(client: FlaskClient) -> None:
    html = client.get("/search?q=nước&section=Kinh tế&since=2020-01-01&sort=oldest").text
    assert "Từ 1/1/2020 ×" in shown(html)
    dates = html[html.index('<form class="dates"') :]
    for field in ('"q" value="nước"', '"section" value="Kinh tế"', '"sort" value="oldest"'):
        assert f"name={field}" in dates
    assert 'name="since" value="2020-01-01"' in dates
    top = html[: html.index("<main")]
    assert '<input type="hidden" name="section" value="Kinh tế">' in top


def test_an_empty_answer_offers_ways_on(client: FlaskClient) -> None:
    html = client.get('/search?q="gạch cua" -mắm title:bún&source=Phố Thị').text
    page = shown(html)
    assert "Không tìm thấy bài nào cho" in page
    assert "Bỏ các bộ lọc" in page
    assert links(html)["gạch cua bún"].startswith("/search?q=g%E1%BA%A1ch+cua+b%C3%BAn&source=")
    assert "Xem lại chính tả" in page


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("bún source:x", "bún x"),
        ("bún-riêu -cua", "bún-riêu"),
        ("-cua a:b:bún", "bún"),
        ("nguồn:x1 _a:bún", "x1 bún"),
        ("bún AND (cua OR ORs)", "bún cua ORs"),
        ("“bún” chín*", "bún chín"),
    ],
)
def test_conditions_are_what_is_not_words(client: FlaskClient, typed: str, words: str) -> None:
    html = client.get("/search", query_string={"q": f"khôngcógì {typed}"}).text
    assert f"khôngcógì {words}" in links(html)


@pytest.mark.parametrize("query_string", ["", "?q=", "?q=%20%20", "?page=3", "?sort=newest"])
def test_a_search_for_nothing_leads_home(client: FlaskClient, query_string: str) -> None:
    response = client.get(f"/search{query_string}")
    assert (response.status_code, response.headers["Location"]) == (302, "/")


def test_filters_alone_are_a_search(client: FlaskClient) -> None:
    assert "6 kết quả" in seen(client, "/search?section=Thể thao")


def test_bad_parameters_get_a_friendly_page(client: FlaskClient) -> None:
    response = client.get("/search?q=nước&since=2024-02-01&until=2024-01-01")
    assert response.status_code == 400
    assert "Ngày bắt đầu không thể sau ngày kết thúc." in shown(response.text)


def test_other_methods_get_a_friendly_page(client: FlaskClient) -> None:
    response = client.post("/search", data={"q": "nước"})
    assert response.status_code == 405
    assert "không nhận dữ liệu" in response.text


class SaidSearcher(FakeSearcher):
    """Understood something else than was typed, and says so."""

    def answer(self, request: SearchRequest) -> Results:
        query = request.query
        return replace(
            super().answer(replace(request, query="nước")),
            query=query,
            interpretation=InterpretedQuery(query, "nước", changed=not request.literal),
            corrections=(Correction("nước lũ", 1234),),
            warnings=(warning("unknown_date", value="<13-13>"),),
        )


def test_what_was_understood_is_said_with_a_way_back(searcher: FakeSearcher) -> None:
    client = create_app(SaidSearcher([])).test_client()
    html = client.get("/search?q=nuoc").text
    assert "Đang hiện kết quả cho nước ." in shown(html)
    assert links(html)["nước lũ (1.234 kết quả)"].endswith("?q=n%C6%B0%E1%BB%9Bc+l%C5%A9")
    assert "Không hiểu ngày “&lt;13-13&gt;”" in html
    literal = links(html)["Chỉ tìm đúng như đã gõ: nuoc"]
    assert literal == "/search?q=nuoc&literal=1"
    assert "Đang tìm đúng từng chữ" in seen(client, literal)


def test_an_article_is_shown_whole_and_marked(client: FlaskClient) -> None:
    html = client.get("/article/bai-2-2021?q=nước").text
    page = shown(html)
    assert "Môi trường Nước sạch về với Thừa Thiên Huế Tin Biển 3/3/2021, 14:05" in page
    assert "<p>Sáng nay, chúng tôi có mặt ở Thừa Thiên Huế.</p>" in html
    assert "<p>Người dân nói về <mark>nước</mark> và lúa.</p>" in html
    assert "Tin, ảnh: MAI LAN" in page
    assert "Đang tô sáng 2 chỗ khớp với nước" in page
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
    assert links(client.get(article).text)["‹ Về kết quả cho nước"] == found.removesuffix("&page=1")
    assert links(client.get("/article/bai-1-2019").text)["‹ Về trang chủ"] == "/"
    assert links(client.get("/article/bai-1-2019?page=x").text)["‹ Về trang chủ"] == "/"


def test_an_article_with_hardly_anything_is_still_a_page() -> None:
    client = create_app(FakeSearcher([Article(id="x", body="Chỉ có một câu.")])).test_client()
    html = client.get("/article/x").text
    assert "(Bài không có tựa đề) Chỉ có một câu." in shown(html)
    assert "Đọc bài gốc" not in html
    assert links(client.get("/search?q=câu").text)["x"] == "/article/x?q=c%C3%A2u"


def test_an_article_leads_to_others_like_it(client: FlaskClient) -> None:
    offered = links(client.get("/article/bai-1-2019").text)
    assert offered["Giải chạy ven sông ở Hà Nội đông kỷ lục"] == "/article/bai-1-2024"


def test_a_hit_says_why_it_was_found(client: FlaskClient) -> None:
    found = "/search?q=n%C6%B0%E1%BB%9Bc+l%C3%BAa&sort=oldest"
    html = client.get(found).text
    why = links(html)["Vì sao bài này? Giá lúa ở Cần Thơ tăng trở lại"]
    page = client.get(why).text
    assert "được 2,50 điểm cho nước lúa" in shown(page)
    assert "nước trong bài 1,25 lúa trong bài 1,25" in shown(page)
    assert links(page)["‹ Về kết quả cho nước lúa"] == found
    article = next(to for to in links(page).values() if to.startswith("/article/"))
    assert client.get(article).status_code == 200


def test_where_nothing_was_asked_or_found_nothing_is_explained(client: FlaskClient) -> None:
    assert "Chưa có câu tìm nào" in seen(client, "/why/bai-1-2019")
    assert "không khớp với câu tìm" in seen(client, "/why/bai-1-2019?q=xyz")
    assert client.get("/why/khong-co?q=nước").status_code == 404


def test_an_unknown_article_is_not_found(client: FlaskClient) -> None:
    response = client.get("/article/khong-co")
    assert response.status_code == 404
    assert "Có thể bài đã được gỡ" in response.text


def test_static_files_may_be_kept_and_change_their_address(client: FlaskClient) -> None:
    address = re.search(r"/static/base\.css\?v=[0-9a-f]{12}", client.get("/").text)
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
