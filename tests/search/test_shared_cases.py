"""The acceptance cases of the shared data: what readers of other engines reported, tried here.

A case: `documents` (bodies or records), `query`, `match`, `no_match`, `first`. Those that are known
to fail are listed with what they wait for; a case that begins to pass has to leave the list.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build
from search import open_searcher
from tests.shared_data import SHARED

FOLDER = SHARED / "cases"

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="needs the shared data")


def cases() -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for path in sorted(FOLDER.glob("*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]


KNOWN_TO_FAIL = frozenset(
    (
        "tcvn3-text", "viqr-text", "html-entities-in-body",  # encodings of the corpus
        "cjk-other-word",  # less than a page is widened to articles with one of two characters
        "prefix-in-phrase", "inner-wildcard",  # told as warnings
    )
)  # fmt: skip


def passes(case: dict[str, Any], directory: Path) -> bool:
    articles = [Article(id=str(at), body=text) for at, text in enumerate(case["documents"])]
    build([analyse(articles)], directory)
    found = [int(hit.id) for hit in open_searcher(directory).search(case["query"]).hits]
    first = case.get("first", [])
    return (
        set(case["match"]) <= set(found)
        and not set(case.get("no_match", ())) & set(found)
        and set(found[: len(first)]) == set(first)
    )


@pytest.mark.parametrize(
    "case", cases() if FOLDER.exists() else [], ids=lambda case: str(case["id"])
)
def test_a_reader_gets_what_the_case_says(case: dict[str, Any], tmp_path: Path) -> None:
    if "match" not in case or not all(isinstance(text, str) for text in case["documents"]):
        pytest.skip("a case of the corpus, tested there")
    as_it_should = passes(case, tmp_path)
    if case["id"] in KNOWN_TO_FAIL:
        assert not as_it_should, "it passes now: take it off the list"
    else:
        assert as_it_should
