"""Sets of articles: sorted doc ids for small sets, a bitset for large ones.

A doc id is the number of an article in one commit. Bits are kept in words of 64: article `n` is
bit `n % 64` of word `n // 64`; bits beyond the last article are 0. A *block* is eight articles
with consecutive doc ids, the bits of one byte.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.native import kernels

DocIds = NDArray[np.int64]
Bits = NDArray[np.uint64]
Blocks = NDArray[np.uint8]
Scores = NDArray[np.float64]

DENSE_ONE_IN = 32
"""Sets with fewer than one article in this many are kept as doc ids.

With 8, queries take up to 1.7 times as long; with 128, a tenth less, but more terms then take a
byte for every article (measured with `limits.Limits.dense_one_in` set to the same value).
"""

_LOOK_UP_ONE_IN = 4
"""With fewer than one article in this many, looking each up costs less than intersecting bitsets.

The speed is the same from 1 to 16, for AND of two and three syllables on 188,687 records.
"""

_SPARSE_BLOCKS_ONE_IN = 48
"""With fewer than one article in this many, most blocks are empty and are skipped.

The speed is the same from 16 to 128, for OR of three and eight syllables on 188,687 records.
"""

_OBJECT_BYTES = 400
"""Approximate memory of the objects around the arrays of a set."""


def bits_of(doc_ids: DocIds, size: int) -> Bits:
    """Return the bits of a set of articles with doc ids below `size`.

    >>> [int(word) for word in bits_of(np.array([0, 3]), size=10)]
    [9]
    """
    if kernels:
        return kernels.bits_of(doc_ids, size)
    mask = np.zeros(-(-size // 64) * 64, np.uint8)
    mask[doc_ids] = 1
    return np.packbits(mask, bitorder="little").view(np.uint64)


def bits_of_mask(mask: NDArray[np.bool_]) -> Bits:
    """Return the bits of the articles for which a mask is true."""
    blocks = np.zeros(-(-len(mask) // 64) * 8, np.uint8)
    packed = np.packbits(mask, bitorder="little")
    blocks[: len(packed)] = packed
    return blocks.view(np.uint64)


def doc_ids_in(blocks: Blocks, indices: DocIds) -> DocIds:
    """Return the doc ids of the articles in some blocks, given by their indices; both ascending.

    >>> doc_ids_in(np.array([0b1001, 0, 0b10], np.uint8), np.array([0, 2])).tolist()
    [0, 3, 17]
    """
    mask = np.unpackbits(blocks.take(indices), bitorder="little")
    found = mask.view(np.bool_).nonzero()[0]
    # In place: queries with frequent terms spend much of their time here.
    doc_ids: DocIds = indices.take(found >> 3)
    doc_ids <<= 3
    found &= 7
    doc_ids |= found
    return doc_ids


@dataclass(slots=True)
class DocSet:
    """A set of articles with doc ids below `size`, as `doc_ids` (ascending), `bits`, or both.

    The set never changes. The other representation and the `total` are computed on first use and
    cached in the object.
    """

    size: int
    doc_ids: DocIds | None = None
    bits: Bits | None = None
    total: int | None = None

    @property
    def nbytes(self) -> int:
        """The memory taken, in bytes."""
        arrays = (array for array in (self.doc_ids, self.bits) if array is not None)
        return sum(array.nbytes for array in arrays) + _OBJECT_BYTES

    def count(self) -> int:
        """Return the number of articles."""
        if self.total is None:
            if self.doc_ids is not None:
                self.total = len(self.doc_ids)
            else:
                self.total = int(np.bitwise_count(self.as_bits()).sum())
        return self.total

    def as_doc_ids(self) -> DocIds:
        """Return the doc ids, ascending."""
        if self.doc_ids is None and kernels:
            self.doc_ids = kernels.doc_ids_of_bits(self.as_bits())
        elif self.doc_ids is None:
            blocks = self.as_bits().view(np.uint8)
            if self.count() * _SPARSE_BLOCKS_ONE_IN < self.size:
                self.doc_ids = doc_ids_in(blocks, (blocks != 0).nonzero()[0])
            else:
                mask = np.unpackbits(blocks, bitorder="little")
                self.doc_ids = mask.view(np.bool_).nonzero()[0]
        return self.doc_ids

    def as_bits(self) -> Bits:
        """Return the bits."""
        if self.bits is None:
            self.bits = bits_of(self.as_doc_ids(), self.size)
        return self.bits

    def contains(self, doc_ids: DocIds) -> NDArray[np.bool_]:
        """Return for each doc id whether it is in the set."""
        if kernels:
            return kernels.contained(self, doc_ids, self.size)
        if self.bits is None and self.count() * DENSE_ONE_IN < self.size:
            members = self.as_doc_ids()
            if not len(members):
                return np.zeros(len(doc_ids), np.bool_)
            # Past the end searchsorted returns len(members); "clip" then takes the last member,
            # which differs from the doc id.
            same: NDArray[np.bool_] = (
                members.take(members.searchsorted(doc_ids), mode="clip") == doc_ids
            )
            return same
        inside = self.as_bits().view(np.uint8).take(doc_ids >> 3)
        inside >>= (doc_ids & 7).astype(np.uint8)
        inside &= 1
        return inside.view(np.bool_)


def common(
    smaller: NDArray[np.signedinteger[Any]], larger: NDArray[np.signedinteger[Any]]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the indices, in `smaller` and in `larger`, of the articles that are in both.

    Both arrays are ascending, and `larger` is not empty.

    >>> [indices.tolist() for indices in common(np.array([2, 7, 9]), np.array([1, 2, 4, 7]))]
    [[0, 1], [1, 3]]
    """
    indices = larger.searchsorted(smaller)
    # Past the end searchsorted returns len(larger); "clip" then takes the last one, which differs.
    shared = (larger.take(indices, mode="clip") == smaller).nonzero()[0]
    return shared, indices.take(shared)


