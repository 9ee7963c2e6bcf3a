"""The results of an index depend on its articles, not on its history of writes."""

import random
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.analysis import analyse, analyse_all
from index.article import Article
from index.embedded.commits import read_commit
from index.embedded.limits import LIMITS, WriteLimits
from index.embedded.model_parts import SegmentPart
from index.embedded.removed_counts import MINED_AGAIN_ONE_IN
from index.embedded.segment import OpenSegment
from index.embedded.verification import verify
from index.embedded.writer import build, delete, update
from index.vietnamese.forms import fold
from search import Searcher, open_searcher
from search.engines.embedded.engine import open_engine
from search.plan import Everything, Plan
from tests.index.embedded.segments import IN_SEGMENTS

SYLLABLES = "hà hạ hả nội nối nồi mưa mùa múa lũ lụt lú giá già gia vàng vang văn vân tăng".split()

IDS = st.sampled_from("abcdefghijklmn")
SEEDS = st.integers(0, 10**6)
WRITES = st.lists(
    st.tuples(st.just("write"), st.dictionaries(IDS, SEEDS, min_size=1, max_size=8))
    | st.tuples(st.just("delete"), st.lists(IDS, min_size=1, max_size=5)),
    min_size=1,
    max_size=6,
)


def article(name: str, seed: int) -> Article:
    """Return an article of phrases that others repeat."""
    chance = random.Random(seed % 60)
    phrases = [" ".join(chance.choices(SYLLABLES, k=3)) for _ in range(chance.randint(2, 9))]
    return Article(name, " ".join(phrases[:2]), body=f"{name} {seed}. {', '.join(phrases)}.")


def written(
    history: Sequence[tuple[str, object]], directory: Path, limits: WriteLimits = LIMITS
) -> dict[str, Article]:
    """Write an index by a history, and return the expected articles."""
    live: dict[str, Article] = {}
    build([analyse([article("a", 0)])], directory)
    live["a"] = article("a", 0)
    for _, change in history:
        if isinstance(change, dict):
            new = {name: article(name, seed) for name, seed in change.items()}
            update(analyse_all(new.values(), 1, max_batch_articles=3), directory, limits=limits)
            live = {name: one for name, one in live.items() if name not in new} | new
        else:
            assert isinstance(change, list)
            gone = set(change)
            assert delete(directory, change, limits=limits) == len(live.keys() & gone)
            live = {name: one for name, one in live.items() if name not in gone}
    return live


def in_order(directory: Path) -> list[Article]:
    """Return the articles of an index in its order."""
    reader = open_engine(directory).reader()
    ids = [match.id for match in reader.iterate(Plan(Everything()))]
    return [one for one in reader.stored(ids) if one]


def answers(searcher: Searcher, queries: Sequence[str]) -> list[object]:
    """Return all parts of the results of queries."""
    reported: list[object] = []
    for query in queries:
        results = searcher.search(query, size=30)
        reported.append((query, results.interpretation, results.total, results.full_total))
        reported.append([(hit.id, hit.score, hit.snippet) for hit in results.hits])
        reported.append((results.corrections, results.warnings))
        reported.append([searcher.complete(query[:length]) for length in (1, 4, 20)])
    return reported


@settings(max_examples=25, deadline=None)
@given(history=WRITES, seed=SEEDS)
def test_an_index_of_any_history_answers_like_a_fresh_one(
    history: list[tuple[str, object]], seed: int
) -> None:
    chance = random.Random(seed)
    queries = [" ".join(chance.choices(SYLLABLES, k=chance.randint(1, 5))) for _ in range(4)]
    queries += [fold(query) for query in queries] + [fold(query)[:-1] for query in queries]
    with TemporaryDirectory() as folder:
        old, fresh = Path(folder) / "old", Path(folder) / "fresh"
        live = written(history, old)
        listed = in_order(old)
        assert {one.id: one for one in listed} == live
        if listed:
            build([analyse(listed)], fresh)
            assert answers(open_searcher(old), queries) == answers(open_searcher(fresh), queries)


@settings(max_examples=40, deadline=None)
@given(history=WRITES)
def test_counts_of_large_indexes_of_any_history_are_those_of_a_fresh_one(
    history: list[tuple[str, object]],
) -> None:
    """This includes several segments, unless they are pruned. Bigrams must not be counted twice.

    A term without articles is unknown.
    """
    with TemporaryDirectory() as folder:
        old, fresh = Path(folder) / "old", Path(folder) / "fresh"
        written(history, old, IN_SEGMENTS)
        if listed := in_order(old):
            build([analyse(listed)], fresh)
            one, other = (open_engine(at).reader().models.language for at in (old, fresh))
            assert one.tokens == other.tokens
            assert one.counts(SYLLABLES).tolist() == other.counts(SYLLABLES).tolist()
            folded = sorted({fold(syllable) for syllable in SYLLABLES})
            assert one.spelled(folded) == other.spelled(folded)
            [grid], [expected] = (at.bigram_counts([SYLLABLES] * 2) for at in (one, other))
            assert grid.tolist() == expected.tolist()


