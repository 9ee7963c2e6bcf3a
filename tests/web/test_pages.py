"""The pages, as HTML over HTTP."""

import re
from dataclasses import replace
from html import unescape
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from index.article import Article
from index.schema import DEFAULT_SCHEMA
from index.schema_files import parse_field
from search.request import SearchRequest
from search.results.records import Correction, InterpretedQuery, Results
from search.warnings import warning
from tests.web.fake import FakeSearcher
from tests.web.html import links, seen, shown
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


@pytest.mark.parametrize("address", PAGES)
def test_every_page_has_a_title_a_heading_and_a_search_box(
    client: FlaskClient, address: str
) -> None:
    response = client.get(address)
    html = response.text
    assert response.content_type == "text/html; charset=utf-8"
    assert '<html lang="vi" ' in html
    assert html.count("<h1") == html.count("<main") == 1
    assert html.count('role="search"') == 1
    assert 'class="skip" href="#main"' in html
    assert re.search(r"<title>[^<]+</title>", html)
    scripts = re.findall(r"<script.*?>", html)
    assert all(
        re.fullmatch(r'<script defer src="/static/[a-z_]+\.js\?v=[0-9a-f]{12}">', script)
        or script == '<script type="application/ld+json">'
        for script in scripts
    )
    assert len(scripts) >= 2
    assert "style=" not in html


