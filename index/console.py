"""Output to standard streams that may be closed, full, or lose their reader."""

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
    """A replacement for a closed standard output: every write fails."""

    def writable(self) -> bool:
        """Return True: it is an output."""
        return True

    def write(self, _content: object) -> int:
        """Raise OSError."""
        raise OSError(errno.EBADF, "it is closed")


def hold_standard_streams() -> None:
    """Open closed standard streams on the null device.

    Otherwise the next file to be opened, perhaps of the index, would get their descriptor, and
    messages would be written into it. Results written to a closed standard output still fail; see
    `print_result`.
    """
    for descriptor, name in enumerate(_NAMES):
        try:
            os.fstat(descriptor)
        except OSError:
            null = os.open(os.devnull, os.O_RDWR)  # usually gets this, the lowest free descriptor
            if null != descriptor:
                os.dup2(null, descriptor)
                os.close(null)
        if getattr(sys, name) is None and name == "stdout":
            sys.stdout = io.TextIOWrapper(io.BufferedWriter(_ClosedOutput()), encoding="utf-8")
        elif getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, os.fdopen(descriptor, mode, encoding="utf-8", closefd=False))


def print_message(line: str) -> None:
    """Write a line to standard error for people; errors are ignored, so that work continues."""
    with suppress(OSError, ValueError):
        click.echo(line, err=True)


def print_result(text: str) -> None:
    """Write a result to standard output.

    Raises click.ClickException if it cannot be written; exits silently if the reader has closed the
    pipe, as `head` does. If the stream's encoding lacks Vietnamese letters, as on Windows, files
    and pipes get UTF-8, and terminals escapes.
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
    """Write a long result to standard output in chunks; fails like `print_result`."""
    for chunk in chunks:  # outside the try: errors of the producer are not errors of the output
        try:
            sys.stdout.buffer.write(chunk)
        except (OSError, ValueError) as error:
            _give_up(error)
    try:
        sys.stdout.flush()
    except (OSError, ValueError) as error:
        _give_up(error)


def _give_up(error: OSError | ValueError) -> NoReturn:
    """Redirect standard output to the null device and raise the error that ends the command."""
    # Otherwise the buffered rest would be written again at exit, and fail again.
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until the end
    if isinstance(error, BrokenPipeError):
        raise SystemExit(1) from error
    what = getattr(error, "strerror", None) or error
    raise click.ClickException(f"standard output cannot be written to: {what}") from error
