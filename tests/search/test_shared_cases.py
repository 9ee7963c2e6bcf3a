"""The acceptance cases of the shared data: reports from users of other engines.

A case: `documents` (bodies or records), `query`, `match`, `no_match`, `first`.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from index.analysis import analyse
from index.article import Article
from index.corpus import read_corpus
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


READ_FROM_FILES = frozenset(("legacy encodings", "markup"))
"""Kinds of cases that concern the loading of a corpus, which converts text, not the search."""


def articles(case: dict[str, Any], directory: Path) -> list[Article]:
    """Return the documents of a case as articles; loaded from a file if the kind requires that."""
    found = [Article(id=str(at), body=text) for at, text in enumerate(case["documents"])]
    if case.get("kind") not in READ_FROM_FILES:
        return found
    records = [json.dumps({"id": article.id, "body": article.body}) for article in found]
    file = directory / "corpus.jsonl"
    file.write_text("\n".join(records) + "\n", "utf-8")
    return [record for record in read_corpus([file]) if isinstance(record, Article)]


def passes(case: dict[str, Any], directory: Path) -> bool:
    build([analyse(articles(case, directory))], directory / "index")
    found = [int(hit.id) for hit in open_searcher(directory / "index").search(case["query"]).hits]
    first = case.get("first", [])
    return (
        set(case["match"]) <= set(found)
        and not set(case.get("no_match", ())) & set(found)
        and set(found[: len(first)]) == set(first)
    )


@pytest.mark.parametrize(
    "case", cases() if FOLDER.exists() else [], ids=lambda case: str(case["id"])
)
def test_acceptance_case(case: dict[str, Any], tmp_path: Path) -> None:
    if "match" not in case or not all(isinstance(text, str) for text in case["documents"]):
        pytest.skip("a case of the corpus, tested there")
    assert passes(case, tmp_path)
