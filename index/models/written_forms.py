"""Written forms: phrases with the capitals of titles: "Tô Lâm" for "tô lâm", but "giá vàng"."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.storage.array_file import typed_arrays
from index.vietnamese.syllables import occurrences, terms

_PLAIN = re.compile(r"[\w .&/-]+")
_SENTENCE_END = re.compile(r"[.:!?|\"“”'‘’«»(\[-]\s*$")


def written_in(title: str, phrase: str) -> str:
    """Return a phrase of canonical syllables as a title writes it; unchanged if it does not occur.

    A single capital at the beginning of a sentence is ignored, and so are titles all in capitals.

    >>> written_in("Chủ tịch nước Tô Lâm thăm Lào", "tô lâm")
    'Tô Lâm'
    >>> written_in("Giá vàng tăng: TP.HCM ra sao", "giá vàng"), written_in("TP.HCM", "tp hcm")
    ('giá vàng', 'TP.HCM')
    """
    wanted = phrase.split()
    length = len(wanted)
    tokens = occurrences(title, frozenset(wanted))
    texts = [token.text for token in tokens]
    starts = [
        start
        for start in range(len(tokens) - length + 1)
        if texts[start : start + length] == wanted
        and tokens[start + length - 1].token_index == tokens[start].token_index + length - 1
    ]
    if not starts:
        return phrase
    start = next((start for start in starts if not _begins(title, tokens[start].start)), starts[0])
    first, last = tokens[start].start, tokens[start + length - 1].end
    text = title[first:last]
    if not _PLAIN.fullmatch(text) or (title.isupper() and len(terms(title)) > length):
        return phrase
    capitals = [title[token.start].isupper() for token in tokens[start : start + length]]
    if _begins(title, first) and not all(capitals[1:] or [text.isupper() and len(text) > 1]):
        if not any(capitals[1:]):
            return phrase
        return text if capitals[1] else text[0].lower() + text[1:]  # "Quang Hải được ..."
    return text if any(map(str.isupper, text)) else phrase


def _begins(title: str, start: int) -> bool:
    """Return whether a sentence or a quotation begins at an offset of a title."""
    return not title[:start].strip() or bool(_SENTENCE_END.search(title[:start]))


def written_by_pieces(phrase: str, written: Callable[[str], str]) -> str:
    """Return the written form of a phrase, put together from parts if the whole has none.

    The longest prefix that `written` changes is taken, then the same for the rest. Many phrases
    occur only at the beginning of titles, where a single capital is ignored.

    >>> known = {"hà nội": "Hà Nội", "tp hcm": "TP.HCM"}
    >>> written_by_pieces("hà nội tp hcm", lambda phrase: known.get(phrase, phrase))
    'Hà Nội TP.HCM'
    """
    form = written(phrase)
    pieces = phrase.split(" ")
    if form != phrase or len(pieces) == 1:
        return form
    for cut in range(len(pieces) - 1, 0, -1):
        beginning = " ".join(pieces[:cut])
        form = written(beginning)
        if form != beginning or cut == 1:
            rest = written_by_pieces(" ".join(pieces[cut:]), written)
            return f"{form} {rest}"
    return phrase


def form_arrays(forms: Iterable[str]) -> dict[str, NDArray[Any]]:
    """Return forms as arrays for a file, sorted by phrase; of several for a phrase, the first.

    `form_texts` (uint8): the forms in UTF-8, concatenated. `form_starts` (uint32, forms + 1): the
    offset of each.
    """
    by_phrase: dict[str, str] = {}
    for form in forms:
        by_phrase.setdefault(" ".join(terms(form)), form)
    encoded = [by_phrase[phrase].encode("utf-8", "surrogatepass") for phrase in sorted(by_phrase)]
    return {
        "form_texts": np.frombuffer(b"".join(encoded), np.uint8),
        "form_starts": np.cumsum([0, *map(len, encoded)]).astype(np.uint32),
    }


_COLUMNS: dict[str, type[np.generic]] = {"form_texts": np.uint8, "form_starts": np.uint32}


class WrittenForms:
    """The written forms of a part's phrases, where they differ from the phrases."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take the arrays of `form_arrays`. Raises ValueError if they are inconsistent."""
        if "form_texts" not in arrays:  # a part of version 0.4.0
            arrays = form_arrays(())
        self._texts, self._starts = typed_arrays(arrays, _COLUMNS)
        if not len(self._starts) or self._starts[-1] != len(self._texts):
            raise ValueError("the table of written forms is damaged; build the index again")

    def __iter__(self) -> Iterator[str]:
        return map(self._form, range(len(self._starts) - 1))

    def written(self, phrase: str) -> str:
        """Return the written form of a phrase; the phrase itself if none is known."""
        rows = range(len(self._starts) - 1)
        row = bisect_left(rows, phrase, key=lambda row: " ".join(terms(self._form(row))))
        form = self._form(row) if row < len(rows) else ""
        return form if " ".join(terms(form)) == phrase else phrase

    def _form(self, row: int) -> str:
        start, end = self._starts[row : row + 2].tolist()
        return bytes(self._texts[start:end]).decode("utf-8", "surrogatepass")
