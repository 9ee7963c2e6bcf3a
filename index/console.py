"""Standard streams in bad company: closed, full, or gone while something is written to them."""

import io
import os
import sys
from contextlib import suppress

import click

_NAMES = ("stdin", "stdout", "stderr")


def hold_standard_streams() -> None:
    """Open what is closed of the standard streams on the null device.

    Else the next file that is opened takes their number, and what is meant for a person, or what a
    library complains of, is written into the index.
    """
    for descriptor, name in enumerate(_NAMES):
        try:
            os.fstat(descriptor)
        except OSError:
            null = os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: this one
            if null != descriptor:
                os.dup2(null, descriptor)
                os.close(null)
        if getattr(sys, name) is None:
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
        # What is still buffered would be written once more at the end, and fail once more.
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise SystemExit(1) from error
        what = getattr(error, "strerror", None) or error
        raise click.ClickException(f"standard output cannot be written to: {what}") from error
