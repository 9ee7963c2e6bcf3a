"""The query language: what a string means, and that no string fails."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.query.parser import MAX_LENGTH, parse
from search.query.tree import (
    NOTHING,
    AllOf,
    AnyOf,
    Beginning,
    Compound,
    Filter,
    FilterField,
    Query,
    Quoted,
    Sequence,
    TextField,
    Without,
    Words,
    written,
)

TITLE = TextField.TITLE


@pytest.mark.parametrize(
    ("typed", "tree"),
    [
        ("", NOTHING),
        ("xã hội", Words("xã hội")),
        ('"xã hội"', Quoted("xã hội")),
        ("“xã hội”", Quoted("xã hội")),
        ('"xã hội"~3', Quoted("xã hội", slop=3)),
        ("bóng đá -nữ", Sequence((Words("bóng đá"), Without(Compound("nữ"))))),
        ("bóng đá NOT nữ", Sequence((Words("bóng đá"), Without(Compound("nữ"))))),
        ("-nữ", Sequence((Without(Compound("nữ")),))),
        ("NOT -nữ", Words("nữ")),
        ("gạo AND giá", AllOf((Words("gạo"), Words("giá")))),
        ("gạo OR ngô", AnyOf((Words("gạo"), Words("ngô")))),
        ("a OR b AND c", AnyOf((Words("a"), AllOf((Words("b"), Words("c")))))),
        ("(a OR b) AND c", AllOf((AnyOf((Words("a"), Words("b"))), Words("c")))),
        ("gạo and ngô or sắn", Words("gạo and ngô or sắn")),
        ("title:gạo giá", Sequence((Words("gạo", TITLE), Words("giá")))),
        ("tựa:gạo", Words("gạo", TITLE)),
        ('title:"giá gạo"', Quoted("giá gạo", TITLE)),
        ("title:(giá gạo)", Words("giá gạo", TITLE)),
        ("author:Mai", Words("Mai", TextField.AUTHOR)),
        ("source:VnExpress", Filter(FilterField.SOURCE, "VnExpress")),
        ('section:"Thời sự"', Filter(FilterField.SECTION, "Thời sự")),
        ("mục:x", Filter(FilterField.SECTION, "x")),
        (
            "source:(A OR B)",
            AnyOf((Filter(FilterField.SOURCE, "A"), Filter(FilterField.SOURCE, "B"))),
        ),
        ("since:3-1-2024", Filter(FilterField.SINCE, "3-1-2024")),
        ('until:"tháng 3"', Filter(FilterField.UNTIL, "tháng 3")),
        ("chính*", Beginning("chính")),
        ("title:chính*", Beginning("chính", TITLE)),
        ("Hà Nội: mưa lớn", Words("Hà Nội: mưa lớn")),
        ("F-16 - TP.HCM", Words("F-16 TP.HCM")),
        ("ORANGE NOTE ANDY", Words("ORANGE NOTE ANDY")),
        ("AND tin OR", Words("tin")),
    ],
)
def test_a_string_has_the_tree_that_the_help_page_promises(typed: str, tree: Query) -> None:
    assert parse(typed).tree == tree


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ('"xã hội', "unclosed_quote"),
        ("(xã hội", "unbalanced_parenthesis"),
        ("xã hội)", "unbalanced_parenthesis"),
        ("xã NOT", "nothing_excluded"),
        ("x" * (MAX_LENGTH + 1), "too_long"),
        ("(" * 50 + "tin" + ")" * 50, "too_deep"),
    ],
)
def test_what_was_not_understood_is_told(typed: str, code: str) -> None:
    assert code in {warning.code for warning in parse(typed).warnings}


def test_a_broken_query_keeps_its_words() -> None:
    assert parse('((" AND :) tin [[').tree == Words("tin")


@given(st.text())
def test_any_string_has_a_tree(typed: str) -> None:
    parse(typed)


@given(st.text(alphabet='()"“”-*:~AND ORT title source tin', max_size=60))
def test_any_mixture_of_operators_has_a_tree(typed: str) -> None:
    parse(typed)


def test_a_deep_or_long_string_is_read_in_bounded_time() -> None:
    parse("(" * 100_000)
    parse("NOT " * 100_000 + "x")
    parse("-(" * 100_000)


@pytest.mark.parametrize(
    "typed",
    [
        "xã hội",
        'bóng đá -nữ "đại học"~2',
        "a OR b AND c",
        "(a OR b) AND c",
        "title:(giá gạo) -(x y)",
        'title:"giá gạo" chính*',
        'source:"A B" since:"3-1-2024" tin',
        "a (b OR c) -(d OR e)",
    ],
)
def test_a_tree_written_again_is_the_same_tree(typed: str) -> None:
    tree = parse(typed).tree
    assert parse(written(tree, lambda words: words.text)).tree == tree


@given(st.text(alphabet='()" -AND ORT:titlesource*', max_size=60))
def test_any_tree_can_be_written_again(typed: str) -> None:
    tree = parse(typed).tree
    again = written(tree, lambda words: words.text)
    assert parse(written(parse(again).tree, lambda words: words.text)).tree == parse(again).tree
