"""Listeners for files that are about to be opened, renamed or removed.

An audit hook cannot be removed, so all listeners share one.
"""

import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

Listener = Callable[[str, tuple[Any, ...]], None]

_CHANGES = frozenset(("open", "os.rename", "os.remove", "os.link", "os.truncate"))
_listeners: list[tuple[Listener, Collection[str]]] = []


@contextmanager
def listening(listener: Listener, events: Collection[str] = _CHANGES) -> Iterator[None]:
    """Call `listener(event, arguments)` within a `with`; its exceptions propagate to the caller."""
    _install()
    _listeners.append((listener, events))
    try:
        yield
    finally:
        _listeners.remove((listener, events))


@cache
def _install() -> None:
    sys.addaudithook(_hook)


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    for listener, events in tuple(_listeners):
        if event in events:
            listener(event, arguments)
