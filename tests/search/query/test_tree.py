"""Query trees: phrases that no article has are replaced."""

import pytest

from search.query.parser import parse
from search.query.tree import Sequence, Words, without_phrases


@pytest.mark.parametrize(
    ("typed", "tree"),
    [
        ('"giá gạo"', Words("giá gạo", literal=True)),
        ('Vụ "mặt đường phát nổ" ở Sài Gòn', Words("Vụ mặt đường phát nổ ở Sài Gòn")),
        ("giá gạo", Words("giá gạo")),
        ('"gia gao"', Words("gia gao")),
        ('title:"gia gạo"', Words("gia gạo", "title", literal=True)),
        (
            '"á" title:b "c"',
            Sequence((Words("á", literal=True), Words("b", "title"), Words("c"))),
        ),
    ],
)
def test_a_phrase_joins_the_run_around_it(typed: str, tree: object) -> None:
    assert without_phrases(parse(typed).tree) == tree


@pytest.mark.parametrize("typed", ["a AND b", "a OR (b c)", "a -b", "source:VnExpress a"])
def test_a_tree_without_phrases_is_unchanged(typed: str) -> None:
    tree = parse(typed).tree
    assert without_phrases(tree) == tree
