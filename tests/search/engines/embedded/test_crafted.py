"""Files with valid checksums and inconsistent contents: a clear error or results."""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from numpy.typing import NDArray

from index.embedded import writer
from index.embedded.commits import read_commit
from index.embedded.limits import WriteLimits
from index.embedded.merging import merge_flushes
from index.embedded.segment import OpenSegment
from index.errors import IndexUnavailableError
from index.storage.array_file import open_arrays
from index.storage.array_writer import write_arrays
from search import plan
from search.engines.embedded.engine import open_engine
from search.searcher import open_searcher
from tests.index.embedded.crafted import accept_files
from tests.search.engines.embedded.test_pruning import any_of, zipf


def ask(directory: Path) -> None:
    searcher, reader = open_searcher(directory), open_engine(directory).reader()
    searcher.search('t1 "t2 t3" t4 tu title:t2', facets=["year", "source"])
    searcher.related("8")
    searcher.complete("t1")
    reader.execute([any_of(["t1", "t2", "t30"], 5, pairs=True)])
    for match in (
        plan.Prefix("text", "t1"),
        plan.Phrase("title", (("t1",), ("t1", "t2")), slop=1),
        plan.Not(plan.Keyword("id", ("7",))),
    ):
        reader.execute([plan.Plan(match)])
    reader.stored([str(number) for number in range(0, 500, 49)])
    segments = [OpenSegment(directory, segment) for segment in read_commit(directory).segments]
    with TemporaryDirectory() as merged:
        merge_flushes(Path(merged), segments)


def nonsense(array: NDArray[np.generic], seed: int) -> Iterator[NDArray[np.generic]]:
    yield array[:-1]
    yield np.append(array, array[-1:])
    yield array[::-1]
    yield np.zeros_like(array)
    yield array.astype(np.uint16 if array.itemsize < 2 else np.int64)
    rng = np.random.default_rng(seed)
    yield np.frombuffer(rng.bytes(array.nbytes), array.dtype)


@pytest.mark.parametrize("kind", ["*.text", "*.articles", "*.language", "*.completions"])
def test_an_index_of_arbitrary_values_is_refused_or_searched(tmp_path: Path, kind: str) -> None:
    writer.build(zipf(500, seed=8), tmp_path)
    ask(tmp_path)
    path = next(tmp_path.glob(kind))
    intact = {name: array.copy() for name, array in open_arrays(path).items()}
    reported = 0
    for seed, (name, array) in enumerate(intact.items()):
        for crafted in islice(nonsense(array, seed), seed % 3, None, 3):  # two of six kinds each
            write_arrays(path, {**intact, name: crafted})
            accept_files(tmp_path)
            try:
                ask(tmp_path)
            except IndexUnavailableError:
                reported += 1
    assert reported > len(intact) // 2


Sections = dict[str, NDArray[np.generic]]


def without_postings(intact: Sections) -> Sections:
    """Return a change that gives the postings of the last term to the one before it."""
    crafted = {}
    for name in ("document_frequencies", "doc_id_sizes", "position_counts"):
        sizes = intact[f"text.{name}"].copy()
        sizes[-1] += sizes[-2]
        sizes[-2] = 0
        crafted[f"text.{name}"] = sizes
    return crafted


def too_large_without_exceptions(intact: Sections) -> Sections:
    numbers = len(intact["text.positions.low"])
    return {
        "text.positions.has_high": np.full(-(-numbers // 8), 255, np.uint8),
        "text.positions.high": np.full(-(-numbers // 2), 255, np.uint8),
        "text.positions.ranks": np.arange(0, numbers, 512, dtype=np.uint32),
    }


def far_too_large(_: Sections) -> Sections:
    return {
        "text.frequencies.exception_indices": np.arange(3, dtype=np.uint32),
        "text.frequencies.exception_values": np.array([(1 << 31) - 1, (1 << 31) - 2, 3], np.uint32),
    }


def many_postings(intact: Sections) -> Sections:
    sizes = intact["id.document_frequencies"].copy()
    sizes[7] = 255
    return {
        "id.document_frequencies": sizes,
        "id.document_frequencies_large_indices": np.array([7], np.uint32),
        "id.document_frequencies_large": np.array([1 << 31], np.uint32),
    }


def equal_ids(intact: Sections) -> Sections:
    return {"id.terms": np.full_like(intact["id.terms"], ord("1")), "id.term_sizes": ones(intact)}


def ones(intact: Sections) -> NDArray[np.generic]:
    """Return the sizes of ids, all equal except the last."""
    terms, size = len(intact["id.term_sizes"]), len(intact["id.terms"])
    sizes = np.ones(terms, np.uint8)
    sizes[: (size - terms)] += 1
    sizes[: max(size - 2 * terms, 0)] += 1
    return sizes


def shuffled_ids(intact: Sections) -> Sections:
    return {"id.terms": np.random.default_rng(3).permutation(intact["id.terms"])}


def rotated_terms(intact: Sections) -> Sections:
    return {"text.terms": np.roll(intact["text.terms"], 700)}


def bigrams_before_the_first(intact: Sections) -> Sections:
    starts = intact["bigram_starts"].copy()
    starts[0] = 1
    return {"bigram_starts": starts}


@pytest.mark.parametrize(
    ("kind", "craft", "reported"),
    [
        ("*.text", without_postings, True),
        ("*.text", too_large_without_exceptions, False),  # positions may be anything
        ("*.text", far_too_large, True),
        ("*.text", many_postings, True),
        ("*.text", equal_ids, True),
        ("*.text", shuffled_ids, True),
        ("*.text", rotated_terms, True),
        ("*.language", bigrams_before_the_first, True),
    ],
)
def test_consistent_but_impossible_sections_are_refused(
    tmp_path: Path,
    kind: str,
    craft: Callable[[Sections], Sections],
    *,
    reported: bool,
) -> None:
    """An update of such an index is refused as well, or leaves a valid one."""
    limits = WriteLimits(
        exact_tokens=0, beside_largest=1, merged_postings=64, mined_postings=64, compared_ids=64
    )
    writer.build(zipf(500, seed=8), tmp_path, limits=limits)
    path = next(tmp_path.glob(kind))
    intact = {name: array.copy() for name, array in open_arrays(path).items()}
    write_arrays(path, {**intact, **craft(intact)})
    accept_files(tmp_path)
    assert is_refused(lambda: ask(tmp_path)) == reported
    before = files(tmp_path)
    if is_refused(lambda: writer.update(zipf(500, seed=9), tmp_path, limits=limits)):
        assert files(tmp_path) == before
    else:
        ask(tmp_path)
        assert open_engine(tmp_path).reader().article_count == 500


def is_refused(action: Callable[[], object]) -> bool:
    try:
        action()
    except IndexUnavailableError:
        return True
    return False


def files(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}
