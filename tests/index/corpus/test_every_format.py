"""A corpus in each format, built by the command: read = indexed + skipped; everything is found."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.corpus_makers import MAKERS, Stories, demo_texts
from index.__main__ import main
from search import open_searcher
from search.request import SearchRequest
from tests.index.corpus.pages import stories

STORIES = 8
NEEDED = {
    "Parquet": "duckdb",
    "HTML pages": "trafilatura",
    "WARC": "warcio",
    "MediaWiki": "mwparserfromhell",
}


@pytest.mark.parametrize("name", MAKERS)
def test_the_last_words_of_every_paragraph_are_found(tmp_path: Path, name: str) -> None:
    if name in NEEDED:
        pytest.importorskip(NEEDED[name])
    file, make, _ = MAKERS[name]
    make(tmp_path / file, Stories(demo_texts, 0, STORIES))
    where = ["--index", str(tmp_path / "i"), "--workers", "1"]
    ran = CliRunner().invoke(main, ["build", str(tmp_path / file), *where])
    assert f"read {STORIES} records: {STORIES} indexed, 0 skipped" in ran.output
    searcher = open_searcher(str(tmp_path / "i"))
    for number, story in enumerate(stories(60)[:STORIES]):
        for paragraph in story.paragraphs:
            ending = " ".join(re.findall(r"\w+", paragraph)[-6:])
            found = searcher.answer(SearchRequest(f'"{ending}"', size=100))
            assert f"{story.title} ({number})" in [hit.title for hit in found.hits], ending
