"""The pages in a real browser, with mouse, with keyboard, and on a phone."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from index.article import Article
from index.history import NO_HISTORY, WriteKind, WriteSummary
from tests.web.conftest import articles_of_many_sources, serve
from tests.web.fake import FakeSearcher

PAGES = [
    "/",
    "/search?q=nước",
    "/search?q=nước&section=Kinh tế&since=2019-01-01&until=2023-12-31&page=1&sort=newest",
    "/search?q=" + "dàingoằng" * 40,
    "/article/bai-1-2020?q=nước",
    "/why/bai-1-2020?q=nước",
    "/help",
]


def results(page: Page) -> int:
    """Return the number of results in the heading."""
    return int(re.sub(r"\D", "", page.locator("h1").inner_text().split("kết quả")[0]))


def test_search_narrow_page_read_and_go_back(page: Page) -> None:
    page.goto("/")
    page.locator("input[name=q]").fill("nước")
    page.get_by_role("button", name="Tìm", exact=True).click()
    expect(page).to_have_title("nước – Tìm Tin")
    assert results(page) == 24

    page.get_by_role("link", name="Trang sau").click()
    expect(page.locator('.paging [aria-current="page"]')).to_have_text("Trang 2")
    page.get_by_role("complementary").get_by_role("link", name="Phố Thị 12 bài").click()
    expect(page.locator(".chips a")).to_have_count(1)
    assert results(page) == 12
    page.get_by_role("link", name="Trang 2").click()
    expect(page.locator(".hit")).to_have_count(2)

    title = page.locator(".hit h2").first.inner_text()
    page.locator(".hit h2 a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert page.locator(".body mark").all_inner_texts() == ["nước"]

    page.get_by_role("link", name="Quay lại kết quả").click()
    expect(page.locator('.paging [aria-current="page"]')).to_have_text("Trang 2")
    page.get_by_role("link", name="Bỏ lọc Nguồn: Phố Thị").click()
    expect(page.locator(".chips a")).to_have_count(0)
    assert results(page) == 24


def test_the_back_button_works(page: Page) -> None:
    page.goto("/search?q=nước")
    page.get_by_role("navigation", name="Sắp xếp").get_by_role("link", name="Cũ nhất").click()
    expect(page.locator('.sorts [aria-current="true"]')).to_have_text("Cũ nhất")
    page.locator(".hit h2 a").first.click()
    page.go_back()
    expect(page.locator('.sorts [aria-current="true"]')).to_have_text("Cũ nhất")


def test_dates_narrow_the_results(page: Page) -> None:
    page.goto("/search?q=nước&section=Kinh+tế")
    page.get_by_label("Từ ngày").fill("1/2021")
    page.get_by_label("Đến ngày").fill("2022")
    page.get_by_role("button", name="Lọc theo ngày").click()
    assert results(page) == 2
    expect(page.get_by_role("link", name="Bỏ lọc Từ 1/1/2021 đến 31/12/2022")).to_be_visible()
    expect(page.get_by_role("link", name="Bỏ lọc Chuyên mục: Kinh tế").first).to_be_visible()


def test_everything_can_be_done_with_the_keyboard(page: Page) -> None:
    page.goto("/")
    expect(page.locator("input[name=q]")).to_be_focused()
    page.keyboard.type("chạy ven sông")
    page.keyboard.press("Enter")
    expect(page.locator(".hit")).to_have_count(6)

    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Chuyển đến nội dung chính")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    reached = press_tab_until(page, lambda: page.evaluate("document.activeElement.closest('.hit')"))
    assert reached
    page.keyboard.press("Enter")
    expect(page.locator(".reading h1")).to_contain_text("Giải chạy ven sông")


def press_tab_until(page: Page, arrived: Any) -> bool:
    """Press Tab until an element is reached; each element must show that it has the focus."""
    for _ in range(12):
        page.keyboard.press("Tab")
        style = "getComputedStyle(document.activeElement)"
        assert page.evaluate(f"{style}.outlineStyle !== 'none'")
        if arrived():
            return True
    return False


def test_completions_are_offered_while_typing(page: Page) -> None:
    page.goto("/")
    box = page.get_by_role("combobox", name="Tìm trong các bài báo")
    box.press_sequentially("giá lúa ở l")
    option = page.get_by_role("option")
    expect(option).to_have_text(["giá lúa ở lào cai tăng trở lại"])
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("ArrowDown")
    expect(box).to_have_value("giá lúa ở lào cai tăng trở lại")
    expect(option).to_have_attribute("aria-selected", "true")
    box.press("ArrowDown")
    expect(box).to_have_value("giá lúa ở l")
    box.press("Escape")
    expect(option).to_have_count(0)
    box.press_sequentially("à")
    option.click()
    expect(page.locator(".hit")).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_page_is_wider_than_the_screen(
    browser: Browser, site: str, width: int, scheme: Any
) -> None:
    size: Any = {"width": width, "height": 800}
    with browser.new_context(base_url=site, viewport=size, color_scheme=scheme) as context:
        page = context.new_page()
        for address in PAGES:
            page.goto(address)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address


@pytest.fixture
def plain(browser: Browser, site: str) -> Iterator[Page]:
    """Open a page in a browser without scripts."""
    with browser.new_context(base_url=site, java_script_enabled=False) as context:
        yield context.new_page()


def test_everything_works_without_javascript(plain: Page) -> None:
    plain.goto("/")
    plain.locator("input[name=q]").fill("lúa")
    plain.locator("input[name=q]").press("Enter")
    expect(plain.locator(".hit")).to_have_count(10)
    plain.get_by_role("complementary").get_by_role("link", name="Thể thao 6 bài").click()
    expect(plain.locator(".hit")).to_have_count(6)
    plain.locator(".hit h2 a").first.click()
    expect(plain.locator(".body mark").first).to_have_text("lúa")
    plain.get_by_role("link", name="Quay lại kết quả").click()
    expect(plain.locator(".hit")).to_have_count(6)


def test_a_printed_article_is_only_the_article(page: Page) -> None:
    page.goto("/article/bai-1-2020?q=nước")
    page.emulate_media(media="print")
    expect(page.locator("input[name=q]")).to_be_hidden()
    expect(page.locator(".trail")).to_be_hidden()
    expect(page.locator(".body")).to_be_visible()


LINES = """() => {
  const lines = e => new Set([...e.getClientRects()].map(r => Math.round(r.bottom))).size;
  const all = selector => [...document.querySelectorAll(selector)];
  return {
    broken: all('.origin .moment, .origin .age').filter(e => lines(e) > 1).map(e => e.textContent),
    cut: all('.snippet').filter(e => e.scrollHeight > e.clientHeight + 2).length,
    unbalanced: all('.origin > *').filter(e => getComputedStyle(e, '::before').content !== 'none')
      .map(e => e.textContent),
    whole: all('.hit').filter(e => e.getBoundingClientRect().bottom <= innerHeight).length,
  };
}"""


@pytest.mark.parametrize(
    ("width", "height", "whole"), [(320, 568, 1), (360, 640, 2), (390, 844, 3), (1280, 900, 5)]
)
def test_a_hit_takes_few_lines_without_bad_breaks(
    browser: Browser, width: int, height: int, whole: int
) -> None:
    """No line begins with a full stop, or ends within a date or a highlight."""
    site = serve(FakeSearcher(articles_of_many_sources()))
    size: Any = {"width": width, "height": height}
    with browser.new_context(base_url=site, viewport=size) as context:
        page = context.new_page()
        page.goto("/search?q=nước")
        found = page.evaluate(LINES)
        assert found["whole"] >= whole
        assert [found[name] for name in ("broken", "cut", "unbalanced")] == [[], 0, []]


BROKEN_NUMBERS = """() => {
  const cells = [...document.querySelectorAll("td, th, dd, time, .count, small")];
  const numeric = /^[\\d.,:/ ]*\\d[\\d.,:/ ]*$/;
  return cells
    .filter((cell) => !cell.children.length && numeric.test(cell.textContent.trim()))
    .flatMap((cell) => {
      const parts = cell.textContent.trim().split(/(?<=,) /);
      const numbers = parts.length > 1 ? parts : ["188.687"]; // a moment, or a large count
      return numbers.filter((number) => {
        cell.textContent = number;
        const range = document.createRange();
        range.selectNodeContents(cell);
        return new Set([...range.getClientRects()].map((line) => line.top)).size > 1;
      });
    });
}"""
"""The numbers and dates on a page that wrap to a second line when they are long."""


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_number_is_broken_in_two(browser: Browser, width: int) -> None:
    long = Article(id="long", title="Nước", source="Báo" + "dàingoằng" * 20, body="Nước")
    searcher = FakeSearcher([*articles_of_many_sources(), long])
    summary = WriteSummary(WriteKind.BUILD, "2026-11-30T08:43:00Z", read=60, indexed=60)
    searcher.history = NO_HISTORY.with_write(summary)
    size: Any = {"width": width, "height": 800}
    with browser.new_context(base_url=serve(searcher), viewport=size) as context:
        page = context.new_page()
        for path in (
            "/status",
            "/search?q=nước",
            "/values/source?q=nước",
            "/",
            "/why/long?q=nước",
            "/docs",
        ):
            response = page.goto(path)
            assert response and response.ok, path
            assert page.evaluate(BROKEN_NUMBERS) == [], path
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, path


def test_a_right_to_left_text_does_not_affect_its_surroundings(browser: Browser) -> None:
    turning = Article(id="1", title="Nước", source="Báo\u202e", author="Lê Mai", section="Xã hội")
    site = serve(FakeSearcher([turning]))
    with browser.new_context(base_url=site) as context:
        page = context.new_page()
        page.goto("/search?q=nước")
        left = page.locator(".origin > *").evaluate_all(
            "all => all.map(e => e.getBoundingClientRect().left)"
        )
        assert len(left) >= 3
        assert left == sorted(left)


def test_the_box_of_the_home_page_has_room_at_400_percent(browser: Browser, site: str) -> None:
    """The box has the focus; nothing above it is scrolled out of view, nothing in it is cut."""
    size: Any = {"width": 320, "height": 256}
    with browser.new_context(base_url=site, viewport=size) as context:
        page = context.new_page()
        page.goto("/")
        expect(page.locator("input[name=q]")).to_be_focused()
        expect(page.locator("input[name=q]")).to_be_in_viewport(ratio=1)
        assert page.evaluate("scrollY") == 0
        page.goto("/help")
        needed = page.evaluate(
            """() => {
              const box = document.querySelector('.search input');
              const style = getComputedStyle(box);
              const pen = document.createElement('canvas').getContext('2d');
              pen.font = style.font;
              const padding = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
              return pen.measureText(box.placeholder).width + padding - box.clientWidth;
            }"""
        )
        assert needed <= 0


def test_an_article_is_printed_by_its_button(page: Page) -> None:
    page.goto("/article/bai-1-2020")
    page.evaluate("window.print = () => { document.title = 'printed' }")
    page.locator(".cite summary").click()
    page.get_by_role("button", name="In bài này").click()
    expect(page).to_have_title("printed")
