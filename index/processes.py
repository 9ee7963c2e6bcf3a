"""A process pool with ordered results that notices the death of a process.

`concurrent.futures` hangs if a process is killed while it sends a result: all processes share one
pipe, which the parent also keeps open. Here each process has its own pipe, which closes with it.
"""

import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.util import Finalize
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class DeadProcessError(Exception):
    """A worker process died: it was killed, or ran out of memory."""


def spread(
    work: Callable[[Item], Result], items: Iterable[Item], processes: int
) -> Generator[Result, None, None]:
    """Yield `work(item)` for every item, in order; at most `2 * processes` items are read ahead.

    `work`, items and results are pickled. Raises DeadProcessError if a process dies, also of an
    exception in `work`, which is printed. The processes end with the iteration, however it ends,
    and at the latest with this process. Close the generator; do not rely on garbage collection.
    """
    pool: list[_Process[Item, Result]] = []
    idle: SimpleQueue[_Process[Item, Result]] = SimpleQueue()
    threads = ThreadPoolExecutor(processes)

    def run(item: Item) -> Result:
        process = idle.get()
        try:
            return process.run(item)
        finally:
            idle.put(process)

    try:
        for _ in range(processes):
            pool.append(_Process(work))
            idle.put(pool[-1])
        waiting: deque[Future[Result]] = deque()
        for item in items:
            waiting.append(threads.submit(run, item))
            if len(waiting) > 2 * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for process in pool:
            process.end()
        threads.shutdown(cancel_futures=True)


class _Process(Generic[Item, Result]):
    """A worker process, which processes one item at a time."""

    def __init__(self, work: Callable[[Item], Result]) -> None:
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, work), daemon=True)
        _alive.add(self)  # before it starts: a signal may come in between
        self._process.start()
        theirs.close()

    def run(self, item: Item) -> Result:
        try:
            self._pipe.send(item)
            result: Result = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise DeadProcessError from error
        return result

    def end(self) -> None:
        """Kill the process; a waiting `run` raises. It has no state, so SIGKILL is safe."""
        if self._process.pid is not None:
            self._process.kill()
            self._process.join()
        _alive.discard(self)


_alive: "set[_Process[Any, Any]]" = set()


def end_all_processes() -> None:
    """Kill all worker processes of this process."""
    for process in tuple(_alive):
        process.end()


# At exit `multiprocessing` sends SIGTERM, which the workers ignore, and waits for ever; this runs
# before that.
Finalize(None, end_all_processes, exitpriority=100)


def _serve(pipe: "Connection[Any, Any]", work: Callable[[Any], Any]) -> None:
    """Process items until the parent exits.

    Signals to the process group are ignored: the parent handles them and ends this process.
    """
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if number := getattr(signal, name, None):  # Windows has no SIGHUP
            signal.signal(number, signal.SIG_IGN)
    while True:
        try:
            item = pipe.recv()
        except (EOFError, OSError):
            return
        result = work(item)
        with suppress(OSError):
            pipe.send(result)
