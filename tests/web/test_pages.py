"""The pages, as HTML over HTTP."""

import json
import re
from dataclasses import replace
from datetime import datetime
from html import unescape
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from index.article import Article
from search.request import SearchRequest
from search.results.records import Correction, InterpretedQuery, Results
from search.results.warnings import warning
from tests.web.fake import VIETNAM, FakeSearcher
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


def articles_of_many_sources() -> list[Article]:
    """Write 300 articles with a section each in 60 sources, with long names and summaries."""
    return [
        Article(
            id=f"s{number}",
            title=f"Nước về với những cánh đồng khô hạn ở xã thứ {number} của tỉnh",
            summary="Nước về, bà con phấn khởi ra đồng từ sáng sớm để kịp xuống giống. " * 4,
            body="Nước về đến đâu, đồng xanh đến đó. " * 60,
            author=f"Phóng viên thứ {number % 70}",
            source=f"Báo của tỉnh thứ {number % 60}",
            section=f"Chuyên mục thứ {number:03}",
            url=f"https://bao.example/{number}",
            published=datetime(2016 + number % 10, 1 + number % 12, 3, 9, 5, tzinfo=VIETNAM),
        )
        for number in range(300)
    ]


def shown(html: str) -> str:
    """Return what a reader sees of a page, with single spaces."""
    main = html[html.index("<main") :]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", main)).split())


def links(html: str) -> dict[str, str]:
    """Return the addresses of a page's links by their names, as a screen reader says them."""
    found = re.findall(r'<a ([^>]*href="([^"]*)"[^>]*)>(.*?)</a>', html, re.DOTALL)
    names = [re.search(r'aria-label="([^"]*)"', attributes) for attributes, _, _ in found]
    return {
        unescape(name[1]) if name else shown(f"<main>{said}"): unescape(address)
        for name, (_, address, said) in zip(names, found, strict=True)
    }


def seen(client: FlaskClient, address: str) -> str:
    return shown(client.get(address).text)


@pytest.mark.parametrize("address", PAGES)
def test_every_page_has_its_frame(client: FlaskClient, address: str) -> None:
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


def test_past_the_last_page_there_is_a_way_back(client: FlaskClient) -> None:
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


def test_one_value_of_a_facet_is_no_choice(client: FlaskClient) -> None:
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


def test_dates_and_words_keep_each_other(client: FlaskClient) -> None:
    html = client.get("/search?q=nước&section=Kinh tế&since=2020-01-01&sort=oldest").text
    assert "Từ 1/1/2020 ×" in shown(html)
    dates = html[html.index('<form class="dates"') :]
    for field in ('"q" value="nước"', '"section" value="Kinh tế"', '"sort" value="oldest"'):
        assert f"name={field}" in dates
    assert 'name="since" value="1/1/2020"' in dates
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


def test_what_cannot_be_used_is_told_and_the_rest_is_kept(client: FlaskClient) -> None:
    response = client.get("/search?q=nước&page=x&section=Thể thao")
    assert response.status_code == 200
    assert "Số trang phải là số nguyên" in shown(response.text)
    assert "6 kết quả cho nước" in shown(response.text)


@pytest.mark.parametrize(
    "dates",
    [
        "since=2021-12-31&until=2020-01-01",
        "since=12/2021&until=2020",
        "since=1/1/2020&until=31-12-2021",
        "since=2020&until=2021",
    ],
)
def test_dates_are_read_as_typed_and_either_way_round(client: FlaskClient, dates: str) -> None:
    html = client.get(f"/search?q=lúa&section=Kinh tế&{dates}").text
    assert "2 kết quả" in shown(html)
    assert "Bỏ lọc Từ 1/1/2020 đến 31/12/2021" in links(html)


def test_what_is_no_date_is_told_and_the_search_kept(client: FlaskClient) -> None:
    page = seen(client, "/search?q=nước&section=Thể thao&since=32/1/2020&until=2020")
    assert "Không hiểu ngày “32/1/2020”" in page
    assert "2 kết quả cho nước" in page


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
    assert '<p>Người dân nói về <mark id="mark-2">nước</mark> và lúa.</p>' in html
    assert "Bá Tùng , Mai Lan" in page
    assert "Tô sáng 2 chỗ khớp với nước" in page
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


