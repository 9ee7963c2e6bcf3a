"""Prepared tables are those that their sources make, and are ignored if they are of others."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from index.vietnamese import lists as lists_module
from index.vietnamese.lists import PREPARED, Lists, parsed_lists, prepared, prepared_lists
from index.vietnamese.segmenter import model_files, pyvi_files

PARSED = parsed_lists()


def comparable(lists: Lists) -> Lists:
    alternatives = {key: (one[0], list(one[1])) for key, one in lists.forms.alternatives.items()}
    return lists._replace(forms=lists.forms._replace(alternatives=alternatives))  # type: ignore[arg-type]


def test_the_prepared_lists_are_up_to_date() -> None:
    """If not: `python -m index.vietnamese.prepare`."""
    assert PREPARED.read_text("utf-8") == prepared(PARSED)


def test_the_prepared_model_is_up_to_date() -> None:
    assert model_files.PREPARED.read_text("utf-8") == pyvi_files.prepared()


def test_prepared_lists_are_read_as_the_parsed_ones() -> None:
    found = prepared_lists()
    assert found is not None
    assert comparable(found) == comparable(PARSED)


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"sources": 1}', "\xff"])
def test_lists_that_are_missing_or_damaged_are_not_read(
    tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "prepared.json"
    if content is not None:
        path.write_text(content, "latin-1")
    assert prepared_lists(path) is None


def test_changed_sources_are_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = json.loads(PREPARED.read_bytes())
    stored["sources"] += 1
    path = tmp_path / "prepared.json"
    path.write_text(json.dumps(stored), "utf-8")
    assert prepared_lists(path) is None
    monkeypatch.setattr(lists_module, "prepared_lists", lambda: None)
    assert comparable(lists_module.package_lists()) == comparable(PARSED)


def test_a_search_imports_nothing_that_only_other_commands_need() -> None:
    program = (
        "import sys, search\n"
        "unused = {'click', 'email.utils', 'zipfile', 'concurrent.futures', 'multiprocessing',"
        " 'index.analysis', 'index.vietnamese.segmenter.pyvi_files'}\n"
        "print(*sorted(unused & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == ""
