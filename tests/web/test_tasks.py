"""Tasks of archivists, editors and readers: with mouse, with keyboard, and without scripts."""

import csv
import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from index.article import Article
from tests.web.conftest import newspaper, serve
from tests.web.fake import VIETNAM, FakeSearcher

STOPS = """target => {
  const stops = [...document.querySelectorAll('a[href], button, input, summary, [tabindex="0"]')]
    .filter(e => e.type !== 'hidden' && (e.checkVisibility({visibilityProperty: true})));
  const after = stops.filter(e => document.activeElement === document.body
    || document.activeElement.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING);
  const at = after.indexOf(target);
  return target === document.activeElement ? 0
    : at >= 0 ? at + 1 : after.length + 1 + stops.indexOf(target) + 1;
}"""
"""The number of presses of Tab that lead to an element; after the last one it starts again."""

FRESH = Article(
    id="tin-moi",
    title="Lúa mới về kho",
    summary="Kho đã đầy lúa.",
    source="Nhà Nông",
    section="Kinh tế",
    published=datetime.now(VIETNAM) - timedelta(hours=30),
)
URL = "https://www.bao.example/2023/giai-chay-ven-song-o-lao-cai-dong-ky-luc.html"
PASTED = Article(id="dan/1", title="Giai chay ven song o Lao Cai dong ky luc", url=URL)