def test_an_article_leads_to_others_like_it(client: FlaskClient) -> None:
    offered = links(client.get("/article/bai-1-2019").text)
    assert offered["Giải chạy ven sông ở Hà Nội đông kỷ lục"] == "/article/bai-1-2024"


def test_a_hit_says_why_it_was_found(client: FlaskClient) -> None:
    found = "/search?q=n%C6%B0%E1%BB%9Bc+l%C3%BAa&sort=oldest"
    html = client.get(found).text
    why = links(html)["Vì sao có bài này? Giá lúa ở Cần Thơ tăng trở lại"]
    page = client.get(why).text
    assert "được 2,50 điểm cho nước lúa" in shown(page)
    assert "nước trong bài 1,25 lúa trong bài 1,25" in shown(page)
    assert links(page)["‹ Quay lại kết quả tìm nước lúa"] == found
    article = next(to for to in links(page).values() if to.startswith("/article/"))
    assert client.get(article).status_code == 200


def test_where_nothing_was_asked_or_found_nothing_is_explained(client: FlaskClient) -> None:
    assert "Bạn chưa tìm gì" in seen(client, "/why/bai-1-2019")
    assert "không khớp với từ khóa" in seen(client, "/why/bai-1-2019?q=xyz")
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
def test_preferences_are_kept_and_lead_back(
    client: FlaskClient, sent_from: str | None, leads_to: str
) -> None:
    headers = {"Referer": sent_from} if sent_from else {}
    response = client.post("/preferences", data={"theme": "dark"}, headers=headers)
    assert response.status_code == 303
    assert response.headers["Location"].removeprefix("http://localhost") == leads_to
    assert 'data-theme="dark"' in client.get("/").text


def test_other_preferences_than_those_offered_are_ignored(client: FlaskClient) -> None:
    client.post("/preferences", data={"theme": '"><script>', "language": "fr", "q": "x"})
    client.set_cookie("images", "yes")
    html = client.get("/")
    assert 'lang="vi" data-theme="auto"' in html.text
    assert "img-src 'self';" in html.headers["Content-Security-Policy"]


def test_pictures_are_allowed_to_those_who_asked_for_them(client: FlaskClient) -> None:
    client.post("/preferences", data={"images": "on"})
    assert "img-src 'self' https:;" in client.get("/").headers["Content-Security-Policy"]


def test_the_neighbours_of_a_hit_are_one_step_away(client: FlaskClient) -> None:
    found = "/search?q=n%C6%B0%E1%BB%9Bc&sort=oldest&page=2"
    html = client.get(found).text
    tenth = client.get("/hit/10?q=nước&sort=oldest", follow_redirects=True).text
    following = client.get(links(tenth)["Bài sau"], follow_redirects=True).text
    title = shown(html[html.index('class="hit"') :].join(["<main>", "</h2>"])).split(" Nhà")[0]
    assert "kết quả 11" in shown(following)
    assert links(following)["‹ Quay lại kết quả tìm nước"] == found
    assert re.search(r"<h1>(.*?)</h1>", following)
    assert title
    past = client.get("/hit/25?q=nước&sort=oldest")
    assert past.headers["Location"].endswith("&page=3")


def test_a_related_article_keeps_the_trail(client: FlaskClient) -> None:
    html = client.get("/article/bai-1-2019?q=nước&section=Thể thao&at=1").text
    other = links(html)["Giải chạy ven sông ở Hà Nội đông kỷ lục"]
    assert "Quay lại kết quả tìm nước" in seen(client, other)


def test_marks_can_be_taken_off_and_put_back(client: FlaskClient) -> None:
    html = client.get("/article/bai-1-2019?q=nước&at=3").text
    plain = client.get(links(html)["Bỏ tô sáng"]).text
    assert "<mark" not in plain
    assert "Quay lại kết quả tìm nước" in shown(plain)
    assert "kết quả 3" in shown(plain)
    assert "<mark" in client.get(links(plain)["Tô sáng từ đã tìm"]).text


