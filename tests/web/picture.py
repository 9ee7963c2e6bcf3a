"""Takes the picture of the README: `python -m tests.web.picture`, the demo being served."""

from pathlib import Path

import click
from playwright.sync_api import sync_playwright

from tests.web.conftest import CHROMIUM, QUIET

PICTURE = Path(__file__).resolve().parents[2] / "docs" / "results.png"


@click.command()
@click.option("--site", default="http://127.0.0.1:8000", show_default=True)
@click.option("--query", default="bien doi khi hau", show_default=True)
def main(site: str, query: str) -> None:
    """Photograph a page of results."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": 1200, "height": 800}, locale="vi-VN")
        page.goto(site)
        page.locator("input[name=q]").fill(query)
        page.locator("input[name=q]").press("Enter")
        page.locator(".hit").first.wait_for()
        page.reload()  # the first answer of a new server takes longer than all others
        PICTURE.parent.mkdir(exist_ok=True)
        page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
