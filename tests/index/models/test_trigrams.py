"""Trigrams: counting, merging of tables, and the selection of those to keep."""

import tracemalloc
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.models.bigrams import BigramCounts, count_bigrams
from index.models.trigram_choice import choose_trigrams
from index.models.trigrams import (
    MIN_GAIN_NATS,
    TrigramCounts,
    TrigramLimits,
    TrigramTable,
    context_hash,
    count_trigrams,
    join_trigrams,
    last_hash,
    merge_trigram_tables,
    no_gains,
    packed_keys,
    term_hashes,
    trigram_arrays,
)

WORDS = ["ma", "mà", "má", "tổ", "tố", "to", "lên"]

# "tố" follows "ma" more often than "tổ" does, and "lên" follows "tổ"; only "ma tố lên" differs.
MISREAD = [["ma", "tố"]] * 4 + [["ma", "tổ"]] * 2 + [["tổ", "lên"]] * 40 + [["ma", "tố", "lên"]] * 9

Articles = Sequence[Sequence[str]]


def vocabulary(articles: Articles) -> list[str]:
    return sorted({term for article in articles for term in article})


def counted(articles: Articles, words: Sequence[str] = ()) -> tuple[BigramCounts, TrigramCounts]:
    """Count articles as one flush."""
    lexicon = words or vocabulary(articles)
    terms = np.array([lexicon.index(term) for article in articles for term in article], np.int64)
    lengths = [len(article) for article in articles]
    numbers = np.repeat(np.arange(len(articles)), lengths)
    positions = np.array([at for length in lengths for at in range(length)], np.int64)
    bigrams = count_bigrams(terms, numbers, positions)
    return bigrams, count_trigrams(terms, numbers, positions, lexicon)


def chosen(articles: Articles, tokens: int = 0) -> TrigramCounts:
    """Count articles as one flush, and select trigrams as for an index of `tokens` tokens."""
    bigrams, trigrams = counted(articles)
    return choose_trigrams(trigrams, bigrams, vocabulary(articles), tokens)


def table(trigrams: TrigramCounts) -> TrigramTable:
    return TrigramTable(trigram_arrays(trigrams))


def merged(
    tables: Sequence[TrigramTable],
    least: int = 1,
    others: Sequence[TrigramTable] = (),
    at_once: int = 1 << 18,
) -> TrigramCounts:
    return join_trigrams([one.rows for one in merge_trigram_tables(tables, least, others, at_once)])


def following(trigrams: TrigramCounts, first: str, second: str) -> dict[int, int]:
    [found] = table(trigrams).following([(first, second)])
    return found


def test_trigrams_are_kept_if_bigrams_decode_them_wrongly() -> None:
    trigrams = chosen([*MISREAD, *[["hà", "nội", "mưa"]] * 30])
    assert following(trigrams, "ma", "tố") == {last_hash("lên"): 9}
    assert following(trigrams, "hà", "nội") == {}
    assert following(trigrams, "tố", "ma") == {}


def test_a_larger_index_keeps_those_that_gain_more_and_occur_more_often() -> None:
    twice = MISREAD[:-7]
    assert len(chosen(twice, 1_000).keys) == 1
    assert len(chosen(twice, 5_000_000).keys) == 0
    limits = [TrigramLimits.of(1 << power) for power in range(40)]
    assert limits == sorted(limits)
    assert limits[0].gain < MIN_GAIN_NATS + 0.01 < limits[30].gain


def test_trigrams_of_other_parts_are_kept_whatever_their_gain() -> None:
    articles = [["hà", "nội", "mưa"], *MISREAD]
    bigrams, trigrams = counted(articles)
    [known] = [np.flatnonzero(trigrams.counts == 1)]
    mask = np.isin(np.arange(len(trigrams.keys)), known)
    kept = choose_trigrams(trigrams, bigrams, vocabulary(articles), 0, mask)
    assert following(kept, "hà", "nội") == {last_hash("mưa"): 1}
    assert following(kept, "ma", "tố") == {last_hash("lên"): 9}


def test_a_trigram_spans_neither_a_gap_nor_two_articles() -> None:
    assert not len(counted([["ma", "tố"], ["lên"]] * 50)[1].keys)


def test_tables_of_different_lexicons_add_up() -> None:
    others = [*MISREAD, *[["a", "b", "c"]] * 3, *MISREAD]
    tables = [table(counted(some)[1]) for some in (MISREAD, others)]
    assert following(merged(tables), "ma", "tố") == {last_hash("lên"): 27}
    assert len(merged(tables).keys) == 2
    assert len(merged(tables, 4).keys) == 1
    known = [table(counted([["a", "b", "c"]])[1])]
    assert len(merged(tables, 4, known).keys) == 2


