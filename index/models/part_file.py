"""A part of the models in its own file, for an index that is not in a folder (OpenSearch).

The file is an array file (`index.storage.array_file`) with the sections of `bigrams`, `trigrams`,
`spellings`, `completions` and `written_forms`, and those of the vocabulary:

    term_texts (uint8)         the terms in UTF-8, sorted by their bytes, concatenated
    term_starts (uint64)       the offset of each term, and the total length
    term_frequencies (uint64)  the collection frequency of each term
    term_articles (uint64)     the document frequency of each term
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from index.models.bigrams import BigramTable, Ordinals, min_count, renumber
from index.models.completions import Completions, completion_arrays
from index.models.counting import (
    Arrays,
    WholeIndex,
    language_arrays,
    merge_bigrams_of,
    merge_trigrams_of,
    sum_trigrams_of,
)
from index.models.spellings import Spellings
from index.models.trigrams import TrigramTable
from index.models.written_forms import WrittenForms, form_arrays
from index.storage.array_file import ArrayFile, ArrayFileError, open_arrays, typed_arrays
from index.storage.array_writer import write_arrays


class TermList(Sequence[str]):
    """The vocabulary of a part file, looked up by binary search."""

    def __init__(self, texts: NDArray[np.uint8], starts: NDArray[np.uint64]) -> None:
        """Take the two sections. Raises ValueError if they are inconsistent."""
        if not len(starts) or starts[0] or starts[-1] != len(texts):
            raise ValueError("the vocabulary is damaged: its columns are inconsistent")
        if (starts[1:] <= starts[:-1]).any():
            raise ValueError("the vocabulary is damaged: a term is empty")
        self._texts, self._starts = texts, starts

    def __len__(self) -> int:
        return len(self._starts) - 1

    @overload
    def __getitem__(self, ordinal: int) -> str: ...
    @overload
    def __getitem__(self, ordinal: slice) -> list[str]: ...
    def __getitem__(self, ordinal: int | slice) -> str | list[str]:
        if isinstance(ordinal, slice):
            return [self.term(number) for number in range(len(self))[ordinal]]
        return self.term(range(len(self))[ordinal])

    def __iter__(self) -> Iterator[str]:
        texts = self._texts.tobytes()  # one by one it takes six times as long
        for start, end in pairwise(self._starts.tolist()):
            yield texts[start:end].decode("utf-8", "surrogatepass")

    def term(self, ordinal: int) -> str:
        """Return the term with this ordinal."""
        return self._bytes(ordinal).decode("utf-8", "surrogatepass")

    def ordinals(self, terms: Sequence[str]) -> Ordinals:
        """Return the ordinal of each term, -1 for an unknown one."""
        return np.fromiter(map(self._ordinal, terms), np.int64, len(terms))

    def with_prefix(self, prefix: str) -> range:
        """Return the ordinals of the terms whose UTF-8 begins with that of `prefix`."""
        start, every = _encoded(prefix), range(len(self))
        first = bisect_left(every, start, key=self._bytes)
        # 0xFF does not occur in UTF-8, so this sorts after all terms with the prefix.
        return range(first, bisect_left(every, start + b"\xff", key=self._bytes))

    def _ordinal(self, term: str) -> int:
        wanted = _encoded(term)
        ordinal = bisect_left(range(len(self)), wanted, key=self._bytes)
        return ordinal if ordinal < len(self) and self._bytes(ordinal) == wanted else -1

    def _bytes(self, ordinal: int) -> bytes:
        return bytes(self._texts[int(self._starts[ordinal]) : int(self._starts[ordinal + 1])])


_VOCABULARY: dict[str, type[np.generic]] = {
    "term_texts": np.uint8,
    "term_starts": np.uint64,
    "term_frequencies": np.uint64,
    "term_articles": np.uint64,
}


class PartFile:
    """The part in the sections of one file; implements `ModelPart`."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take the sections. Raises ValueError if they are inconsistent."""
        texts, starts, frequencies, articles = typed_arrays(arrays, _VOCABULARY)
        self._arrays = arrays
        self._articles: NDArray[np.uint64] = articles
        self.vocabulary = TermList(texts, starts)
        self.frequencies: NDArray[np.integer[Any]] = frequencies
        self.tokens = int(frequencies.sum())
        self.bigrams = BigramTable(arrays)
        self.trigrams = TrigramTable(arrays)
        self.spellings = Spellings(arrays, len(self.vocabulary))
        self.completions = Completions(arrays)
        self.forms = WrittenForms(arrays)
        sizes = {len(self.vocabulary), len(frequencies), len(articles), self.bigrams.terms}
        if len(sizes) != 1:
            raise ValueError("the part is damaged: its tables differ in their number of terms")

    def article_counts(self, terms: Sequence[str]) -> Ordinals:
        """Return the document frequency of each term in the field "text", 0 for an unknown one."""
        ordinals = self.vocabulary.ordinals(terms)
        known = ordinals >= 0
        counts = np.zeros(len(terms), np.int64)
        counts[known] = self._articles[ordinals[known]]
        return counts

    def sections(self) -> Arrays:
        """Return the sections of the part's file."""
        return dict(self._arrays)

    def contains_term(self, ordinal: int) -> bool:
        """Return True: a part file is rewritten or merged when articles are deleted."""
        return True

    def contains_phrase(self, phrase: str) -> bool:
        """Return True, for the same reason as `contains_term`."""
        return True

    def written(self, phrase: str) -> str:
        """See `ModelPart`."""
        return self.forms.written(phrase)


