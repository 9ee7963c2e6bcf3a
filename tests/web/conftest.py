"""A small newspaper, an application over it, and a browser."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from threading import Thread

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from waitress.server import create_server

from index.article import Article
from tests.web.fake import VIETNAM, FakeSearcher
from web.app import create_app
from web.searching import Searcher

CHROMIUM = Path("/usr/bin/chromium")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)
PLACES = ("Cần Thơ", "Đồng Tháp", "Thừa Thiên Huế", "Đắk Lắk", "Lào Cai", "Hà Nội")
STORIES = (
    (
        "Kinh tế",
        "Nhà Nông",
        "Giá lúa ở {} tăng trở lại",
        "Thương lái trả cao hơn tuần trước.",
        "Lê Mai",
    ),
    (
        "Thể thao",
        "Phố Thị",
        "Giải chạy ven sông ở {} đông kỷ lục",
        "Hơn 2.000 người tham gia.",
        "Lê Mai Hương",
    ),
    (
        "Môi trường",
        "Tin Biển",
        "Nước sạch về với {}",
        "Trạm bơm mới chạy bằng điện mặt trời.",
        "Bá Tùng; Mai Lan",
    ),
    (
        "Giáo dục",
        "Phố Thị",
        "Thầy trò {} đón năm học mới",
        "Trường làng vừa sửa xong mái.",
        "Mai Lan",
    ),
)


def newspaper() -> list[Article]:
    """Return 24 articles in four sections, from three sources, over six years."""
    return [
        Article(
            id=f"bai-{number}-{year}",
            title=title.format(place),
            summary=f"{lede} Bà con {place} phấn khởi.",
            body=f"Sáng nay, chúng tôi có mặt ở {place}.\nNgười dân nói về nước và lúa.",
            author=author,
            source=source,
            section=section,
            url=f"https://www.bao.example/{year}/{number}",
            published=datetime(year, 1 + number, 3, 14, 5, tzinfo=VIETNAM),
        )
        for year, place in enumerate(PLACES, 2019)
        for number, (section, source, title, lede, author) in enumerate(STORIES)
    ]


def articles_of_many_sources() -> list[Article]:
    """Return 300 articles in as many sections from 60 sources, with long names and summaries."""
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


@pytest.fixture
def searcher() -> FakeSearcher:
    return FakeSearcher(newspaper())


@pytest.fixture
def client(searcher: FakeSearcher) -> FlaskClient:
    return create_app(searcher).test_client()


def serve(searcher: Searcher) -> str:
    """Serve an application on a free port until the tests end, and return its address."""
    server = create_server(create_app(searcher), host="127.0.0.1", port=0)
    Thread(target=server.run, daemon=True).start()
    return f"http://127.0.0.1:{server.effective_port}"


@pytest.fixture(scope="session")
def site() -> str:
    """Serve the newspaper."""
    return serve(FakeSearcher(newspaper()))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Debian's Chromium once for all tests."""
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM} (on Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield started
        started.close()


@pytest.fixture
def context(browser: Browser, site: str) -> Iterator[BrowserContext]:
    fresh = browser.new_context(base_url=site, locale="vi-VN")
    fresh.set_default_timeout(10_000)
    yield fresh
    fresh.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """Open a page on which any error a browser reports fails the test."""
    fresh = context.new_page()
    errors: list[str] = []
    fresh.on("pageerror", lambda error: errors.append(str(error)))
    fresh.on(
        "console", lambda message: errors.append(message.text) if message.type == "error" else None
    )
    yield fresh
    assert not errors
