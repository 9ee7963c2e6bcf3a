"""Part files of the models, compared with the models of an index of the same articles."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.analysis import AnalysedBatch, analyse
from index.article import Article
from index.embedded.commits import read_commit
from index.embedded.limits import LIMITS, WriteLimits
from index.embedded.model_parts import models_of
from index.embedded.segment import COMPLETIONS, LANGUAGE, OpenSegment
from index.embedded.writer import build
from index.models import Models
from index.models.part_builder import PartBuilder
from index.models.part_file import (
    PartFile,
    TermList,
    merge_parts,
    open_part,
    write_part,
)
from index.storage.array_file import ArrayFileError, open_arrays
from index.vietnamese import Language
from index.vietnamese.forms import fold
from index.vietnamese.syllables import terms

STOPS = Language.default().stop_syllables
TITLES = [
    "Hà Nội mưa lớn sáng nay",
    "Hà Nội nắng nóng",
    "Mưa lớn ở miền Trung",
    "Xuất khẩu gạo tăng",
    "Xuất khẩu gạo giảm nhẹ",
    "Giá gạo xuất khẩu",
]


def news(titles: Sequence[str]) -> list[Article]:
    return [
        Article(id=str(at), title=title, body=f"{title}, theo tin của đài khí tượng thủy văn.")
        for at, title in enumerate(titles)
    ]


def add(builder: PartBuilder, batch: AnalysedBatch) -> None:
    titles = [article.title for article in batch.articles]
    builder.add(batch.vocabulary, batch.fields, titles)


def part(articles: Sequence[Article], batch: int = 100) -> PartFile:
    builder = PartBuilder(STOPS, LIMITS)
    for at in range(0, len(articles), batch):
        analysed = analyse(articles[at : at + batch])
        add(builder, analysed)
    return PartFile(builder.arrays())


def of_index(directory: Path, articles: Sequence[Article]) -> Models:
    build([analyse(articles)], directory)
    return models_of([OpenSegment(directory, one) for one in read_commit(directory).segments])


def assert_equal(one: Models, other: Models) -> None:
    assert (one.language.tokens, one.language.bigrams) == (
        other.language.tokens,
        other.language.bigrams,
    )
    phrases = one.phrases("", 1000)
    assert phrases == other.phrases("", 1000) != []
    forms = [one.written(phrase) for phrase, _ in phrases]
    assert forms == [other.written(phrase) for phrase, _ in phrases]
    assert "Hà Nội" in forms
    typed = ["ha", "noi", "mua", "lon", "xuat", "khau", "gao", "zzz"]
    spelled = [sorted(terms) for terms in one.language.spelled(typed)]
    assert spelled == [sorted(terms) for terms in other.language.spelled(typed)]
    terms = sorted({term for group in spelled for term in group} | {"zzz"})
    np.testing.assert_array_equal(one.language.counts(terms), other.language.counts(terms))
    for ours, theirs in zip(
        one.language.neighbours(terms), other.language.neighbours(terms), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)
    for ours, theirs in zip(
        one.language.bigram_counts([terms] * 2),
        other.language.bigram_counts([terms] * 2),
        strict=True,
    ):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("batch", [1, 4, 100])
def test_a_part_equals_an_index_of_the_same_articles(tmp_path: Path, batch: int) -> None:
    articles = news(TITLES)
    assert_equal(Models([part(articles, batch)]), of_index(tmp_path, articles))
    assert all(form != " ".join(terms(form)) for form in part(articles, batch).forms)


def test_a_file_contains_the_whole_part(tmp_path: Path) -> None:
    builder = PartBuilder(STOPS, LIMITS)
    analysed = analyse(news(TITLES))
    add(builder, analysed)
    write_part(tmp_path / "part", builder.arrays())
    assert_equal(Models([open_part(tmp_path / "part")]), Models([part(news(TITLES))]))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(TITLES), min_size=1, max_size=9), st.integers(0, 9))
def test_merged_parts_equal_a_single_part(titles: list[str], cut: int) -> None:
    halves = [part(news(half)) for half in (titles[:cut], titles[cut:])]
    merged = Models([PartFile(merge_parts(halves))])
    language, single = merged.language, Models([part(news(titles))]).language
    assert (language.tokens, language.bigrams) == (single.tokens, single.bigrams)
    terms = sorted(
        {fold(word) for title in titles for word in title.split()} | {"hà", "nội", "gạo"}
    )
    np.testing.assert_array_equal(language.counts(terms), single.counts(terms))
    for ours, theirs in zip(
        language.bigram_counts([terms] * 3), single.bigram_counts([terms] * 3), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)


def test_counts_do_not_overflow_32_bits() -> None:
    arrays = PartBuilder(STOPS, LIMITS).arrays() | {
        "term_texts": np.frombuffer(b"ab", np.uint8),
        "term_starts": np.array([0, 1, 2], np.uint64),
        "term_frequencies": np.array([3 << 31, 5 << 20], np.uint64),
        "term_articles": np.array([3 << 31, 5], np.uint64),
        "bigram_starts": np.array([0, 1, 1], np.uint32),
        "bigram_seconds": np.array([1], np.uint32),
        "bigram_counts": np.array([255], np.uint8),
        "bigram_large": np.array([0, 3 << 31], np.uint64),
    }
    merged = Models([PartFile(merge_parts([PartFile(arrays), PartFile(arrays)]))]).language
    assert merged.counts(["a", "b"]).tolist() == [6 << 31, 10 << 20]
    assert merged.bigram_counts([["a"], ["b"]])[0].tolist() == [[6 << 31]]


WORDS = st.lists(st.text(min_size=1, max_size=4), unique=True)


@given(WORDS, WORDS)
def test_terms_and_their_ordinals_are_found(terms: list[str], others: list[str]) -> None:
    encoded = sorted(term.encode("utf-8", "surrogatepass") for term in terms)
    texts = np.frombuffer(b"".join(encoded), np.uint8)
    listed = TermList(texts, np.cumsum([0, *map(len, encoded)]).astype(np.uint64))
    for term, ordinal in zip(terms, listed.ordinals(terms).tolist(), strict=True):
        assert listed.term(ordinal) == listed[ordinal] == term
    unknown = [term for term in others if term not in terms]
    assert listed.ordinals(unknown).tolist() == [-1] * len(unknown)


def test_an_empty_part_is_read_and_damaged_files_are_refused(tmp_path: Path) -> None:
    arrays = PartBuilder(STOPS, LIMITS).arrays()
    empty = Models([PartFile(arrays)])
    assert empty.phrases("a", 5) == []
    assert empty.language.counts(["a"]).tolist() == [0]
    write_part(tmp_path / "part", arrays | {"term_frequencies": np.array([1], np.uint64)})
    with pytest.raises(ArrayFileError, match="number of terms"):
        open_part(tmp_path / "part")
    write_part(tmp_path / "part", arrays | {"term_starts": np.array([1], np.uint64)})
    with pytest.raises(ArrayFileError, match="damaged"):
        open_part(tmp_path / "part")


WRITTEN = st.lists(
    st.lists(st.sampled_from("hà nội hạ nói mưa lũ lụt ở miền trung".split()), min_size=1),
    min_size=1,
)


OF_TITLES = {"title_letters", "title_documents", "completion_examples"}
"""Sections that only a folder has, since they refer to documents."""


@settings(max_examples=30, deadline=None)
@given(WRITTEN, st.integers(1, 60), st.integers(2, 4), st.integers(1, 3))
def test_runs_are_counted_as_in_a_folder(
    texts: list[list[str]], flush_tokens: int, merged_flushes: int, batch: int
) -> None:
    """All tables of both are equal byte for byte, however articles are divided into flushes."""
    limits = WriteLimits(
        flush_tokens=flush_tokens, merged_flushes=merged_flushes, exact_tokens=0, beside_largest=1
    )
    articles = [
        Article(str(at), title=" ".join(text[:7]), body=" ".join(text * 3))
        for at, text in enumerate(texts)
    ]
    batches = [analyse(articles[at : at + batch]) for at in range(0, len(articles), batch)]
    builder = PartBuilder(STOPS, limits)
    for one in batches:
        add(builder, one)
    ours = builder.arrays()
    with tempfile.TemporaryDirectory() as folder:
        build(batches, Path(folder), limits=limits)
        [segment] = read_commit(Path(folder)).segments
        opened = OpenSegment(Path(folder), segment)
        for file in (LANGUAGE, COMPLETIONS):
            theirs = open_arrays(segment.path(Path(folder), file))
            for name in set(theirs) - OF_TITLES:
                np.testing.assert_array_equal(ours[name], theirs[name], err_msg=name)
        dictionary = opened.fields["text"].dictionary
        part, names = PartFile(ours), [dictionary.term(at) for at in range(len(dictionary))]
        assert [part.vocabulary.term(at) for at in range(len(part.vocabulary))] == names
        np.testing.assert_array_equal(
            part.frequencies, opened.fields["text"].collection_frequencies()
        )
        assert (
            part.article_counts(names).tolist()
            == opened.fields["text"].document_frequencies().tolist()
        )


def test_rare_terms_are_dropped_from_a_vocabulary_of_billions_of_tokens() -> None:
    """Their bigrams are dropped as well; the other terms keep their names."""
    arrays = PartBuilder(STOPS, LIMITS).arrays() | {
        "term_texts": np.frombuffer(b"abc", np.uint8),
        "term_starts": np.array([0, 1, 2, 3], np.uint64),
        "term_frequencies": np.array([1 << 40, 3, 1 << 40], np.uint64),
        "term_articles": np.array([1 << 30, 3, 1 << 30], np.uint64),
        "bigram_starts": np.array([0, 2, 2, 3], np.uint32),
        "bigram_seconds": np.array([1, 2, 0], np.uint32),
        "bigram_counts": np.array([255, 255, 255], np.uint8),
        "bigram_large": np.array([0, 1, 2, 1 << 39, 1 << 38, 1 << 37], np.uint64),
    }
    merged = PartFile(merge_parts([PartFile(arrays)]))
    assert list(merged.vocabulary) == ["a", "c"]
    assert merged.article_counts(["a", "b", "c"]).tolist() == [1 << 30, 0, 1 << 30]
    grid = Models([merged]).language.bigram_counts([["a", "c"]] * 2)[0]
    assert grid.tolist() == [[0, 1 << 38], [1 << 37, 0]]
    kept = PartFile(merge_parts([PartFile(arrays)], pruned=False))
    assert list(kept.vocabulary) == ["a", "b", "c"]
