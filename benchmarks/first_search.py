"""`python -m benchmarks.first_search INDEX`: CPU time of the first search of a process.

Each run is a new process: it imports `search`, opens the index and searches once. Its bytecode is
compiled before, in a folder of its own, and the index is read once, so that the first run is no
slower than the others. With `--beside`, another checkout searches the same index, in turn.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import click

from benchmarks.engines.report import table

QUERIES = ("giá gạo xuất khẩu tăng", "gia gao xuat khau tang", "sử lý rác thải")
"""With marks, without, and with a misspelling; each is searched in processes of its own."""
MAX_OPEN_AND_SEARCH_MS = 60.0
"""The goal for opening and the first search together, as the least of the runs."""

STEPS = ("imports", "opening", "first search")
_PROGRAM = """
import sys, time
times = [time.process_time()]
from search import open_searcher
times.append(time.process_time())
searcher = open_searcher(sys.argv[1])
times.append(time.process_time())
searcher.search(sys.argv[2])
times.append(time.process_time())
print(times)
"""


def run(checkout: Path, index: Path, query: str, bytecode: Path) -> list[float]:
    """Return the milliseconds of CPU of each of `STEPS` in a new process."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH")
    }
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(index.resolve()), query],
        cwd=checkout,
        env={**environment, "PYTHONPYCACHEPREFIX": str(bytecode)},
        capture_output=True,
        text=True,
        check=True,
    )
    times = json.loads(done.stdout)
    return [1000 * (after - before) for before, after in pairwise(times)]


def measure(
    checkouts: Sequence[Path], index: Path, rounds: int
) -> Mapping[tuple[str, Path], list[float]]:
    """Return the least milliseconds of each step, by query and checkout, run in turn."""
    least: dict[tuple[str, Path], list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for round_ in range(rounds + 1):  # the first one compiles, and is not counted
            for query in QUERIES:
                for at, checkout in enumerate(checkouts):
                    times = run(checkout, index, query, Path(folder) / str(at))
                    if round_:
                        before = least.get((query, checkout), times)
                        least[query, checkout] = list(map(min, before, times))
    return least


@click.command(help=__doc__)
@click.argument("index", type=click.Path(exists=True, path_type=Path))
@click.option("--rounds", default=15, show_default=True, help="Processes for each query.")
@click.option(
    "--beside",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Another checkout to compare with.",
)
def main(index: Path, rounds: int, beside: Path | None) -> None:
    """Measure the first search; fail if the goal is missed."""
    checkouts = [Path.cwd(), *([beside.resolve()] if beside else [])]
    least = measure(checkouts, index, rounds)
    rows = []
    for query in QUERIES:
        ours = least[query, checkouts[0]]
        steps = [*ours, sum(ours[1:])]
        others = least.get((query, checkouts[-1]), ours) if beside else []
        beside_steps = [*others, sum(others[1:])] if others else []
        rows.append([query, *(f"{time:.1f}" for time in steps)])
        if beside_steps:
            ratios = [ours / theirs for ours, theirs in zip(steps, beside_steps, strict=True)]
            rows.append(["  beside", *(f"{time:.1f}" for time in beside_steps)])
            rows.append(["  ratio", *(f"{ratio:.2f}" for ratio in ratios)])
    click.echo(table(["CPU ms", *STEPS, "opening and search"], rows))
    slowest = max(sum(least[query, checkouts[0]][1:]) for query in QUERIES)
    if slowest > MAX_OPEN_AND_SEARCH_MS:
        raise click.ClickException(
            f"opening and first search take {slowest:.1f} ms, more than {MAX_OPEN_AND_SEARCH_MS:g}"
        )


if __name__ == "__main__":
    main()
