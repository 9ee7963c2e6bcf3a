"""Pruning in larger corpora: the best articles are found, although most are never scored."""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index.analysis import AnalysedBatch, FieldTokens, analyse
from index.article import Article
from index.embedded import writer
from index.embedded.commits import read_commit
from index.embedded.layout import Layout
from index.embedded.segment import OpenSegment
from search import plan
from search.engines.embedded.call_postings import CallPostings
from search.engines.embedded.engine import open_engine
from search.engines.embedded.index_reader import EmbeddedReader
from search.engines.embedded.limits import Limits
from search.engines.embedded.postings_reader import PostingsReader
from search.engines.embedded.scoring import score, scores_of_all
from search.engines.embedded.weighing import weigh
from search.ranking import BIGRAMS, SIMILARITIES, Similarity, idf
from tests.search.engines.contract.corpora import SCORED
from tests.shared_data import SHARED

NEWS = SHARED / "data" / "news.jsonl.gz"


class Exhaustive:
    """Scores every article with a term or a bigram, from the tokens of all batches."""

    def __init__(self, batches: Sequence[AnalysedBatch]) -> None:
        names = [article.id for batch in batches for article in batch.articles]
        self.articles = len(names)
        self.places = dict(zip(names, range(len(names)), strict=True))
        self.lengths = {field: np.zeros(self.articles, np.int64) for field in SCORED}
        self.holding: dict[tuple[str, ...], list[int]] = defaultdict(list)
        base = 0
        for batch in batches:
            for field in SCORED:
                part = batch.fields[field]
                columns = (part.articles.tolist(), part.terms.tolist(), part.positions.tolist())
                rows = [
                    (base + article, batch.vocabulary[term], position)
                    for article, term, position in zip(*columns, strict=True)
                ]
                for article, term, _ in rows:
                    self.holding[field, term].append(article)
                    self.lengths[field][article] += 1
                for (a, first, at), (b, second, bt) in pairwise(rows if field == "text" else []):
                    if (a, at + 1) == (b, bt):
                        self.holding["pair", first, second].append(a)
            base += len(batch.articles)

    def scores(self, query_plan: plan.Plan) -> NDArray[np.float64]:
        total = np.zeros(self.articles)
        for part in query_plan.features:
            if isinstance(part, plan.TermScore):
                holding = self.holding[part.field, part.text]
                total += part.weight * self.term(part.field, holding, SIMILARITIES[part.field])
            elif isinstance(part, plan.BigramScore):
                holding = self.holding["pair", part.first, part.second]
                total += part.weight * self.term("text", holding, SIMILARITIES[BIGRAMS])
        return total

    def term(
        self, field: str, holding: Sequence[int], similarity: Similarity
    ) -> NDArray[np.float64]:
        tf = np.bincount(np.array(holding, np.int64), minlength=self.articles)
        lengths = self.lengths[field]
        norms = similarity.norms(lengths, float(np.maximum(lengths, 1).mean()))
        weight = idf(self.articles, max(int(np.count_nonzero(tf)), 1))
        return similarity.saturate(tf, norms, weight)

    def check(self, reader: EmbeddedReader, query_plan: plan.Plan) -> None:
        final = self.scores(query_plan)
        order = np.argsort(-final, kind="stable")
        order = order[final[order] > 0]
        best = order[: query_plan.limit]
        [answer] = reader.execute([query_plan])
        assert [match.score for match in answer.page] == pytest.approx(final[best], abs=1e-9)
        places = [self.places[match.id] for match in answer.page]
        assert final[places] == pytest.approx(final[best], abs=1e-9)
        assert answer.total == len(order)


def zipf(articles: int, seed: int) -> Iterator[AnalysedBatch]:
    rng = np.random.default_rng(seed)
    vocabulary = tuple(f"t{number}" for number in range(2000))
    for base in range(0, articles, 500):
        fields = {}
        for name, mean in (("text", 60), ("words", 40), ("title", 8), ("author", 1)):
            lengths = rng.poisson(mean, 500)
            owners = np.repeat(np.arange(500, dtype=np.int32), lengths)
            positions = np.concatenate([np.arange(length) for length in lengths])
            terms = np.minimum(rng.zipf(1.3, len(owners)) - 1, 1999)
            fields[name] = FieldTokens(terms.astype(np.int32), owners, positions.astype(np.int32))
        named = tuple(Article(id=str(base + at), title="x") for at in range(500))
        yield AnalysedBatch(named, vocabulary, fields)


