"""The formula is in one place: a change of a parameter there changes every score."""

from dataclasses import replace
from pathlib import Path

import pytest

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build
from index.vietnamese import Language
from search import plan, ranking
from search.engines.embedded.engine import open_engine
from search.interpretation.context import Context
from search.interpretation.interpretation import as_typed
from search.planning.features import features
from search.suggestions.related import characteristic_words
from tests.search.engines.contract.checks import check
from tests.search.engines.contract.corpora import TOKEN_FIELDS, Document, batch, positions
from tests.search.engines.contract.oracle import Oracle

WORDS = ("chợ", "hoa", "chợ", "cá"), ("hoa", "hoa", "cá"), ("lúa",)
PLAN = plan.Plan(
    plan.Everything(),
    features=(
        plan.TermScore("text", "chợ", 1.0),
        plan.TermScore("title", "hoa", 0.5),
        plan.TermScore("words", "cá", 0.5),
        plan.TermScore("author", "lúa", 0.5),
        plan.BigramScore("chợ", "hoa", 0.5),
    ),
)


def documents() -> list[Document]:
    tokens_of = [positions(words, [1] * len(words)) for words in WORDS]
    return [
        Document(Article(str(at), title="x"), dict.fromkeys(TOKEN_FIELDS, tokens))
        for at, tokens in enumerate(tokens_of)
    ]


@pytest.mark.parametrize("changed", [{"k1": 3.0}, {"b": 0.1}, {"delta": 1.0}])
@pytest.mark.parametrize("kind", sorted(ranking.SIMILARITIES))
def test_a_changed_parameter_changes_scores_of_engine_and_oracle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, changed: dict[str, float]
) -> None:
    build([batch(documents())], tmp_path)
    before = open_engine(tmp_path).reader().execute([PLAN])
    old = ranking.SIMILARITIES[kind]
    assert isinstance(old, ranking.BM25)
    monkeypatch.setitem(ranking.SIMILARITIES, kind, replace(old, **changed))
    reader = open_engine(tmp_path).reader()
    check(reader, Oracle(documents()), [PLAN], tolerance=1e-9)
    assert reader.execute([PLAN]) != before


def test_a_changed_parameter_changes_related_articles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    articles = [Article(name, title="Mưa lũ", body="mưa lũ mưa mưa") for name in "ab"]
    build([analyse(articles)], tmp_path)
    context = Context(open_engine(tmp_path).reader(), Language.default())
    before = characteristic_words(context, articles[0])
    old = ranking.SIMILARITIES["words"]
    assert isinstance(old, ranking.BM25)
    monkeypatch.setitem(ranking.SIMILARITIES, "words", replace(old, k1=3.0, delta=1.0))
    after = characteristic_words(context, articles[0])
    assert before.keys() == after.keys()
    assert all(before[word] < after[word] for word in before)


def test_a_changed_weight_changes_the_features(monkeypatch: pytest.MonkeyPatch) -> None:
    interpretation, language = as_typed(["chợ", "hoa"]), Language.default()
    before = features(interpretation, ["chợ", "hoa"], language)
    scorers = [replace(scorer, weight=2 * scorer.weight) for scorer in ranking.SUMMANDS]
    monkeypatch.setattr(ranking, "SUMMANDS", tuple(scorers))
    after = features(interpretation, ["chợ", "hoa"], language)
    assert [one.weight for one in after] == [2 * one.weight for one in before]


def test_a_changed_idf_changes_scores_and_related_articles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    articles = [Article(name, title="Mưa lũ", body="mưa lũ mưa mưa") for name in "ab"]
    build([analyse(articles)], tmp_path)
    query_plan = plan.Plan(plan.Everything(), features=(plan.TermScore("text", "mưa", 1.0),))

    def scores() -> tuple[float, float]:
        reader = open_engine(tmp_path).reader()
        [matches] = reader.execute([query_plan])
        weights = characteristic_words(Context(reader, Language.default()), articles[0])
        return matches.page[0].score, weights["mưa"]

    before = scores()
    monkeypatch.setattr(ranking, "idf", lambda articles, document_frequency: 7.0)
    assert all(after > earlier for after, earlier in zip(scores(), before, strict=True))


@pytest.mark.parametrize("field", ["title", "words"])
def test_a_field_without_bigrams_cannot_score_them(field: str) -> None:
    with pytest.raises(ValueError, match="no bigrams"):
        ranking.Summand(ranking.TermKind.BIGRAM, field, 0.5)
