"""Snippets and highlights: the best passage, whole words, spans of the stored text."""

import html
import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.article import Article
from index.vietnamese.forms import canonical
from search.plan import Phrase
from search.results.highlights import MAX_HIGHLIGHTED_CHARACTERS, HighlightQuery, highlights
from search.results.snippets import SNIPPET_LENGTH, highlight, render_hit


def marks(*terms: str) -> dict[str, HighlightQuery]:
    wanted = HighlightQuery(dict.fromkeys(map(canonical, terms), 1.0))
    return {"title": wanted, "summary": wanted, "body": wanted}


def marked(text: str, *terms: str) -> list[str]:
    """Return the highlighted parts of a body."""
    article = Article(id="1", body=text)
    return [text[start:end] for start, end in highlights(article, marks(*terms)).get("body", ())]


@pytest.mark.parametrize(
    ("text", "terms", "pieces"),
    [
        ("🎉🎉 Hà Nội mùa thu", ["hà", "nội"], ["Hà", "Nội"]),
        ("tỉnh Thanh Hoá, Thanh\nHóa", ["hóa"], ["Hoá", "Hóa"]),
        ("Đà Lạt, Ðà Lạt", ["đà"], ["Đà", "Ðà"]),
        ("năm nay Nam 5", ["năm"], ["năm"]),
        ("hội_nghị", ["hội"], ["hội"]),
    ],
)
def test_every_matched_syllable_is_marked_as_it_was_written(
    text: str, terms: list[str], pieces: list[str]
) -> None:
    assert marked(text, *terms) == pieces


def test_spans_are_right_in_decomposed_text() -> None:
    text = unicodedata.normalize("NFD", "người bệnh nặng, bệnh viện")
    assert [unicodedata.normalize("NFC", piece) for piece in marked(text, "bệnh")] == ["bệnh"] * 2


def test_a_phrase_is_highlighted_only_as_a_whole() -> None:
    article = Article(id="1", title="đại hội đại học, học đại")
    wanted = {"title": HighlightQuery(phrases=(Phrase("text", (("đại",), ("học",))),))}
    [(first, second)] = [highlights(article, wanted)["title"]]
    assert (first, second) == ((8, 11), (12, 15))


def test_a_stretched_phrase_is_marked_at_its_own_syllables() -> None:
    article = Article(id="1", title="giá bán gạo")
    wanted = {"title": HighlightQuery(phrases=(Phrase("text", (("giá",), ("gạo",)), slop=1),))}
    assert highlights(article, wanted)["title"] == ((0, 3), (8, 11))


def test_an_abbreviation_is_not_marked_inside_an_address() -> None:
    article = Article(id="1", title="Theo baochi.vn, VN và UBND TP.HCM")
    phrases = tuple(Phrase("text", ((term,),)) for term in ("vn", "hcm"))
    spans = highlights(article, {"title": HighlightQuery(phrases=phrases)})["title"]
    assert [article.title[start:end] for start, end in spans] == ["VN", "HCM"]


def test_the_snippet_shows_the_passage_with_most_terms() -> None:
    filler = "Câu này không có gì đáng xem cả. " * 30
    body = f"Lúa. {filler}Giá lúa gạo xuất khẩu tăng mạnh. {filler}"
    shown = render_hit(Article(id="1", body=body), marks("giá", "lúa", "gạo")).snippet
    assert "<mark>Giá lúa gạo</mark> xuất khẩu" in shown
    assert shown.startswith("… ")
    assert shown.endswith(" …")


def test_adjacent_terms_are_preferred_to_distant_ones() -> None:
    filler = "Câu này không có gì đáng xem cả. " * 20
    shown = render_hit(
        Article(id="1", body=f"Ngô và bảo. {filler}Ngô Bảo đến. {filler}"), marks("ngô", "bảo")
    )
    assert "<mark>Ngô Bảo</mark> đến" in shown.snippet


