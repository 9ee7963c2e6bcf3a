"""Direct links: by address, id and name; all values of a facet."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from index.article import Article
from tests.web.fake import FakeSearcher
from tests.web.html import links, shown
from web.app import create_app


def test_all_values_of_a_facet_can_be_searched() -> None:
    articles = [Article(id=f"s{n}", title="Nước", section=f"Mục {n:03}") for n in range(300)]
    client = create_app(FakeSearcher([*articles, replace(articles[0], id="x", section="Đời sống")]))
    html = client.test_client().get("/search?q=nước").text
    listed = links(html)["Tìm trong danh sách chuyên mục"]
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
