"""Models of the documents that are left after many deletions, in the file of removed counts.

Beside the counts it then has the sections of `index.models.completions`; `mined` (uint32), a
`Mined`; and `trigrams_chosen` (uint8), a bit for each trigram of the segment, if it was alone.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.storage.array_file import ArrayFile, ArrayFileError

MINED, CHOSEN = "mined", "trigrams_chosen"
"""The names of the sections that this module reads."""


class Mined(NamedTuple):
    """How completions were mined: without this number of deleted documents, from a document on."""

    without: int
    first: int


def read_mined(file: ArrayFile | None) -> Mined | None:
    """Return how completions were mined again; None if they were not.

    Raises ArrayFileError for damage, as the other functions do.
    """
    if file is None or MINED not in file:
        return None
    section = file.checked(MINED, np.uint32)
    if len(section) != len(Mined._fields):
        raise ArrayFileError(file.path, f"section {MINED!r} has the wrong size")
    return Mined(*section.tolist())


def mined_sections(file: ArrayFile | None) -> dict[str, NDArray[Any]]:
    """Return the sections of models that were made after deletions, if any."""
    if file is None or MINED not in file:
        return {}
    file.check_all()
    return {
        name: file[name]
        for name in file
        if name.startswith("completion_") or name in (MINED, CHOSEN)
    }


def read_chosen(file: ArrayFile | None, trigrams: int) -> NDArray[np.bool_] | None:
    """Return a mask of the trigrams that were chosen after deletions; None if all are kept."""
    if file is None or CHOSEN not in file:
        return None
    bits = file.checked(CHOSEN, np.uint8)
    if len(bits) != -(-trigrams // 8):
        raise ArrayFileError(file.path, f"section {CHOSEN!r} has the wrong size")
    return np.unpackbits(bits, count=trigrams).astype(np.bool_)
