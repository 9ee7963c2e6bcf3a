"""Errors and signals of commands: each ends in one line and an exit status, within two seconds."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import click

from index.analysis import AnalysisError
from index.console import hold_standard_streams
from index.corpus import CorpusError
from index.embedded.commits import CommitStamp, commit_stamp
from index.errors import IndexBusyError, IndexUnavailableError
from index.processes import end_all_processes
from index.report import RefusedCorpusError
from index.schema import SchemaError
from index.vietnamese.segmenter import ModelError

MAX_SECONDS_TO_CLEAN_UP = 1.5
"""How long a command may clean up after a signal; the next write removes what it leaves."""

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


@contextmanager
def clear_errors(index: Path) -> Iterator[None]:
    """Turn errors and signals into a message that also says whether the index has changed.

    Raises click.ClickException: exit status 1.
    """
    hold_standard_streams()
    before = _stamp(index)
    try:
        with _interruptible():
            yield
    except (CorpusError, IndexBusyError, IndexUnavailableError, ModelError, SchemaError) as error:
        raise click.ClickException(str(error)) from error
    except RefusedCorpusError as error:
        raise click.ClickException(f"{error}\n{_outcome(index, before)}") from error
    except AnalysisError as error:
        raise click.ClickException(f"{error}; {_outcome(index, before)}") from error
    except KeyboardInterrupt as error:
        raise click.ClickException(f"interrupted; {_outcome(index, before)}") from error
    except OSError as error:
        what = f"{error.filename or index}: {error.strerror or error}"
        raise click.ClickException(f"{what}; {_outcome(index, before)}") from error
    except MemoryError as error:
        what = f"out of memory; {_outcome(index, before)}; try fewer --workers"
        raise click.ClickException(what) from error
    except (ValueError, OverflowError) as error:
        raise click.ClickException(f"{error}; {_outcome(index, before)}") from error


def _stamp(index: Path) -> CommitStamp | None:
    with suppress(IndexUnavailableError):
        return commit_stamp(index)
    return None


def _outcome(index: Path, before: CommitStamp | None) -> str:
    """Return whether the index has changed, in words."""
    try:
        after = commit_stamp(index)
    except IndexUnavailableError:
        return f"the index in {index} cannot be read just now"
    if before is None and after is None:
        return f"there is still no index in {index}"
    if after == before:
        return f"the index in {index} is unchanged"
    return f"the write had already finished: the index in {index} is the new one"


@contextmanager
def _interruptible() -> Iterator[None]:
    """Treat SIGTERM and SIGHUP like Ctrl-C, and end the process soon after any of them.

    A signal that is ignored, as under `nohup`, stays ignored.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    interruption = _Interruption()
    before = {}
    for name in _SIGNALS:
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, interruption)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        interruption.cancel()


class _Interruption:
    """Raises KeyboardInterrupt at the first signal, and ends the process soon after."""

    def __init__(self) -> None:
        self._timer: threading.Timer | None = None

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        if self._timer is None:  # later signals must not interrupt the clean-up
            self._timer = threading.Timer(MAX_SECONDS_TO_CLEAN_UP, _end_now)
            self._timer.daemon = True
            self._timer.start()
            raise KeyboardInterrupt

    def cancel(self) -> None:
        """Cancel the timer: the process has cleaned up."""
        if self._timer is not None:
            self._timer.cancel()


def _end_now() -> None:
    """End the process immediately, which is as safe as `kill -9`."""
    end_all_processes()
    with suppress(OSError):
        os.write(2, b"Error: interrupted; the next write removes what is left of this one\n")
    os._exit(1)
