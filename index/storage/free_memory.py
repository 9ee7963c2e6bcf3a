"""Returning freed memory, which the C library would keep, to the operating system."""

import ctypes
from collections.abc import Callable
from functools import cache


def return_free_memory() -> None:
    """Return freed memory to the system (malloc_trim), which takes about 10 ms.

    Without it a build of 200,000 headlines keeps 55 to 85 MB more after each segment it writes.
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