def empty(size: int) -> DocSet:
    """Return the empty set."""
    return DocSet(size, doc_ids=np.empty(0, np.int64))


def union(docsets: Sequence[DocSet], size: int) -> DocSet:
    """Return the articles that are in any of the sets."""
    if not docsets:
        return empty(size)
    if len(docsets) == 1:
        return docsets[0]
    if kernels:
        most = sum([s.size if s.doc_ids is None else len(s.doc_ids) for s in docsets])
        is_sparse = most * DENSE_ONE_IN <= size
        articles, total = kernels.unite(docsets, size, is_sparse)
        if is_sparse:
            return DocSet(size, doc_ids=articles, total=total)
        return DocSet(size, bits=articles, total=total)
    sparse = [s.doc_ids for s in docsets if s.doc_ids is not None and s.bits is None]
    dense = [s.as_bits() for s in docsets if s.doc_ids is None or s.bits is not None]
    doc_ids = np.concatenate(sparse) if sparse else np.empty(0, np.int64)
    if not dense and len(doc_ids) * DENSE_ONE_IN <= size:
        doc_ids.sort()
        return DocSet(size, doc_ids=doc_ids[first_of_each(doc_ids)])
    if len(doc_ids):
        dense.append(bits_of(doc_ids, size))
    bits = dense[0].copy()
    for other in dense[1:]:
        bits |= other
    return DocSet(size, bits=bits)


def first_of_each(ascending: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
    """Return a mask of ascending numbers: True where one differs from its predecessor.

    >>> first_of_each(np.array([3, 3, 5])).tolist()
    [True, False, True]
    """
    first = np.ones(len(ascending), np.bool_)
    np.not_equal(ascending[1:], ascending[:-1], out=first[1:])
    return first


def intersection(docsets: Sequence[DocSet]) -> DocSet:
    """Return the articles that are in all of the sets; there must be at least one set."""
    if len(docsets) == 1:
        return docsets[0]
    size = docsets[0].size
    with_ids = [s for s in docsets if s.doc_ids is not None]
    smallest = min(with_ids, key=DocSet.count, default=None)
    is_small = smallest is not None and smallest.count() * _LOOK_UP_ONE_IN < size
    if kernels and (is_small or smallest is None):
        found = kernels.intersect(docsets, size)
        as_ids = found.dtype == np.int64  # not if the small ones have bits, too
        return DocSet(size, doc_ids=found) if as_ids else DocSet(size, bits=found)
    if smallest is not None and is_small:
        doc_ids = smallest.as_doc_ids()
        for other in docsets:
            if other is not smallest:
                doc_ids = doc_ids[other.contains(doc_ids)]
        return DocSet(size, doc_ids=doc_ids)
    bits = docsets[0].as_bits().copy()
    for other in docsets[1:]:
        bits &= other.as_bits()
    return DocSet(size, bits=bits)


def difference(docset: DocSet, excluded: DocSet) -> DocSet:
    """Return the articles that are in the first set but not in the second."""
    return DocSet(docset.size, bits=docset.as_bits() & ~excluded.as_bits())
