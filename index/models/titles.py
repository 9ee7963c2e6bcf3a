"""A sorted table of the first letters of titles, for completing whole titles.

Of each title, the first `LETTERS` bytes of its folded syllables, joined by spaces, are stored:
`title_letters` (uint8) is their concatenation, sorted, `title_documents` (uint32) the documents
that they belong to.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.models.frequent_ngrams import TitleTokens
from index.storage.array_file import typed_arrays
from index.vietnamese.forms import fold, fold_all
from index.vietnamese.syllables import terms

LETTERS = 16
"""Bytes stored of each title. Half of 188,000 titles share their first 10 letters and spaces with
at most seven others; a longer prefix is then compared with the titles themselves."""

READ_FOR_EACH = 4
"""Titles that are read for each one returned: some are deleted, and some differ from the query
after the stored letters. Arbitrary."""

_TOKENS = 1 << 16  # converted to Python integers at a time; arbitrary

_COLUMNS: dict[str, type[np.generic]] = {"title_letters": np.uint8, "title_documents": np.uint32}


def title_arrays(titles: TitleTokens, vocabulary: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Return the table of the titles as arrays for a file."""
    folded = fold_all(vocabulary)
    documents = array("I")
    beginnings = bytearray()
    for article, tokens in groupby(_tokens(titles), key=itemgetter(0)):
        begun = ""
        for _, term in tokens:
            if len(begun) < LETTERS:
                begun = f"{begun} {folded[term]}" if begun else folded[term]
        beginnings += first_letters(begun).ljust(LETTERS, b"\0")
        documents.append(article)
    letters = np.frombuffer(bytes(beginnings), f"S{LETTERS}")
    order = np.argsort(letters, kind="stable")
    return {
        "title_letters": letters[order].view(np.uint8),
        "title_documents": np.array(documents, np.uint32)[order],
    }


def first_letters(folded: str) -> bytes:
    """Return the bytes of a folded title, or of folded typed text, that are stored and compared.

    A character that is not ASCII even when folded takes several bytes, and may be truncated.

    >>> first_letters("gia gao xuat khau tang")
    b'gia gao xuat kha'
    """
    return folded.encode("utf-8", "surrogatepass")[:LETTERS]


def begins_with(title: str, letters: str) -> bool:
    """Return whether the folded syllables of a title, joined by spaces, begin with `letters`.

    >>> begins_with("Giá gạo: “tăng”", "gia gao ta")
    True
    """
    return fold(" ".join(terms(title))).startswith(letters)


def _tokens(titles: TitleTokens) -> Iterator[tuple[int, int]]:
    """Yield the article and the term of each token; all at once took 190 MB for 200,000 titles."""
    for start in range(0, len(titles.terms), _TOKENS):
        chunk = slice(start, start + _TOKENS)
        yield from zip(titles.articles[chunk].tolist(), titles.terms[chunk].tolist(), strict=True)


class TitleBeginnings:
    """The beginnings of one segment's titles, read from its (memory-mapped) arrays."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take the arrays of `title_arrays`; raises ValueError if they are inconsistent."""
        letters, self.documents = typed_arrays(arrays, _COLUMNS)
        if len(letters) != LETTERS * len(self.documents):
            message = "the table of titles is damaged: its columns are inconsistent"
            raise ValueError(f"{message}; build the index again")
        self._letters = letters.reshape(-1, LETTERS)

    def beginning_with(self, folded: str) -> NDArray[np.uint32]:
        """Return the documents whose titles begin with `folded`, comparing `LETTERS` bytes.

        >>> columns = ([0, 1, 0], [4, 4, 7], [0, 1, 0])  # "giá vàng" and "giá"
        >>> tokens = TitleTokens(*(np.array(column, np.int32) for column in columns))
        >>> found = TitleBeginnings(title_arrays(tokens, ["giá", "vàng"]))
        >>> found.beginning_with("gia").tolist(), found.beginning_with("gia v").tolist()
        ([7, 4], [4])
        """
        beginning = first_letters(folded)
        rows = range(len(self.documents))

        def letters(row: int) -> bytes:
            return bytes(self._letters[row, : len(beginning)])

        first = bisect_left(rows, beginning, key=letters)
        return self.documents[first : bisect_right(rows, beginning, lo=first, key=letters)]


class DatedTitle(NamedTuple):
    """A title and its article's date in seconds since 1970; a very low number for no date."""

    seconds: int
    title: str


class TitlesFound(NamedTuple):
    """The approximate number of titles with a beginning, and the newest live ones.

    `total` may include deleted ones. It may be too low only if it exceeds the requested number.
    """

    total: int = 0
    newest: tuple[DatedTitle, ...] = ()


def newest_of(found: Sequence[TitlesFound], size: int) -> TitlesFound:
    """Merge results to the newest titles; ties go to the earlier result."""
    every = sorted((one for part in found for one in part.newest), key=lambda one: -one.seconds)
    return TitlesFound(sum(part.total for part in found), tuple(every[:size]))


def no_titles() -> dict[str, NDArray[Any]]:
    """Return the arrays of no titles."""
    return {"title_letters": np.empty(0, np.uint8), "title_documents": np.empty(0, np.uint32)}
