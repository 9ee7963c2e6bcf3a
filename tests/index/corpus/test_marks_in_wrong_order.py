"""Combining marks in the wrong order, which NFC alone sorts in quadratic time, in any field."""

import json
import time
from pathlib import Path

import pytest

from index.analysis import analyse
from index.article import Article
from index.corpus import legacy
from index.corpus.loading import Corpus

MARKS = "a" + "\u0315\u0300" * 60_000
"""Plain NFC takes over 10 s of CPU for this text, `characters.composed` 0.1 s."""

MAX_SECONDS = 5.0


@pytest.mark.parametrize(
    "name", ["title", "summary", "body", "author", "source", "section", "tags"]
)
def test_a_record_is_read_and_analysed_in_linear_time(tmp_path: Path, name: str) -> None:
    path = tmp_path / "records.jsonl"
    path.write_text(json.dumps({"id": "1", "title": "Giá gạo", name: MARKS}), encoding="utf-8")
    began = time.process_time()
    records = list(Corpus([path]))
    articles = [record for record in records if isinstance(record, Article)]
    batch = analyse(articles)
    assert len(batch.articles) == 1
    assert time.process_time() - began < MAX_SECONDS


@pytest.mark.parametrize("encoding", legacy.CONVERSIONS)
def test_a_text_of_a_legacy_encoding_is_converted_in_linear_time(encoding: str) -> None:
    began = time.process_time()
    legacy.convert(f"Vieät {MARKS}", encoding)
    assert time.process_time() - began < MAX_SECONDS
