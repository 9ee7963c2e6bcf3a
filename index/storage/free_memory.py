"""Freed memory goes back to the operating system, where the C library would keep it."""

import ctypes
from collections.abc import Callable
from functools import cache


def return_free_memory() -> None:
    """Return what was freed and is kept for later: glibc keeps it between what is still in use.

    Takes some 10 ms. A build of 200,000 headlines kept 55 to 85 MB more after each of its runs.
    Does nothing if the C library has no such function.
    """
    if trim := _malloc_trim():
        trim(0)


@cache
def _malloc_trim() -> Callable[[int], int] | None:
    try:
        trim: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    except (OSError, TypeError):  # Windows has no such handle
        return None
    return trim
