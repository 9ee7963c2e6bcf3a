"""Queries per second, with threads of one process and with several processes."""

import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle, islice
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from pathlib import Path

from benchmarks.engines.building import open_contestant
from benchmarks.engines.contest import Contestant, Query


@dataclass(frozen=True, slots=True)
class Throughput:
    """Queries per second of one thread, two threads, and two processes."""

    one: float
    two_threads: float
    two_processes: float


def measure(engine: str, directory: Path, queries: Sequence[Query], seconds: float) -> Throughput:
    """Run the queries repeatedly, for that many seconds in each setting."""
    contestant = open_contestant(engine, directory)
    return Throughput(
        one=_threads(contestant, queries, 1, seconds),
        two_threads=_threads(contestant, queries, 2, seconds),
        two_processes=_processes(engine, directory, queries, 2, seconds),
    )


def _threads(contestant: Contestant, queries: Sequence[Query], count: int, seconds: float) -> float:
    _answered(contestant, queries, 0, seconds / 4)
    with ThreadPoolExecutor(count) as pool:
        runs = [pool.submit(_answered, contestant, queries, at, seconds) for at in range(count)]
        return sum(run.result() for run in runs) / seconds


def _processes(
    engine: str, directory: Path, queries: Sequence[Query], count: int, seconds: float
) -> float:
    """Return the queries per second of several processes, which start after all have warmed up."""
    spawning = multiprocessing.get_context("spawn")
    ready, done = spawning.Barrier(count), spawning.SimpleQueue()
    work = (engine, directory, queries, seconds, ready, done)
    processes = [spawning.Process(target=_in_process, args=(at, *work)) for at in range(count)]
    for process in processes:
        process.start()
    answered: int = sum(done.get() for _ in processes)
    for process in processes:
        process.join()
    return answered / seconds


def _in_process(
    at: int,
    engine: str,
    directory: Path,
    queries: Sequence[Query],
    seconds: float,
    ready: Barrier,
    done: "SimpleQueue[int]",
) -> None:
    contestant = open_contestant(engine, directory)
    _answered(contestant, queries, at, seconds / 4)
    ready.wait(60)
    done.put(_answered(contestant, queries, at, seconds))


def _answered(contestant: Contestant, queries: Sequence[Query], at: int, seconds: float) -> int:
    """Return how many queries are answered in `seconds`; each worker starts at another one."""
    until = time.monotonic() + seconds
    calls = [contestant.prepare(query) for query in queries]
    done = 0
    for call in islice(cycle(calls), at * len(calls) // 2, None):
        if time.monotonic() >= until:
            return done
        call()
        done += 1
    return done
