"""A cache of decoded values, bounded by their bytes; safe for many threads."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, Protocol, TypeVar


class Sized(Protocol):
    """A value that knows how much memory it takes."""

    @property
    def nbytes(self) -> int:
        """Bytes."""
        ...


K = TypeVar("K", bound=Hashable)
V = TypeVar("V", bound=Sized)


class Cache(Generic[K, V]):
    """Values by key; the least recently used one is evicted first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._lock = Lock()
        self._values: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K, make: Callable[[K], V]) -> V:
        """Return the value of a key, made by `make` where it is not cached.

        Two threads may make the same value at the same time; what `make` raises is passed on.
        """
        with self._lock:
            found = self._values.get(key)
            if found is not None:
                self._values.move_to_end(key)
                return found
        made = make(key)
        with self._lock:
            if key not in self._values:
                self._values[key] = made
                self._size += made.nbytes
            while self._size > self._limit:
                _, dropped = self._values.popitem(last=False)
                self._size -= dropped.nbytes
        return made
