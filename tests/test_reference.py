"""The reference pages match the commands."""

import pytest

from tests.reference import PAGES, REFERENCE, commands


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_up_to_date(name: str) -> None:
    assert (REFERENCE / name).read_text("utf-8") == PAGES[name](), "run: make docs"


def test_every_command_has_a_section() -> None:
    names = {one.name for one in commands()}
    assert {"build", "search", "serve", "keys create", "queries"} <= names
    page = PAGES["cli.md"]()
    for name in names:
        assert f"## timtin {name}\n" in page


def test_every_setting_of_the_server_has_a_row() -> None:
    page = PAGES["configuration.md"]()
    assert "| `--port` | serve | `TIMTIN_PORT` | `8000` |" in page
    assert "| `--query-log` | serve | `TIMTIN_QUERY_LOG` | `1` |" in page
    assert page.count("| `--index` |") == 1
