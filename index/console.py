"""Standard streams in bad company: closed, full, or gone while something is written to them."""

import errno
import io
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import click

_NAMES = ("stdin", "stdout", "stderr")


class _ClosedOutput(io.RawIOBase):
    """Stands for a standard output that is closed: refuses what is written to it."""

    def writable(self) -> bool:
        """Return True: it is an output."""
        return True

    def write(self, _content: object) -> int:
        """Raise OSError."""
        raise OSError(errno.EBADF, "it is closed")


def hold_standard_streams() -> None:
    """Open what is closed of the standard streams on the null device.

    Else the next file that is opened takes their number, and what is meant for a person, or what a
    library complains of, is written into the index. A result that is written to standard output is
    refused all the same: see `print_result`.
    """
    for descriptor, name in enumerate(_NAMES):
        try:
            os.fstat(descriptor)
        except OSError:
            null = os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: this one
            if null != descriptor:
                os.dup2(null, descriptor)
                os.close(null)
        if getattr(sys, name) is None and name == "stdout":
            sys.stdout = io.TextIOWrapper(io.BufferedWriter(_ClosedOutput()), encoding="utf-8")
        elif getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, os.fdopen(descriptor, mode, encoding="utf-8", closefd=False))


def print_message(line: str) -> None:
    """Write a line to standard error for a person; no trouble with it stops the work."""
    with suppress(OSError, ValueError):
        click.echo(line, err=True)


def print_result(text: str) -> None:
    """Write a result to standard output.

    Raises click.ClickException where it cannot be written, but ends quietly where the reader went
    away, as `head` does. Where the encoding of the stream has no Vietnamese letters, as Windows
    gives it to files and pipes, they get UTF-8, and a terminal the numbers of letters.
    """
    try:
        try:
            click.echo(text)
        except UnicodeEncodeError:
            if not isinstance(sys.stdout, io.TextIOWrapper):
                raise
            if sys.stdout.isatty():
                sys.stdout.reconfigure(errors="backslashreplace")
            else:
                sys.stdout.reconfigure(encoding="utf-8")
            click.echo(text)
        sys.stdout.flush()
    except (OSError, ValueError) as error:
        _give_up(error)


def write_result(chunks: Iterable[bytes]) -> None:
    """Write a long result to standard output, chunk by chunk; fails and ends as `print_result`."""
    for chunk in chunks:  # what goes wrong while it is made is another error
        try:
            sys.stdout.buffer.write(chunk)
        except (OSError, ValueError) as error:
            _give_up(error)
    try:
        sys.stdout.flush()
    except (OSError, ValueError) as error:
        _give_up(error)


def _give_up(error: OSError | ValueError) -> NoReturn:
    """Let standard output go, and raise what ends the command."""
    # What is still buffered would be written once more at the end, and fail once more.
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until the end
    if isinstance(error, BrokenPipeError):
        raise SystemExit(1) from error
    what = getattr(error, "strerror", None) or error
    raise click.ClickException(f"standard output cannot be written to: {what}") from error
