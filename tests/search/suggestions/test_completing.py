from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build
from index.vietnamese import Language
from index.vietnamese.forms import fold
from index.vietnamese.syllables import terms
from index.vietnamese.words import search_words
from search import Searcher, open_searcher
from search.engines.embedded.engine import open_engine
from search.interpretation.context import Context
from search.query.parser import parse
from search.query.tree import plain_text
from search.suggestions.completing import MAX_TITLE_CHARACTERS, complete


@pytest.mark.parametrize(
    ("typed", "completion"),
    [
        ("gia v", "giá vàng"),
        ("giá v", "giá vàng"),
        ("GIÁ V", "giá vàng"),
        ("gia\u0301 v", "giá vàng"),
        ("giá vàng ", "giá vàng thế giới"),
        ("gia vang the", "giá vàng thế giới"),
        ("xuat khau g", "xuất khẩu gạo"),
        ("gias v", "giá vàng"),
        ("gia1 va", "giá vàng"),
        ("tin xuất kh", "tin xuất khẩu"),
        ("lu lut mien t", "lũ lụt miền Trung"),
    ],
)
def test_completions_continue_the_query(context: Context, typed: str, completion: str) -> None:
    assert completion in complete(context, typed)


@pytest.mark.parametrize(
    ("typed", "completion"),
    [
        ('"giá v', '"giá vàng'),
        ("title:giá v", "title:giá vàng"),
        ("gạo OR giá v", "gạo OR giá vàng"),
        ("(gạo AND giá v", "(gạo AND giá vàng"),
    ],
)
def test_operators_around_the_words_are_kept(context: Context, typed: str, completion: str) -> None:
    assert completion in complete(context, typed)


@pytest.mark.parametrize(
    "typed", ["gạo -giá v", "-gia v", "gạo -", "gạo OR -giá v", "gạo NOT giá v"]
)
def test_an_excluded_word_is_not_completed(context: Context, typed: str) -> None:
    assert not [found for found in complete(context, typed) if "-" in found or "NOT" in found]


@pytest.mark.parametrize(
    "title",
    [
        "Sông Lô dâng cao -nhiều nơi ngập sâu",
        "Mục: thể thao trong ngày của xã",
        "KHÔNG MUA VÀ KHÔNG BÁN HÀNG CẤM",
        "Chợ phiên NOT mở cửa ngày mưa",
        "Giá +lúa lên (từ: tháng ba)",
        'Ông nói "gạo thơm" ở: chợ huyện',
        "Đường 5% dốc! -không đi được",
    ],
)
def test_a_title_is_a_query_for_all_its_words(tmp_path: Path, title: str) -> None:
    article = Article(id="1", title=title, body=title)
    build([analyse([article])], tmp_path)
    words = terms(title)
    [offered] = open_searcher(tmp_path).complete(" ".join(words[:4]), 1)
    assert terms(plain_text(parse(offered).tree)) == words
    assert open_searcher(tmp_path).search(offered, literal=True, operator="and").total == 1


@pytest.mark.parametrize("typed", ["Bão số ba", "bao so b", "số ba gió"])
def test_a_title_as_long_as_an_article_is_not_offered(tmp_path: Path, typed: str) -> None:
    long = Article(id="1", title="Bão số ba " + "gió mạnh " * 1_000)
    build([analyse([long, Article(id="2", title="Bão số ba gió mạnh dần")])], tmp_path)
    found = open_searcher(tmp_path).complete(typed)
    assert "Bão số ba gió mạnh dần" in found
    assert max(map(len, found)) <= MAX_TITLE_CHARACTERS


def test_typed_marks_must_match(context: Context) -> None:
    assert "mưa lũ" in complete(context, "mua l")
    assert "mùa lũ" in complete(context, "mua l")
    assert "mưa lũ" not in complete(context, "mùa l")[:1]


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("lũ lụt miền trung gây th", "Lũ lụt miền Trung gây thiệt hại"),
        ("lu lut mien trung gay thiet", "Lũ lụt miền Trung gây thiệt hại"),
        ("chợ n", "Bạn hàng chợ nổi"),
        ("cho noi", "Bạn hàng chợ nổi"),
        ("ngày ", "Chuyện ngày mưa"),
        ("choj noori", "Bạn hàng chợ nổi"),
    ],
)
def test_titles_are_offered_where_phrases_are_few(context: Context, typed: str, title: str) -> None:
    assert title in complete(context, typed)


