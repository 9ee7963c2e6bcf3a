"""Documents of TREC collections."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.index.corpus.files import PACKERS, read, read_with_notes, write
from tests.index.corpus.pages import newspaper, stories

NEWSWIRE = """<DOC>
<DOCNO> VN-0001 </DOCNO>
<DOCID>1</DOCID>
<DATE>7/3/2026</DATE>
<HEADLINE>
Giá gạo &amp; lúa
</HEADLINE>
<BYLINE>Lê Mai</BYLINE>
<GRAPHIC>Ảnh: ruộng lúa</GRAPHIC>
<TEXT>
<P>
Đoạn một.
</P>
<P>Đoạn hai.</P>
</TEXT>
<TEXT>Phần sau.</TEXT>
</DOC>

<doc><docno>VN-0002</docno><text>Chỉ có chữ.</text></doc>
"""


@pytest.mark.parametrize("name", ["a.trec", "a.sgml", "a.txt", "a.xml", "a.trectext.gz"])
def test_documents_are_read_from_files_with_any_suffix(tmp_path: Path, name: str) -> None:
    articles, bad = read(write(tmp_path / name, NEWSWIRE))
    assert not bad
    first, second = articles
    assert (first.id, first.title, first.author) == ("VN-0001", "Giá gạo & lúa", "Lê Mai")
    assert first.body.split("\n\n") == ["Đoạn một.", "Đoạn hai.", "Phần sau."]
    assert first.published is not None
    assert first.published.date().isoformat() == "2026-03-07"
    assert (first.extra["docid"], first.extra["graphic"]) == ("1", "Ảnh: ruộng lúa")
    assert (second.id, second.body) == ("VN-0002", "Chỉ có chữ.")


def test_pages_of_a_web_collection_are_extracted(tmp_path: Path) -> None:
    [story] = stories(1)
    page = newspaper(story).replace("https://thu.example", "")
    header = "<DOCHDR>\nhttps://thu.example/a.html 1.2.3.4\nHTTP/1.1 200 OK\n</DOCHDR>"
    text = f"<DOC>\n<DOCNO>W1</DOCNO>\n{header}\n{page}\n</DOC>\n"
    [article], bad = read(write(tmp_path / "a.trecweb", text))
    assert not bad
    assert (article.id, article.title) == ("W1", story.title)
    assert article.url.startswith("https://thu.example/")
    assert story.paragraphs[0] in article.body


def test_a_truncated_document_is_damage_and_text_outside_is_reported(
    tmp_path: Path,
) -> None:
    path = write(tmp_path / "a.trec", f"<?xml?>\nrác\n{NEWSWIRE}<DOC><DOCNO>3</DOCNO>\nhết")
    articles, [bad], notes = read_with_notes(path)
    assert len(articles) == 2
    assert bad.damaged
    assert "cut short" in bad.reason
    assert any("2 lines are outside of documents" in note for note in notes)


def test_a_document_without_a_text_is_bad_and_affects_itself_only(tmp_path: Path) -> None:
    text = "<DOC><DOCNO>0</DOCNO></DOC>\n<DOC>" + "x" * (17 << 20) + "</DOC>\n" + NEWSWIRE
    articles, bad = read(write(tmp_path / "a.trec", text))
    assert [article.id for article in articles] == ["VN-0001", "VN-0002"]
    assert ["no text" in one.reason or "16 MiB" in one.reason for one in bad] == [True, True]


fragments = st.lists(
    st.sampled_from(["<DOC>", "</DOC>\n", "<TEXT>", "</TEXT>", "<DOCNO>a</DOCNO>", "chữ", "<"])
)


@settings(max_examples=60, deadline=None)
@given(fragments, st.sampled_from(sorted(PACKERS)))
def test_any_fragments_are_read_or_reported(
    tmp_path_factory: pytest.TempPathFactory, parts: list[str], suffix: str
) -> None:
    path = write(tmp_path_factory.mktemp("trec") / f"a.trec{suffix}", "".join(parts))
    articles, bad = read(path)
    assert all(article.title or article.body for article in articles)
    assert all(one.reason for one in bad)
