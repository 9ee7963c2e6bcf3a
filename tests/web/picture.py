"""Takes the screenshots of the docs: `python -m tests.web.picture`, while the demo is served."""

from pathlib import Path
from typing import Any

import click
from playwright.sync_api import sync_playwright

from tests.web.conftest import CHROMIUM, QUIET

DOCS = Path(__file__).resolve().parents[2] / "docs"
DESKTOP: Any = {"viewport": {"width": 1200, "height": 800}}
PHONE: Any = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "color_scheme": "dark",
}
PICTURES = (
    ("results.png", DESKTOP, "/search?q=bien doi khi hau", ".hit"),
    ("phone.png", PHONE, "/search?q=gạo", ".hit"),
    ("reading.png", DESKTOP, "/hit/1?q=giá gạo xuất khẩu", ".reading mark"),
)


@click.command()
@click.option("--site", default="http://127.0.0.1:8000", show_default=True)
def main(site: str) -> None:
    """Take screenshots of a page of results, the same on a phone, and an article."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        for name, device, address, shown in PICTURES:
            with browser.new_context(base_url=site, locale="vi-VN", **device) as context:
                page = context.new_page()
                page.goto(f"{address}&size=11")  # the first answer of a server takes longer
                page.goto(address)
                page.locator(shown).first.wait_for()
                page.screenshot(path=DOCS / name)
        browser.close()


if __name__ == "__main__":
    main()
