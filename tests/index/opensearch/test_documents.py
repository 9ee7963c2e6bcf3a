"""Articles as documents of a cluster."""

import json

from hypothesis import given
from hypothesis import strategies as st

from index.analysis import PART_GAP, analyse
from index.article import Article
from index.opensearch.documents import Document, RefusedError, document_id, documents
from index.opensearch.mapping import FILLER, MAX_ID_BYTES, SIMILARITY
from index.schema import DEFAULT_SCHEMA
from index.schema_files import parse_field
from search import ranking


def source(article: Article) -> dict[str, object]:
    [(_, document)] = documents(analyse([article]), DEFAULT_SCHEMA, first=7)
    assert isinstance(document, Document)
    found: dict[str, object] = json.loads(document.source)
    return found


def test_parts_are_strings_of_their_own() -> None:
    found = source(Article("1", title="Giá gạo", body="Gạo tăng."))
    assert found["text"] == ["gạo tăng", "giá gạo"]
    assert found["title"] == ["giá gạo"]
    assert found["author_tokens"] == [FILLER]
    assert found["sequence"] == 7


@given(
    st.lists(st.lists(st.sampled_from(["giá", "gạo", "lúa"]), max_size=3), min_size=4, max_size=4)
)
def test_positions_come_back_as_the_cluster_counts_them(parts: list[list[str]]) -> None:
    body, title, summary, author = (" ".join(part) for part in parts)
    article = Article("1", title=title, summary=summary, body=body or "x", author=author)
    analysed = analyse([article])
    tokens = analysed.fields["text"]
    wanted = [
        (analysed.vocabulary[term], position)
        for term, position in zip(tokens.terms.tolist(), tokens.positions.tolist(), strict=True)
    ]
    counted, position = [], 0
    for text in source(article)["text"]:  # type: ignore[attr-defined] # a list
        for term in text.split():
            counted.append((term, position))
            position += 1
        position += PART_GAP
    assert counted == wanted


def test_labels_dates_and_numbers_are_values() -> None:
    schema = DEFAULT_SCHEMA.with_fields(parse_field("tags:keywords:facet"))
    article = Article("1", title="x", source="Báo", values={"tags": ["lúa", "gạo"]})
    [(_, document)] = documents(analyse([article], schema), schema, first=0)
    assert isinstance(document, Document)
    found = json.loads(document.source)
    assert (found["source"], found["tags"]) == (["Báo"], ["lúa", "gạo"])
    assert "published" not in found


def test_what_json_libraries_refuse_is_written_all_the_same() -> None:
    """Half of a surrogate pair becomes a question mark; a long integer stays what it is."""
    schema = DEFAULT_SCHEMA.with_fields(parse_field("size:number"))
    article = Article("1", title="giá \ud800 gạo", values={"size": 1 << 70})
    [(_, document)] = documents(analyse([article], schema), schema, first=0)
    assert isinstance(document, Document)
    found = json.loads(document.source)
    assert found["article"]["title"] == "giá ? gạo"
    assert found["article"]["values"]["size"] == 1 << 70


def test_what_the_cluster_cannot_hold_is_refused_alone() -> None:
    articles = [Article("long", title="x", source="a" * 40_000), Article("fine", title="x")]
    analysed = documents(analyse(articles), DEFAULT_SCHEMA, first=0)
    made = {article.id: document for article, document in analysed}
    assert isinstance(made["long"], RefusedError)
    assert isinstance(made["fine"], Document)


@given(st.text(min_size=1), st.integers(1, 400))
def test_keys_fit_and_tell_ids_apart(name: str, times: int) -> None:
    long = name * times
    assert len(document_id(long).encode("utf-8", "replace")) <= MAX_ID_BYTES
    assert document_id(long) != document_id(long + "x")


def test_the_mapping_says_what_the_formula_says() -> None:
    """Lucene's BM25 has no delta: with one, the cluster needs a scripted similarity."""
    said = {field: ranking.BM25(bm25.k1, bm25.b) for field, bm25 in SIMILARITY.items()}
    assert said == ranking.SIMILARITIES
    assert said["title"] == ranking.OWN_TEXT_SIMILARITY
