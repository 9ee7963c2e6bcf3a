"""The progress of a long operation: a bar on a terminal, plain lines elsewhere."""

import sys
import time
from contextlib import suppress
from types import TracebackType
from typing import Self, TextIO

from tqdm import tqdm

LINE_SECONDS = 5.0
"""How often a line is written if standard error is not a terminal. Arbitrary."""


class Progress:
    """Shows on standard error the share of `total` bytes read, articles per second, time left.

    Use it as a context manager and call `show` every few dozen articles. Without a `total` the time
    left is not shown. Errors of the stream are ignored.
    """

    def __init__(self, total: int | None, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._total = total
        self._began = self._written = time.monotonic()
        self._bar = _bar(total, self._stream) if self._stream.isatty() else None

    def show(self, position: int, articles: int) -> None:
        """Show that `position` bytes and `articles` have been processed so far."""
        with suppress(OSError, ValueError):
            self._show(position, articles)

    def _show(self, position: int, articles: int) -> None:
        if self._bar is not None:
            self._bar.set_postfix_str(self._done(articles), refresh=False)
            self._bar.update(position - self._bar.n)
        elif time.monotonic() - self._written >= LINE_SECONDS:
            self._written = time.monotonic()
            line = f"{self._done(articles)}{self._left(position)}"
            self._stream.write(f"{line}\n")
            self._stream.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            with suppress(OSError, ValueError):
                self._bar.close()

    def _done(self, articles: int) -> str:
        elapsed = max(time.monotonic() - self._began, 1e-6)
        return f"{articles:,} articles, {articles / elapsed:,.0f} a second"

    def _left(self, position: int) -> str:
        if not self._total or not position:
            return ""
        elapsed = time.monotonic() - self._began
        left = tqdm.format_interval(elapsed * max(self._total - position, 0) / position)
        return f", {min(position / self._total, 1):.0%}, {left} left"


def _bar(total: int | None, stream: TextIO) -> tqdm:
    tqdm.monitor_interval = 0  # no monitor thread, which would be unsafe with forked processes
    return tqdm(
        total=total or None,
        file=stream,
        bar_format=("{percentage:3.0f}%|{bar}| {remaining} left" if total else "{elapsed}")
        + "{postfix}",
        miniters=0,  # redraw by time only
        dynamic_ncols=True,
    )
