"""The explanations of scores: their summands."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.vietnamese import Language
from search.interpretation.interpretation import Candidate, Interpretation, as_typed
from search.plan import BigramScore, Feature, TermScore
from search.planning.features import (
    FOREIGN_WEIGHT,
    MAX_BIGRAMS_PER_PAIR,
    STOP_WEIGHT,
    features,
    field_features,
)
from search.ranking import (
    BM25,
    KEYWORD_SIMILARITY,
    SIMILARITIES,
    bigram_weight,
    field_weight,
    idf,
    rounded_lengths,
)

LANGUAGE = Language.default()


def weights(text: str, words: str = "") -> dict[str | tuple[str, str], float]:
    """Return the weights of syllables and bigrams, without those of fields."""
    return weights_of(features(as_typed(text.split()), words.split(), LANGUAGE))


def weights_of(scored: Sequence[Feature]) -> dict[str | tuple[str, str], float]:
    found: dict[str | tuple[str, str], float] = {}
    for feature in scored:
        if isinstance(feature, BigramScore):
            found[feature.first, feature.second] = feature.weight / bigram_weight()
        elif isinstance(feature, TermScore) and feature.field == "text":
            found[feature.text] = feature.weight
    return found


@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_idf_is_positive_and_falls_with_the_document_frequency(
    documents: int, frequency: int
) -> None:
    frequency = min(frequency, documents)
    assert idf(documents, frequency) > 0
    if frequency:
        assert idf(documents, frequency) < idf(documents, frequency - 1)


def length_of_byte(byte: int) -> int:
    """Return the length that a byte stands for in Lucene (`SmallFloat.byte4ToInt`)."""
    if byte < 24:
        return byte
    exponent, mantissa = divmod(byte - 24, 8)
    return 24 + (mantissa if not exponent else (8 + mantissa) << (exponent - 1))


@given(st.lists(st.integers(0, 3000) | st.integers(0, 2**31 - 1), max_size=20))
def test_lengths_are_rounded_as_lucene_rounds_them(lengths: list[int]) -> None:
    kept = [length_of_byte(byte) for byte in range(256)]
    below = [max(one for one in kept if one <= length) for length in lengths]
    assert rounded_lengths(np.array(lengths, np.int32)).tolist() == below
    assert [int(rounded_lengths(length)) for length in lengths] == below  # type: ignore[arg-type]


similarities = st.sampled_from([*SIMILARITIES.values(), BM25(2.0, 1.0, delta=0.5)])


@given(st.integers(1, 1000), st.integers(1, 10_000), similarities)
def test_saturation_rises_to_its_bound(tf: int, length: int, similarity: BM25) -> None:
    score = similarity.score(tf, length, 100.0)
    assert 0 < score < similarity.score(tf + 1, length, 100.0) < similarity.bound
    longer = similarity.score(tf, length * 9 // 8 + 1, 100.0)  # more than rounding changes
    assert score > longer if similarity.b else score == longer
    assert similarity.score(0, length, 100.0) == 0.0


@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 10**6)), min_size=1, max_size=20),
    similarities,
    st.floats(0.1, 10),
)
def test_arrays_are_scored_as_numbers_are(
    drawn: list[tuple[int, int]], similarity: BM25, weight: float
) -> None:
    frequencies, lengths = (np.array(column) for column in zip(*drawn, strict=True))
    scores = similarity.saturate(frequencies, similarity.norms(lengths, 50.0), weight)
    expected = [weight * similarity.score(tf, length, 50.0) for tf, length in drawn]
    assert scores == pytest.approx(expected)


def test_labels_have_no_term_frequency() -> None:
    norms = KEYWORD_SIMILARITY.norms(np.array([1, 2, 3]), 2.0)
    assert KEYWORD_SIMILARITY.saturate(np.array([0, 1, 5]), norms, 2.0).tolist() == [0.0, 2.0, 2.0]
    assert (KEYWORD_SIMILARITY.score(0, 1, 1), KEYWORD_SIMILARITY.score(3, 1, 1)) == (
        0.0,
        KEYWORD_SIMILARITY.bound,
    )


def test_an_average_field_with_one_occurrence_counts_once() -> None:
    assert BM25(1.2, 0.75).score(1, 7, 7) == pytest.approx(1.0)
    assert idf(1, 1) == pytest.approx(math.log(1 + 1 / 3))


def test_syllables_count_in_text_title_and_author_and_words_in_their_field() -> None:
    assert set(features(as_typed(["kinh", "tế"]), ["kinh_tế"], LANGUAGE)) == {
        BigramScore("kinh", "tế", bigram_weight())
    } | {
        TermScore(field, text, field_weight(field))
        for field, text in [
            ("text", "kinh"),
            ("text", "tế"),
            ("title", "kinh"),
            ("title", "tế"),
            ("author", "kinh"),
            ("author", "tế"),
            ("words", "kinh_tế"),
        ]
    }


def test_stop_syllables_have_a_low_weight() -> None:
    assert weights("giá của vàng") == {
        "giá": 1.0,
        "của": STOP_WEIGHT,
        "vàng": 1.0,
        ("giá", "của"): 1.0,
        ("của", "vàng"): 1.0,
    }
    weight_of = weights("vàng là gì")
    assert weight_of["vàng"] == weight_of["vàng", "là"] == 1.0
    assert weight_of["gì"] == weight_of["là", "gì"] == STOP_WEIGHT
    assert set(weights("và của").values()) == {1.0}
    scores = features(as_typed(["giá", "của"]), ["giá", "của"], LANGUAGE)
    in_words = {
        score.text: score.weight
        for score in scores
        if isinstance(score, TermScore) and score.field == "words"
    }
    assert in_words["của"] == pytest.approx(STOP_WEIGHT * in_words["giá"])


def test_foreign_words_have_a_high_weight_but_not_in_bigrams() -> None:
    assert weights("gdp của hà 2026 u23") == {
        "gdp": FOREIGN_WEIGHT,
        "của": STOP_WEIGHT,
        "hà": 1.0,
        "2026": 1.0,
        "u23": 1.0,
        ("gdp", "của"): 1.0,
        ("của", "hà"): 1.0,
        ("hà", "2026"): 1.0,
        ("2026", "u23"): 1.0,
    }
    scores = features(as_typed(["new", "york"]), ["new_york"], LANGUAGE)
    assert {score for score in scores if isinstance(score, TermScore)} == {
        TermScore(field, text, FOREIGN_WEIGHT * field_weight(field))
        for field, texts in {
            **dict.fromkeys(["text", "title", "author"], ("new", "york")),
            "words": ("new_york",),
        }.items()
        for text in texts
    }


def test_letters_without_marks_are_not_foreign_where_they_are_read_as_a_syllable() -> None:
    reading = Interpretation(
        ("nguoi",), ("người",), ((Candidate("người", 1.0), Candidate("nguoi", 0.5)),)
    )
    assert weights_of(features(reading, ["người"], LANGUAGE)) == {"người": 1.0, "nguoi": 0.5}


def test_a_repeated_syllable_counts_once() -> None:
    repeated = weights("xa xa xa")
    assert repeated == {"xa": 1.0, ("xa", "xa"): 1.0}


def test_candidates_count_by_their_weight() -> None:
    reading = Interpretation(
        ("ha", "noi"),
        ("hà", "nội"),
        (
            (Candidate("hà", 1.0), Candidate("ha", 0.5)),
            (Candidate("nội", 0.8), Candidate("noi", 0.1)),
        ),
    )
    found = weights_of(features(reading, ["hà_nội"], LANGUAGE))
    assert found["ha", "nội"] == pytest.approx(0.4)
    syllables = {text: weight for text, weight in found.items() if isinstance(text, str)}
    assert syllables == {"hà": 1.0, "ha": 0.5, "nội": 0.8, "noi": 0.1}
    assert field_features("title", reading, LANGUAGE)[0] == TermScore("title", "hà", 1.0)


def test_bigrams_of_one_position_are_bounded() -> None:
    many = tuple(Candidate(f"a{number}", 1 / (number + 1)) for number in range(20))
    scored = features(Interpretation(("a", "a"), ("a0", "a0"), (many, many)), [], LANGUAGE)
    pairs = [feature for feature in scored if isinstance(feature, BigramScore)]
    assert len(pairs) == MAX_BIGRAMS_PER_PAIR
    assert pairs[0] == BigramScore("a0", "a0", bigram_weight())


def test_a_query_without_syllables_has_no_features() -> None:
    assert features(as_typed([]), [], LANGUAGE) == ()
