"""The acceptance cases for Vietnamese: documents, a query, and the expected results.

A case: `documents` (bodies), `query`, `match` (must be found), `no_match` (must not), `first`
(must come before all others, in any order), `highlight` (words that the marks must cover).
"""

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build
from search import open_searcher
from search.results.records import Results

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "cases" / "vietnamese.jsonl")
    .read_text("utf-8")
    .splitlines()
]


def marked(results: Results, documents: list[str]) -> list[str]:
    """Return all highlighted texts of all hits, in NFC."""
    return [
        unicodedata.normalize("NFC", documents[int(hit.id)][start:end])
        for hit in results.hits
        for start, end in hit.highlights.get("body", ())
    ]


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_acceptance_case(case: dict[str, Any], tmp_path: Path) -> None:
    documents = case["documents"]
    articles = [Article(id=str(number), body=text) for number, text in enumerate(documents)]
    build([analyse(articles)], tmp_path)
    results = open_searcher(tmp_path).search(case["query"])
    found = [int(hit.id) for hit in results.hits]
    assert set(case["match"]) <= set(found)
    assert not set(case.get("no_match", ())) & set(found)
    first = case.get("first", [])
    assert set(found[: len(first)]) == set(first)
    marked_texts = marked(results, documents)
    for word in case.get("highlight", ()):
        assert unicodedata.normalize("NFC", word) in marked_texts
