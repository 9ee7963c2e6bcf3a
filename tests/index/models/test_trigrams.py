"""Which triples are kept, and that tables of them add up."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.models.bigrams import count_pairs
from index.models.trigrams import (
    LEAST_GAIN,
    TripleCounts,
    TripleTable,
    count_triples,
    join_triples,
    last_hash,
    least_gain,
    merge_triples,
    triple_arrays,
)

# "tố" follows "ma" more often than "tổ" does, and "lên" follows "tổ"; only "ma tố lên" differs.
MISREAD = [["ma", "tố"]] * 4 + [["ma", "tổ"]] * 2 + [["tổ", "lên"]] * 40 + [["ma", "tố", "lên"]] * 9


def counted(articles: list[list[str]]) -> TripleCounts:
    lexicon = sorted({term for article in articles for term in article})
    terms = np.array([lexicon.index(term) for article in articles for term in article], np.int64)
    lengths = [len(article) for article in articles]
    numbers = np.repeat(np.arange(len(articles)), lengths)
    positions = np.array([at for length in lengths for at in range(length)], np.int64)
    pairs = count_pairs(terms, numbers, positions)
    return count_triples(terms, numbers, positions, pairs, lexicon)


def merged(tables: list[TripleTable], least: float) -> TripleCounts:
    return join_triples(list(merge_triples(tables, least)))


def following(triples: TripleCounts, first: str, second: str) -> dict[int, int]:
    [found] = TripleTable(triple_arrays(triples)).following([(first, second)])
    return found


def test_what_pairs_misread_is_kept_and_what_they_read_right_is_not() -> None:
    triples = counted([*MISREAD, *[["hà", "nội", "mưa"]] * 30])
    assert following(triples, "ma", "tố") == {last_hash("lên"): 9}
    assert following(triples, "hà", "nội") == {}
    assert following(triples, "tố", "ma") == {}


def test_a_triple_spans_neither_a_gap_nor_two_articles() -> None:
    assert not len(counted([["ma", "tố"], ["lên"]] * 50).keys)


def test_tables_of_different_lexicons_add_up() -> None:
    some, others = counted(MISREAD), counted([*MISREAD, *[["a", "b", "c"]] * 3, *MISREAD])
    tables = [TripleTable(triple_arrays(one)) for one in (some, others)]
    together = merged(tables, LEAST_GAIN)
    assert following(together, "ma", "tố") == {last_hash("lên"): 27}
    assert together.gains.sum() == pytest.approx(some.gains.sum() + others.gains.sum(), abs=0.5)
    assert not len(merged(tables, together.gains.sum() + 1).keys)
    assert least_gain(1 << 30) > least_gain(1 << 20) >= LEAST_GAIN


def test_merging_in_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = [TripleTable(triple_arrays(counted(MISREAD * times))) for times in (1, 2, 3)]
    at_once = merged(tables, LEAST_GAIN)
    monkeypatch.setattr("index.models.trigrams._MERGED_AT_ONCE", 1)
    in_ranges = merged(tables, LEAST_GAIN)
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
    triples = counted(articles)
    table = TripleTable(triple_arrays(triples))
    assert (np.diff(triples.keys) > 0).all()
    contexts = list(dict.fromkeys(key[:2] for key in by_hand))
    found = {
        (*context, last): count
        for context, counts in zip(contexts, table.following(contexts), strict=True)
        for last, count in counts.items()
    }
    assert len(found) == len(table)
    assert all(by_hand[key] == count for key, count in found.items())


def test_nothing_counted_and_a_damaged_table() -> None:
    nothing = TripleCounts(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    assert not len(TripleTable(triple_arrays(nothing)))
    assert not len(merged([TripleTable(triple_arrays(nothing))], LEAST_GAIN).keys)
    arrays = triple_arrays(counted(MISREAD))
    with pytest.raises(ValueError, match="damaged"):
        TripleTable(arrays | {"triple_lasts": arrays["triple_lasts"][:-1]})
    several = triple_arrays(
        TripleCounts(np.array([1, 2, 3]) << 16, np.ones(3, np.int64), np.ones(3))
    )
    with pytest.raises(ValueError, match="damaged"):
        TripleTable(several | {"triple_contexts": several["triple_contexts"][::-1]})
