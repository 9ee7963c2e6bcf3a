"""A cache of decoded values, bounded by their bytes; safe for many threads."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from itertools import islice
from threading import Lock
from typing import Generic, NamedTuple, Protocol, TypeVar


class Sized(Protocol):
    """A value that knows how much memory it takes."""

    @property
    def nbytes(self) -> int:
        """Bytes."""
        ...


class CacheUse(NamedTuple):
    """How a cache was used since it was made: look-ups, and the bytes it holds of its limit."""

    hits: int
    misses: int
    nbytes: int
    limit: int

    @property
    def hit_rate(self) -> float:
        """The share of look-ups that found their value; 0 before the first."""
        return self.hits / max(self.hits + self.misses, 1)


AGING = 1 << 13
"""Look-ups after which a `FrequencyCache` halves what it counted, some 300 searches: what is not
asked for any more must make room, and counts take memory. Arbitrary."""

OLDEST_COMPARED = 8
"""Values of a `FrequencyCache`, the least recently used, one of which is evicted; arbitrary."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V", bound=Sized)


class Cache(Generic[K, V]):
    """Values by key; the least recently used one is evicted first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._lock = Lock()
        self._values: OrderedDict[K, V] = OrderedDict()
        self._hits = self._misses = 0

    @property
    def use(self) -> CacheUse:
        """How the cache was used so far."""
        with self._lock:
            return CacheUse(self._hits, self._misses, self._size, self._limit)

    def get(self, key: K, make: Callable[[K], V]) -> V:
        """Return the value of a key, made by `make` where it is not cached.

        Two threads may make the same value at the same time; what `make` raises is passed on.
        """
        found = self.find(key)
        if found is None:
            found = make(key)
            self.keep(key, found)
        return found

    def find(self, key: K) -> V | None:
        """Return the value of a key, None if it is not cached."""
        with self._lock:
            return self._find(key)

    def _find(self, key: K) -> V | None:
        found = self._values.get(key)
        if found is None:
            self._misses += 1
        else:
            self._values.move_to_end(key)
            self._hits += 1
        return found

    def drop(self, is_gone: Callable[[K], bool]) -> None:
        """Let go of the values of all keys that will not be asked for any more."""
        with self._lock:
            for key in [key for key in self._values if is_gone(key)]:
                self._size -= self._values.pop(key).nbytes

    def keep(self, key: K, value: V) -> None:
        """Cache a value, unless the key has one; its size must not change from now on."""
        with self._lock:
            if key not in self._values:
                self._values[key] = value
                self._size += value.nbytes
            while self._size > self._limit:
                _, dropped = self._values.popitem(last=False)
                self._size -= dropped.nbytes


class FrequencyCache(Cache[K, V]):
    """Values by key; the least often asked for of the least recently used ones is evicted first.

    A value that was asked for no more often than what it would drive out is not kept, so that many
    that are asked for once leave the others alone (TinyLFU: Einziger, Friedman and Manes 2017).
    """

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self._asked: dict[K, int] = {}
        self._asked_since_aging = 0

    def find(self, key: K) -> V | None:
        """Return the value of a key, None if it is not cached."""
        with self._lock:
            self._asked[key] = self._asked.get(key, 0) + 1
            self._asked_since_aging += 1
            if self._asked_since_aging >= AGING:
                self._asked = {one: count // 2 for one, count in self._asked.items() if count > 1}
                self._asked_since_aging = 0
            return self._find(key)

    def keep(self, key: K, value: V) -> None:
        """Cache a value, unless the key has one, or others were asked for as often."""
        with self._lock:
            if key in self._values or value.nbytes > self._limit:
                return
            asked = self._asked.get(key, 0)
            while self._size + value.nbytes > self._limit:
                oldest = list(islice(self._values, OLDEST_COMPARED))
                victim = min(oldest, key=lambda one: self._asked.get(one, 0))
                if self._asked.get(victim, 0) >= asked:
                    self._values.move_to_end(oldest[0])  # others are compared the next time
                    return
                self._size -= self._values.pop(victim).nbytes
            self._values[key] = value
            self._size += value.nbytes
