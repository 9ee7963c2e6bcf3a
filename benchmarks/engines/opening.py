"""`python -m benchmarks.engines.opening ENGINE DIR QUERY...`: open an index in a fresh process.

Prints as JSON the time of opening and of the first result, without imports, and the memory then and
after all queries. The engine "search" is the whole search, including decoder and snippets.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.engines.building import ENGINES, memory_of_this_process, open_contestant
from benchmarks.engines.contest import SHAPES, Query

TWO_WORDS = next(shape for shape in SHAPES if shape.name == "2 words OR")


@dataclass(frozen=True, slots=True)
class Opened:
    """Milliseconds to open, and to open and answer; memory in bytes before, then, and in use."""

    open_ms: float
    first_answer_ms: float
    memory_before: int
    memory_first: int
    memory_warm: int


def open_in_child(engine: str, directory: Path, queries: Sequence[str]) -> Opened:
    """Open an index and run the queries in a new process."""
    command = [sys.executable, "-m", "benchmarks.engines.opening", engine, str(directory)]
    ran = subprocess.run([*command, *queries], check=True, stdout=subprocess.PIPE, text=True)
    return Opened(**json.loads(ran.stdout))


def main(engine: str, directory: Path, queries: Sequence[str]) -> None:
    """Open an index, run the queries, and print the cost."""
    open_ = _opener(engine)
    before = memory_of_this_process("VmRSS")
    began = time.perf_counter()
    answer = open_(directory)
    opened = time.perf_counter()
    answer(queries[0])
    answered = time.perf_counter()
    first = memory_of_this_process("VmRSS")
    for query in queries:
        answer(query)
    took = {"open_ms": (opened - began) * 1e3, "first_answer_ms": (answered - began) * 1e3}
    warm = memory_of_this_process("VmRSS")
    memory = {"memory_before": before, "memory_first": first, "memory_warm": warm}
    print(json.dumps({**took, **memory}))


def _opener(engine: str) -> Callable[[Path], Callable[[str], object]]:
    """Import an engine; return a function that opens an index and returns its search function."""
    if engine == "search":
        from search import open_searcher

        return lambda directory: open_searcher(directory).search
    __import__(f"benchmarks.engines.{engine}")
    if engine not in ENGINES:
        raise ValueError(f"there is no engine {engine!r}")

    def open_(directory: Path) -> Callable[[str], object]:
        contestant = open_contestant(engine, directory)
        return lambda text: contestant.prepare(Query(TWO_WORDS, tuple(text.split())))()

    return open_


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