class Reader:
    """A user of a page, in one of three ways."""

    def __init__(self, page: Page, way: str) -> None:
        self.page = page
        self.way = way

    def ask(self, words: str) -> None:
        """Type words into the search box and search."""
        box = self.page.locator(".search input[name=q]")
        if self.way == "mouse":
            box.click()
            box.fill(words)
            self.page.get_by_role("button", name="Tìm", exact=True).click()
        elif self.way == "keyboard":
            self.page.keyboard.press("/") if self.page.locator(".top .search").count() else None
            self.page.keyboard.type(words)
            self.page.keyboard.press("Enter")
        else:
            box.fill(words)
            box.press("Enter")

    def choose(self, target: Locator) -> None:
        """Follow a link or press a button."""
        expect(target).to_be_visible()
        if self.way == "keyboard":
            self.tab_to(target)
            self.page.keyboard.press("Enter")
        else:
            target.click()

    def write(self, field: Locator, text: str) -> None:
        """Type into a field."""
        if self.way == "keyboard":
            self.tab_to(field)
            self.page.keyboard.press("Control+A")
            self.page.keyboard.type(text)
        else:
            field.fill(text)

    def tab_to(self, target: Locator) -> None:
        """Press Tab until something has the focus."""
        for _ in range(target.evaluate(STOPS)):
            self.page.keyboard.press("Tab")
        expect(target).to_be_focused()

    def link(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.locator("main").get_by_role("link", name=name).first

    def heading(self, start: str) -> None:
        expect(self.page.locator("h1")).to_contain_text(start)


@pytest.fixture(scope="module")
def archive() -> str:
    return serve(FakeSearcher([*newspaper(), FRESH, PASTED]))


@pytest.fixture(scope="module", params=["mouse", "keyboard", "no scripts"])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def visit(browser: Browser, archive: str, way: str) -> Iterator[BrowserContext]:
    with browser.new_context(
        base_url=archive, locale="vi-VN", java_script_enabled=way != "no scripts"
    ) as context:
        context.set_default_timeout(5_000)
        if way != "no scripts":
            context.grant_permissions(["clipboard-read", "clipboard-write"])
        yield context


@pytest.fixture
def reader(visit: BrowserContext, way: str) -> Iterator[Reader]:
    page = visit.new_page()
    page.goto("/")
    yield Reader(page, way)
    page.close()


def test_01_one_author_in_one_month(reader: Reader) -> None:
    reader.ask("lúa")
    reader.choose(reader.link(re.compile(r"^Lê Mai 6")))
    reader.heading("6 kết quả")
    reader.choose(reader.link(re.compile("^2021: 1 bài")))
    reader.heading("1 kết quả")
    expect(reader.page.locator(".chips a").first).to_contain_text("Tác giả: Lê Mai")


def test_02_one_source_before_a_year(reader: Reader) -> None:
    reader.ask("nước")
    reader.choose(reader.link(re.compile("^Phố Thị 12")))
    reader.heading("12 kết quả")
    reader.write(reader.page.get_by_label("Đến ngày"), "2020")
    reader.choose(reader.page.get_by_role("button", name="Lọc theo ngày"))
    reader.heading("4 kết quả")


def test_03_all_hits_into_a_spreadsheet(reader: Reader) -> None:
    reader.ask("lúa")
    reader.choose(reader.page.locator(".menu summary"))
    with reader.page.expect_download() as download:
        reader.choose(reader.link("Tải tất cả kết quả (CSV)"))
    text = Path(download.value.path()).read_text("utf-8-sig")
    assert len(list(csv.reader(StringIO(text)))) == 1 + 25


def test_04_a_page_far_down(reader: Reader) -> None:
    reader.page.goto("/search?q=nước&size=2")
    reader.write(reader.page.get_by_label("Đến trang"), "7")
    reader.choose(reader.page.get_by_role("button", name="Đi"))
    expect(reader.page.locator(".paging .here")).to_have_text("Trang 7")
    expect(reader.page.locator(".hits")).to_have_attribute("start", "13")


def test_05_share_a_filtered_search(reader: Reader) -> None:
    reader.ask("nước")
    reader.choose(reader.link(re.compile("^Thể thao 6")))
    reader.heading("6 kết quả")
    address = reader.page.url
    if reader.way != "no scripts":
        reader.choose(reader.page.locator(".menu summary"))
        reader.choose(reader.page.get_by_role("button", name="Sao chép liên kết"))
        expect(reader.page.get_by_text("Đã sao chép liên kết")).to_be_visible()
        address = reader.page.evaluate("navigator.clipboard.readText()")
    with urlopen(address) as response:  # another user's browser
        assert re.search(r"<h1>\s*6 kết quả", response.read().decode())


def test_06_a_title_half_remembered(reader: Reader) -> None:
    reader.ask("ven sông đắk lắk")
    reader.choose(reader.page.locator(".hit h2 a").first)
    reader.heading("Giải chạy ven sông ở Đắk Lắk")


def test_07_follow_a_topic(reader: Reader, archive: str) -> None:
    reader.ask("lúa")
    reader.choose(reader.page.locator(".menu summary"))
    feed = reader.link("Theo dõi qua Atom").get_attribute("href") or ""
    with urlopen(f"{archive}{feed}") as response:
        assert response.headers["Content-Type"].startswith("application/atom+xml")
        assert response.read().count(b"<entry>") == 25


def test_08_what_is_new_this_week(reader: Reader) -> None:
    reader.ask("lúa")
    reader.choose(reader.link("7 ngày qua"))
    reader.heading("1 kết quả")
    expect(reader.page.locator(".origin .age")).to_have_text(re.compile("hôm qua|2 ngày trước"))


def test_09_two_sources_a_section_and_dates(reader: Reader) -> None:
    reader.ask("nước")
    for name in ("Phố Thị 12", "Tin Biển 6", "Môi trường 6"):
        reader.choose(reader.link(re.compile(f"^{name}")))
        expect(reader.page.locator(".chips a").filter(has_text=name[:6])).to_be_visible()
    reader.write(reader.page.get_by_label("Từ ngày"), "1/2020")
    reader.write(reader.page.get_by_label("Đến ngày"), "31/12/2021")
    reader.choose(reader.page.get_by_role("button", name="Lọc theo ngày"))
    reader.heading("2 kết quả")
    reader.choose(reader.link("Mới nhất"))
    expect(reader.page.locator('.sorts [aria-current="true"]')).to_have_text("Mới nhất")
    reader.heading("2 kết quả")


def test_10_take_filters_back_one_by_one_and_all(reader: Reader) -> None:
    reader.page.goto("/search?q=nước&section=Thể thao&source=Phố Thị&since=2020-01-01")
    reader.choose(reader.link("Bỏ lọc Chuyên mục: Thể thao"))
    reader.heading("10 kết quả")
    reader.choose(reader.link("Xóa tất cả bộ lọc"))
    reader.heading("24 kết quả")


def test_11_all_words_or_any(reader: Reader) -> None:
    reader.ask("nước lúa")
    reader.choose(reader.link("Mọi từ"))
    expect(reader.link("Mọi từ")).to_have_attribute("aria-current", "true")
    assert "operator=and" in reader.page.url


def test_12_everything_of_one_source(reader: Reader) -> None:
    reader.ask("tin bien")
    reader.choose(reader.link("Xem tất cả bài của nguồn Tin Biển"))
    reader.heading("6 kết quả")


def test_13_when_was_it_written_about(reader: Reader) -> None:
    reader.ask("lúa")
    bars = reader.page.locator(".histogram a")
    expect(bars.first).to_contain_text("2019: 4 bài")
    reader.choose(bars.nth(2))
    reader.heading("4 kết quả")
    expect(bars.nth(2)).to_have_attribute("aria-current", "true")


def test_14_a_value_that_is_not_among_the_first(reader: Reader) -> None:
    reader.page.goto("/values/author?q=nước")
    reader.write(reader.page.get_by_label("Tìm trong danh sách này"), "huong")
    reader.choose(reader.page.locator(".find-value button"))
    reader.choose(reader.link(re.compile("^Lê Mai Hương")))
    reader.heading("6 kết quả")


def test_15_all_articles_of_the_author_one_reads(reader: Reader) -> None:
    reader.page.goto("/article/bai-2-2021")
    reader.choose(reader.link("Bá Tùng"))
    reader.heading("6 kết quả")


def test_16_an_article_by_its_address_or_id(reader: Reader) -> None:
    reader.ask(f"{URL}?utm_source=thu")
    reader.heading(PASTED.title)
    reader.ask("bai-3-2024")
    reader.choose(reader.link(re.compile("^Mở bài có mã bai-3-2024")))
    reader.heading("Thầy trò Hà Nội")


def test_17_dates_the_wrong_way_round(reader: Reader) -> None:
    reader.ask("nước")
    reader.write(reader.page.get_by_label("Từ ngày"), "2022")
    reader.write(reader.page.get_by_label("Đến ngày"), "2021")
    reader.choose(reader.page.get_by_role("button", name="Lọc theo ngày"))
    reader.heading("8 kết quả cho nước")


def test_18_other_articles_like_it_and_back(reader: Reader) -> None:
    reader.ask("lúa")
    reader.choose(reader.page.locator(".hit h2 a").first)
    reader.choose(reader.page.locator(".related a").first)
    reader.choose(reader.link(re.compile("Quay lại kết quả tìm")))
    reader.heading("25 kết quả cho lúa")


def test_19_cite_an_article(reader: Reader) -> None:
    reader.page.goto("/article/bai-2-2021")
    reader.choose(reader.page.locator(".cite summary"))
    expect(reader.page.locator("#cite-plain")).to_contain_text("“Nước sạch về với Thừa Thiên Huế”")
    if reader.way != "no scripts":
        reader.choose(reader.page.get_by_role("button", name="Chép BibTeX"))
        expect(reader.page.get_by_role("button", name="Đã sao chép")).to_be_visible()
        copied = reader.page.evaluate("navigator.clipboard.readText()")
        assert copied.startswith("@online{bai-2-2021,")


def test_20_read_step_through_and_return(reader: Reader) -> None:
    reader.page.goto("/search?q=nước&page=2&sort=oldest")
    reader.choose(reader.page.locator(".hit h2 a").first)
    if reader.way == "no scripts":
        reader.choose(reader.link("Đến chỗ đầu tiên"))
        assert reader.page.url.endswith("#mark-1")
    elif reader.way == "keyboard":
        expect(reader.page.locator(".mark-steps")).to_be_visible()
        reader.page.keyboard.press("j")
        expect(reader.page.locator("mark.current")).to_have_count(1)
    else:
        reader.choose(reader.page.get_by_role("button", name="Chỗ khớp sau"))
        expect(reader.page.locator("mark.current")).to_have_count(1)
    title = reader.page.locator("h1").inner_text()
    reader.choose(reader.link("Bài sau"))
    expect(reader.page.locator("h1")).not_to_have_text(title)
    reader.choose(reader.link("Bài trước"))
    reader.heading(title)
    reader.choose(reader.link(re.compile("Quay lại kết quả tìm")))
    expect(reader.page.locator(".paging .here")).to_have_text("Trang 2")


def test_the_state_of_the_archive(reader: Reader, archive: str) -> None:
    reader.choose(reader.page.get_by_role("link", name="Thông tin về kho bài"))
    expect(reader.page.locator(".facts")).to_contain_text("26")
    with urlopen(f"{archive}/healthz") as response:
        assert json.load(response)["articles"] == 26
