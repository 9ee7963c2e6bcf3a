"""A relevance collection over the demo corpus: queries, judgements, and recorded results.

`cases/demo.jsonl` has one query per line: its `class` (how it is typed), the relevant articles by
the number in their file's name (2: about the subject, 1: in part), and the recorded results: the
interpretation, the first articles, the highlights of the first one, and the corrections.
`cases/demo_suggestions.jsonl` has completions and related articles.

`python -m tests.search.demo_collection` records again. Do so only after an intended change, and
review the diff: judgements are written by hand, and do not change with the code.
"""

import json
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from math import log2
from pathlib import Path
from typing import Any
from unicodedata import normalize

from index.analysis import analyse
from index.article import Article
from index.corpus.loading import Corpus
from index.embedded.writer import build
from search import Searcher, open_searcher
from search.results.records import Hit, Results

CASES = Path(__file__).parent / "cases" / "demo.jsonl"
SUGGESTIONS = CASES.with_name("demo_suggestions.jsonl")
DEMO = Path(__file__).parents[2] / "demo"
DEPTH = 10
"""Hits that are measured, as many as a page has."""

TOP = 3
"""Hits that are recorded."""

SUGGESTED = 4
"""Completions and related articles that are recorded."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The results of a search, with the highlighted texts of the best article, sorted."""

    reading: str
    top: tuple[str, ...]
    marked: tuple[str, ...]
    corrections: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A query, its relevant articles, and its recorded results."""

    kind: str
    query: str
    relevant: Mapping[str, int]
    seen: Seen


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The beginning of a query (`complete`) or an article (`related`), and its suggestions."""

    kind: str
    input: str
    suggestions: tuple[str, ...]


def read_cases() -> list[Case]:
    """Read the queries."""
    return [
        Case(
            line["class"],
            line["query"],
            line["relevant"],
            Seen(
                line.get("reading", ""),
                *(tuple(line.get(name, ())) for name in ("top", "marked", "corrections")),
            ),
        )
        for line in _lines(CASES)
    ]


def read_suggestions() -> list[Suggestion]:
    """Read the completions and related articles."""
    return [
        Suggestion(line["kind"], line["input"], tuple(line.get("suggestions", ())))
        for line in _lines(SUGGESTIONS)
    ]


def index_demo(directory: Path) -> Searcher:
    """Index the demo corpus, each article under the number of its file."""
    articles = [
        replace(record, id=file.name[:3])
        for file in sorted(DEMO.glob("*.txt"))
        for record in Corpus([file])
        if isinstance(record, Article)
    ]
    build([analyse(articles)], directory)
    return open_searcher(directory)


def look(searcher: Searcher, results: Results) -> Seen:
    """Return the results of a search."""
    return Seen(
        results.interpretation.read,
        tuple(hit.id for hit in results.hits[:TOP]),
        _marked(searcher, results.hits[0]) if results.hits else (),
        tuple(correction.query for correction in results.corrections),
    )


def _marked(searcher: Searcher, hit: Hit) -> tuple[str, ...]:
    found = searcher.article(hit.id)
    assert found is not None
    texts = {name: str(getattr(found.article, name)) for name in hit.highlights}
    figures_by_kind = {
        normalize("NFC", texts[name][start:end]).lower()
        for name, spans in hit.highlights.items()
        for start, end in spans
    }
    return tuple(sorted(figures_by_kind))


def suggest(searcher: Searcher, case: Suggestion) -> Suggestion:
    """Return a case with the current suggestions."""
    if case.kind == "complete":
        suggestions = searcher.complete(case.input, SUGGESTED)
    else:
        suggestions = tuple(hit.id for hit in searcher.related(case.input, SUGGESTED))
    return replace(case, suggestions=suggestions)


def ndcg(case: Case, results: Results) -> float:
    """Return the normalised discounted cumulative gain of the first page."""
    gains = [case.relevant.get(hit.id, 0) for hit in results.hits[:DEPTH]]
    ideal = sorted(case.relevant.values(), reverse=True)[:DEPTH]
    return _discounted(gains) / _discounted(ideal)


def _discounted(gains: Iterable[int]) -> float:
    return sum(gain / log2(rank + 1) for rank, gain in enumerate(gains, 1))


def record() -> None:
    """Record the current results of every query."""
    with tempfile.TemporaryDirectory() as folder:
        searcher = index_demo(Path(folder))
        cases = [
            {
                "class": case.kind,
                "query": case.query,
                "relevant": case.relevant,
                **asdict(look(searcher, searcher.search(case.query, size=DEPTH))),
            }
            for case in read_cases()
        ]
        suggestions = [asdict(suggest(searcher, case)) for case in read_suggestions()]
    _write(CASES, cases)
    _write(SUGGESTIONS, suggestions)


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _write(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    written = (json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    path.write_text("".join(written), "utf-8")


if __name__ == "__main__":
    record()
