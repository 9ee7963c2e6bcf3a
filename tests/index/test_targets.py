"""Indexes as targets of writes, and copies of them."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from index.__main__ import main
from index.analysis import analyse
from index.article import Article
from index.embedded import writer
from index.errors import IndexUnavailableError
from index.schema import DEFAULT_SCHEMA
from index.schema_files import parse_field
from index.targets import copy, open_target


def test_a_copy_has_the_articles_and_the_schema_and_nothing_deleted(tmp_path: Path) -> None:
    schema = DEFAULT_SCHEMA.with_fields(parse_field("tags:keywords:facet"))
    articles = [Article(f"{at}", title=f"Giá {at}", values={"tags": ["lúa"]}) for at in range(5)]
    source, target = (open_target(str(tmp_path / name)) for name in ("source", "target"))
    writer.build([analyse(articles[:3], schema), analyse(articles[3:], schema)],
                 tmp_path / "source", schema)  # fmt: skip
    source.delete(["1"])
    assert copy(source, target, workers=1).articles == 4
    assert target.stored_schema() == schema
    assert list(target.articles()) == [article for article in articles if article.id != "1"]


def test_a_copy_of_a_missing_index_replaces_nothing(tmp_path: Path) -> None:
    target = tmp_path / "target"
    writer.build([analyse([Article("1", title="Giá")])], target)
    with pytest.raises(IndexUnavailableError):
        copy(open_target(str(tmp_path / "none")), open_target(str(target)), workers=1)
    assert [article.id for article in open_target(str(target)).articles()] == ["1"]


def test_copy_is_a_command(tmp_path: Path) -> None:
    writer.build([analyse([Article("1", title="Giá")])], tmp_path / "source")
    done = CliRunner().invoke(main, ["copy", str(tmp_path / "source"), str(tmp_path / "target")])
    assert done.exit_code == 0, done.stderr
    assert "contains 1 articles" in done.stderr
