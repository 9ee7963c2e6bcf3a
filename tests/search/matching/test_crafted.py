"""Files whose checksums are right and whose contents are nonsense: a clear error or an answer."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index import writer
from index.arrays import open_arrays, write_arrays
from index.errors import IndexUnavailableError
from search import plan
from search.matching.engine import open_engine
from search.searcher import open_searcher
from tests.search.matching.test_pruning import any_of, zipf


def ask(directory: Path) -> None:
    searcher, snapshot = open_searcher(directory), open_engine(directory).snapshot()
    searcher.search('t1 "t2 t3" t4 tu title:t2', facets=["year", "source"])
    searcher.related("8")
    searcher.complete("t1")
    snapshot.execute(any_of(["t1", "t2", "t30"], 5, pairs=True))
    for match in (
        plan.Prefix("text", "t1"),
        plan.Phrase("title", (("t1",), ("t1", "t2")), slop=1),
        plan.Not(plan.Keyword("id", ("7",))),
    ):
        snapshot.execute(plan.Plan(match))
    for number in range(0, 500, 49):
        snapshot.article(number)


def nonsense(array: NDArray[np.generic], seed: int) -> Iterator[NDArray[np.generic]]:
    yield array[:-1]
    yield np.append(array, array[-1:])
    yield array[::-1]
    yield np.zeros_like(array)
    rng = np.random.default_rng(seed)
    yield np.frombuffer(rng.bytes(array.nbytes), array.dtype)


@pytest.mark.parametrize("kind", ["*.text", "*.articles", "*.pairs", "*.completions"])
def test_nonsense_is_said_or_answered(tmp_path: Path, kind: str) -> None:
    writer.build(zipf(500, seed=8), tmp_path)
    ask(tmp_path)
    path = next(tmp_path.glob(kind))
    sound = {name: array.copy() for name, array in open_arrays(path).items()}
    said = 0
    for seed, (name, array) in enumerate(sound.items()):
        for crafted in nonsense(array, seed):
            write_arrays(path, {**sound, name: crafted})
            try:
                ask(tmp_path)
            except IndexUnavailableError:
                said += 1
    assert said > len(sound)
