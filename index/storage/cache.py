"""Caches of decoded values, bounded by bytes; safe for many threads."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from itertools import islice
from threading import Lock
from typing import Generic, NamedTuple, Protocol, TypeVar


class Sized(Protocol):
    """A value with a known size in memory."""

    @property
    def nbytes(self) -> int:
        """The number of bytes."""
        ...


class CacheUse(NamedTuple):
    """The hits and misses of a cache, its size in bytes, and its limit."""

    hits: int
    misses: int
    nbytes: int
    limit: int

    @property
    def hit_rate(self) -> float:
        """The share of lookups that were hits; 0 before the first."""
        return self.hits / max(self.hits + self.misses, 1)


AGING = 1 << 13
"""Lookups, those of about 300 searches, after which a `FrequencyCache` halves its counts, so that
keys that are no longer used make room. Arbitrary."""

OLDEST_COMPARED = 8
"""Least recently used values of a `FrequencyCache` that are compared for eviction; arbitrary."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V", bound=Sized)


class Cache(Generic[K, V]):
    """An LRU cache: the least recently used value is evicted first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._lock = Lock()
        self._values: OrderedDict[K, V] = OrderedDict()
        self._hits = self._misses = 0

    @property
    def use(self) -> CacheUse:
        """The use of the cache so far."""
        with self._lock:
            return CacheUse(self._hits, self._misses, self._size, self._limit)

    def get(self, key: K, make: Callable[[K], V]) -> V:
        """Return the value of a key, made by `make` if it is not cached.

        Two threads may make the same value at the same time. Raises what `make` raises.
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

    def drop(self, is_unused: Callable[[K], bool]) -> None:
        """Remove the values of all keys that will not be used any more."""
        with self._lock:
            for key in [key for key in self._values if is_unused(key)]:
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
    """A cache that evicts the least frequently used of the least recently used values.

    A value that is used no more often than the one it would evict is not cached, so that keys that
    are used once do not displace others (TinyLFU: Einziger, Friedman and Manes 2017).
    """

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self._lookups: dict[K, int] = {}
        self._lookups_since_aging = 0

    def find(self, key: K) -> V | None:
        """Return the value of a key, None if it is not cached."""
        with self._lock:
            self._lookups[key] = self._lookups.get(key, 0) + 1
            self._lookups_since_aging += 1
            if self._lookups_since_aging >= AGING:
                halved = {one: count // 2 for one, count in self._lookups.items() if count > 1}
                self._lookups, self._lookups_since_aging = halved, 0
            return self._find(key)

    def keep(self, key: K, value: V) -> None:
        """Cache a value, unless the key has one, or those it would evict are used as often."""
        with self._lock:
            if key in self._values or value.nbytes > self._limit:
                return
            size, lookups_of = value.nbytes, self._lookups.get
            while self._size + size > self._limit:
                oldest = list(islice(self._values, OLDEST_COMPARED))
                lookups = [lookups_of(one, 0) for one in oldest]
                least = min(lookups)
                if least >= lookups_of(key, 0):
                    self._values.move_to_end(oldest[0])  # so that others are compared next time
                    return
                self._size -= self._values.pop(oldest[lookups.index(least)]).nbytes
            self._values[key] = value
            self._size += size