def open_part(path: Path) -> PartFile:
    """Open a part file. Raises ArrayFileError if it is damaged, OSError if it cannot be read."""
    file: ArrayFile = open_arrays(path)
    file.check_all()
    try:
        return PartFile(file)
    except ValueError as error:
        raise ArrayFileError(path, str(error)) from error


def write_part(path: Path, arrays: Arrays) -> None:
    """Write a part file and sync it to disk. Raises OSError if that fails."""
    write_arrays(path, arrays)


def merge_parts(parts: Sequence[PartFile], *, pruned: bool = True, is_last: bool = True) -> Arrays:
    """Return the sum of parts that count different articles, as the sections of one file.

    With `pruned`, items below `min_count`, `TrigramLimits` and `min_frequency` of the total size
    are dropped. Only the last merge of the flushes of a part selects trigrams.
    """
    vocabularies = [list(part.vocabulary) for part in parts]
    every = sorted({term for terms in vocabularies for term in terms}, key=_encoded)
    ordinal_of = {term: ordinal for ordinal, term in enumerate(every)}
    ordinals = [
        np.fromiter(map(ordinal_of.__getitem__, terms), np.int64, len(terms))
        for terms in vocabularies
    ]
    frequencies, articles = np.zeros((2, len(every)), np.uint64)
    for part, names in zip(parts, ordinals, strict=True):
        frequencies[names] += part.frequencies.astype(np.uint64)
        articles[names] += part.sections()["term_articles"]
    tokens = sum(part.tokens for part in parts) if pruned else 0
    bigrams = merge_bigrams_of([part.bigrams for part in parts], ordinals, len(every), tokens)
    kept = frequencies >= min_frequency(tokens)
    among = bigrams.where(kept[bigrams.keys >> 32] & kept[bigrams.keys & 0xFFFFFFFF])
    tables = [part.trigrams for part in parts]
    if is_last:
        trigrams = merge_trigrams_of(tables, bigrams, every, WholeIndex(tokens))
    else:
        trigrams = sum_trigrams_of(tables, min_count(tokens))
    vocabulary = [term for term, stays in zip(every, kept.tolist(), strict=True) if stays]
    return {
        **vocabulary_arrays(vocabulary, frequencies[kept], articles[kept]),
        **language_arrays(renumber(among, np.cumsum(kept) - kept), trigrams, vocabulary),
        **completion_arrays(_merged_phrases(parts)),
        **form_arrays(form for part in parts for form in part.forms),
    }


def min_frequency(tokens: int) -> int:
    """Return the frequency below which terms of a part with this number of tokens are dropped.

    Without a minimum, a billion articles would have about 300 million terms, nearly all of them
    typos. It is 1 below 128 million tokens, and then grows like `bigrams.min_count`.

    >>> min_frequency(100_000_000), min_frequency(600_000_000_000)
    (1, 9375)
    """
    return max(1, tokens // 64_000_000)


def _merged_phrases(parts: Iterable[PartFile]) -> dict[str, int]:
    weights: dict[str, int] = {}
    for part in parts:
        table = part.completions
        for row, weight in enumerate(table.weights.tolist()):
            phrase = table.phrase(row)
            weights[phrase] = weights.get(phrase, 0) + weight
    return weights


def vocabulary_arrays(
    terms: Collection[str], frequencies: NDArray[Any], articles: NDArray[Any]
) -> Arrays:
    """Return a vocabulary as sections of a part's file.

    Raises ValueError if the terms are not sorted by their UTF-8 bytes.
    """
    encoded = [_encoded(term) for term in terms]
    if any(low >= high for low, high in pairwise(encoded)):
        raise ValueError("the terms of a part must be sorted by their UTF-8 bytes")
    return {
        "term_texts": np.frombuffer(b"".join(encoded), np.uint8),
        "term_starts": np.cumsum([0, *map(len, encoded)]).astype(np.uint64),
        "term_frequencies": frequencies.astype(np.uint64),
        "term_articles": articles.astype(np.uint64),
    }


def _encoded(term: str) -> bytes:
    return term.encode("utf-8", "surrogatepass")
