"""The one process that writes to a served index: it executes the tasks in the queue."""

import fcntl
import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.context import ForkProcess
from pathlib import Path
from threading import Event, Thread
from typing import Any

import orjson

from index.analysis import AnalysisError, analyse_all
from index.corpus import Corpus, CorpusError, LoadOptions
from index.errors import IndexBusyError, IndexUnavailableError
from index.report import NothingToIndexError, Report
from index.schema import DEFAULT_SCHEMA
from index.targets import open_target
from web.state.database import StateError
from web.state.tasks import Kind, Task, Tasks

POLL_SECONDS = 0.1
"""How often the queue is polled: an article must be found within a second of its request."""

BUSY_SECONDS = 0.5
"""How long to wait while another writer, such as `timtin update`, is at work. Arbitrary."""

BATCH = "batch.jsonl"
"""The file in the state folder that a batch is read from."""

RESTART_SECONDS = 1.0
"""How often a writer that died is looked for and restarted. Arbitrary."""

MAX_PROBLEMS = 20
"""Bad records that a task's report names. Arbitrary."""

_log = logging.getLogger(__name__)


class Stopped(Event):
    """An event that is set by a signal, or once the parent process has ended."""

    def __init__(self, parent: int) -> None:
        super().__init__()
        self._parent = parent

    def is_set(self) -> bool:
        """Return whether to stop."""
        return super().is_set() or os.getppid() != self._parent


@dataclass(slots=True)
class Writer:
    """The writer of one index, over one queue."""

    index: str
    """The location of the index: a folder, or an address of a cluster."""
    state: Path
    _logged: str = field(default="", init=False)
    """The last logged problem with the queue; "" if it works again."""

    def run(self, parent: int) -> None:
        """Work until the parent ends or SIGTERM arrives; a lock admits one writer at a time."""
        stopped = Stopped(parent)
        signal.signal(signal.SIGTERM, lambda *_: stopped.set())
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which stops us
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # of a terminal that closes
        with (self.state / "writer.lock").open("w") as lock:
            while not stopped.is_set():
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except OSError:
                    stopped.wait(BUSY_SECONDS)
            tasks = Tasks(self.state)
            while not stopped.is_set():
                if not self.work(tasks, stopped):
                    stopped.wait(POLL_SECONDS)

    def work(self, tasks: Tasks, stopped: Event | None = None) -> bool:
        """Execute one task; return False if none waits or another writer is busy."""
        try:
            taken = tasks.take()
        except StateError as problem:
            self._log_once(f"No task can be taken from the queue: {problem}")
            return False
        self._logged = ""
        if taken is None:
            return False
        task, payload = taken
        try:
            report, error = self._write(task, payload)
        except IndexBusyError:
            time.sleep(BUSY_SECONDS)
            return False
        self._finish(tasks, task, report, error, stopped or Event())
        return True

    def _finish(
        self, tasks: Tasks, task: Task, report: Mapping[str, Any], error: str, stopped: Event
    ) -> None:
        """Store the outcome of a task; retry until it is stored, since the disk may be full.

        Without an outcome the task would be executed again and again.
        """
        while not stopped.is_set():
            try:
                tasks.finish(task, report, error)
            except StateError as problem:
                self._log_once(f"The outcome of a task cannot be stored: {problem}")
                stopped.wait(BUSY_SECONDS)
            else:
                self._logged = ""
                return

    def _log_once(self, problem: str) -> None:
        """Log problem with the queue once, since the queue is polled ten times a second."""
        if problem != self._logged:
            _log.error(problem)
            self._logged = problem

    def _write(self, task: Task, payload: bytes) -> tuple[dict[str, Any], str]:
        """Execute a task; return its report, and its error or "".

        A writer that was killed after its commit repeats the task: both kinds are idempotent.
        """
        try:
            return (self._add(payload) if task.kind is Kind.ADD else self._delete(payload)), ""
        except NothingToIndexError as error:
            return {}, self._public_message(error)
        except (CorpusError, AnalysisError, IndexUnavailableError) as error:
            return {}, self._public_message(error)
        except OSError as error:
            return {}, f"the index could not be written: {error.strerror or error}"
        except IndexBusyError:
            raise
        except Exception:
            _log.exception("Task %s failed", task.id)
            return {}, "the task failed; the server's log says why"

    def _public_message(self, error: Exception) -> str:
        """Return the message of an error without the file paths of this machine."""
        paths = (f"{self.state / BATCH}:", f"{self.state / BATCH}", f"{self.index}: ", self.index)
        message = str(error)
        for path, name in zip(paths, ("line ", "the batch", "", "the index"), strict=True):
            message = message.replace(path, name)
        return message

    def _add(self, payload: bytes) -> dict[str, Any]:
        batch = self.state / BATCH
        with suppress(FileNotFoundError):  # left by a killed writer
            batch.unlink()
        try:
            with open(batch, "xb", opener=_private) as file:
                file.write(payload)
            report = Report()
            target = open_target(self.index)
            schema = target.stored_schema() or DEFAULT_SCHEMA
            corpus = Corpus([batch], LoadOptions(schema=schema))
            articles = report.articles(corpus, strict=False)
            written = target.update(
                analyse_all(articles, 1, schema),
                schema,
                record=lambda summary: report.completed(summary, corpus),
            )
        finally:
            with suppress(OSError):  # the disk may be full
                batch.unlink()
        problems = [f"line {bad.line}: {bad.reason}" for bad in report.first_bad]
        problems += [f"article {id_[:60]!a}: {reason}" for id_, reason in written.refused]
        return {
            "read": report.good + report.bad,
            "indexed": report.good - written.repeated - len(written.refused),
            "replaced": written.replaced,
            "skipped": report.bad + written.repeated + len(written.refused),
            "problems": problems[:MAX_PROBLEMS],
        }

    def _delete(self, payload: bytes) -> dict[str, Any]:
        ids = orjson.loads(payload)
        return {"read": len(ids), "deleted": open_target(self.index).delete(ids)}


def _private(path: str, flags: int) -> int:
    """Open a file that only its owner can read, since others may read a folder given by --state."""
    return os.open(path, flags | os.O_CLOEXEC, 0o600)


class WriterSupervisor:
    """Keeps one writer process running beside a server."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._stopping = Event()
        self._process: ForkProcess | None = None

    def start(self) -> None:
        """Start the writer, and a thread that restarts it whenever it dies."""
        self._process = self._start_process()
        Thread(target=self._watch, name="writer supervisor", daemon=True).start()

    def stop(self, seconds: float) -> None:
        """Stop the writer; kill it if its task takes more than `seconds`: its commit is atomic."""
        self._stopping.set()
        process = self._process
        if process and process.is_alive():
            process.terminate()
            process.join(seconds)
            if process.is_alive():
                process.kill()
                process.join()

    def _start_process(self) -> ForkProcess:
        context = multiprocessing.get_context("fork")
        process = context.Process(target=self._writer.run, args=(os.getpid(),), name="writer")
        process.start()
        return process

    def _watch(self) -> None:
        while not self._stopping.wait(RESTART_SECONDS):
            if self._process and not self._process.is_alive():
                _log.warning("The writer died and is restarted")
                self._process = self._start_process()
