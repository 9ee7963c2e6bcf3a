"""Example queries: each has results, for any index."""

from pathlib import Path

from flask.testing import FlaskClient

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build
from index.errors import IndexUnavailableError
from search import open_searcher
from search.request import SearchRequest
from search.results.records import Results
from tests.web.fake import FakeSearcher
from web.app import create_app
from web.examples import Examples


def queries(searcher: FakeSearcher) -> list[str]:
    with create_app(searcher).test_request_context("/"):
        return [example.query for example in Examples(searcher)()]


def test_examples_match_articles_of_the_index() -> None:
    words = 'Giá vàng "giá vàng" gia vang, lúa gạo "lúa gạo", luật tố tụng'
    titles = ("hợp đồng mua bán", "khoáng sản quý")
    found = queries(FakeSearcher([Article("1", titles[0], body=words), Article("2", titles[1])]))
    assert '"lúa gạo"' in found
    assert not any("bóng đá" in query for query in found)


def test_the_example_of_an_exclusion_excludes_something(tmp_path: Path) -> None:
    bodies = ("giá vàng", "biến đổi khí hậu", "lúa gạo, xuất khẩu", "lúa gạo")
    articles = [Article(f"{at}", title="Tin", body=body) for at, body in enumerate(bodies)]
    build([analyse(articles)], tmp_path)
    searcher = open_searcher(tmp_path)
    with create_app(searcher).test_request_context("/"):
        found = [example.query for example in Examples(searcher)()]
    assert 'lúa gạo -"xuất khẩu"' in found  # the only two that share an article


def test_an_empty_index_has_no_examples() -> None:
    assert queries(FakeSearcher([])) == []


def test_examples_are_looked_for_once_a_commit_and_not_at_each_of_many() -> None:
    searcher = FakeSearcher([])
    with create_app(searcher).test_request_context("/"):
        examples, patient = Examples(searcher, renew_seconds=0), Examples(searcher)
        assert (examples(), patient()) == ((), ())
        searched = len(searcher.requests)
        assert (examples(), len(searcher.requests)) == ((), searched)
        written = FakeSearcher([Article("1", 'Giá vàng "giá vàng" gia vang')])
        searcher._articles, searcher.identity = written._articles, "commit-2"
        assert "gia vang" in [example.query for example in examples()]
        searched = len(searcher.requests)
        assert (patient(), len(searcher.requests)) == ((), searched)


def test_an_error_page_needs_no_index(client: FlaskClient) -> None:
    class Gone(FakeSearcher):
        def answer(self, request: SearchRequest) -> Results:
            raise IndexUnavailableError("gone")

    page = create_app(Gone([])).test_client().get("/nothing")
    assert page.status_code == 404
    assert "Không tìm thấy trang" in page.text
