"""Listeners that are called before a file is opened, renamed or removed.

An audit hook cannot be taken away again, so there is one for all.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

Listener = Callable[[str, tuple[Any, ...]], None]

_EVENTS = {"open", "os.rename", "os.remove", "os.link", "os.truncate"}
_listeners: list[Listener] = []


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Call `listener(event, arguments)` within a `with`; what it raises, the event raises."""
    _install()
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


@cache
def _install() -> None:
    sys.addaudithook(_hook)


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _listeners and event in _EVENTS:
        for listener in tuple(_listeners):
            listener(event, arguments)