def any_of(terms: Sequence[str], limit: int, *, pairs: bool) -> plan.Plan:
    terms = tuple(dict.fromkeys(terms))
    return plan.Plan(
        match=plan.Or(tuple(plan.Term("text", term) for term in terms)),
        features=(
            *(plan.TermScore("text", term, 1.0) for term in terms),
            *(plan.TermScore("title", term, 0.3) for term in terms if pairs),
            *(plan.BigramScore(a, b, 0.5) for a, b in pairwise(terms) if pairs),
        ),
        limit=limit,
    )


def test_pruned_top_k_of_a_zipfian_corpus_equals_exhaustive_scoring(tmp_path: Path) -> None:
    batches = list(zipf(4000, seed=1))
    writer.build(batches, tmp_path)
    reader, exhaustive = open_engine(tmp_path).reader(), Exhaustive(batches)
    rng = np.random.default_rng(2)
    for size in (1, 2, 3, 5, 8):
        for limit in (1, 10, 50):
            terms = [f"t{number}" for number in np.minimum(rng.zipf(1.2, size), 1999)]
            exhaustive.check(reader, any_of(terms, limit, pairs=False))


@pytest.mark.parametrize("dense_one_in", [2, 32, 10_000])
def test_top_k_by_article_bounds_equals_top_k_by_blocks(tmp_path: Path, dense_one_in: int) -> None:
    """Queries of many terms, rare and frequent, for which block bounds prune nothing."""
    batches = list(zipf(3000, seed=3))
    writer.build(batches, tmp_path)
    limits = Limits(max_scored=20, max_scored_one_in=1000, dense_one_in=dense_one_in)
    always = replace(limits, max_block_features=0)
    rng = np.random.default_rng(4)
    reader, bounded = (open_engine(tmp_path, some).reader() for some in (limits, always))
    exhaustive = Exhaustive(batches)
    for size in (1, 5, 40, 90):
        terms = [f"t{number}" for number in np.minimum(rng.zipf(1.2, size), 1999)]
        for limit in (1, 10, 700):
            query_plan = replace(any_of(terms, limit, pairs=True), match=plan.Everything())
            [best], [by_blocks] = bounded.execute([query_plan]), reader.execute([query_plan])
            assert best == by_blocks
            expected_scores = -np.sort(-exhaustive.scores(query_plan))[:limit]
            assert [match.score for match in best.page] == pytest.approx(expected_scores, abs=1e-9)


def test_fewer_full_matches_than_required_are_only_counted(tmp_path: Path) -> None:
    writer.build(list(zipf(500, seed=9)), tmp_path)
    reader = open_engine(tmp_path).reader()
    query_plan = any_of(["t3", "t40"], 10, pairs=False)
    [full] = reader.execute([query_plan])
    assert len(full.page) == 10
    [enough] = reader.execute([replace(query_plan, min_full=full.total)])
    [too_few] = reader.execute([replace(query_plan, min_full=full.total + 1)])
    assert enough == full
    assert (too_few.total, too_few.page) == (full.total, ())


@pytest.mark.parametrize("dense_one_in", [2, 10_000])
def test_negative_weights_raise_no_bound(tmp_path: Path, dense_one_in: int) -> None:
    batches = list(zipf(2000, seed=5))
    writer.build(batches, tmp_path)
    limits = Limits(
        max_scored=20, max_scored_one_in=1000, max_block_features=0, dense_one_in=dense_one_in
    )
    reader, exhaustive = open_engine(tmp_path, limits).reader(), Exhaustive(batches)
    every = any_of([f"t{number}" for number in range(60)], 10, pairs=False)
    weights = np.random.default_rng(6).uniform(-1.0, 1.0, len(every.features)).tolist()
    weighted = zip(every.features, weights, strict=True)
    features = tuple(replace(one, weight=weight) for one, weight in weighted)
    query_plan = replace(every, match=plan.Everything(), features=features)
    [answer] = reader.execute([query_plan])
    expected_scores = -np.sort(-exhaustive.scores(query_plan))[:10]
    assert [match.score for match in answer.page] == pytest.approx(expected_scores, abs=1e-9)