def test_a_match_at_the_end_is_shown_with_its_context() -> None:
    body = "Câu này không có gì đáng xem cả. " * 20 + "Ảnh: Cường Ngô"
    shown = render_hit(Article(id="1", body=body), marks("ngô")).snippet
    assert len(shown) > SNIPPET_LENGTH / 2


def test_an_endless_text_is_marked_in_bounded_time() -> None:
    found = render_hit(Article(id="1", body="gạo " * 4_000_000), marks("gạo"), all_highlights=True)
    assert len(found.highlights["body"]) == MAX_HIGHLIGHTED_CHARACTERS / 4


def test_a_snippet_without_matches_is_the_beginning() -> None:
    assert (
        render_hit(Article(id="1", summary="Lời dẫn.", body="Thân bài."), {}).snippet == "Lời dẫn."
    )
    assert render_hit(Article(id="1", title="Chỉ có tựa"), marks("tựa")).snippet == ""


def test_hostile_text_is_escaped() -> None:
    shown = render_hit(
        Article(id="1", body="<script>alert('gạo')</script> & \"x\""), marks("gạo")
    ).snippet
    assert (
        shown
        == "&lt;script&gt;alert(&#x27;<mark>gạo</mark>&#x27;)&lt;/script&gt; &amp; &quot;x&quot;"
    )


def test_adjacent_marks_are_joined() -> None:
    """Each Hangul or Chinese character is a token."""
    assert highlight("대한민국", ((0, 1), (1, 2))) == "<mark>대한</mark>민국"


def test_marks_separated_by_white_space_are_joined() -> None:
    assert (
        highlight("xã hội, xã", ((0, 2), (3, 6), (8, 10))) == "<mark>xã hội</mark>, <mark>xã</mark>"
    )


@given(st.text(alphabet="gạo giá lúaẠ\u0323\n.<&🎉 ", max_size=2000))
def test_a_snippet_is_a_part_of_the_text_with_balanced_marks(body: str) -> None:
    shown = render_hit(Article(id="1", body=body), marks("gạo", "giá")).snippet
    plain = html.unescape(re.sub("</?mark>", "", shown))
    assert plain.removeprefix("… ").removesuffix(" …") in body
    assert len(plain) <= SNIPPET_LENGTH + 4
    assert shown.count("<mark>") == shown.count("</mark>")


@given(
    texts=st.tuples(
        *[st.text(alphabet="xgạo giáúa.@\n🎉\u0323X", max_size=40) | st.just("zqxj gạo")] * 4
    ),
    terms=st.sets(st.sampled_from(["x", "gạo", "giá", "lúa"])),
    phrase=st.sampled_from([None, ("gạo", "giá"), ("x", "x"), ("giá",), ("zqxj", "gạo")]),
    slop=st.integers(0, 2),
)
@example(texts=("", "", "x", "x"), terms=set(), phrase=("x", "x"), slop=2)
def test_fields_that_are_searched_together_are_marked_as_each_alone(
    texts: tuple[str, ...], terms: set[str], phrase: tuple[str, ...] | None, slop: int
) -> None:
    names = ("title", "summary", "body", "author")
    phrases = (Phrase("text", tuple((term,) for term in phrase), slop),) if phrase else ()
    title, summary, body, author = texts
    article = Article("1", title, summary, body, author)
    wanted = HighlightQuery(dict.fromkeys(terms, 1.0), phrases)
    together = highlights(article, dict.fromkeys(names, wanted))
    alone = {name: highlights(article, {name: wanted}).get(name) for name in names}
    assert together == {name: spans for name, spans in alone.items() if spans}


FILLER = "Nơi đây bà con vẫn trồng rau muống quanh năm và đem ra chợ bán mỗi sáng sớm tinh mơ"


