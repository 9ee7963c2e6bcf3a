"""The pages in English: no text is left in Vietnamese, and all placeholders match."""

import re
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from flask.testing import FlaskClient

from tests.web.html import shown
from tests.web.test_pages import PAGES

WEB = Path(__file__).resolve().parents[2] / "web"
COMPILED = WEB / "translations" / "en" / "LC_MESSAGES" / "pages.mo"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "text": None,
    "mark": None,
    "plural": (1, 2),
}
METHODS = [("**.py", "python"), ("templates/**.*", "jinja2")]
PLACEHOLDER = re.compile(r"%\(\w+\)\w|\{\w+\}|<\w+>")


def messages() -> list[tuple[str, ...]]:
    """Return the texts of templates and code, each with its plural if it has one."""
    options = {"templates/**.*": {"trimmed": "true"}}
    found = extract_from_dir(WEB, METHODS, options, keywords=KEYWORDS)
    return [(m,) if isinstance(m, str) else tuple(m) for _, _, m, _, _ in found]


def catalogue() -> Catalog:
    with COMPILED.with_suffix(".po").open("rb") as file:
        return read_po(file, locale="en")


def test_every_text_is_translated() -> None:
    english = catalogue()
    found = messages()
    assert len(found) > 100
    missing = [ids for ids in found if not (english.get(ids[0]) and english[ids[0]].string)]
    assert missing == []


def test_every_translation_fills_in_the_same() -> None:
    for message in catalogue():
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        strings = [message.string] if isinstance(message.string, str) else message.string or []
        for string in strings if ids[0] else ():
            assert sorted(PLACEHOLDER.findall(string)) == sorted(PLACEHOLDER.findall(ids[0])), ids


def test_the_compiled_catalogue_is_that_of_the_texts() -> None:
    fresh = BytesIO()
    write_mo(fresh, catalogue())
    fresh.seek(0)
    with COMPILED.open("rb") as file:
        compiled = {str(m.id): m.string for m in read_mo(file) if m.id}
    assert compiled == {str(m.id): m.string for m in read_mo(fresh) if m.id}
    with COMPILED.open("rb") as file:
        assert GNUTranslations(file).gettext("Hướng dẫn") == "Help"


VIETNAMESE = re.compile(
    "[ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]", re.IGNORECASE
)


@pytest.mark.parametrize("address", ["/", "/help", "/status", "/khong-co", "/search?q=xyz"])
def test_an_english_page_is_english(client: FlaskClient, address: str) -> None:
    client.set_cookie("language", "en")
    html = client.get(address).text
    assert '<html lang="en" ' in html
    own = re.sub(r"<(q|code|kbd|tbody)\b.*?</\1>", "", html, flags=re.DOTALL)
    own = re.sub(r"<ul class=\"(?:tiles|latest|examples).*?</ul>", "", own, flags=re.DOTALL)
    left = [word for word in shown(own).split() if VIETNAMESE.search(word)]
    assert set(left) <= {"Tìm", "Tiếng", "Việt"}


@pytest.mark.parametrize("address", PAGES)
def test_every_page_exists_in_english(client: FlaskClient, address: str) -> None:
    vietnamese = client.get(address).status_code
    client.set_cookie("language", "en")
    assert client.get(address).status_code == vietnamese


def test_numbers_and_dates_are_english(client: FlaskClient) -> None:
    client.set_cookie("language", "en")
    page = shown(client.get("/article/bai-2-2021").text)
    assert "3 Mar 2021, 14:05" in page
    assert "6 results for nước" in shown(client.get("/search?q=nước&section=Thể thao").text)
    assert "1 result for" in shown(client.get("/search?q=ven sông&since=2021&until=2021").text)
