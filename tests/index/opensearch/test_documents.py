"""Articles as documents of a cluster."""

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from index.analysis import analyse
from index.article import Article
from index.models.near_duplicates import BINS
from index.opensearch.documents import (
    Document,
    RefusedError,
    document_id,
    documents,
    signature_text,
    signatures_of,
    title_start,
)
from index.opensearch.mapping import (
    ARTICLE,
    AUTHOR_TOKENS,
    FILLER,
    FORMAT_VERSION,
    MAX_ID_BYTES,
    SEQUENCE,
    SIMILARITY,
    TITLE_START,
)
from index.schema import DEFAULT_SCHEMA
from index.schema_files import parse_field
from index.values import PART_GAP
from index.vietnamese.forms import fold
from index.vietnamese.syllables import terms
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
    assert found[AUTHOR_TOKENS] == [FILLER]
    assert found[SEQUENCE] == 7
    assert found[TITLE_START] == "gia gao"
    assert TITLE_START not in source(Article("1", body="Gạo tăng."))


@given(
    st.lists(
        st.sampled_from(["gạo", "http://a.vn/x", '"', '","', "\\", "\x01", "\ud800", " ", "\n"]),
        max_size=12,
    ).map("".join)
)
def test_any_term_survives_a_round_trip(body: str) -> None:
    """URLs are terms, including quotation marks and backslashes."""
    analysed = analyse([Article("1", title="Giá gạo", body=body)])
    [(_, document)] = documents(analysed, DEFAULT_SCHEMA, first=0)
    assert isinstance(document, Document)
    found = json.loads(document.source)
    for name in ("text", "words"):
        expected = [analysed.vocabulary[term] for term in analysed.fields[name].terms.tolist()]
        written = " ".join(filter(None, found[name]))
        assert written.encode() == " ".join(expected).encode("utf-8", "replace")


@given(
    st.lists(
        st.tuples(st.binary(min_size=BINS, max_size=BINS), st.integers(0, 1 << 38)), max_size=4
    )
)
def test_signatures_survive_a_round_trip_without_base64_padding(
    rows: list[tuple[bytes, int]],
) -> None:
    texts = [signature_text(np.frombuffer(row, np.uint8), length) for row, length in rows]
    assert not any(text.endswith("=") for text in texts)
    signatures, lengths = signatures_of(texts)
    assert [row.tobytes() for row in signatures] == [row for row, _ in rows]
    assert lengths.tolist() == [length for _, length in rows]


@given(st.text(max_size=40), st.text(max_size=40))
def test_the_stored_start_of_a_title_matches_what_is_typed(title: str, rest: str) -> None:
    """Even if a character of several bytes is cut."""
    typed = fold(" ".join(terms(title)))
    full_title = " ".join(terms(f"{title}{rest}"))
    if fold(full_title).startswith(typed):
        assert title_start(full_title).startswith(title_start(typed))


@given(
    st.lists(st.lists(st.sampled_from(["giá", "gạo", "lúa"]), max_size=3), min_size=4, max_size=4)
)
def test_positions_equal_those_that_the_cluster_counts(parts: list[list[str]]) -> None:
    body, title, summary, author = (" ".join(part) for part in parts)
    article = Article("1", title=title, summary=summary, body=body or "x", author=author)
    analysed = analyse([article])
    tokens = analysed.fields["text"]
    expected = [
        (analysed.vocabulary[term], position)
        for term, position in zip(tokens.terms.tolist(), tokens.positions.tolist(), strict=True)
    ]
    counted, position = [], 0
    for text in source(article)["text"]:  # type: ignore[attr-defined] # a list
        for term in text.split():
            counted.append((term, position))
            position += 1
        position += PART_GAP
    assert counted == expected


def test_labels_dates_and_numbers_are_values() -> None:
    schema = DEFAULT_SCHEMA.with_fields(parse_field("tags:keywords:facet"))
    article = Article("1", title="x", source="Báo", values={"tags": ["lúa", "gạo"]})
    [(_, document)] = documents(analyse([article], schema), schema, first=0)
    assert isinstance(document, Document)
    found = json.loads(document.source)
    assert (found["source"], found["tags"]) == (["Báo"], ["lúa", "gạo"])
    assert "published" not in found


def test_text_that_json_libraries_refuse_is_written() -> None:
    """Half of a surrogate pair becomes a question mark; a large integer is unchanged."""
    schema = DEFAULT_SCHEMA.with_fields(parse_field("size:number"))
    article = Article("1", title="giá \ud800 gạo", values={"size": 1 << 70})
    [(_, document)] = documents(analyse([article], schema), schema, first=0)
    assert isinstance(document, Document)
    found = json.loads(document.source)
    assert found[ARTICLE]["title"] == "giá ? gạo"
    assert found[ARTICLE]["values"]["size"] == 1 << 70


def test_only_articles_that_the_cluster_cannot_store_are_refused() -> None:
    articles = [Article("long", title="x", source="a" * 40_000), Article("fine", title="x")]
    analysed = documents(analyse(articles), DEFAULT_SCHEMA, first=0)
    by_id = {article.id: document for article, document in analysed}
    assert isinstance(by_id["long"], RefusedError)
    assert isinstance(by_id["fine"], Document)


@given(st.text(min_size=1), st.integers(1, 400))
def test_keys_fit_and_distinguish_ids(name: str, times: int) -> None:
    long = name * times
    assert len(document_id(long).encode("utf-8", "replace")) <= MAX_ID_BYTES
    assert document_id(long) != document_id(long + "x")


def test_the_mapping_has_the_parameters_of_the_formula() -> None:
    """Lucene's BM25 has no delta: with one, the cluster needs a scripted similarity."""
    declared = {field: ranking.BM25(bm25.k1, bm25.b) for field, bm25 in SIMILARITY.items()}
    assert declared == ranking.SIMILARITIES
    assert declared["title"] == ranking.OWN_TEXT_SIMILARITY


def test_other_parameters_need_another_format() -> None:
    """A server keeps those of an index's creation, which the factors of a query would not fit."""
    parameters = {field: tuple(bm25) for field, bm25 in SIMILARITY.items()}
    assert (FORMAT_VERSION, parameters) == (
        4,
        {
            "text": (0.8, 0.758),
            "bigrams": (0.62, 0.758),
            "words": (0.8, 0.758),
            "title": (1.0, 0.75),
            "author": (0.6, 0.0),
        },
    )
