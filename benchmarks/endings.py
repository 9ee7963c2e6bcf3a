"""`python -m benchmarks.endings`: send signals to commands; they and their workers must exit.

Each command gets each signal at random moments. Afterwards the index is checked as in
`tests/index/test_commands_in_trouble.py`, which tries a few moments.
"""

import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

from index.embedded.commits import read_commit
from index.embedded.verification import verify

ROOT = Path(__file__).resolve().parents[1]
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
COMMANDS = {
    "build": ("build", "{folder}/new.jsonl", "--workers", "2"),
    "update": ("update", "{folder}/new.jsonl", "--workers", "2"),
    "delete": ("delete", "1", "2"),
    "purge": ("delete", "1", "--purge", "--workers", "2"),
    "snapshot": ("snapshot", "{folder}/taken"),
    "restore": ("restore", "{folder}/snapshot"),
    "verify": ("verify",),
}


@click.command()
@click.option("--moments", default=10, show_default=True, help="Of each command and signal.")
@click.option("--articles", default=3000, show_default=True)
@click.option("--seed", default=1, show_default=True)
def main(moments: int, articles: int, seed: int) -> None:
    """Print for each command and signal the longest time until all processes had exited."""
    chosen = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder, articles)
        for command, arguments in COMMANDS.items():
            duration = uninterrupted(folder, arguments)
            for stop in SIGNALS:
                times = [
                    seconds_to_exit(folder, arguments, stop, chosen.uniform(0, duration))
                    for _ in range(moments)
                ]
                click.echo(f"{command:9} {stop.name:8} {max(times):5.2f} s")


def prepare(folder: Path, articles: int) -> None:
    """Write an index, its snapshot and a corpus of other articles."""
    for name, first in (("old", 0), ("new", articles)):
        lines = [
            json.dumps({"id": str(at), "title": f"Bài số {at}", "body": "Hội nghị tổng kết. " * 40})
            for at in range(first, first + articles)
        ]
        (folder / f"{name}.jsonl").write_text("\n".join(lines), "utf-8")
    run(folder, ("build", "{folder}/old.jsonl"), folder / "template").communicate()
    run(folder, ("snapshot", "{folder}/snapshot"), folder / "template").communicate()


def run(folder: Path, arguments: tuple[str, ...], index: Path) -> "subprocess.Popen[bytes]":
    """Start a command in a new process group."""
    parts = [part.format(folder=folder) for part in arguments]
    return subprocess.Popen(
        [sys.executable, "-m", "index", *parts, "--index", str(index)],
        cwd=ROOT, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip


def copy_template(folder: Path) -> Path:
    """Copy the index for a command."""
    index = folder / "index"
    shutil.rmtree(index, ignore_errors=True)
    shutil.copytree(folder / "template", index)
    return index


def uninterrupted(folder: Path, arguments: tuple[str, ...]) -> float:
    """Return the seconds that a command takes without interruption."""
    index, began = copy_template(folder), time.monotonic()
    run(folder, arguments, index).communicate()
    return time.monotonic() - began


def seconds_to_exit(
    folder: Path, arguments: tuple[str, ...], stop: signal.Signals, delay: float
) -> float:
    """Interrupt a command, check the index, and return the seconds until it had exited."""
    index = copy_template(folder)
    process = run(folder, arguments, index)
    time.sleep(delay)
    process.send_signal(stop)
    began = time.monotonic()
    process.wait(60)
    while members(process.pid):
        assert time.monotonic() - began < 60, "its workers are still running"
        time.sleep(0.01)
    took = time.monotonic() - began
    verify(index)
    known = read_commit(index).file_names | {"write.lock"}
    run(folder, ("delete", "none"), index).communicate()  # removes unfinished files
    assert {path.name for path in index.iterdir()} <= known
    return took


def members(group: int) -> list[int]:
    """Return the living processes of a process group."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            found.append(int(entry.parent.name))
    return found


if __name__ == "__main__":
    main()
