"""WCAG 2.2 in a real browser: axe-core, and criteria that it does not check."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

PAGES = [
    "/",
    "/search?q=nước",
    "/search?q=nước lúa&section=Kinh tế&since=2019-01-01&until=2023-12-31&sort=newest",
    "/search?q=khôngcógì&since=32/1/2020",
    "/search?q=nước#filters",
    "/article/bai-1-2020?q=nước&at=2",
    "/why/bai-1-2020?q=nước",
    "/values/author?q=nước",
    "/status",
    "/help",
    "/khong-co",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DESKTOP: Any = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"}
PHONE: Any = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "has_touch": True}


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop, light", "phone, dark"])
def screen(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Page]:
    with browser.new_context(base_url=site, locale="vi-VN", **request.param) as context:
        yield context.new_page()


def test_axe_finds_nothing(screen: Page) -> None:
    axe = Axe()
    for address in PAGES:
        screen.goto(address)
        found = axe.run(screen, options={"runOnly": RULES, "resultTypes": ["violations"]})
        reported = [
            (v["id"], [n["html"] for n in v["nodes"]]) for v in found.response["violations"]
        ]
        assert reported == [], address


def test_axe_finds_nothing_in_opened_elements(screen: Page) -> None:
    axe = Axe()
    screen.goto("/search?q=nước")
    screen.locator(".menu summary").click()
    screen.locator(".search input").press_sequentially(" s")
    screen.locator(".search input").fill("giá lúa ở")
    expect(screen.get_by_role("option").first).to_be_visible()
    found = axe.run(screen, options={"runOnly": RULES, "resultTypes": ["violations"]})
    assert [v["id"] for v in found.response["violations"]] == []


CONTRAST = """() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgb = colour => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = c => c.slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = e => {
    for (; e; e = e.parentElement) {
      const colour = rgb(getComputedStyle(e).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255];
  };
  const weak = [];
  for (const e of document.querySelectorAll('body *')) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    const pair = [light(rgb(getComputedStyle(e).color)), light(behind(e))].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (ratio < 4.5) weak.push(`${e.tagName}.${e.className} ${ratio.toFixed(2)}`);
  }
  return weak;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_enough_contrast(browser: Browser, site: str, scheme: Any) -> None:
    """WCAG 2.2, 1.4.3: at least 4.5 to 1. The reader's theme overrides the device's."""
    other: Any = {"light": "dark", "dark": "light"}[scheme]
    with browser.new_context(base_url=site, color_scheme=other) as context:
        context.add_cookies([{"name": "theme", "value": scheme, "url": site}])
        page = context.new_page()
        for address in PAGES:
            page.goto(address)
            assert page.evaluate(CONTRAST) == [], address


COLOURS = """names => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const probe = document.body.appendChild(document.createElement('i'));
  const light = name => {
    probe.style.color = `var(--${name})`;
    canvas.fillStyle = getComputedStyle(probe).color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
      .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  };
  return names.map(([a, b]) => {
    const [high, low] = [light(a), light(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  });
}"""
PAIRS = [
    ("focus", "paper", 3.0),
    ("focus", "card", 3.0),
    ("edge", "paper", 3.0),
    ("edge", "card", 3.0),
    ("accent", "paper", 3.0),
    ("link", "mark", 4.5),
    ("seen", "mark", 4.5),
    ("ink", "mark", 4.5),
    ("mark-ink", "mark", 4.5),
    ("accent-ink", "accent", 4.5),
    ("ink", "wash", 4.5),
    ("quiet", "wash", 4.5),
    ("link", "wash", 4.5),
]
"""Adjacent colours and the required contrast: 1.4.11 for borders, 1.4.3 for text."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_borders_focus_and_highlights_have_enough_contrast(
    browser: Browser, site: str, scheme: Any
) -> None:
    with browser.new_context(base_url=site, color_scheme=scheme, bypass_csp=True) as context:
        page = context.new_page()
        page.goto("/help")
        ratios = page.evaluate(COLOURS, [[a, b] for a, b, _ in PAIRS])
        weak = [(pair, r) for pair, r in zip(PAIRS, ratios, strict=True) if r < pair[2]]
        assert weak == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_marks_and_choices_are_seen_in_forced_colours(
    browser: Browser, site: str, scheme: Any
) -> None:
    with browser.new_context(base_url=site, color_scheme=scheme, forced_colors="active") as context:
        page = context.new_page()
        for address, marks in (
            ("/search?q=nước", ".hit h2 mark, .snippet mark"),
            ("/article/bai-2-2021?q=nước", ".reading mark"),
        ):
            page.goto(address)
            for style in page.locator(marks).evaluate_all(
                "all => all.map(e => { const s = getComputedStyle(e);"
                " return [s.color, s.backgroundColor, s.backgroundImage]; })"
            ):
                assert style[0] != style[1]
                assert style[2] == "none"
        page.goto("/")
        page.locator(".search input").press_sequentially("giá lúa ở")
        expect(page.get_by_role("option").first).to_be_visible()
        page.keyboard.press("ArrowDown")
        chosen, other = (
            page.get_by_role("option").nth(n).evaluate("e => getComputedStyle(e).backgroundColor")
            for n in (0, 1)
        )
        assert chosen != other


def test_targets_on_a_phone_are_large_enough(browser: Browser, site: str) -> None:
    """44 pixels for frequent targets; 2.5.8 requires 24."""
    with browser.new_context(base_url=site, **PHONE) as context:
        page = context.new_page()
        for address, pressed in (
            ("/search?q=nước&source=Phố Thị", ".tools a, .tools summary, .paging a, .chips a"),
            ("/search?q=nước#filters", ".filters a, .filters summary, .filters button"),
            ("/article/bai-1-2020?q=nước&at=2", ".trail a, .cite summary, .button"),
            ("/", ".search button, .bottom a, .preferences button"),
        ):
            page.goto(address)
            sizes = page.locator(pressed).evaluate_all(
                "all => all.filter(e => e.offsetParent && !e.closest('.histogram'))"
                ".map(e => [e.textContent.trim(), e.getBoundingClientRect().height])"
            )
            assert len(sizes) > 2
            assert [one for one in sizes if one[1] < 43.5] == [], address


@pytest.mark.parametrize("width", [320, 640])
def test_nothing_is_lost_when_zoomed(browser: Browser, site: str, width: int) -> None:
    """1.4.10: at 400 and 200 % of 1,280 pixels there is no horizontal scrolling."""
    size: Any = {"width": width, "height": 256}
    with browser.new_context(base_url=site, viewport=size) as context:
        page = context.new_page()
        for address in PAGES:
            page.goto(address)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_nothing_moves_with_reduced_motion(browser: Browser, site: str) -> None:
    with browser.new_context(base_url=site, reduced_motion="reduce") as context:
        page = context.new_page()
        for address in PAGES:
            page.goto(address)
            assert page.evaluate("document.getAnimations().length") == 0
            assert page.evaluate(
                "[...document.querySelectorAll('*')].every("
                "e => getComputedStyle(e).transitionDuration === '0s')"
            )