@settings(max_examples=40, deadline=None)
@given(
    deleted=st.lists(st.sets(st.integers(0, 39), min_size=1, max_size=6), max_size=3), seed=SEEDS
)
def test_short_queries_after_deletions_in_a_large_index_are_read_as_in_a_fresh_one(
    deleted: list[set[int]], seed: int
) -> None:
    """Two syllables, so that bigrams decide: trigrams differ slightly from a build's."""
    chance = random.Random(seed)
    queries = [fold(" ".join(chance.choices(SYLLABLES, k=2))) for _ in range(12)]
    queries += [query[:-1] for query in queries]
    with TemporaryDirectory() as folder:
        old, fresh = Path(folder) / "old", Path(folder) / "fresh"
        build([analyse([article(str(at), seed + at) for at in range(40)])], old)
        for gone in deleted:
            delete(old, map(str, gone), limits=IN_SEGMENTS)
        build([analyse(in_order(old))], fresh)
        one, other = open_searcher(old), open_searcher(fresh)
        for query in queries:
            ours, theirs = one.search(query, size=30), other.search(query, size=30)
            assert ours.interpretation == theirs.interpretation, query
            assert [hit.id for hit in ours.hits] == [hit.id for hit in theirs.hits], query


def models_of_one_segment(directory: Path) -> tuple[dict[str, tuple[int, str]], dict[int, int]]:
    """Return the phrases with their weights and forms, and the trigrams with their counts."""
    [segment] = read_commit(directory).segments
    verify(directory)
    opened = OpenSegment(directory, segment)
    tokens = int(opened.lengths["text"][opened.live()].sum())
    part = SegmentPart(opened, tokens, tokens)
    weights = part.completions.weights.tolist()
    phrases = {part.completions.phrase(row): weight for row, weight in enumerate(weights) if weight}
    trigrams = part.trigrams.trigrams(0, 1 << 32)
    return (
        {phrase: (weight, part.written(phrase)) for phrase, weight in phrases.items()},
        dict(zip(trigrams.keys.tolist(), trigrams.counts.tolist(), strict=True)),
    )


@settings(max_examples=25, deadline=None)
@given(
    deleted=st.lists(st.sets(st.integers(0, 38), min_size=3, max_size=9), min_size=1, max_size=3),
    seed=SEEDS,
)
def test_phrases_and_trigrams_are_those_of_a_fresh_index_after_many_deletions(
    deleted: list[set[int]], seed: int
) -> None:
    with TemporaryDirectory() as folder:
        old, fresh = Path(folder) / "old", Path(folder) / "fresh"
        build([analyse([article(str(at), seed + at) for at in range(40)])], old)
        since_mined = 0
        for gone in [*deleted, {39}]:
            before, _ = models_of_one_segment(old)
            since_mined += delete(old, map(str, gone), limits=IN_SEGMENTS)
            phrases, trigrams = models_of_one_segment(old)
            if since_mined * MINED_AGAIN_ONE_IN < 40:  # too few: their phrases are subtracted
                assert phrases.keys() <= before.keys()
                continue
            since_mined = 0
            build([analyse(in_order(old))], fresh)
            expected, all_trigrams = models_of_one_segment(fresh)
            assert phrases == expected
            assert trigrams.items() <= all_trigrams.items()


NUMBERS = st.sampled_from([str(at) for at in range(40)])
NUMBERED_WRITES = st.lists(
    st.tuples(st.just("write"), st.dictionaries(NUMBERS, SEEDS, min_size=2, max_size=12))
    | st.tuples(st.just("delete"), st.lists(NUMBERS, min_size=2, max_size=8, unique=True)),
    min_size=1,
    max_size=5,
)


@settings(max_examples=40, deadline=None)
@given(history=NUMBERED_WRITES, flush_tokens=st.sampled_from([60, 400, 4_000_000]), seed=SEEDS)
def test_a_large_index_that_has_become_one_segment_answers_like_a_fresh_one(
    history: list[tuple[str, object]], flush_tokens: int, seed: int
) -> None:
    """The last write replaces more than one article in 32, so that all segments become one."""
    chance = random.Random(seed)
    queries = [" ".join(chance.choices(SYLLABLES, k=chance.randint(1, 5))) for _ in range(6)]
    queries += [fold(query) for query in queries] + [fold(query)[:-1] for query in queries]
    limits = WriteLimits(exact_tokens=0, flush_tokens=flush_tokens)
    last: tuple[str, object] = ("write", {str(at): seed + at for at in range(5)})
    with TemporaryDirectory() as folder:
        old, fresh = Path(folder) / "old", Path(folder) / "fresh"
        held = written([*history, last], old, limits)
        listed = in_order(old)
        assert {one.id: one for one in listed} == held
        [segment] = read_commit(old).segments
        verify(old)
        assert segment.documents == segment.articles
        build([analyse(listed)], fresh)
        assert models_of_one_segment(old) == models_of_one_segment(fresh)
        assert answers(open_searcher(old), queries) == answers(open_searcher(fresh), queries)


@pytest.mark.parametrize("exact_tokens", [0, LIMITS.exact_tokens])
def test_articles_without_words_are_updated_and_deleted(tmp_path: Path, exact_tokens: int) -> None:
    limits = WriteLimits(exact_tokens=exact_tokens)
    build([analyse([Article(str(at), "!", body="...") for at in range(9)])], tmp_path)
    update([analyse([Article("3", "?", body="?")])], tmp_path, limits=limits)
    assert delete(tmp_path, ["1", "2"], limits=limits) == 2
    verify(tmp_path)


def test_a_small_index_is_written_again_where_articles_are_deleted(tmp_path: Path) -> None:
    articles = [article(str(at), at) for at in range(40)]
    build([analyse(articles)], tmp_path / "small")
    shutil.copytree(tmp_path / "small", tmp_path / "large")
    delete(tmp_path / "small", ["3"], limits=LIMITS)
    delete(tmp_path / "large", ["3"], limits=IN_SEGMENTS)
    [small] = read_commit(tmp_path / "small").segments
    [large] = read_commit(tmp_path / "large").segments
    assert (small.documents, small.articles) == (39, 39)
    assert (large.documents, large.articles) == (40, 39)
