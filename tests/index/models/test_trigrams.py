"""Trigrams: which are kept, and the sums of tables."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.models.bigrams import count_bigrams
from index.models.trigrams import (
    MIN_GAIN_NATS,
    TrigramCounts,
    TrigramTable,
    count_trigrams,
    join_trigrams,
    last_hash,
    merge_trigram_tables,
    min_gain,
    trigram_arrays,
)

# "tố" follows "ma" more often than "tổ" does, and "lên" follows "tổ"; only "ma tố lên" differs.
MISREAD = [["ma", "tố"]] * 4 + [["ma", "tổ"]] * 2 + [["tổ", "lên"]] * 40 + [["ma", "tố", "lên"]] * 9


def counted(articles: list[list[str]]) -> TrigramCounts:
    lexicon = sorted({term for article in articles for term in article})
    terms = np.array([lexicon.index(term) for article in articles for term in article], np.int64)
    lengths = [len(article) for article in articles]
    numbers = np.repeat(np.arange(len(articles)), lengths)
    positions = np.array([at for length in lengths for at in range(length)], np.int64)
    bigrams = count_bigrams(terms, numbers, positions)
    return count_trigrams(terms, numbers, positions, bigrams, lexicon)


def merged(tables: list[TrigramTable], least: float) -> TrigramCounts:
    return join_trigrams(list(merge_trigram_tables(tables, least)))


def following(trigrams: TrigramCounts, first: str, second: str) -> dict[int, int]:
    [found] = TrigramTable(trigram_arrays(trigrams)).following([(first, second)])
    return found


def test_trigrams_are_kept_only_where_bigrams_predict_wrongly() -> None:
    trigrams = counted([*MISREAD, *[["hà", "nội", "mưa"]] * 30])
    assert following(trigrams, "ma", "tố") == {last_hash("lên"): 9}
    assert following(trigrams, "hà", "nội") == {}
    assert following(trigrams, "tố", "ma") == {}


def test_a_trigram_spans_neither_a_gap_nor_two_articles() -> None:
    assert not len(counted([["ma", "tố"], ["lên"]] * 50).keys)


def test_tables_of_different_lexicons_add_up() -> None:
    some, others = counted(MISREAD), counted([*MISREAD, *[["a", "b", "c"]] * 3, *MISREAD])
    tables = [TrigramTable(trigram_arrays(one)) for one in (some, others)]
    together = merged(tables, MIN_GAIN_NATS)
    assert following(together, "ma", "tố") == {last_hash("lên"): 27}
    assert together.gains.sum() == pytest.approx(some.gains.sum() + others.gains.sum(), abs=0.5)
    assert not len(merged(tables, together.gains.sum() + 1).keys)
    assert min_gain(1 << 30) > min_gain(1 << 20) >= MIN_GAIN_NATS


def test_merging_in_ranges() -> None:
    tables = [TrigramTable(trigram_arrays(counted(MISREAD * times))) for times in (1, 2, 3)]
    at_once = merged(tables, MIN_GAIN_NATS)
    in_ranges = join_trigrams(list(merge_trigram_tables(tables, MIN_GAIN_NATS, rows_at_once=1)))
    assert (np.diff(in_ranges.keys) > 0).all()
    for column in ("keys", "counts", "gains"):
        np.testing.assert_array_equal(getattr(in_ranges, column), getattr(at_once, column))


words = st.sampled_from(["ma", "mà", "má", "tổ", "tố", "to", "lên"])


@given(st.lists(st.lists(words, max_size=9), max_size=30))
def test_counts_are_those_of_a_count_by_hand(articles: list[list[str]]) -> None:
    by_hand = Counter(
        (article[at], article[at + 1], last_hash(article[at + 2]))
        for article in articles
        for at in range(len(article) - 2)
    )
    trigrams = counted(articles)
    table = TrigramTable(trigram_arrays(trigrams))
    assert (np.diff(trigrams.keys) > 0).all()
    contexts = list(dict.fromkeys(key[:2] for key in by_hand))
    found = {
        (*context, last): count
        for context, counts in zip(contexts, table.following(contexts), strict=True)
        for last, count in counts.items()
    }
    assert len(found) == len(table)
    assert all(by_hand[key] == count for key, count in found.items())


def test_nothing_counted_and_a_damaged_table() -> None:
    nothing = TrigramCounts(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    assert not len(TrigramTable(trigram_arrays(nothing)))
    assert not len(merged([TrigramTable(trigram_arrays(nothing))], MIN_GAIN_NATS).keys)
    arrays = trigram_arrays(counted(MISREAD))
    with pytest.raises(ValueError, match="damaged"):
        TrigramTable(arrays | {"trigram_lasts": arrays["trigram_lasts"][:-1]})
    several = trigram_arrays(
        TrigramCounts(np.array([1, 2, 3]) << 16, np.ones(3, np.int64), np.ones(3))
    )
    with pytest.raises(ValueError, match="damaged"):
        TrigramTable(several | {"trigram_contexts": several["trigram_contexts"][::-1]})
