"""Stock Whoosh: its own W3 codec and BM25F, on the same tokens, articles stored as JSON.

To compare scores, it also computes our formula from Whoosh's postings. Whoosh rounds document
lengths, so the exact ones are stored in a separate file.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from whoosh import fields, index
from whoosh.analysis.acore import Token
from whoosh.analysis.analyzers import Analyzer
from whoosh.matching.mcore import Matcher
from whoosh.query.compound import And, Or
from whoosh.query.positional import Phrase
from whoosh.query.qcore import Query as WhooshQuery
from whoosh.query.terms import Prefix, Term
from whoosh.scoring import BM25F, BaseScorer, WeightingModel
from whoosh.searching import Searcher

from benchmarks.engines.contest import Found, Kind, Query
from benchmarks.engines.corpora import ReadyTokens
from index.article_json import article_from_json, article_to_json
from index.values import PART_GAP
from search.ranking import SIMILARITIES, idf

LENGTHS = "lengths.npy"


class Replay(Analyzer):  # type: ignore[misc]
    """An analyser of tokenized text: spaces between tokens, a line for each part."""

    def __call__(self, value: str, **_options: object) -> Iterator[Token]:
        """Yield the tokens with their positions, as our index has them."""
        token, position = Token(positions=True), 0
        token.boost, token.stopped = 1.0, False
        for part in value.split("\n"):
            for text in part.split():
                token.text, token.pos = text, position
                yield token
                position += 1
            position += PART_GAP


def _schema() -> fields.Schema:
    ready = {name: fields.TEXT(Replay(), phrase=True) for name in ("text", "title", "author")}
    return fields.Schema(
        **ready,
        words=fields.TEXT(Replay(), phrase=False),
        id=fields.ID(unique=True),
        source=fields.ID(),
        section=fields.ID(),
        article=fields.STORED(),
    )


def build_index(tokens: ReadyTokens, directory: Path) -> None:
    """Build an index of one segment from tokens."""
    directory.mkdir()
    writer = index.create_in(str(directory), _schema()).writer(limitmb=1024)
    lengths = []
    for article, texts in tokens.texts():
        lengths.append(len(texts["text"].split()))
        writer.add_document(
            **{name: text for name, text in texts.items() if text},
            id=article.id,
            source=article.source,
            section=article.section,
            article=article_to_json(article),
        )
    writer.commit()
    np.save(directory / LENGTHS, np.array(lengths))


class OurFormula(WeightingModel):  # type: ignore[misc]
    """`search.ranking` over one segment of Whoosh's postings."""

    def __init__(self, lengths: Sequence[int]) -> None:
        self.lengths = lengths
        self.average = float(np.mean(lengths))

    def scorer(self, searcher: Searcher, fieldname: str, text: str, qf: float = 1) -> BaseScorer:
        """Return the scorer of one term."""
        return _Scorer(
            self, idf(len(self.lengths), searcher.reader().doc_frequency(fieldname, text))
        )


class _Scorer(BaseScorer):  # type: ignore[misc]
    def __init__(self, model: OurFormula, weight: float) -> None:
        self.model, self.weight = model, weight

    def score(self, matcher: Matcher) -> float:
        length = self.model.lengths[matcher.id()]
        return self.weight * SIMILARITIES["text"].score(
            matcher.weight(), length, self.model.average
        )


class Whoosh:
    """A searcher of an index."""

    def __init__(self, directory: Path) -> None:
        opened = index.open_dir(str(directory))
        self._searcher = opened.searcher(weighting=BM25F(B=0.75, K1=1.2))
        lengths = np.load(directory / LENGTHS).tolist()
        self._exact = opened.searcher(weighting=OurFormula(lengths))

    def prepare(self, query: Query) -> Callable[[], object]:
        """Return a function that finds the best 10."""
        match, source = _match(query), _source(query)
        return lambda: self._searcher.search(match, limit=10, filter=source)

    def found(self, query: Query) -> Found:
        """Return the full results of a query with our formula, without skipping blocks."""
        results = self._exact.search(_match(query), limit=None, filter=_source(query))
        top = results[:10]
        ids = tuple(article_from_json(hit["article"]).id for hit in top)
        return Found(len(results), ids, tuple(hit.score for hit in top))


def _source(query: Query) -> WhooshQuery | None:
    return Term("source", query.source) if query.source else None


def _match(query: Query) -> WhooshQuery:
    match query.shape.kind:
        case Kind.PHRASE:
            return Phrase("text", list(query.terms))
        case Kind.PREFIX:
            return Prefix("text", query.terms[0])
        case kind:
            terms = [Term("text", term) for term in query.terms]
            return And(terms) if kind is Kind.AND else Or(terms)
