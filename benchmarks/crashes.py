"""`python -m benchmarks.crashes`: kill index writers at random moments; simulate power loss.

The writes and the checks are in `tests.index.embedded.interrupted`, the simulation of power loss is
in `tests.index.embedded.power_loss`. Here the index is larger and there are hundreds of moments.
"""

import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path

import click

from benchmarks.engines.report import table
from tests.index.embedded.interrupted import Killer, check, operations
from tests.index.embedded.power_loss import Recorder, distinct_disks, write_disk


def kill_writers(moments: int, size: int, seed: int, folder: Path) -> list[Sequence[str]]:
    """Kill `moments` writes in total; return a row for each kind of write."""
    killer = Killer(folder, size, seed)
    left: Counter[tuple[str, str]] = Counter()
    names = list(operations(size))
    for number, name in enumerate(islice(cycle(names), moments)):
        left[name, killer.run(name, number)] += 1
        if number % 20 == 0:
            print(f"killed {number:,} of {moments:,}", file=sys.stderr, flush=True)
    return [[name, str(left[name, "old"]), str(left[name, "new"]), "0"] for name in names]


def simulate_power_loss(size: int, folder: Path) -> list[Sequence[str]]:
    """Check every distinct state after a power loss; return a row for each kind of write."""
    rows: list[Sequence[str]] = []
    for name, operation in operations(size).items():
        index = folder / "recorded"
        index.mkdir()
        operation.make(index)
        write = operation.prepare()
        recorder = Recorder(index)
        with recorder.recording():
            write(index)
        finished = len(recorder.moments) - 1
        states = 0
        for moment, disk in distinct_disks(recorder.moments):
            write_disk(disk, folder / "disk")
            both = [operation.old, operation.new]
            check(folder / "disk", [operation.new] if moment == finished else both)
            shutil.rmtree(folder / "disk")
            states += 1
        shutil.rmtree(index)
        print(f"simulated power loss in {name}", file=sys.stderr, flush=True)
        rows.append([name, str(finished + 1), str(states), "0"])
    return rows


@click.command()
@click.option("--moments", default=300, show_default=True, help="How many writes to kill.")
@click.option("--articles", default=240, show_default=True, help="Articles in the index.")
@click.option("--seed", default=1, show_default=True)
def main(moments: int, articles: int, seed: int) -> None:
    """Run both checks; raise AssertionError if an index is neither in the old nor the new state."""
    with tempfile.TemporaryDirectory() as folder:
        killed = kill_writers(moments, articles, seed, Path(folder))
        click.echo(table(["kill -9 in", "old state", "new state", "neither"], killed))
        lost = simulate_power_loss(12, Path(folder))
        click.echo(table(["power loss in", "moments", "states of the disk", "neither"], lost))


if __name__ == "__main__":
    main()
