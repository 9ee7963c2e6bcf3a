"""`python -m benchmarks.engines`: our engine, stock Whoosh and tantivy on the same tokens."""

import json
import tempfile
from dataclasses import asdict
from pathlib import Path

import click

from benchmarks.engines.building import CONTESTANTS
from benchmarks.engines.corpora import CORPORA
from benchmarks.engines.report import report
from benchmarks.engines.run import Effort, draw, measure

QUICK = Effort(queries=5, seconds=0.1, starts=1)


@click.command()
@click.option(
    "--corpus",
    "corpora",
    multiple=True,
    type=click.Choice(list(CORPORA)),
    default=("news", "all"),
    show_default=True,
    help="May be repeated. Queries are drawn from the first; growth is between the last two.",
)
@click.option("--queries", default=100, show_default=True, help="How many of each shape.")
@click.option(
    "--quick", is_flag=True, help="Check that everything runs: the demo corpus, few queries."
)
@click.option("--stock-all", is_flag=True, help='Also stock Whoosh on "all": takes 10 minutes.')
@click.option(
    "--work",
    type=click.Path(path_type=Path),
    default=Path(tempfile.gettempdir()) / "timtin-benchmarks",
    show_default=True,
    help="Where tokens and the indexes of other engines are kept between runs.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def main(
    corpora: tuple[str, ...],
    queries: int,
    work: Path,
    *,
    quick: bool,
    stock_all: bool,
    as_json: bool,
) -> None:
    """Measure indexing, latency by query shape, opening, memory and throughput."""
    work.mkdir(parents=True, exist_ok=True)
    effort = QUICK if quick else Effort(queries, seconds=2.0, starts=7)
    corpora = ("demo",) if quick else corpora
    drawn = draw(corpora[0], effort.queries)
    figures = {}
    for corpus in corpora:
        engines = [e for e in CONTESTANTS if e != "peer_whoosh" or corpus != "all" or stock_all]
        figures[corpus] = measure(corpus, engines, work, drawn, effort)
    as_dicts = {name: asdict(one) for name, one in figures.items()}
    click.echo(json.dumps(as_dicts) if as_json else report(figures))


if __name__ == "__main__":
    main()
