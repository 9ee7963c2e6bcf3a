"""Spellings: a table that finds the terms of a part by their letters without marks.

A user types "ha noi"; the vocabulary has hà, hạ, hả, nội, nói. The table is sorted by a hash of the
unmarked letters, so it is searched without reading the vocabulary. It takes 8 bytes per term.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from index.storage.array_file import typed_arrays
from index.storage.radix_sort import stable_order
from index.vietnamese.forms import fold_each


def spelling_arrays(terms: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Return the table of a part's terms, given in the order of its vocabulary, as arrays.

    `spelling_hashes` (uint32, ascending): the CRC-32 of each term's `fold` in UTF-8.
    `spelling_terms` (uint32): the ordinal of the term.
    """
    hashes = _hashes(fold_each(terms))
    order = stable_order(hashes).astype(np.uint32)
    return {"spelling_hashes": hashes[order], "spelling_terms": order}


class Spellings:
    """The table of one part, read from its (memory-mapped) arrays."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]], terms: int) -> None:
        """Take the arrays of `spelling_arrays` for `terms` terms.

        Raises ValueError if they are inconsistent.
        """
        dtypes = {"spelling_hashes": np.uint32, "spelling_terms": np.uint32}
        self._hashes, self._terms = typed_arrays(arrays, dtypes)
        known = self._terms.max(initial=0) < max(terms, 1)
        if len(self._hashes) != len(self._terms) or not known:
            message = "the table of spellings is damaged: its columns are inconsistent"
            raise ValueError(f"{message}; build the index again")

    def of(self, folded: Sequence[str]) -> dict[str, NDArray[np.uint32]]:
        """Return the ordinals of the terms with each unmarked spelling; unknown ones are left out.

        Two spellings may have the same hash, so the caller must compare the `fold` of the terms.
        """
        if not len(self._hashes):
            return {}
        hashes = _hashes(folded)
        starts = np.searchsorted(self._hashes, hashes)
        # Most of the hundreds of edits of a syllable are unknown.
        matches = np.flatnonzero(self._hashes.take(starts, mode="clip") == hashes)
        ends = np.searchsorted(self._hashes, hashes[matches], side="right")
        return {
            folded[index]: self._terms[start:end]
            for index, start, end in zip(
                matches.tolist(), starts[matches].tolist(), ends.tolist(), strict=True
            )
        }


def _hashes(texts: Iterable[str]) -> NDArray[np.uint32]:
    return np.array([crc32(text.encode("utf-8", "surrogatepass")) for text in texts], np.uint32)
