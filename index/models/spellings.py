"""Spellings: the terms of a part by their letters without marks.

A person types "ha noi"; the vocabulary holds hà, hạ, hả, nội, nói. A table sorted by a hash of the
unmarked letters finds them without reading the vocabulary: 8 bytes a term, opened in no time.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from index.storage.array_file import typed_arrays
from index.vietnamese.forms import fold_each


def spelling_arrays(terms: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Lay out the table of a part's terms, given in the order of its vocabulary.

    `spelling_hashes` (uint32, ascending) is the CRC-32 of the unmarked letters in UTF-8,
    `spelling_terms` (uint32) the ordinal of the term.
    """
    hashes = _hashes(fold_each(terms))
    order = np.argsort(hashes, kind="stable").astype(np.uint32)
    return {"spelling_hashes": hashes[order], "spelling_terms": order}


class Spellings:
    """The table of one part, read from its (memory-mapped) arrays."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]], terms: int) -> None:
        """Take the arrays of `spelling_arrays` of `terms` terms.

        Raises ValueError where they are inconsistent.
        """
        dtypes = {"spelling_hashes": np.uint32, "spelling_terms": np.uint32}
        self._hashes, self._terms = typed_arrays(arrays, dtypes)
        known = self._terms.max(initial=0) < max(terms, 1)
        if len(self._hashes) != len(self._terms) or not known:
            message = "the table of spellings is damaged: its columns are inconsistent"
            raise ValueError(f"{message}; build the index again")

    def of(self, folded: Sequence[str]) -> dict[str, NDArray[np.uint32]]:
        """Return for each unmarked spelling that there is the ordinals of the terms written so.

        Two spellings may share a hash, so the caller compares the `fold` of the terms.
        """
        if not len(self._hashes):
            return {}
        hashes = _hashes(folded)
        starts = np.searchsorted(self._hashes, hashes)
        # Of the hundreds of edits of a syllable few are there.
        there = np.flatnonzero(self._hashes.take(starts, mode="clip") == hashes)
        ends = np.searchsorted(self._hashes, hashes[there], side="right")
        return {
            folded[at]: self._terms[start:end]
            for at, start, end in zip(
                there.tolist(), starts[there].tolist(), ends.tolist(), strict=True
            )
        }


def _hashes(texts: Iterable[str]) -> NDArray[np.uint32]:
    encoded = (text.encode("utf-8", "surrogatepass") for text in texts)
    return np.fromiter(map(crc32, encoded), np.uint32)
