"""Effectiveness on judged queries: `python -m search.evaluate QUERIES QRELS` measures it.

QUERIES is JSON lines of {"qid", "text"}, or BEIR's {"_id", "text"}. QRELS has one judgement per
line: qid, article id and relevance, separated by tabs, with or without BEIR's header, or the four
columns of TREC. Queries without judgements are left out.
A query goes through the parser and the match policy, as one typed by a reader does.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import click
import ir_measures
from ir_measures import RR, Qrel, R, ScoredDoc, nDCG

from index.console import hold_standard_streams, print_result
from index.language_options import language_from, language_options
from index.location import index_option
from index.vietnamese.segmenter import ModelError
from search import IndexUnavailableError, Searcher, open_searcher

DEPTH = 100
"""Hits retrieved per query; R@100 needs 100."""

MEASURES = (nDCG @ 10, RR @ 10, R @ 100)

Run = Mapping[str, tuple[tuple[str, float], ...]]
"""For each query the ids of articles with their scores, best first."""


class EvaluationError(Exception):
    """A file of queries or judgements that cannot be read; the message says where and why."""


def read_queries(path: Path) -> dict[str, str]:
    """Read the text of each query by its qid. Raises EvaluationError."""
    queries = {}
    for number, line in _lines(path):
        try:
            record = json.loads(line)
            qid, text = record["qid" if "qid" in record else "_id"], record["text"]  # BEIR's name
        except (ValueError, TypeError, KeyError) as error:
            raise _bad(path, number, 'is not JSON with "qid" (or "_id") and "text"') from error
        queries[str(qid)] = str(text)
    return queries


def read_qrels(path: Path) -> list[Qrel]:
    """Read the judgements. Raises EvaluationError."""
    qrels = []
    for number, line in _lines(path):
        columns = line.split("\t") if "\t" in line else line.split()
        if len(columns) == 4:
            del columns[1]
        try:
            qid, article, relevance = columns
            if number == 1 and relevance in ("score", "relevance", "rel", "label"):
                continue  # the header of BEIR's files
            qrels.append(Qrel(qid, article, int(relevance)))
        except ValueError as error:
            raise _bad(path, number, "is not a qid, an article id and a whole number") from error
    return qrels


def rank(searcher: Searcher, queries: Mapping[str, str], depth: int = DEPTH) -> Run:
    """Return the best `depth` hits of every query."""
    return {qid: searcher.rank(text, depth) for qid, text in queries.items()}


def measure(qrels: Iterable[Qrel], run: Run) -> dict[str, float]:
    """Return the mean of each measure over the queries of a run, which all have judgements."""
    judged = [qrel for qrel in qrels if qrel.query_id in run]
    scored = (
        # Ranks instead of scores: the measures would break ties of scores in their own order.
        ScoredDoc(qid, article, -float(rank))
        for qid, hits in run.items()
        for rank, (article, _) in enumerate(hits)
    )
    means = ir_measures.calc_aggregate(MEASURES, judged, scored)
    return {str(name): float(means[name]) for name in MEASURES}


def write_run(path: Path, run: Run) -> None:
    """Write a TREC run file: qid, Q0, id, rank, score, name. Blanks in ids become "_"."""
    with path.open("w", encoding="utf-8") as file:
        for qid, hits in run.items():
            for rank, (article, score) in enumerate(hits, 1):
                name = "_".join(article.split())
                file.write(f"{qid} Q0 {name} {rank} {score:.6f} tim-tin\n")


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, line.rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationError(f"{path} cannot be read: {error}") from error


def _bad(path: Path, number: int, why: str) -> EvaluationError:
    return EvaluationError(f"{path}, line {number}: {why}; correct or remove it")


@click.command(
    context_settings={"auto_envvar_prefix": "TIMTIN", "help_option_names": ["-h", "--help"]}
)
@click.argument("queries", type=click.Path(path_type=Path))
@click.argument("qrels", type=click.Path(path_type=Path))
@index_option
@click.option(
    "--json", "as_json", is_flag=True, envvar="TIMTIN_JSON", help="Print one JSON object."
)
@click.option("--run", type=click.Path(path_type=Path), help="Write a TREC run file.")
@language_options
def main(
    queries: Path,
    qrels: Path,
    index: str,
    synonyms: Path | None,
    stop_words: Path | None,
    *,
    as_json: bool,
    run: Path | None,
) -> None:
    """Measure how well the index answers QUERIES, judged by QRELS."""
    try:
        judgements = read_qrels(qrels)
        judged = {qrel.query_id for qrel in judgements}
        topics = {qid: text for qid, text in read_queries(queries).items() if qid in judged}
        if not topics:
            raise EvaluationError(f"{qrels} judges none of the queries in {queries}")
        ranked = rank(open_searcher(index, language_from(synonyms, stop_words)), topics)
        if run:
            write_run(run, ranked)
    except (EvaluationError, IndexUnavailableError, ModelError, OSError) as error:
        raise click.ClickException(str(error)) from error
    measures = measure(judgements, ranked)
    if as_json:
        print_result(json.dumps({"queries": len(topics), "measures": measures}))
        return
    lines = (f"{name:8}{value:.4f}" for name, value in measures.items())
    print_result("\n".join((f"{len(topics):,} queries", *lines)))


if __name__ == "__main__":
    hold_standard_streams()
    main()
