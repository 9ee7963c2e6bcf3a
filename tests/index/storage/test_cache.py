"""The cache keeps the most recently used values, and never exceeds its limit."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import cycle, islice

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.storage.cache import AGING, OLDEST_COMPARED, Cache, FrequencyCache


@dataclass(frozen=True)
class Block:
    name: int
    nbytes: int


@example(limit=20, accesses=[0, 1, 0, 2, 0, 1], sizes=[10] * 9)
@given(
    limit=st.integers(0, 50),
    accesses=st.lists(st.integers(0, 8), max_size=60),
    sizes=st.lists(st.integers(0, 30), min_size=9, max_size=9),
)
def test_the_least_recently_used_is_evicted_first(
    limit: int, accesses: list[int], sizes: list[int]
) -> None:
    cache: Cache[int, Block] = Cache(limit)
    expected: OrderedDict[int, int] = OrderedDict()
    for name in accesses:
        loaded: list[int] = []

        def make(name: int, loaded: list[int] = loaded) -> Block:
            loaded.append(name)
            return Block(name, sizes[name])

        assert cache.get(name, make) == Block(name, sizes[name])
        assert bool(loaded) == (name not in expected)
        expected[name] = sizes[name]
        expected.move_to_end(name)
        while sum(expected.values()) > limit:
            expected.popitem(last=False)


def test_an_error_of_the_loader_is_raised_and_nothing_is_cached() -> None:
    cache: Cache[str, Block] = Cache(10)

    def fail(name: str) -> Block:
        raise OSError(name)

    with pytest.raises(OSError, match="a"):
        cache.get("a", fail)
    assert cache.get("a", lambda _: Block(1, 1)) == Block(1, 1)


def of_twenty(name: int) -> Block:
    return Block(name, 20)


def test_frequent_entries_survive_a_scan() -> None:
    cache: FrequencyCache[int, Block] = FrequencyCache(100)
    for _ in range(5):
        for key in range(5):
            cache.get(key, of_twenty)
    for key in range(100, 400):
        assert cache.get(key, of_twenty).nbytes == 20
        assert cache.use.nbytes <= 100
    before = cache.use.hits
    for key in range(5):
        cache.get(key, of_twenty)
    assert cache.use.hits == before + 5


def ask(cache: FrequencyCache[int, Block], keys: Iterable[int]) -> int:
    """Look up values, and return how many were cached."""
    before = cache.use.hits
    for key in keys:
        cache.get(key, of_twenty)
    return cache.use.hits - before


def test_entries_no_longer_used_are_evicted() -> None:
    cache: FrequencyCache[int, Block] = FrequencyCache(100)
    old, new = range(5), range(10, 15)
    # Without aging the new ones would have to be looked up twice as often to replace these.
    ask(cache, islice(cycle(old), 6 * AGING))
    ask(cache, islice(cycle(new), 3 * AGING))
    assert ask(cache, new) == 5


def test_equally_frequent_entries_evict_none() -> None:
    cache: FrequencyCache[int, Block] = FrequencyCache(100)
    ask(cache, range(5))
    ask(cache, range(5, 20))
    assert ask(cache, range(5)) == 5


def test_the_least_frequently_used_of_the_oldest_is_evicted_first() -> None:
    cache: FrequencyCache[int, Block] = FrequencyCache(100)
    ask(cache, [0] * 5 + [1, 2, 3, 4])
    ask(cache, [9, 9])
    assert ask(cache, [9, 0]) == 2


def test_a_rarely_used_entry_is_evicted_even_if_it_is_the_newest() -> None:
    cache: FrequencyCache[int, Block] = FrequencyCache(20 * (OLDEST_COMPARED + 1))
    often = range(OLDEST_COMPARED)
    ask(cache, [*often] * 9 + [50])  # the newest one is rarely looked up
    ask(cache, [99] * 3)
    assert ask(cache, [99]) == 1
    assert ask(cache, often) == OLDEST_COMPARED


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 60)), max_size=200))
def test_a_frequency_cache_returns_what_the_loader_returns_within_its_limit(
    accesses: list[tuple[int, int]],
) -> None:
    cache: FrequencyCache[int, Block] = FrequencyCache(100)
    sizes: dict[int, int] = {}
    for key, size in accesses:
        sizes.setdefault(key, size)
        assert cache.get(key, lambda key: Block(key, sizes[key])).nbytes == sizes[key]
        assert cache.use.nbytes <= 100


@pytest.mark.parametrize("kind", [Cache, FrequencyCache])
@given(names=st.lists(st.integers(0, 8), max_size=20), dropped=st.sets(st.integers(0, 8)))
def test_dropped_entries_take_no_memory(
    kind: type[Cache[int, Block]], names: list[int], dropped: set[int]
) -> None:
    cache = kind(1000)
    for name in names:
        cache.get(name, lambda name: Block(name, name + 1))
    cache.drop(dropped.__contains__)
    kept_names = set(names) - dropped
    assert cache.use.nbytes == sum(name + 1 for name in kept_names)
    assert {name for name in range(9) if cache.find(name)} == kept_names
