"""Phrases of two and more terms in small documents: all algorithms agree."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from index.article import Article
from index.embedded import writer
from index.embedded.commits import read_commit
from index.embedded.postings import PostingsField
from index.embedded.segment import OpenSegment
from index.storage.cache import Cache
from search import plan
from search.engines.embedded.engine import open_engine
from search.engines.embedded.phrases import MAX_MERGED_POSITIONS, phrase_doc_ids
from search.engines.embedded.positions import Positions
from tests.search.engines.contract.corpora import (
    SCHEMA,
    TOKEN_FIELDS,
    Document,
    batch,
    positions,
)
from tests.search.engines.contract.oracle import Oracle

# Few terms, so that they repeat within a document, and at the end of one and the start of the next.
terms = st.sampled_from(["a", "b", "c"])
texts = st.lists(terms, max_size=9).map(lambda found: positions(found, [1] * len(found)))
phrases = st.builds(
    plan.Phrase,
    st.sampled_from(["text", "title"]),
    st.lists(terms.map(lambda term: (term,)) | st.just(("a", "b")), min_size=1, max_size=6).map(
        tuple
    ),
    st.sampled_from([0, 0, 0, 1, 7]),
)


def documents_of(drawn: list[tuple[tuple[str, int], ...]]) -> list[Document]:
    return [
        Document(Article(str(at), title="x"), dict.fromkeys(TOKEN_FIELDS, tokens))
        for at, tokens in enumerate(drawn)
    ]


@given(st.lists(texts, min_size=1, max_size=8), st.lists(phrases, min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_phrases_are_found_at_their_positions(
    drawn: list[tuple[tuple[str, int], ...]], phrases: list[plan.Phrase]
) -> None:
    documents = documents_of(drawn)
    with tempfile.TemporaryDirectory() as folder:
        writer.build([batch(documents)], Path(folder), SCHEMA)
        reader, oracle = open_engine(folder).reader(), Oracle(documents)
        plans = [plan.Plan(phrase) for phrase in phrases]
        for one, answer in zip(plans, reader.execute(plans), strict=True):
            expected = [document.article.id for _, document in oracle.scored(one)]
            assert answer.total == len(expected), one
            assert [match.id for match in answer.page] == expected, one


@given(
    st.lists(texts, min_size=1, max_size=8),
    st.lists(st.lists(terms, min_size=1, max_size=3), min_size=2, max_size=4),
    st.sampled_from([0, 0, 2]),
    st.integers(1, 9),
)
@settings(max_examples=60, deadline=None)
def test_terms_at_one_position_are_merged_or_not(
    drawn: list[tuple[tuple[str, int], ...]], phrase: list[list[str]], slop: int, max_merged: int
) -> None:
    documents = documents_of(drawn)
    with tempfile.TemporaryDirectory() as folder:
        writer.build([batch(documents)], Path(folder), SCHEMA)
        [segment] = read_commit(Path(folder)).segments
        field = OpenSegment(Path(folder), segment).fields["text"]
        found = [
            set(phrase_doc_ids(_positions(field, len(drawn)), phrase, slop, None, merged).tolist())
            for merged in (0, max_merged, MAX_MERGED_POSITIONS)
        ]
        assert found[0] == found[1] == found[2]


def _positions(field: PostingsField, doc_count: int) -> Positions:
    return Positions((Cache(1 << 20), Cache(1 << 20)), "segment", field, doc_count)
