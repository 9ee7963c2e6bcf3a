"""The cache holds what was asked for last, and never more bytes than it may."""

from collections import OrderedDict
from dataclasses import dataclass

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.storage.cache import Cache


@dataclass(frozen=True)
class Block:
    name: int
    nbytes: int


@example(limit=20, asked=[0, 1, 0, 2, 0, 1], sizes=[10] * 9)
@given(
    limit=st.integers(0, 50),
    asked=st.lists(st.integers(0, 8), max_size=60),
    sizes=st.lists(st.integers(0, 30), min_size=9, max_size=9),
)
def test_the_least_recently_used_goes_first(limit: int, asked: list[int], sizes: list[int]) -> None:
    cache: Cache[int, Block] = Cache(limit)
    expected: OrderedDict[int, int] = OrderedDict()
    for name in asked:
        made: list[int] = []

        def make(name: int, made: list[int] = made) -> Block:
            made.append(name)
            return Block(name, sizes[name])

        assert cache.get(name, make) == Block(name, sizes[name])
        assert bool(made) == (name not in expected)
        expected[name] = sizes[name]
        expected.move_to_end(name)
        while sum(expected.values()) > limit:
            expected.popitem(last=False)


def test_what_making_raises_is_passed_on_and_nothing_is_kept() -> None:
    cache: Cache[str, Block] = Cache(10)

    def fail(name: str) -> Block:
        raise OSError(name)

    with pytest.raises(OSError, match="a"):
        cache.get("a", fail)
    assert cache.get("a", lambda _: Block(1, 1)) == Block(1, 1)
