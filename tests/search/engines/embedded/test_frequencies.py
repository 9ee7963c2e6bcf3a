"""How many articles hold a term: counted over the articles that can be found."""

from pathlib import Path

import pytest

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build, delete, update
from search.engines.embedded.engine import open_engine

TITLES = {"1": "mưa lũ", "2": "mưa to", "3": "nắng", "4": "mưa mưa"}


def article(number: str) -> Article:
    return Article(id=number, title=TITLES[number], source="Báo")


def test_frequencies_follow_updates_and_deletions(tmp_path: Path) -> None:
    build([analyse([article("1"), article("2")])], tmp_path)
    engine = open_engine(tmp_path)
    assert engine.snapshot().document_frequency("text", "mưa") == 2
    update([analyse([article("3"), article("4")])], tmp_path)
    snapshot = engine.snapshot()
    assert snapshot.document_frequency("text", "mưa") == 3
    assert snapshot.document_frequency("title", "nắng") == 1
    assert snapshot.document_frequency("source", "Báo") == 4
    assert snapshot.document_frequency("text", "tuyết") == 0
    delete(tmp_path, ["1"])
    assert engine.snapshot().document_frequency("text", "mưa") == 2
    assert engine.snapshot().document_frequency("text", "lũ") == 0


def test_an_unknown_field_is_an_error(tmp_path: Path) -> None:
    build([analyse([article("1")])], tmp_path)
    with pytest.raises(ValueError, match="no field 'body'"):
        open_engine(tmp_path).snapshot().document_frequency("body", "mưa")
