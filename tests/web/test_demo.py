"""The demo corpus, indexed, and searched in a real browser."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, expect
from waitress.server import create_server

from search import open_searcher
from web.app import create_app

DEMO = Path(__file__).resolve().parents[2] / "demo"


def build(corpus: Path, index: Path) -> None:
    options = ("--index", str(index), "--workers", "1")
    command = [sys.executable, "-m", "index", "build", str(corpus), *options]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


def serve(index: Path) -> str:
    server = create_server(create_app(open_searcher(index)), host="127.0.0.1", port=0)
    Thread(target=server.run, daemon=True).start()
    return f"http://127.0.0.1:{server.effective_port}"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> str:
    index = tmp_path_factory.mktemp("demo") / "index"
    build(DEMO, index)
    return serve(index)


@pytest.fixture
def reader(browser: Browser, demo: str) -> Iterator[Page]:
    with browser.new_context(base_url=demo, locale="vi-VN") as context:
        context.set_default_timeout(10_000)
        yield context.new_page()


def total(page: Page) -> int:
    return int(re.sub(r"\D", "", page.locator("h1").inner_text().split("kết quả")[0]))


def test_a_query_without_marks_leads_to_the_article(reader: Page) -> None:
    reader.goto("/")
    box = reader.get_by_role("combobox")
    box.fill("bien doi khi hau")
    box.press("Enter")
    expect(reader.locator(".notice").first).to_contain_text("biến đổi khí hậu")
    expect(reader.locator(".hit h2 mark").first).to_have_text("biến đổi khí hậu")

    everything = total(reader)
    facet = reader.get_by_role("complementary").get_by_role("link", name="Môi trường")
    expected = int(facet.locator(".count").inner_text().split()[0])
    facet.click()
    expect(reader.locator(".chips a")).to_have_count(1)
    assert total(reader) == expected < everything

    reader.locator(".hit h2 a").first.click()
    expect(reader.locator(".reading mark").first).to_be_visible()
    expect(reader.get_by_role("heading", name="Bài liên quan")).to_be_visible()
    reader.get_by_role("link", name="Quay lại kết quả").click()
    assert total(reader) == expected

    reader.get_by_role("link", name="Chỉ tìm đúng như đã gõ").click()
    expect(reader.locator(".notice")).to_contain_text("đúng từng chữ")


def test_articles_with_both_words_apart_are_not_said_to_lack_one(reader: Page) -> None:
    reader.goto("/search?q=giá gạo")
    expect(reader.locator(".hit mark").filter(has_text="gạo").first).to_be_visible()
    expect(reader.locator(".hit mark").filter(has_text="iá").first).to_be_visible()
    expect(reader.locator(".notice")).to_contain_text("khớp")
    expect(reader.locator(".notice")).not_to_contain_text("đủ các từ;")


def test_the_pages_show_every_article_once(reader: Page) -> None:
    reader.goto("/search?q=nước&sort=newest")
    expected = total(reader)
    seen: list[str] = []
    while True:
        links = reader.locator(".hit h2 a")
        seen += [link.get_attribute("href") or "" for link in links.all()]
        if not reader.get_by_role("link", name="Trang sau").count():
            break
        number = reader.locator('.paging [aria-current="page"]').inner_text()
        reader.get_by_role("link", name="Trang sau").click()
        expect(reader.locator('.paging [aria-current="page"]')).not_to_have_text(number)
    articles = [address.split("?")[0] for address in seen]
    assert len(articles) == len(set(articles)) == expected > 20


def test_a_hit_explains_its_score(reader: Page) -> None:
    reader.goto('/search?q="giá vàng"')
    reader.get_by_role("link", name="Vì sao có bài này?").first.click()
    expect(reader.locator(".reasons tbody tr").first).to_contain_text("vàng")


@pytest.mark.parametrize("query", ["bongs ddas nu", "bo1ng d9a1 nu", "BÓNG ĐÁ NỮ", "“bóng đá” nữ"])
def test_all_ways_of_typing_find_the_same_articles(reader: Page, query: str) -> None:
    reader.goto("/search?q=" + query)
    expect(reader.locator(".hit h2").first).to_contain_text("bóng đá nữ")


def test_every_example_finds_something(reader: Page) -> None:
    for page in ("/", "/help"):
        reader.goto(page)
        examples = reader.locator(".examples a, a.try").all()
        addresses = [example.get_attribute("href") or "" for example in examples]
        assert len(addresses) > 3
        for address in addresses:
            reader.goto(address)
            if not address.startswith("/api/"):
                assert reader.locator(".hit").count(), address


def test_a_new_build_is_served_without_a_restart(tmp_path: Path) -> None:
    def write(title: str) -> Path:
        (tmp_path / "one.jsonl").write_text(json.dumps({"id": "1", "title": title}))
        return tmp_path / "one.jsonl"

    build(write("Giá lúa tăng"), tmp_path / "index")
    client = create_app(open_searcher(tmp_path / "index")).test_client()
    assert client.get("/article/1").status_code == 200
    assert "Giá lúa tăng" in client.get("/search?q=lua").text
    build(write("Giá cà phê giảm"), tmp_path / "index")
    assert "Giá cà phê giảm" in client.get("/search?q=ca+phe").text
    assert client.get("/api/search?q=lúa").get_json()["total"] == 0