def test_all_values_of_a_facet_can_be_searched() -> None:
    articles = [Article(id=f"s{n}", title="Nước", section=f"Mục {n:03}") for n in range(300)]
    client = create_app(FakeSearcher([*articles, replace(articles[0], id="x", section="Đời sống")]))
    html = client.test_client().get("/search?q=nước").text
    listed = links(html)["Tìm trong danh sách (chuyên mục)"]
    everything = client.test_client().get(listed).text
    assert "Còn 101 mục nữa" in shown(everything)
    named = client.test_client().get(f"{listed}&contains=doi song").text
    assert (
        links(named)["Đời sống 1 bài"]
        == "/search?q=n%C6%B0%E1%BB%9Bc&section=%C4%90%E1%BB%9Di+s%E1%BB%91ng"
    )
    assert client.test_client().get("/values/title?q=x").status_code == 404


@pytest.mark.parametrize(
    "pasted",
    [
        "https://www.bao.example/2021/giai-chay-ven-song-o-thua-thien-hue-123.html",
        "http://m.bao.example/2021/giai-chay-ven-song-o-thua-thien-hue-123.html/?utm_source=x#top",
    ],
)
def test_a_pasted_address_leads_to_its_article(pasted: str) -> None:
    url = "https://bao.example/2021/giai-chay-ven-song-o-thua-thien-hue-123.html"
    article = Article(id="7", title="giai chay ven song o thua thien hue", url=url)
    other = replace(article, id="8", url=f"{url}?page=2")
    client = create_app(FakeSearcher([other, article])).test_client()
    response = client.get("/search", query_string={"q": f" {pasted} "})
    assert (response.status_code, response.headers["Location"]) == (302, "/article/7")


def test_an_id_and_a_name_are_offered_directly(client: FlaskClient) -> None:
    assert (
        links(client.get("/search?q=bai-1-2019").text)[
            "Mở bài có mã bai-1-2019: Giải chạy ven sông ở Cần Thơ đông kỷ lục"
        ]
        == "/article/bai-1-2019"
    )
    offered = links(client.get("/search?q=pho thi").text)
    assert offered["Xem tất cả bài của nguồn Phố Thị"] == "/search?source=Ph%E1%BB%91+Th%E1%BB%8B"


def test_an_article_can_be_cited(client: FlaskClient) -> None:
    page = seen(client, "/article/bai-2-2021")
    assert (
        "Bá Tùng; Mai Lan (3/3/2021). “Nước sạch về với Thừa Thiên Huế”. Tin Biển. "
        "https://www.bao.example/2021/2 (truy cập " in page
    )
    assert "@online{bai-2-2021, title = {{Nước sạch về với Thừa Thiên Huế}}" in page


def test_an_article_says_what_it_is_to_other_programs(client: FlaskClient) -> None:
    html = client.get("/article/bai-2-2021?q=nước").text
    assert '<meta name="robots" content="noindex">' in html
    assert '<link rel="canonical" href="http://localhost/article/bai-2-2021">' in html
    assert '<meta property="og:title" content="Nước sạch về với Thừa Thiên Huế">' in html
    data = json.loads(html.split('<script type="application/ld+json">')[1].split("</script>")[0])
    assert data["@type"] == "NewsArticle"
    assert data["datePublished"] == "2021-03-03T14:05:00+07:00"
    assert [author["name"] for author in data["author"]] == ["Bá Tùng", "Mai Lan"]
    assert "noindex" not in client.get("/article/bai-2-2021").text


def test_the_state_of_the_index_is_told(client: FlaskClient) -> None:
    page = seen(client, "/status")
    assert "Số bài 24" in page
    assert "Bài mới nhất 3/4/2024, 14:05" in page
    assert "Phố Thị 12" in page


def test_browsers_are_given_suggestions_and_a_manifest(client: FlaskClient) -> None:
    answer = client.get("/api/complete?format=suggestions&q=giá lúa ở l")
    assert answer.mimetype == "application/x-suggestions+json"
    assert json.loads(answer.text) == ["giá lúa ở l", ["giá lúa ở lào cai tăng trở lại"]]
    manifest = client.get("/manifest.webmanifest").get_json(force=True)
    for icon in manifest["icons"]:
        assert client.get(icon["src"], buffered=True).mimetype == "image/png"
    assert client.get("/favicon.ico", buffered=True).status_code == 200