@pytest.mark.parametrize("typed", ["", " ", "...", "zzzz", "giasv", '"', "-", "x" * 5000, "title:"])
def test_nothing_continues_an_empty_query(context: Context, typed: str) -> None:
    assert complete(context, typed) == ()


@given(
    st.text(st.sampled_from('giá vàng mưa lũ"-:()'), max_size=25) | st.text(max_size=25),
    st.integers(1, 9),
)
def test_any_string_has_completions_or_none(context: Context, typed: str, size: int) -> None:
    found = complete(context, typed, size)
    assert len(found) == len(set(found)) <= size
    assert typed not in found


@given(st.sampled_from(["giá vàng thế giới", "xuất khẩu gạo", "mùa lũ"]), st.data())
def test_every_prefix_of_a_phrase_offers_it(
    context: Context, phrase: str, data: st.DataObject
) -> None:
    typed = phrase[: data.draw(st.integers(4, len(phrase) - 1))]
    for beginning in (typed, fold(typed), typed.upper()):
        assert phrase in complete(context, beginning, 30)


TITLES = (
    "Chủ tịch nước Tô Lâm thăm Lào",
    "Tô Lâm: đổi mới vì dân",
    "Báo chí viết về ông Tô Lâm",
    "Giá vàng tăng mạnh",
    "Hôm nay giá vàng giảm",
    "Vì sao giá vàng đứng yên",
    "TP.HCM mưa lớn",
    "Nhiều nơi ở TP.HCM ngập",
    "Học sinh TP.HCM nghỉ học",
)


@pytest.fixture(scope="module")
def titled(tmp_path_factory: pytest.TempPathFactory) -> Context:
    directory = tmp_path_factory.mktemp("titles")
    day = datetime(2026, 1, 1, tzinfo=UTC)
    articles = [
        Article(id=str(at), title=title, body=f"{title}.", published=day + timedelta(days=at))
        for at, title in enumerate(TITLES)
    ]
    build([analyse(articles)], directory)
    return Context(open_engine(directory).reader(), Language.default())


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("typed", [str, fold])
def test_a_title_is_offered_whole_after_a_few_letters(
    titled: Context, title: str, typed: Callable[[str], str]
) -> None:
    for letters in range(6, len(title)):
        assert title in complete(titled, typed(title)[:letters]), letters


@pytest.mark.parametrize(
    ("typed", "written"),
    [("to l", "Tô Lâm"), ("gia v", "giá vàng"), ("tp h", "TP.HCM"), ("tp.h", "TP.HCM")],
)
def test_phrases_are_written_as_in_titles(titled: Context, typed: str, written: str) -> None:
    assert written in complete(titled, typed)


def test_newer_titles_come_first(titled: Context) -> None:
    offered = [one for one in complete(titled, "gia vang") if one in TITLES]
    assert offered[0] == "Giá vàng tăng mạnh"


def test_no_completion_ends_within_a_word(demo: Searcher) -> None:
    """Completions end at a word boundary of the segmenter in some title or text."""
    titles = [hit.title for hit in demo.search("", size=60).hits]
    offered = {
        one.casefold()
        for title in titles
        for letters in (3, 5, 8)
        for one in demo.complete(fold(title)[:letters])
        if one not in titles and "-" not in one
    }
    assert len(offered) > 50
    text = [
        words
        for hit in demo.search("", size=60).hits
        if (found := demo.article(hit.id))
        for part in (found.article.title, found.article.summary, found.article.body)
        for words in [search_words(part)]
    ]
    ends = {
        tuple(" ".join(words[start:end]).replace("_", " ").split())
        for words in text
        for start in range(len(words))
        for end in range(start + 1, min(start + 30, len(words)) + 1)
    }
    for one in offered:
        syllables = tuple(terms(one))
        longest = range(len(syllables) - 1) if len(syllables) > 1 else range(1)
        assert any(syllables[start:] in ends for start in longest), one
