"""Articles as JSON and back: addresses that repeat the title."""

import json

from hypothesis import example, given
from hypothesis import strategies as st

from index.article import Article
from index.article_json import article_from_json, article_to_json, slugs

SIGNS = ["Giá gạo", "“tăng”", "–", "…", "Đắk\xa0Lắk", "ｆｕｌｌ", "Łódź", "a\u0301", "’s", "ﬁ"]
titles = st.lists(st.sampled_from(SIGNS) | st.text(max_size=4)).map(" ".join)


@given(titles)
@example("“Giá gạo” – tăng… lần thứ 2")
def test_an_address_survives_a_round_trip_with_any_title(title: str) -> None:
    [slug] = slugs([Article("1", title, url="https://bao.vn/a-b-c-1.html")])
    article = Article("1", title, url=f"https://bao.vn/x/{slug}-1.html")
    line = article_to_json(article, slug)
    assert article_from_json(line) == article


@given(st.text(), st.dictionaries(st.text(max_size=3), st.floats() | st.integers(), max_size=2))
@example('\x00\x1f\x7f"\\/\u2028\ud800', {})
@example("", {"a": 1e16, "b": 1 << 70})
def test_a_line_equals_that_of_the_standard_library(text: str, extra: dict[str, float]) -> None:
    article = Article("1", text, extra=extra)
    record: dict[str, object] = {"id": "1"}
    record |= {"title": text} if text else {}
    record |= {"extra": extra} if extra else {}
    written = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    assert article_to_json(article) == written.encode("utf-8", "surrogatepass")
