"""Atom and RSS of any search: well-formed, newest first, with stable ids."""

from datetime import datetime
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from index.article import Article
from tests.web.conftest import newspaper
from tests.web.fake import FakeSearcher
from web.app import create_app
from web.settings import Settings

A = "{http://www.w3.org/2005/Atom}"


def entries(client: FlaskClient, address: str) -> list[ET.Element]:
    return ET.fromstring(client.get(address).data).findall(f"{A}entry")


def text(node: ET.Element, name: str) -> str:
    found = node.findtext(name)
    assert found is not None
    return found


def test_atom_has_the_required_elements(client: FlaskClient) -> None:
    response = client.get("/search.atom?q=nước&sort=oldest&page=3")
    assert response.content_type == "application/atom+xml; charset=utf-8"
    feed = ET.fromstring(response.data)
    for name in ("id", "title", "updated"):
        assert text(feed, A + name)
    found = feed.findall(f"{A}entry")
    assert len(found) == 24
    moments = [datetime.fromisoformat(text(entry, f"{A}updated")) for entry in found]
    assert moments == sorted(moments, reverse=True)
    assert text(feed, f"{A}updated") == text(found[0], f"{A}updated")
    assert len({text(entry, f"{A}id") for entry in found}) == 24
    assert text(found[0], f"{A}id").startswith("urn:uuid:")
    assert "<mark>" not in text(found[0], f"{A}summary")


def test_rss_has_the_required_elements(client: FlaskClient) -> None:
    response = client.get("/search.rss?q=nước")
    channel = ET.fromstring(response.data).find("channel")
    assert channel is not None
    for name in ("title", "link", "description"):
        assert text(channel, name)
    first = channel.findall("item")[0]
    assert parsedate_to_datetime(text(first, "pubDate")).tzinfo
    guid = first.find("guid")
    assert guid is not None
    assert guid.get("isPermaLink") == "false"
    ids = [text(entry, f"{A}id") for entry in entries(client, "/search.atom?q=nước")]
    assert [text(item, "guid") for item in channel.findall("item")] == ids


def test_ids_do_not_depend_on_the_host_or_format(client: FlaskClient) -> None:
    plain = entries(client, "/search.atom?q=Cần Thơ")
    moved = create_app(
        FakeSearcher(newspaper()[::-1]), Settings(public_url="https://tin.example/t")
    )
    below_a_path = entries(moved.test_client(), "/search.atom?q=Cần Thơ&size=2")
    assert {text(e, f"{A}id") for e in plain} == {text(e, f"{A}id") for e in below_a_path}


def test_urls_are_absolute_if_the_host_is_known() -> None:
    searcher = FakeSearcher([Article(id="a/b", title="Nước")])
    for settings, host, link in (
        (
            Settings(public_url="https://tin.example/t"),
            "evil.example",
            "https://tin.example/t/article/a%2Fb",
        ),
        (Settings(), "localhost:8000", "http://localhost:8000/article/a%2Fb"),
        (Settings(), "evil.example", "/article/a%2Fb"),
        (
            Settings(trusted_hosts=("tin.example",)),
            "tin.example",
            "http://tin.example/article/a%2Fb",
        ),
    ):
        client = create_app(searcher, settings).test_client()
        response = client.get("/search.atom", headers={"Host": host})
        assert f'href="{link}"' in response.text
        assert "evil" not in response.text


@given(st.text())
def test_any_text_is_well_formed(value: str) -> None:
    article = Article(
        id=value or "x", title=value, summary=value, source=value, url=f"http://{value}"
    )
    client = create_app(FakeSearcher([article])).test_client()
    query = {"source": value.encode("utf-8", "replace")} if 0 < len(value) <= 200 else {}
    for name in ("atom", "rss"):
        response = client.get(f"/search.{name}", query_string=query)
        assert response.status_code == 200
        assert ET.fromstring(response.data) is not None


@pytest.mark.parametrize("name", ["atom", "rss"])
def test_bad_parameters_are_refused(client: FlaskClient, name: str) -> None:
    assert client.get(f"/search.{name}?since=x").status_code == 400


def test_near_duplicates_are_collapsed_in_a_feed_by_default() -> None:
    copies = [Article(id=f"c{n}", title="Nước về làng") for n in range(3)]
    client = create_app(FakeSearcher([*copies, Article(id="x", title="Nước")])).test_client()
    for form, count in (("", 2), ("&collapse=1", 2), ("&collapse=0", 4)):
        assert len(entries(client, f"/search.atom?q=nước{form}")) == count
        assert client.get(f"/search.rss?q=nước{form}").text.count("<item>") == count