POLICY = {
    "default-src": "'none'",
    "style-src": "'self'",
    "script-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
"""The Content-Security-Policy: everything that a browser may load, run, send or embed."""


@pytest.mark.parametrize("address", [*PAGES, "/api/search?q=nước", "/healthz", "/static/icon.svg"])
def test_every_response_has_security_headers(client: FlaskClient, address: str) -> None:
    headers = client.get(address, buffered=True).headers
    directives = headers["Content-Security-Policy"].split("; ")
    shown = address == "/" or address.startswith("/search")
    pictures = {"img-src": "'self' https:"} if shown else {}
    assert dict(directive.split(" ", 1) for directive in directives) == POLICY | pictures
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("address", PAGES)
def test_every_internal_link_works(client: FlaskClient, address: str) -> None:
    html = client.get(address).text
    addresses = {unescape(found) for found in re.findall(r'(?:href|src)="([^"#]+)"', html)}
    for link in addresses:
        if not urlsplit(link).netloc:
            response = client.get(link, buffered=True, follow_redirects=True)
            assert response.status_code == 200, link


def test_the_home_page_shows_entry_points(client: FlaskClient) -> None:
    page = seen(client, "/")
    assert "Tìm trong 24 bài báo tiếng Việt" in page
    assert "Thể thao 6 bài" in page
    assert "Thầy trò Hà Nội đón năm học mới Phố Thị Giáo dục 3/4/2024" in page


def test_the_home_page_reports_an_empty_index() -> None:
    page = seen(create_app(FakeSearcher([])).test_client(), "/")
    assert "Kho chưa có bài nào." in page
    assert "Mới nhất" not in page


def test_results_show_total_hits_and_pages(client: FlaskClient) -> None:
    page = seen(client, "/search?q=nước")
    assert "24 kết quả cho nước trang 1 trên 3 · 0,001 giây" in page
    assert "Nước sạch về với Cần Thơ Tin Biển Môi trường Bá Tùng, Mai Lan 3/3/2019, 14:05" in page
    html = client.get("/search?q=nước").text
    assert "<mark>Nước</mark> sạch về với Cần Thơ" in html
    assert "<title>nước – Tìm Tin</title>" in html


def test_paging_reaches_the_last_page(client: FlaskClient) -> None:
    offered = links(client.get("/search?q=nước").text)
    assert offered["Trang 3"] == offered["Trang 3"].replace("page=2", "")
    last = client.get(offered["Trang 3"]).text
    assert '<ol class="hits" start="21">' in last
    assert last.count('<article class="hit">') == 4
    assert "Trang trước" in last
    assert 'rel="next"' not in last


def test_after_the_last_page_there_is_a_link_back(client: FlaskClient) -> None:
    html = client.get("/search?q=nước&page=8").text
    assert "Kết quả chỉ có 3 trang, không có trang 8." in shown(html)
    assert client.get(links(html)["Đến trang cuối"]).status_code == 200


def test_facets_filter_and_filters_can_be_removed(client: FlaskClient) -> None:
    html = client.get("/search?q=nước&page=2").text
    narrowed = client.get(links(html)["Thể thao 6 bài"]).text
    assert "6 kết quả" in shown(narrowed)
    both = client.get(links(narrowed)["2020: 1 bài"]).text
    assert "1 kết quả" in shown(both)
    assert links(both)["Xóa tất cả bộ lọc"] == "/search?q=n%C6%B0%E1%BB%9Bc"
    assert "6 kết quả" in seen(client, links(both)["Bỏ lọc Năm 2020"])
    assert "4 kết quả" in seen(client, links(both)["Bỏ lọc Chuyên mục: Thể thao"])


def test_all_values_of_a_facet_can_be_searched_by_name() -> None:
    names = [*(f"Báo {number:03}" for number in range(210)), "Tin báo", "Phố Thị"]
    articles = [Article(id=name, title="Nước", source=name) for name in names]
    client = create_app(FakeSearcher(articles)).test_client()
    everything = seen(client, "/values/source?source=Phố Thị&source=Báo Cũ")
    assert "Còn 13 mục nữa" in everything
    assert everything.index("Bỏ lọc Phố Thị 1 bài") < everything.index("Báo 000 1 bài")
    found = seen(client, "/values/source?source=Tin báo&source=Phố Thị&contains=BAO")
    assert "Phố Thị" not in found
    assert "Còn 11 mục nữa" in found
    both = seen(client, "/values/source?contains=bao 20")
    assert "Báo 209 1 bài" in both
    assert "Báo 199" not in both


def test_a_facet_with_a_single_value_is_not_offered(client: FlaskClient) -> None:
    page = seen(client, "/search?q=nước&source=Nhà Nông")
    assert "Bỏ lọc Nhà Nông 6 bài" in page
    assert "Kinh tế 6 bài" not in page


def test_a_chosen_value_is_listed_first_even_with_no_article(client: FlaskClient) -> None:
    html = client.get("/search?q=khôngcógì&source=Báo Nhà").text
    assert "Bỏ lọc Báo Nhà 0 bài" in shown(html)
    sections = [Article(id=f"s{n}", title="Nước", section=f"Mục {n:02}") for n in range(30)]
    many = create_app(FakeSearcher(sections)).test_client()
    first = many.get("/search?q=nước&section=Mục 29").text
    facet = first[first.index('<h3 id="facet-section"') :]
    assert shown(f"<main>{facet}").startswith("Chuyên mục Bỏ lọc Mục 29 1 bài")


def test_the_order_can_be_changed(client: FlaskClient) -> None:
    newest = client.get(links(client.get("/search?q=nước").text)["Mới nhất"]).text
    first = newest.index('class="hit"')
    assert "Hà Nội" in newest[first : first + 400]
    assert 'aria-current="true">Mới nhất' in newest


def test_changing_dates_keeps_the_words_and_vice_versa(client: FlaskClient) -> None:
    html = client.get("/search?q=nước&section=Kinh tế&since=2020-01-01&sort=oldest").text
    assert "Từ 1/1/2020 ×" in shown(html)
    dates = html[html.index('<form class="dates"') :]
    for field in ('"q" value="nước"', '"section" value="Kinh tế"', '"sort" value="oldest"'):
        assert f"name={field}" in dates
    assert 'name="since" value="1/1/2020"' in dates
    top = html[: html.index("<main")]
    assert '<input type="hidden" name="section" value="Kinh tế">' in top


def test_a_search_without_hits_offers_alternatives(client: FlaskClient) -> None:
    html = client.get('/search?q="gạch cua" -mắm title:bún&source=Phố Thị').text
    page = shown(html)
    assert "Không tìm thấy bài nào cho" in page
    assert "Bỏ các bộ lọc" in page
    assert links(html)["gạch cua bún"].startswith("/search?q=g%E1%BA%A1ch+cua+b%C3%BAn&source=")
    assert "Xem lại chính tả" in page


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("bún source:x", "bún"),
        ("bún-riêu -cua", "bún-riêu"),
        ("nguồn:x1 bún", "bún"),
        ("bún AND (cua OR ORs)", "bún cua ORs"),
        ("“bún” chín*", "bún chín"),
        ('bún -"cua đồng" title:riêu', "bún riêu"),
    ],
)
def test_conditions_are_separated_from_words(client: FlaskClient, typed: str, words: str) -> None:
    html = client.get("/search", query_string={"q": f"khôngcógì {typed}"}).text
    assert f"khôngcógì {words}" in links(html)


