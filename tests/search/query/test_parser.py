"""The query language: the trees of strings; every string can be parsed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.schema import DEFAULT_SCHEMA
from index.schema_files import parse_field
from search.query.parser import MAX_LENGTH, MAX_PREFIXES, MAX_WORDS, parse
from search.query.tree import (
    NOTHING,
    AllOf,
    AnyOf,
    Compound,
    Filter,
    Not,
    Phrase,
    Prefix,
    Query,
    Required,
    Sequence,
    Wildcard,
    Words,
    written,
)
from search.warnings import ENGLISH, english, warning

TITLE = "title"


@pytest.mark.parametrize(
    ("typed", "tree"),
    [
        ("", NOTHING),
        ("xã hội", Words("xã hội")),
        ('"xã hội"', Phrase("xã hội")),
        ("“xã hội”", Phrase("xã hội")),
        ('"xã hội"~3', Phrase("xã hội", slop=3)),
        ("bóng đá -nữ", Sequence((Words("bóng đá"), Not(Compound("nữ"))))),
        ("bóng đá NOT nữ", Sequence((Words("bóng đá"), Not(Compound("nữ"))))),
        ("-nữ", Sequence((Not(Compound("nữ")),))),
        ("NOT -nữ", Words("nữ")),
        ("gạo AND giá", AllOf((Words("gạo"), Words("giá")))),
        ("gạo OR ngô", AnyOf((Words("gạo"), Words("ngô")))),
        ("a OR b AND c", AnyOf((Words("a"), AllOf((Words("b"), Words("c")))))),
        ("(a OR b) AND c", AllOf((AnyOf((Words("a"), Words("b"))), Words("c")))),
        ("gạo and ngô or sắn", Words("gạo and ngô or sắn")),
        ("title:gạo giá", Sequence((Words("gạo", TITLE), Words("giá")))),
        ("tựa:gạo", Words("gạo", TITLE)),
        ('title:"giá gạo"', Phrase("giá gạo", TITLE)),
        ("title:(giá gạo)", Words("giá gạo", TITLE)),
        ("author:Mai", Words("Mai", "author")),
        ("source:VnExpress", Filter("source", "VnExpress")),
        ('section:"Thời sự"', Filter("section", "Thời sự")),
        ("mục:x", Filter("section", "x")),
        (
            "source:(A OR B)",
            AnyOf((Filter("source", "A"), Filter("source", "B"))),
        ),
        ("since:3-1-2024", Filter("since", "3-1-2024")),
        ('until:"tháng 3"', Filter("until", "tháng 3")),
        ("chính*", Prefix("chính")),
        ("title:chính*", Prefix("chính", TITLE)),
        ("Ngh*p", Wildcard("ngh*p")),
        ("Nguy?n", Wildcard("nguy?n")),
        ("title:ngh*p", Wildcard("ngh*p", TITLE)),
        ("gạo -ngh*p", Sequence((Words("gạo"), Not(Wildcard("ngh*p"))))),
        ('"công ngh*"', Phrase("công ngh*")),
        ("Hà Nội: mưa lớn", Words("Hà Nội: mưa lớn")),
        ("F-16 - TP.HCM", Words("F-16 TP.HCM")),
        ("ORANGE NOTE ANDY", Words("ORANGE NOTE ANDY")),
        ("AND tin OR", Words("tin")),
        ("gạo && giá || ngô", AnyOf((AllOf((Words("gạo"), Words("giá"))), Words("ngô")))),
        ("gạo VÀ giá HOẶC ngô", AnyOf((AllOf((Words("gạo"), Words("giá"))), Words("ngô")))),
        ("gạo VA\u0300 giá", AllOf((Words("gạo"), Words("giá")))),
        ("gạo HO\u1ea0\u0306C ngô", AnyOf((Words("gạo"), Words("ngô")))),
        ("EVN VÀ giá điện", AllOf((Words("EVN"), Words("giá điện")))),
        ('"GẠO" VÀ "GIÁ"', AllOf((Phrase("GẠO"), Phrase("GIÁ")))),
        ("(gạo HOẶC ngô) VÀ giá", AllOf((AnyOf((Words("gạo"), Words("ngô"))), Words("giá")))),
        ("gạo và giá", Words("gạo và giá")),
        ("GIÁ VÀNG VÀ ĐÔ LA", Words("GIÁ VÀNG VÀ ĐÔ LA")),
        ("VÀ gạo HOẶC", Words("VÀ gạo HOẶC")),
        ("bóng !nữ", Sequence((Words("bóng"), Not(Compound("nữ"))))),
        ("bóng –nữ", Sequence((Words("bóng"), Not(Compound("nữ"))))),
        ("2020 –2021", Words("2020 –2021")),
        ("giá tăng!", Words("giá tăng!")),
        ("+gạo giá", Sequence((Required(Words("gạo")), Words("giá")))),
        ("+(gạo nếp)", Required(Words("gạo nếp"))),
        ('+"gạo nếp"', Phrase("gạo nếp")),
        ("-+gạo", Sequence((Not(Words("gạo")),))),
        ("C++ 1+1", Words("C++ 1+1")),
        ("tác giả:Mai", Words("Mai", "author")),
        ("TAC GIA:Mai", Words("Mai", "author")),
        ("sách tác giả:Mai", Sequence((Words("sách"), Words("Mai", "author")))),
        ("tiêu đề:gạo", Words("gạo", TITLE)),
        ("intitle:gạo", Words("gạo", TITLE)),
        ("site:vnexpress", Filter("source", "vnexpress")),
        ("chuyên mục:(A OR B)", AnyOf((Filter("section", "A"), Filter("section", "B")))),
        ("từ:2023 đến:2024", Sequence((Filter("since", "2023"), Filter("until", "2024")))),
        ("ngày:3/2024", Filter("published", "3/2024")),
        ("lúc 10:30", Words("lúc 10:30")),
        ("http://a.vn/b", Words("http://a.vn/b")),
        ("là gì?", Words("là gì?")),
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
        ("color:red", "unknown_field"),
        ("summary:red", "field_not_searchable"),
        ("url:red", "field_not_searchable"),
        ("*book", "wildcard_ignored"),
        ("a.b*c", "wildcard_ignored"),
        ('"công *nghệ"', "wildcard_ignored"),
        ("f*", "short_prefix"),
        ("b*n", "short_prefix"),
        ('"công n*"', "short_prefix"),
        ('"gi*" ' * (MAX_PREFIXES + 1), "too_many_prefixes"),
        ("gi*p " * (MAX_PREFIXES + 1), "too_many_prefixes"),
        ("a.*", "short_prefix"),
        ("x^2", "operator_ignored"),
        ("gạo~", "operator_ignored"),
        (" OR ".join("abc") + " OR x" * 100, "too_many_units"),
        ("a " * (MAX_WORDS + 1), "too_many_words"),
        (f'"{"a " * (MAX_WORDS + 1)}"', "too_many_words"),
        ("gi* " * (MAX_PREFIXES + 1), "too_many_prefixes"),
    ],
)
def test_invalid_syntax_is_reported(typed: str, code: str) -> None:
    assert code in {warning.code for warning in parse(typed).warnings}


@pytest.mark.parametrize("typed", ["gạo nếp", "là gì?", "Đà Nẵng: mưa", "A.I. 2*3", "(a OR b) -c"])
def test_valid_syntax_is_not_reported(typed: str) -> None:
    assert parse(typed).warnings == ()


def test_the_fields_are_those_of_the_schema() -> None:
    schema = DEFAULT_SCHEMA.with_fields(
        parse_field("tags:keywords:facet"), parse_field("caption:text"), parse_field("price:number")
    )
    assert parse('tags:"lúa gạo"', schema).tree == Filter("tags", "lúa gạo")
    assert parse("price:10..20", schema).tree == Filter("price", "10..20")
    assert parse("caption:gạo", schema).tree == Words("gạo", "caption")
    unknown = parse("tags:gạo")
    assert unknown.tree == Words("tags:gạo")
    assert unknown.warnings == (warning("unknown_field", field="tags"),)


def test_every_warning_has_a_sentence_with_all_its_values() -> None:
    for typed in ("x" * 3000, "color:a", "url:x", "f*", '"a', "x NOT", "a b)", "a*b", "x^2"):
        for reported in parse(typed).warnings:
            assert reported.code in ENGLISH
            assert "{" not in english(reported)


def test_a_broken_query_keeps_its_words() -> None:
    assert parse('((" AND :) tin [[').tree == Words("tin")


@given(st.text())
def test_any_string_has_a_tree(typed: str) -> None:
    parse(typed)


@given(st.text(alphabet='()"“”-+!*:~AND ORT title source tin', max_size=60))
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
        "+a b +(c d)",
        'author:"le mai" since:"2023"',
    ],
)
def test_a_printed_tree_parses_to_itself(typed: str) -> None:
    tree = parse(typed).tree
    assert parse(written(tree, lambda words: words.text)).tree == tree


@given(st.text(alphabet='()" -+AND ORT:titlesource*', max_size=60))
def test_any_tree_can_be_printed_and_parsed(typed: str) -> None:
    tree = parse(typed).tree
    again = written(tree, lambda words: words.text)
    assert parse(written(parse(again).tree, lambda words: words.text)).tree == parse(again).tree
