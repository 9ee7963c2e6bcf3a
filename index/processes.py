"""Work spread over processes, its results in order; one that dies is noticed, not waited for.

`concurrent.futures` waits for ever if a process is killed while it hands over a result: all write
to one pipe, which the parent holds open as well. Here each process has a pipe of its own, and the
end of the process is the end of the pipe.
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
    """A process ended before its work was done: killed, or out of memory."""


def spread(
    work: Callable[[Item], Result], items: Iterable[Item], processes: int
) -> Generator[Result, None, None]:
    """Yield `work(item)` for every item, in order; at most `2 * processes` items are read ahead.

    `work`, items and results are pickled. Raises DeadProcessError if a process dies, also of
    an exception in `work`, which it prints. The processes end with the iteration, however it ends,
    and at the latest with this process; close the iterator rather than leave it to be collected.
    """
    team: list[_Process[Item, Result]] = []
    idle: SimpleQueue[_Process[Item, Result]] = SimpleQueue()
    threads = ThreadPoolExecutor(processes)

    def ask(item: Item) -> Result:
        process = idle.get()
        try:
            return process.ask(item)
        finally:
            idle.put(process)

    try:
        for _ in range(processes):
            team.append(_Process(work))
            idle.put(team[-1])
        waiting: deque[Future[Result]] = deque()
        for item in items:
            waiting.append(threads.submit(ask, item))
            if len(waiting) > 2 * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for process in team:
            process.end()
        threads.shutdown(cancel_futures=True)


class _Process(Generic[Item, Result]):
    """A process that does one piece of work at a time."""

    def __init__(self, work: Callable[[Item], Result]) -> None:
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, work), daemon=True)
        _alive.add(self)  # before it starts: a signal may come in between
        self._process.start()
        theirs.close()

    def ask(self, item: Item) -> Result:
        try:
            self._pipe.send(item)
            result: Result = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise DeadProcessError from error
        return result

    def end(self) -> None:
        """End the process; who waits in `ask` is told. It holds no state, so SIGKILL is safe."""
        if self._process.pid is not None:
            self._process.kill()
            self._process.join()
        _alive.discard(self)


_alive: "set[_Process[Any, Any]]" = set()


def end_all_processes() -> None:
    """End every process that works for this one."""
    for process in tuple(_alive):
        process.end()


# `multiprocessing` ends what is left at exit by SIGTERM, which the processes ignore, and would wait
# for ever; this comes before it.
Finalize(None, end_all_processes, exitpriority=100)


def _serve(pipe: "Connection[Any, Any]", work: Callable[[Any], Any]) -> None:
    """Work until the parent is gone.

    Signals that reach the whole group are for the parent, which ends this process.
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