@pytest.mark.parametrize("query_string", ["", "?q=", "?q=%20%20", "?page=3", "?sort=newest"])
def test_a_search_for_nothing_leads_home(client: FlaskClient, query_string: str) -> None:
    response = client.get(f"/search{query_string}")
    assert (response.status_code, response.headers["Location"]) == (302, "/")


def test_filters_alone_are_a_search(client: FlaskClient) -> None:
    assert "6 kết quả" in seen(client, "/search?section=Thể thao")


@pytest.mark.parametrize(
    ("unusable", "reported"),
    [
        ("page=x", "Số trang phải là số nguyên"),
        ("size=1000", "Số kết quả mỗi trang"),
        ("sort=xyz", "Không thể sắp xếp theo tiêu chí này"),
        ("sort=title:up", "Không thể sắp xếp theo tiêu chí này"),
        ("filter=nonsense", "Điều kiện lọc không hợp lệ"),
        ("filter=views>1&sort=x&page=0", "Điều kiện lọc không hợp lệ"),
        ("operator=xor", "Tham số operator"),
        ("collapse=maybe", "Tham số collapse"),
        ("id=7", ""),
        ("cursor=x", ""),
        ("cursor=*&offset=3", ""),
    ],
)
@pytest.mark.parametrize("page", ["search", "values/source"])
def test_unusable_parameters_are_reported_and_the_rest_is_kept(
    client: FlaskClient, page: str, unusable: str, reported: str
) -> None:
    html = client.get(f"/{page}?q=nước&section=Thể thao&{unusable}")
    assert html.status_code == 200
    if page == "search":
        assert reported in shown(html.text)
        assert "6 kết quả cho nước" in shown(html.text)
    else:
        assert "section=Th%E1%BB%83+thao" in links(html.text)["Phố Thị 6 bài"]


def test_an_invalid_filter_on_an_own_field_is_reported() -> None:
    schema = DEFAULT_SCHEMA.with_fields(parse_field("views:number:filter:sortable"))
    articles = [Article(id=f"{n}", title="Nước", values={"views": n}) for n in range(3)]
    client = create_app(FakeSearcher(articles, schema)).test_client()
    page = seen(client, "/search?q=nước&views=nhiều")
    assert "Điều kiện lọc không hợp lệ" in page
    assert "3 kết quả cho nước" in page
    assert "2 kết quả cho nước" in seen(client, "/search?q=nước&views=1..")


def test_hits_can_be_sorted_by_an_own_field() -> None:
    schema = DEFAULT_SCHEMA.with_fields(parse_field("views:number:sortable"))
    articles = [Article(id=f"{n}", title=f"Nước {n}", values={"views": n}) for n in (5, 9, 7)]
    client = create_app(FakeSearcher(articles, schema)).test_client()
    html = client.get(links(client.get("/search?q=nước").text)["views ↓"]).text
    assert 'aria-current="true">views ↓' in html
    assert re.findall(r"</mark> (\d)</a></h2>", html) == ["9", "7", "5"]
    assert 'aria-current="true">views:asc' in client.get("/search?q=nước&sort=views:asc").text


