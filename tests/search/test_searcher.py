"""The searcher, from queries to results and warnings."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build, update
from search import IndexUnavailableError, Searcher, open_searcher
from search.results.records import Results

ARTICLES = (
    Article(
        id="gạo",
        title="Giá gạo xuất khẩu tăng",
        summary="Gạo Việt Nam đạt 600 USD một tấn.",
        body="Bộ Công Thương cho biết giá gạo xuất khẩu tăng tuần thứ ba.",
        author="Lê Mai",
        source="Nhà Nông",
        section="Kinh tế",
        url="https://nhanong.example/1",
        published=datetime(2023, 8, 1, 7, tzinfo=UTC),
    ),
    Article(
        id="lũ",
        title="Lũ lụt ở miền Trung",
        body="Mưa lớn gây lũ. Người dân Hòa Vang cần gạo và nước sạch.",
        author="Trần Bình",
        source="Sông Hồng",
        section="Thời sự",
        published=datetime(2022, 10, 15, 20, tzinfo=UTC),  # already the 16th in Vietnam
    ),
    Article(
        id="bóng",
        title="Bóng đá nữ thắng trận mở màn",
        body="Đội tuyển bóng đá nữ thắng. Giá vé không tăng.",
        source="Sông Hồng",
        section="Thể thao",
        published=datetime(2024, 1, 3, tzinfo=UTC),
    ),
    Article(id="cũ", title="Chuyện cũ", body="Một bài không ghi ngày về giá gạo."),
)


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    directory = tmp_path_factory.mktemp("index")
    build([analyse(ARTICLES)], directory)
    return open_searcher(directory)


def ids(results: Results) -> list[str]:
    return [hit.id for hit in results.hits]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("gạo", {"gạo", "lũ", "cũ"}),
        ("gao", {"gạo", "lũ", "cũ"}),
        ("gạo -lũ", {"gạo", "cũ"}),
        ("gao -lu", {"gạo", "cũ"}),
        ("gạo AND lũ", {"lũ"}),
        ("lũ OR bóng", {"lũ", "bóng"}),
        ("giá AND (gạo OR vé)", {"gạo", "bóng", "cũ"}),
        ('"bóng đá nữ"', {"bóng"}),
        ('"giá xuất"~1', {"gạo"}),
        ("title:gạo", {"gạo"}),
        ("tựa:gạo", {"gạo"}),
        ("author:mai", {"gạo"}),
        ("mai", {"gạo"}),
        ("lê mai", {"gạo"}),
        ('gạo source:"nhà nông"', {"gạo"}),
        ("source:song-hong", {"lũ", "bóng"}),
        ("source:sông hồng tuyển", {"bóng"}),
        ("section:kinh-te", {"gạo"}),
        ("section:thể thao", {"bóng"}),
        ("since:tháng 8/2023", {"gạo", "bóng"}),
        ("gạo -xuất khẩu", {"lũ", "cũ"}),
        ("gao -xuat khau", {"lũ", "cũ"}),
        ("gạo -mien", {"gạo", "cũ"}),
        ("gạo -(lũ OR xuất)", {"cũ"}),
        ("title:bóng đá", {"bóng"}),
        ("author:mài", set()),
        ("author:tran", {"lũ"}),
        ("???", set()),
        ('source:"song hong"', {"lũ", "bóng"}),
        ('section:"thời sự"', {"lũ"}),
        ("since:2023", {"gạo", "bóng"}),
        ("until:16-10-2022", {"lũ"}),
        ("until:15-10-2022", set()),
        ("since:10/2022 until:8/2023", {"gạo", "lũ"}),
        ("xuấ*", {"gạo"}),
        ("xuất*", {"gạo"}),
        ("xuat*", {"gạo"}),
        ("-gạo", {"bóng"}),
        ("", {"gạo", "lũ", "bóng", "cũ"}),
        ("hoà vang", {"lũ"}),
        ("600 usd", {"gạo"}),
    ],
)
def test_a_query_finds_the_expected_articles(
    searcher: Searcher, query: str, found: set[str]
) -> None:
    results = searcher.search(query)
    assert set(ids(results)) == found
    assert results.total == len(found)


def test_parameters_narrow_down_like_the_query_does(searcher: Searcher) -> None:
    assert ids(searcher.search("gạo", source=["Nhà Nông"])) == ["gạo"]
    assert set(ids(searcher.search("gạo", source=["Nhà Nông", "Sông Hồng"]))) == {"gạo", "lũ"}
    assert ids(searcher.search("", section=["Thể thao"])) == ["bóng"]
    assert ids(searcher.search("gạo", since=date(2023, 1, 1))) == ["gạo"]
    assert ids(searcher.search("gạo", until=date(2022, 10, 16))) == ["lũ"]
    assert ids(searcher.search("gạo", until=date(2022, 10, 15))) == []


def test_hits_without_a_date_come_last_when_sorted_by_date(searcher: Searcher) -> None:
    assert ids(searcher.search("", sort="newest")) == ["bóng", "gạo", "lũ", "cũ"]
    assert ids(searcher.search("", sort="oldest")) == ["lũ", "gạo", "bóng", "cũ"]


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
def test_operator_and_requires_all_words_in_any_order(searcher: Searcher, sort: str) -> None:
    for query, found in (
        ("giá gạo", {"gạo", "cũ"}),
        ("giá của gạo", {"gạo", "cũ"}),
        ("bộ công thương và gạo", {"gạo"}),
    ):
        results = searcher.search(query, sort=sort, operator="and")
        assert set(ids(results)) == found
        assert (results.full_total, results.relaxed) == (len(found), False)
        anything = searcher.search(query, sort=sort, operator="or")
        assert set(ids(anything)) > found
        assert not anything.relaxed


def test_a_set_smaller_than_a_page_is_widened_and_reported(searcher: Searcher) -> None:
    results = searcher.search("giá gạo")
    assert ids(results)[:2] == ["gạo", "cũ"]
    assert set(ids(results)) == {"gạo", "lũ", "bóng", "cũ"}
    assert (results.full_total, results.relaxed) == (2, True)
    assert [reported.code for reported in results.warnings] == ["relaxed"]
    demanded = searcher.search("giá +gạo")
    assert set(ids(demanded)) == {"gạo", "cũ"}
    assert set(ids(searcher.search("giá gạo +lũ"))) == {"lũ"}


def test_facets_count_all_matches(searcher: Searcher) -> None:
    facets = searcher.search("giá gạo", size=1, facets=["source", "section", "year"]).facets
    assert [(f.value, f.count) for f in facets["source"]] == [("Sông Hồng", 2), ("Nhà Nông", 1)]
    assert [f.value for f in facets["year"]] == ["2024", "2023", "2022"]


def test_a_facet_is_counted_without_its_own_filter(searcher: Searcher) -> None:
    """A user who chose one source still sees the counts of the others, in the chosen period."""
    results = searcher.search(
        "giá gạo", source=["Nhà Nông"], since=date(2023, 1, 1), facets=["source", "section", "year"]
    )
    assert (ids(results), results.total) == (["gạo"], 1)
    counted = {n: {f.value: f.count for f in values} for n, values in results.facets.items()}
    assert counted == {
        "source": {"Nhà Nông": 1, "Sông Hồng": 1},
        "section": {"Kinh tế": 1},
        "year": {"2023": 1},
    }
    older = searcher.search("giá gạo", since=date(2023, 1, 1), facets=["year"]).facets["year"]
    assert [facet.value for facet in older] == ["2024", "2023", "2022"]


def test_pages_reach_the_last_hit_and_go_past_it(searcher: Searcher) -> None:
    pages = [searcher.search("gạo", page=page, size=2) for page in (1, 2, 3)]
    assert [len(page.hits) for page in pages] == [2, 1, 0]
    assert {page.total for page in pages} == {3}
    assert len({hit for page in pages for hit in ids(page)}) == 3


def test_a_phrase_that_no_article_has_is_searched_as_words(searcher: Searcher) -> None:
    results = searcher.search('"gạo giá"')
    assert results.total
    assert [warning.code for warning in results.warnings] == ["phrase_not_found"]


def test_an_unknown_source_or_date_is_reported(searcher: Searcher) -> None:
    assert [w.code for w in searcher.search("gạo source:xyz").warnings] == ["unknown_value"]
    results = searcher.search("gạo since:31-2-2024")
    assert [w.code for w in results.warnings] == ["unknown_date"]
    assert results.total == 3


def test_the_interpretation_is_reported_and_can_be_switched_off(searcher: Searcher) -> None:
    read = searcher.search("Gia GAO").interpretation
    assert (read.read, read.changed) == ("Giá GẠO", True)
    literal = searcher.search("gia gao", literal=True)
    assert (literal.total, literal.interpretation.changed) == (0, False)


def test_an_article_is_returned_with_highlights(searcher: Searcher) -> None:
    found = searcher.article("gạo", "xuat khau")
    assert found is not None
    assert found.article == ARTICLES[0]
    marked = {found.article.title[start:end] for start, end in found.highlights["title"]}
    assert marked == {"xuất", "khẩu"}
    assert searcher.article("không có") is None


def test_the_parts_of_a_score_add_up_to_it(searcher: Searcher) -> None:
    query = "gia gạo xuất khẩu"
    for hit in searcher.search(query).hits:
        explanation = searcher.explain(query, hit.id)
        assert explanation is not None
        assert explanation.score == pytest.approx(hit.score, abs=1e-9)
        assert "text" in {part.kind for part in explanation.contributions}
    unmatched = searcher.explain("bóng đá", "gạo")
    assert unmatched is not None
    assert unmatched.contributions == ()
    assert searcher.explain(query, "không có") is None


def test_related_articles_share_the_subject(searcher: Searcher) -> None:
    assert "gạo" in {hit.id for hit in searcher.related("lũ", size=3)}
    assert searcher.related("không có") == ()


@pytest.mark.parametrize(
    "query", ["mua", "ban hang", "ma", "title:mua", '"miền Trung" OR mua -bóng']
)
def test_corrections_are_offered_with_their_totals(demo: Searcher, query: str) -> None:
    corrections = demo.search(query).corrections
    assert corrections
    for correction in corrections:
        assert correction.total > 0
        assert demo.search(correction.query).full_total == correction.total
    assert demo.search(query, literal=True).corrections == ()


def test_a_phrase_searched_as_words_is_highlighted_and_explained_as_words(
    searcher: Searcher,
) -> None:
    query = '"gạo giá"'
    hit = searcher.search(query).hits[0]
    found = searcher.article(hit.id, query)
    explanation = searcher.explain(query, hit.id)
    assert found is not None
    assert found.highlights["title"] == hit.highlights["title"]
    assert set(found.highlights) > set(hit.highlights)
    assert explanation is not None
    assert explanation.score == pytest.approx(hit.score, abs=1e-9)


def test_a_quoted_word_is_highlighted_everywhere(searcher: Searcher) -> None:
    [hit] = searcher.search('"nhanong" OR "vang"').hits
    [start, end] = hit.highlights["body"][0]
    assert (hit.id, ARTICLES[1].body[start:end]) == ("lũ", "Vang")


def test_words_in_quotes_with_marks_are_never_interpreted(searcher: Searcher) -> None:
    assert not searcher.search('"gáo giá"').interpretation.changed


def test_results_of_filters_only_are_newest_first(searcher: Searcher) -> None:
    assert ids(searcher.search('source:"sông hồng"')) == ["bóng", "lũ"]
    assert ids(searcher.search(""))[:2] == ["bóng", "gạo"]


def test_all_that_a_prefix_finds_is_marked_and_scores(searcher: Searcher) -> None:
    results = searcher.search("xu*")
    assert ids(results) == ["gạo"]
    assert results.hits[0].score > 0
    [start, end] = results.hits[0].highlights["title"][0]
    assert ARTICLES[0].title[start:end] == "xuất"


def test_a_query_without_words_is_reported(searcher: Searcher) -> None:
    assert [warning.code for warning in searcher.search("???").warnings] == ["no_words"]


def test_totals_of_corrections_respect_the_filters(demo: Searcher) -> None:
    everywhere = demo.search("mua").corrections
    source = ["Tạp chí Nhà Nông"]
    filtered = demo.search("mua", source=source).corrections
    assert filtered
    for correction in filtered:
        assert demo.search(correction.query, source=source).total == correction.total
    assert sum(one.total for one in filtered) < sum(one.total for one in everywhere)


@pytest.mark.parametrize("unit", ['"a{} b"', "-a{}", "title:a{}", "ab{}*", "(a{} AND b)"])
def test_units_beyond_the_limit_are_ignored_and_reported(searcher: Searcher, unit: str) -> None:
    results = searcher.search(" ".join(unit.format(number) for number in range(200)))
    reported = {warning.code for warning in results.warnings}
    assert reported & {"too_many_units", "too_many_prefixes"}


def test_bad_arguments_are_refused(searcher: Searcher) -> None:
    calls: Sequence[Callable[[], Results]] = [
        lambda: searcher.search("x", page=0),
        lambda: searcher.search("x", size=0),
        lambda: searcher.search("x", sort="best"),
        lambda: searcher.search("x", facets=["body"]),
    ]
    for call in calls:
        with pytest.raises(ValueError, match=r".+"):
            call()


def test_a_folder_without_an_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IndexUnavailableError, match="index"):
        open_searcher(tmp_path)


def test_an_open_searcher_answers_from_the_newest_commit(tmp_path: Path) -> None:
    build([analyse(ARTICLES[:1])], tmp_path)
    searcher = open_searcher(tmp_path)
    assert searcher.search("bóng đá").total == 0
    update([analyse(ARTICLES[1:])], tmp_path)
    assert ids(searcher.search('section:"the thao"')) == ["bóng"]
    assert searcher.articles == len(ARTICLES)


OPERATORS = st.text(alphabet='gạo giá"()-*:~ANDORT titlesince', max_size=80)


@settings(max_examples=300, deadline=None)
@given(query=st.text(max_size=80) | OPERATORS)
def test_any_string_is_answered(searcher: Searcher, query: str) -> None:
    results = searcher.search(query, facets=["source"])
    assert results.query == query
    assert results.total >= len(results.hits)


def test_the_named_author_ranks_above_authors_who_share_a_name(searcher: Searcher) -> None:
    hits = searcher.search("trần bình").hits
    assert hits[0].id == "lũ"
    assert searcher.search("author:mai").hits[0].score > 1


def test_the_ends_of_the_calendar_may_end_a_period(searcher: Searcher) -> None:
    dated = searcher.search("", since=date(1900, 1, 1)).total
    assert dated
    for first, last in ((date.min, date(9999, 12, 30)), (date(1, 1, 2), date.max)):
        assert searcher.search("", since=first, until=last).total == dated
        assert searcher.search("", since=last).total == 0
        assert searcher.search("", until=first).total == 0