@pytest.mark.skipif(not NEWS.exists(), reason="the shared data is not here")
def test_pruned_top_k_of_real_articles_equals_exhaustive_scoring(tmp_path: Path) -> None:
    with gzip.open(NEWS, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in islice(lines, 1500)]
    articles = [
        Article(**{name: record[name] for name in ("id", "title", "body")}) for record in records
    ]
    batches = [analyse(articles[at : at + 64]) for at in range(0, len(articles), 64)]
    writer.build(batches, tmp_path)
    reader, exhaustive = open_engine(tmp_path).reader(), Exhaustive(batches)
    for article in articles[::250]:
        words = analyse([Article(id="q", title=article.title)]).vocabulary
        terms = [word for word in words if "_" not in word][:6]
        exhaustive.check(reader, any_of(terms, 10, pairs=False))
        exhaustive.check(reader, any_of(terms, 10, pairs=True))


@pytest.mark.parametrize("dense_one_in", [4, 1000], ids=["sparse", "dense"])
def test_the_best_article_is_found_where_its_bound_was_rounded_below_its_score(
    tmp_path: Path, dense_one_in: int
) -> None:
    """Bounds are float32 and scores float64: the bound of the block of "x" may be too low.

    Two other blocks, with "y" and "z" in two articles, have higher bounds than "x" scores; the
    best article there scores less than "x" by one part in 10^8.
    """
    terms = {0: "x", 8: "y", 9: "z", 16: "y", 17: "z"}
    articles = [Article(str(at), body=f"all {terms.get(at, 'other')}") for at in range(64)]
    writer.build([analyse(articles)], tmp_path)
    limits = Limits(
        max_scored=4, max_scored_one_in=100, min_first_blocks=1, dense_one_in=dense_one_in
    )
    reader = open_engine(tmp_path, limits).reader()
    everywhere = plan.Term("text", "all")
    [alone] = reader.execute([plan.Plan(everywhere, (plan.TermScore("text", "x", 1.0),), limit=1)])
    [other] = reader.execute([plan.Plan(everywhere, (plan.TermScore("text", "y", 1.0),), limit=1)])
    ratio = alone.page[0].score / other.page[0].score * (1 - 1e-8)
    for weight in np.random.default_rng(1).uniform(0.1, 2.0, 40).tolist():
        features = (("x", weight), ("y", weight * ratio), ("z", weight * ratio / 2))
        scores = tuple(plan.TermScore("text", term, of_term) for term, of_term in features)
        [answer] = reader.execute([plan.Plan(everywhere, scores, limit=1)])
        assert answer.page[0].id == "0", weight


def test_all_algorithms_score_alike_to_the_last_bit(tmp_path: Path) -> None:
    """A cursor compares scores computed for few articles with those computed for many."""
    writer.build(zipf(2000, seed=7), tmp_path)
    commit = read_commit(tmp_path)
    segments = [OpenSegment(tmp_path, segment) for segment in commit.segments]
    reader = PostingsReader(segments, Layout.of(commit.schema))
    query_plan = any_of([f"t{number}" for number in (*range(30), *range(200, 230))], 10, pairs=True)
    dates = np.arange(2000) * 86_400
    fresh = plan.Freshness("published", datetime(2020, 1, 1, tzinfo=UTC), 30.0, 2.0)
    features = (*query_plan.features[:20], fresh, *query_plan.features[20:])
    weighted = weigh(CallPostings(reader, reader.new_budget()), features, lambda _: dates)
    every, expected_scores = scores_of_all(reader, reader.everything, weighted)
    assert len(expected_scores) == 2000
    rng = np.random.default_rng(8)
    for size in (0, 1, 30, 700, 2000):
        some = np.sort(rng.choice(every, size, replace=False))
        assert score(reader, some, weighted).tolist() == expected_scores[some].tolist()
