"""The bytes of a page, and its largest contentful paint on a slow connection."""

from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Route

from tests.web.conftest import articles_of_many_sources, serve
from tests.web.fake import FakeSearcher

MAX_BYTES = 45_000
MAX_LCP_SECONDS = 1.2
TRIES = 3
"""Attempts, of which the best counts, since the machine may be busy."""

SLOW = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750}
"""Lighthouse's mobile connection: 150 ms, 1.6 Mbit/s down, 0.75 up."""

LCP = """() => new Promise(done => new PerformanceObserver(list => {
  done(list.getEntries().at(-1).startTime / 1000);
}).observe({type: 'largest-contentful-paint', buffered: true}))"""
PAGES = ["/", "/search?q=nước", "/article/s7?q=nước"]


@pytest.fixture(scope="module")
def rich_site() -> str:
    return serve(FakeSearcher(articles_of_many_sources()))


def transferred(session: CDPSession, done: list[float]) -> None:
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: done.append(event["encodedDataLength"]))


@pytest.mark.parametrize("address", PAGES)
def test_a_page_has_few_bytes(browser: Browser, rich_site: str, address: str) -> None:
    with browser.new_context(base_url=rich_site) as context:
        page = context.new_page()
        sizes: list[float] = []
        transferred(context.new_cdp_session(page), sizes)
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert len(sizes) >= 5
        assert sum(sizes) <= MAX_BYTES


@pytest.mark.parametrize("address", PAGES)
def test_a_page_loads_quickly_on_a_slow_line(
    browser: Browser, rich_site: str, address: str
) -> None:
    def largest() -> float:
        phone: Any = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2}
        with browser.new_context(base_url=rich_site, **phone) as context:
            page = context.new_page()
            session = context.new_cdp_session(page)
            session.send("Network.enable")
            session.send("Network.emulateNetworkConditions", SLOW)
            page.goto(address)
            return float(page.evaluate(LCP))

    best = largest()
    for _ in range(TRIES - 1):
        if best <= MAX_LCP_SECONDS:
            break
        best = min(best, largest())
    assert best <= MAX_LCP_SECONDS


SHIFTED = """() => new Promise(done => {
  let sum = 0;
  new PerformanceObserver(list => {
    for (const shift of list.getEntries()) sum += shift.value;
  }).observe({type: 'layout-shift', buffered: true});
  setTimeout(() => done(sum), 100);
})"""


@pytest.mark.parametrize("address", [*PAGES, "/search?q=khôngcógì", "/status", "/help"])
def test_nothing_moves_while_a_page_loads(browser: Browser, rich_site: str, address: str) -> None:
    """Scripts arrive late on a slow connection: what they add or hide must not move anything."""
    phone: Any = {"viewport": {"width": 360, "height": 640}}
    with browser.new_context(base_url=rich_site, **phone) as context:
        page = context.new_page()

        def late(route: Route) -> None:
            page.wait_for_timeout(300)
            route.fallback()

        context.route("**/*.js*", late)
        page.goto(address)
        assert page.evaluate(SHIFTED) == 0