def test_merging_in_ranges_equals_merging_at_once() -> None:
    tables = [table(counted([["a", "b", "c", "d"] * 3, *MISREAD * times])[1]) for times in (1, 2)]
    at_once, in_ranges = merged(tables), merged(tables, at_once=1)
    assert (np.diff(in_ranges.keys) > 0).all()
    for column in ("keys", "counts", "gains"):
        np.testing.assert_array_equal(getattr(in_ranges, column), getattr(at_once, column))


words = st.sampled_from(WORDS)
some_articles = st.lists(st.lists(words, max_size=9), max_size=30)


@given(some_articles)
def test_counts_are_those_of_a_count_by_hand(articles: list[list[str]]) -> None:
    by_hand = Counter(
        (article[at], article[at + 1], last_hash(article[at + 2]))
        for article in articles
        for at in range(len(article) - 2)
    )
    _, trigrams = counted(articles)
    assert (np.diff(trigrams.keys) > 0).all()
    contexts = list(dict.fromkeys(key[:2] for key in by_hand))
    found = {
        (*context, last): count
        for context, counts in zip(contexts, table(trigrams).following(contexts), strict=True)
        for last, count in counts.items()
    }
    assert found == by_hand


@given(some_articles, st.lists(st.integers(0, 30), max_size=3))
def test_the_selection_does_not_depend_on_flushes(
    articles: list[list[str]], cuts: list[int]
) -> None:
    bounds = [0, *sorted(min(cut, len(articles)) for cut in cuts), len(articles)]
    runs = [articles[start:end] for start, end in pairwise(bounds)]
    tables = [table(counted(run, WORDS)[1]) for run in (*runs[1:], runs[0])]
    bigrams, trigrams = counted(articles, WORDS)
    expected = choose_trigrams(trigrams, bigrams, WORDS, 0)
    found = choose_trigrams(merged(tables, 2), bigrams, WORDS, 0)
    np.testing.assert_array_equal(found.keys, expected.keys)
    np.testing.assert_array_equal(found.counts, expected.counts)
    np.testing.assert_array_equal(found.gains, expected.gains)


def peak_of_choosing(bigrams: int, trigrams: int) -> int:
    """Return the peak memory of selecting among random trigrams, without the arguments."""
    draw, words = np.random.default_rng(7), [f"từ{number}" for number in range(2000)]
    first, second = draw.integers(0, len(words), (2, 2 * bigrams))
    keys = np.unique(first << 32 | second)[:bigrams]
    pairs, hashes = BigramCounts(keys, draw.integers(2, 99, bigrams)), term_hashes(words)
    contexts = context_hash(hashes[keys >> 32], hashes[keys & 0xFFFFFFFF])
    lasts = draw.integers(0, 1 << 16, trigrams)
    every = np.sort(packed_keys(draw.choice(contexts, trigrams), lasts))
    rows = TrigramCounts(every, draw.integers(2, 9, trigrams), no_gains(trigrams))
    tracemalloc.start()
    choose_trigrams(rows, pairs, words, 0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_selection_takes_few_bytes_per_bigram_and_trigram() -> None:
    few = peak_of_choosing(100_000, 200_000)  # 88 and 48 bytes made a build take 472 MB
    assert peak_of_choosing(200_000, 200_000) - few < 100_000 * 45
    assert peak_of_choosing(100_000, 400_000) - few < 200_000 * 24


def test_trigrams_whose_bigrams_have_been_pruned_gain_nothing() -> None:
    bigrams, trigrams = counted(MISREAD)
    nothing = bigrams.where(np.zeros(len(bigrams.keys), np.bool_))
    for rare in (nothing, bigrams.where(bigrams.counts > 20)):
        assert not len(choose_trigrams(trigrams, rare, vocabulary(MISREAD), 0).keys)


def test_an_empty_table_has_no_trigrams_and_a_damaged_one_is_refused() -> None:
    nothing = TrigramCounts(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    assert not len(table(nothing))
    assert not len(merged([table(nothing)]).keys)
    arrays = trigram_arrays(chosen(MISREAD))
    with pytest.raises(ValueError, match="damaged"):
        TrigramTable(arrays | {"trigram_lasts": arrays["trigram_lasts"][:-1]})
    several = trigram_arrays(
        TrigramCounts(np.array([1, 2, 3]) << 16, np.ones(3, np.int64), np.ones(3))
    )
    with pytest.raises(ValueError, match="damaged"):
        TrigramTable(several | {"trigram_contexts": several["trigram_contexts"][::-1]})