@pytest.mark.parametrize("end", [". ", "! ", "? ", "… ", ": ", ".” ", "\n", ".\n\n"])
def test_a_snippet_begins_with_the_sentence_of_the_first_match(end: str) -> None:
    sentence = "Hôm qua giá vàng tăng mạnh"
    body = f"{FILLER} {FILLER}{end}{sentence}. {FILLER}. {FILLER}. {FILLER}."
    snippet = render_hit(Article(id="1", body=body), marks("vàng")).snippet
    assert snippet.startswith("… Hôm qua giá <mark>vàng</mark> tăng mạnh.")


def test_a_snippet_begins_with_the_earliest_near_sentence() -> None:
    body = f"{FILLER} {FILLER}. Một. Hai. Ba giá vàng tăng. {FILLER}. {FILLER}. {FILLER}."
    snippet = render_hit(Article(id="1", body=body), marks("vàng")).snippet
    assert snippet.startswith("… Một. Hai. Ba giá <mark>vàng</mark> tăng.")


def test_a_snippet_begins_with_a_whole_word_where_no_sentence_is_near() -> None:
    body = f"{FILLER} {FILLER} nên giá vàng tăng. {FILLER}. {FILLER}. {FILLER}."
    snippet = render_hit(Article(id="1", body=body), marks("vàng")).snippet
    words = snippet.removeprefix("… ").split("<mark>")[0]
    before = body[: body.index("vàng")]
    assert before.endswith(f" {words}")
    assert 60 < len(words) <= 80


def test_a_snippet_prefers_different_terms_to_a_repeated_one() -> None:
    often = "vàng này, " * 8
    both = "giá bạc và vàng"
    for body in (
        f"{often}. {FILLER}. {FILLER}. {FILLER}. {both}.",
        f"{both}. {FILLER * 4}. {often}",
    ):
        snippet = render_hit(Article(id="1", body=body), marks("vàng", "bạc")).snippet
        assert "<mark>bạc</mark>" in snippet


@pytest.mark.parametrize("times", [2, 3, 7])
def test_the_first_of_equivalent_passages_is_shown(times: int) -> None:
    """Even if the sums of weights differ in their last digits."""
    passages = [
        f"Tin {at}: giá vàng, giá bạc. {FILLER}. {FILLER}. {FILLER}." for at in range(times)
    ]
    weights = {"giá": 0.1, "vàng": 0.7, "bạc": 0.3}
    wanted = {"body": HighlightQuery(weights)}
    assert "Tin 0" in render_hit(Article(id="1", body=" ".join(passages)), wanted).snippet


def test_a_snippet_never_ends_or_begins_within_a_compound() -> None:
    for count in range(8, 40):
        filler = "ạ " * count
        body = f"{filler * 3}gạo {filler}xuất khẩu kinh tế {filler * 3}"
        shown = render_hit(Article(id="1", body=body), marks("gạo")).snippet
        text = re.sub("</?mark>|…", "", shown).strip()
        assert not text.endswith((" xuất", " kinh"))
        before = f"{filler * 3}xuất khẩu kinh tế {filler}gạo {filler * 3}"
        shown = render_hit(Article(id="1", body=before), marks("gạo")).snippet
        assert not re.sub("</?mark>|…", "", shown).strip().startswith(("khẩu", "tế"))


def test_highlights_are_those_of_the_passage_unless_all_are_requested() -> None:
    filler = "Câu này không có gì đáng xem cả. " * 20
    article = Article(id="1", title="Gạo", summary="Gạo.", body=f"Gạo tẻ. {filler} Gạo nếp.")
    passage = render_hit(article, marks("gạo", "nếp"))
    assert set(passage.highlights) == {"title", "body"}
    assert [article.body[s:e] for s, e in passage.highlights["body"]] == ["Gạo", "nếp"]
    every = render_hit(article, marks("gạo", "nếp"), all_highlights=True)
    assert len(every.highlights["body"]) == 3
    assert "summary" in every.highlights
    assert every.snippet == passage.snippet
