"""Direct links: by address, id and name; all values of a facet."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from index.article import Article
from search.warnings import warning
from tests.web.fake import FakeSearcher
from tests.web.html import links, shown
from web.app import create_app
from web.lookup import MAX_MEANT, NamedValues, completed_conditions, meant_values
from web.parameters import SearchParameters


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


def test_names_are_counted_once_per_commit() -> None:
    searcher = FakeSearcher([Article(id="1", title="Lúa", section="Đời sống")])
    named = NamedValues(searcher)
    for typed in ("doi song", "Đời sống", "lúa", "đời"):
        assert [one.value for one in named(typed)] == ["Đời sống"][: "ng" in typed]
    assert [one.count for one in named("đời", prefix=True)] == [1]
    assert (named("đ", prefix=True), len(searcher.requests)) == ((), 1)
    other = FakeSearcher([Article(id="1", title="Lúa", section="Thể thao")])
    searcher._articles, searcher.identity = other._articles, "commit-2"
    assert [one.value for one in named("the thao")] == ["Thể thao"]
    assert (named("doi song"), len(searcher.requests)) == ((), 2)


@pytest.mark.parametrize(
    ("query", "field", "typed", "meant"),
    [
        ("nguồn:phothi lúa", "source", "phothi", 'nguồn:"Phố Thị" lúa'),
        ("site:www.phothi.com.vn lúa", "source", "www.phothi.com.vn", 'site:"Phố Thị" lúa'),
        ('lúa mục:"thethao"', "section", "thethao", 'lúa mục:"Thể thao"'),
        ('tác giả:"le mai hương"', "author", "le mai hương", 'tác giả:"Lê Mai Hương"'),
        ("nguồn:biển -nguồn:biển", "source", "biển", 'nguồn:"Tin Biển" -nguồn:biển'),
    ],
)
def test_an_unknown_value_suggests_an_existing_one(
    searcher: FakeSearcher, query: str, field: str, typed: str, meant: str
) -> None:
    reported = (warning("no_words"), warning("unknown_value", field=field, value=typed))
    [link] = meant_values(searcher, SearchParameters(q=query), reported)
    assert parse_qs(urlsplit(link.address).query)["q"] == [meant]
    assert link.label.startswith("Ý bạn là ")


def test_a_query_of_many_unknown_values_costs_a_few_searches(searcher: FakeSearcher) -> None:
    names = [f"ph{'o' * at}" for at in range(50)]
    query = " ".join(f"nguồn:{name}" for name in names)
    reported = [warning("unknown_value", field="source", value=name) for name in names]
    list(meant_values(searcher, SearchParameters(q=query), reported))
    assert len(searcher.requests) <= MAX_MEANT


@pytest.mark.parametrize("typed", ["xyz", "/", "(", ""])
def test_a_value_unlike_all_others_suggests_nothing(searcher: FakeSearcher, typed: str) -> None:
    reported = (warning("unknown_value", field="source", value=typed),)
    assert list(meant_values(searcher, SearchParameters(q="nguồn:abc"), reported)) == []
    reported = (warning("unknown_value", field="title", value="Lúa"),)
    assert list(meant_values(searcher, SearchParameters(q="title:Lúa"), reported)) == []


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("lúa nguồn:ph", ('lúa nguồn:"Phố Thị"',)),
        ('source:"tin b', ('source:"Tin Biển"',)),
        ("tác giả:le mai h", ('tác giả:"Lê Mai Hương"',)),
        ("-mục:thể", ('-mục:"Thể thao"',)),
        ("nguồn:zzz", ()),
        ("tiêu đề:giá", ()),
        ("https://bao.example", ()),
        ("giá lúa", ()),
    ],
)
def test_a_condition_is_completed_with_existing_values(
    searcher: FakeSearcher, typed: str, offered: tuple[str, ...]
) -> None:
    assert completed_conditions(searcher, typed) == offered


def test_the_box_offers_the_values_of_a_condition(client: FlaskClient) -> None:
    offered = client.get("/suggest?q=nguồn:").get_json()["queries"]
    assert offered == ['nguồn:"Phố Thị"', 'nguồn:"Nhà Nông"', 'nguồn:"Tin Biển"']
