"""The terms of one field of a segment: sorted by their UTF-8 bytes, found by bisection."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise

import numpy as np
from numpy.typing import NDArray

from index.native import kernels

MAX_TOGETHER = 1 << 16
"""Terms that are read at a time when iterating over all of them; arbitrary."""


def to_bytes(term: str) -> bytes:
    """Encode a term, including lone surrogates, which JSON may contain."""
    return term.encode("utf-8", "surrogatepass")


def all_to_bytes(terms: Iterable[str], max_together: int = MAX_TOGETHER) -> list[bytes]:
    """Encode many terms, in a tenth of the time."""
    rest, encoded = iter(terms), list[bytes]()
    while each := list(islice(rest, max_together)):
        some = to_bytes("\n".join(each)).split(b"\n")
        encoded += some if len(some) == len(each) else map(to_bytes, each)
    return encoded


def to_text(term: bytes) -> str:
    """Decode a term of `to_bytes`; invalid bytes become replacement characters."""
    try:
        return term.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return term.decode("utf-8", "replace")


class DecodedTerms(Sequence[str]):
    """Encoded terms as texts, decoded on access."""

    def __init__(self, terms: Sequence[bytes]) -> None:
        self._terms = terms

    def __len__(self) -> int:
        return len(self._terms)

    def __getitem__(self, ordinal: int) -> str:  # type: ignore[override]  # no slices
        return to_text(self._terms[ordinal])

    def __iter__(self) -> Iterator[str]:
        return map(to_text, self._terms)


class TermDictionary(Sequence[bytes]):
    """Terms by ordinal, a view of two arrays.

    `content` (uint8): the sorted terms, concatenated. `starts` (uint32, one more than terms): the
    offset of each, and the end of the last one.
    """

    def __init__(self, content: NDArray[np.uint8], starts: NDArray[np.uint32]) -> None:
        self._arrays = content, starts
        self._content = content.data
        self._starts = starts.data
        self._count = len(starts) - 1

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, ordinal: int) -> bytes:  # type: ignore[override]  # no slices
        if not 0 <= ordinal < self._count:
            raise IndexError(ordinal)
        return bytes(self._content[self._starts[ordinal] : self._starts[ordinal + 1]])

    def span(self, start: int, stop: int) -> list[bytes]:
        """Return the terms with ordinals [start, stop)."""
        if start >= stop:
            return []
        bounds = self._starts[start : stop + 1].tolist()
        content = bytes(self._content[bounds[0] : bounds[-1]])
        first = bounds[0]
        return [content[a - first : b - first] for a, b in pairwise(bounds)]

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, self._count, MAX_TOGETHER):
            yield from self.span(start, min(start + MAX_TOGETHER, self._count))

    def lower_bound(self, term: bytes, first: int = 0) -> int:
        """Return the ordinal of the first term, from `first` on, that is >= `term`."""
        if kernels:
            found: int = kernels.lower_bound(*self._arrays, term, first)
            return found
        return bisect_left(self, term, first)

    def ordinal(self, term: str) -> int:
        """Return the ordinal of a term, -1 if there is none."""
        encoded = to_bytes(term)
        found = self.lower_bound(encoded)
        return found if found < self._count and self[found] == encoded else -1

    def ordinals(self, terms: Sequence[str]) -> NDArray[np.int64]:
        """Return the ordinal of each term, -1 for an unknown one."""
        return np.fromiter((self.ordinal(term) for term in terms), np.int64, len(terms))

    def term(self, ordinal: int) -> str:
        """Return the term of an ordinal."""
        return to_text(self[ordinal])

    def with_prefix(self, prefix: str) -> range:
        """Return the ordinals of the terms that begin with `prefix`."""
        encoded = to_bytes(prefix)
        # No UTF-8 byte is 0xFF, so this is above every term with the prefix.
        return range(self.lower_bound(encoded), self.lower_bound(encoded + b"\xff"))
