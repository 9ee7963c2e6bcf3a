import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from index.corpus.legacy import recognise
from tests.index.corpus.files import read, write


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32-be"])
def test_columns_become_fields(tmp_path: Path, delimiter: str, encoding: str) -> None:
    rows = [
        ["id", " Title ", "body", "category", "date", "Lượt xem, tổng"],
        ["1", "Giá gạo; giá vàng", 'Dòng một\nDòng "hai", hết', "Kinh tế", "2024-05-31", "12"],
    ]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    [article], bad = read(write(tmp_path / "a.csv.gz", text.getvalue().encode(encoding)))
    assert not bad
    assert (article.id, article.title, article.section) == ("1", "Giá gạo; giá vàng", "Kinh tế")
    assert article.body == 'Dòng một\nDòng "hai", hết'
    assert article.published is not None
    assert article.published.date().isoformat() == "2024-05-31"
    assert article.extra == {"Lượt xem, tổng": "12"}


def test_a_huge_field_is_read(tmp_path: Path) -> None:
    body = "xin chào " * 100_000
    [article], bad = read(write(tmp_path / "a.csv", f'title,body\na,"{body}"\n'))
    assert not bad
    assert article.body == body


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("b", "1 columns where the header has 2"),
        ("b,c,d", "3 columns"),
        (" ,", "no text"),
        ('"b"x,c', "expected"),
        ("b,\0", "NUL"),
        ("b,\udcff", "not UTF-8"),
        ('"b\n\udcff\n",c', "not UTF-8: 0xff at byte 1"),
    ],
)
def test_a_bad_row_is_reported_and_the_rest_is_read(tmp_path: Path, row: str, reason: str) -> None:
    content = f'title,body\na,"1\n2"\n\n{row}\nz,3\n'.encode(errors="surrogateescape")
    articles, [bad] = read(write(tmp_path / "a.csv", content))
    assert [article.title for article in articles] == ["a", "z"]
    assert bad.line == 5
    assert reason in bad.reason


def test_lines_after_an_unclosed_quote_are_read_as_rows(tmp_path: Path) -> None:
    articles, [bad] = read(write(tmp_path / "a.csv", 'title,body\na,1\nb,"2\nc,3\nd,4\n'))
    assert [article.title for article in articles] == ["a", "c", "d"]
    assert bad.line == 3
    assert bad.reason.startswith("a quoted field that never ends (up to line 5)")


@pytest.mark.parametrize("broken", [[5], [5, 9000], [5, 6, 7], [1], [9999], range(5, 9000, 500)])
def test_a_missing_quotation_mark_affects_its_own_row_only(
    tmp_path: Path, broken: Sequence[int]
) -> None:
    rows = [
        f'{n},"Tựa {n},thân\n' if n in broken else f"{n},Tựa {n},thân {n}\n" for n in range(10_000)
    ]
    articles, bad = read(write(tmp_path / "a.csv", "id,title,body\n" + "".join(rows)))
    lost = {str(n) for n in range(10_000)} - {article.id for article in articles}
    assert len(lost) <= 2 * len(broken)  # the rows between two broken ones may be lost
    assert {str(n) for n in broken} <= lost
    assert bad


def test_an_unclosed_quote_of_megabytes_does_not_hide_later_rows(tmp_path: Path) -> None:
    filler = f"x,{'1' * 2000}\n" * 8400
    articles, bad = read(write(tmp_path / "a.csv.zst", f'title,body\na,"1\n{filler}z,last\n'))
    assert articles[-1].body == "last"
    assert bad[0].line == 2
    assert "16 MiB" in bad[0].reason
    assert len(bad) == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("views,price\na,b\n", "neither a title nor a body"),
        ("title,body,title\na,b,c\n", "names a column twice"),
        ("title,body\udcff\na,b\n", "not UTF-8"),
        ('"title\na\n', "header"),
    ],
)
def test_a_file_without_a_header_is_reported_once(
    tmp_path: Path, content: str, reason: str
) -> None:
    path = write(tmp_path / "a.csv", content.encode(errors="surrogateescape"))
    articles, [bad] = read(path)
    assert not articles
    assert bad.line == 1
    assert reason in bad.reason


def test_blank_lines_are_no_records_but_blank_cells_are(tmp_path: Path) -> None:
    articles, [bad] = read(write(tmp_path / "a.csv", 'title\n\n \t\n"\n"\na\n\n'))
    assert [article.title for article in articles] == ["a"]
    assert (bad.line, bad.reason[:7]) == (4, "no text")


def test_an_empty_file_has_no_articles(tmp_path: Path) -> None:
    assert read(write(tmp_path / "a.csv", "")) == ([], [])
    assert read(write(tmp_path / "b.csv", "title\n\n")) == ([], [])


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0&"), max_size=20)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(cells.filter(str.strip), cells, cells), max_size=6),
    st.sampled_from(",;\t"),
)
def test_any_text_survives_csv(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]], delimiter: str
) -> None:
    assume(
        not any(recognise(" ".join(row)) for row in rows)
    )  # random text may look like a legacy encoding
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([("title", "body", "note"), *rows])
    path = write(tmp_path_factory.mktemp("corpus") / "a.csv", text.getvalue())
    articles, bad = read(path)
    assert not bad
    assert [(a.title, a.body, a.extra["note"]) for a in articles] == rows


@pytest.mark.parametrize(
    "content",
    [
        "sep=;\ntitle;body\na;b\nc;d\n",
        'sep=|\r\ntitle|body\r\n"a"|b\r\nc|d\r\n',
        "title|body\na|b\nc|d\n",
        'title, body\n"a", "b"\nc, d\n',
        "title,body\na,b,\nc,d,,\n",
        "title,body\ra,b\rc,d\r",
        "\n\ntitle,body\r\n\r\na,b\r\n\n\nc,d",
    ],
)
def test_dialects_of_other_programs_are_read(tmp_path: Path, content: str) -> None:
    articles, bad = read(write(tmp_path / "a.csv", content))
    assert not bad
    assert [(article.title, article.body) for article in articles] == [("a", "b"), ("c", "d")]


def test_a_row_with_one_value_too_many_is_reported(tmp_path: Path) -> None:
    articles, [bad] = read(write(tmp_path / "a.csv", "title,body\na,b,c\nd,e\n"))
    assert [article.title for article in articles] == ["d"]
    assert "3 columns where the header has 2" in bad.reason