@pytest.mark.parametrize(
    "dates",
    [
        "since=2021-12-31&until=2020-01-01",
        "since=12/2021&until=2020",
        "since=1/1/2020&until=31-12-2021",
        "since=2020&until=2021",
    ],
)
def test_dates_are_parsed_as_typed_in_either_order(client: FlaskClient, dates: str) -> None:
    html = client.get(f"/search?q=lúa&section=Kinh tế&{dates}").text
    assert "2 kết quả" in shown(html)
    assert "Bỏ lọc Từ 1/1/2020 đến 31/12/2021" in links(html)


def test_an_invalid_date_is_reported_and_the_search_kept(client: FlaskClient) -> None:
    page = seen(client, "/search?q=nước&section=Thể thao&since=32/1/2020&until=2020")
    assert "Không hiểu ngày “32/1/2020”" in page
    assert "2 kết quả cho nước" in page


def test_other_methods_get_a_friendly_page(client: FlaskClient) -> None:
    response = client.post("/search", data={"q": "nước"})
    assert response.status_code == 405
    assert "không nhận dữ liệu" in response.text


class SaidSearcher(FakeSearcher):
    """A searcher whose interpretation differs from what was typed."""

    def answer(self, request: SearchRequest) -> Results:
        query = request.query
        return replace(
            super().answer(replace(request, query="nước")),
            query=query,
            interpretation=InterpretedQuery(query, "nước", changed=not request.literal),
            corrections=(Correction("nước lũ", 1234),),
            warnings=(warning("unknown_date", value="<13-13>"),),
        )


def test_the_interpretation_is_shown_with_a_link_to_the_literal_query(
    searcher: FakeSearcher,
) -> None:
    client = create_app(SaidSearcher([])).test_client()
    html = client.get("/search?q=nuoc").text
    assert "Đang hiện kết quả cho nước ." in shown(html)
    assert links(html)["nước lũ (1.234 kết quả)"].endswith("?q=n%C6%B0%E1%BB%9Bc+l%C5%A9")
    assert "Không hiểu ngày “&lt;13-13&gt;”" in html
    literal = links(html)["Chỉ tìm đúng như đã gõ: nuoc"]
    assert literal == "/search?q=nuoc&literal=1"
    assert "Đang tìm đúng từng chữ" in seen(client, literal)


def test_near_duplicates_are_collapsed_and_can_be_expanded() -> None:
    copies = [Article(id=f"c{n}", title="Nước về làng") for n in range(12)]
    client = create_app(FakeSearcher([*copies, Article(id="x", title="Nước")])).test_client()
    html = client.get("/search?q=nước").text
    assert "13 kết quả cho nước gộp các bài tương tự còn 2" in shown(html)
    assert html.count('<article class="hit">') == 2
    assert 'class="paging"' not in html
    unfolded = client.get(links(html)["và 11 bài tương tự"]).text
    assert unfolded.count('<article class="hit">') == 10
    second = client.get(links(unfolded)["Trang sau ›"]).text
    assert second.count('<article class="hit">') == 3
    assert client.get(links(second)["Gộp lại"]).text.count('<article class="hit">') == 2
    assert client.get("/hit/2?q=nước").headers["Location"].startswith("/article/x?")
    assert client.get("/hit/2?q=nước&collapse=0").headers["Location"].startswith("/article/c1?")


def test_the_home_page_links_to_topics(client: FlaskClient) -> None:
    html = client.get("/").text
    assert "Đang được nói đến" in html
    assert re.search(r'href="/search\?q=b%C3%A3o\+s%E1%BB%91\+3&amp;since=\d{4}-\d\d-\d\d"', html)
