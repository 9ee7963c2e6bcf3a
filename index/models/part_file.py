"""A part of the models in a file of its own, for an index that no engine of ours keeps.

The file is an array file (`index.storage.array_file`) with the sections of the four tables (see
`bigrams`, `trigrams`, `spellings`, `completions`) and of the vocabulary:

    term_texts (uint8)         the terms, ascending by their UTF-8 bytes, one after another
    term_starts (uint64)       the first byte of each term, and the end of the last one's
    term_frequencies (uint64)  how often each occurs
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol, overload

import numpy as np
from numpy.typing import NDArray

from index.models.bigrams import BigramTable, Ordinals, renumber
from index.models.completions import (
    MAX_TITLE_SYLLABLES,
    MIN_ALONE_SHARE,
    MIN_WORD_ARTICLES,
    Completions,
    TitleTokens,
    completion_arrays,
    mine_phrases,
)
from index.models.counting import (
    Arrays,
    count_language,
    language_arrays,
    merge_bigrams_of,
    merge_trigrams_of,
)
from index.models.part import ModelPart
from index.models.spellings import Spellings, spelling_arrays
from index.models.trigrams import TrigramTable
from index.storage.array_file import ArrayFile, ArrayFileError, columns, open_arrays
from index.storage.array_writer import write_arrays

Numbers = NDArray[np.int64]


class Tokens(Protocol):
    """The tokens of one field for a batch of articles, as `index.analysis.FieldTokens` has them."""

    @property
    def terms(self) -> NDArray[np.int32]:
        """The index of each token's term in the batch's vocabulary."""
        ...

    @property
    def articles(self) -> NDArray[np.int32]:
        """The index of each token's article in the batch, ascending."""
        ...

    @property
    def positions(self) -> NDArray[np.int32]:
        """The position of each token in its article's field, ascending."""
        ...


class TermList(Sequence[str]):
    """The vocabulary of a part file: terms by ordinal, found by bisection."""

    def __init__(self, texts: NDArray[np.uint8], starts: NDArray[np.uint64]) -> None:
        """Take the two sections; raises ValueError where they are inconsistent."""
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
            return [self.term(at) for at in range(len(self))[ordinal]]
        return self.term(range(len(self))[ordinal])

    def term(self, ordinal: int) -> str:
        """Return the term of an ordinal."""
        return self._bytes(ordinal).decode("utf-8", "surrogatepass")

    def ordinals(self, terms: Sequence[str]) -> Ordinals:
        """Return the ordinal of each term, -1 for one that the part lacks."""
        return np.fromiter(map(self._ordinal, terms), np.int64, len(terms))

    def with_prefix(self, prefix: str) -> range:
        """Return the ordinals of the terms that begin with `prefix`, by their bytes."""
        start, every = _encoded(prefix), range(len(self))
        first = bisect_left(every, start, key=self._bytes)
        # No byte of UTF-8 is 255, so this comes right behind the last term that begins so.
        return range(first, bisect_left(every, start + b"\xff", key=self._bytes))

    def _ordinal(self, term: str) -> int:
        wanted = _encoded(term)
        at = bisect_left(range(len(self)), wanted, key=self._bytes)
        return at if at < len(self) and self._bytes(at) == wanted else -1

    def _bytes(self, ordinal: int) -> bytes:
        return bytes(self._texts[int(self._starts[ordinal]) : int(self._starts[ordinal + 1])])


class PartFile:
    """See `ModelPart`; the file of `write_part`, mapped into memory."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take the sections; raises ValueError where they are inconsistent."""
        texts, starts, frequencies = columns(
            arrays,
            {"term_texts": np.uint8, "term_starts": np.uint64, "term_frequencies": np.uint64},
        )
        self.vocabulary = TermList(texts, starts)
        self.frequencies: NDArray[np.integer[Any]] = frequencies
        self.tokens = int(frequencies.sum())
        self.bigrams = BigramTable(arrays)
        self.trigrams = TrigramTable(arrays)
        self.spellings = Spellings(arrays, len(self.vocabulary))
        self.completions = Completions(arrays)
        if len(frequencies) != len(self.vocabulary) or self.bigrams.terms != len(frequencies):
            raise ValueError("the part is damaged: its tables are of different terms")

    def holds_term(self, ordinal: int) -> bool:
        """Return True: whoever deletes articles writes the part anew, or merges it away."""
        return True

    def holds_phrase(self, phrase: str) -> bool:
        """Return True, as `holds_term`."""
        return True


def open_part(path: Path) -> PartFile:
    """Open a part file. Raises ArrayFileError where it is damaged, OSError where it is missing."""
    file: ArrayFile = open_arrays(path)
    file.check_all()
    try:
        return PartFile(file)
    except ValueError as error:
        raise ArrayFileError(path, str(error)) from error


@dataclass(slots=True)
class PartBuilder:
    """Counts the tokens of analysed articles to one part; keeps 12 bytes a token until then.

    `stops` are the syllables with which no completion begins or ends.
    """

    stops: frozenset[str]
    _numbers: dict[str, int] = field(default_factory=dict)
    _articles: int = 0
    _fields: dict[str, list[tuple[Numbers, Numbers, Numbers]]] = field(
        default_factory=lambda: {"text": [], "title": [], "words": []}
    )

    def add(self, vocabulary: Sequence[str], fields: Mapping[str, Tokens], articles: int) -> None:
        """Add a batch of that many articles; `fields` has "text", "title" and "words"."""
        number = self._numbers
        names = np.array([number.setdefault(term, len(number)) for term in vocabulary], np.int64)
        for name, batches in self._fields.items():
            tokens = fields[name]
            owners = tokens.articles.astype(np.int64) + self._articles
            batches.append((names[tokens.terms], owners, tokens.positions.astype(np.int64)))
        self._articles += articles

    def arrays(self) -> Arrays:
        """Return the sections of the part's file."""
        terms, articles, positions = self._joined("text")
        vocabulary, ordinals = self._vocabulary(terms)
        frequencies = np.bincount(ordinals, minlength=len(vocabulary)).astype(np.uint64)
        return {
            **_vocabulary_arrays(vocabulary, frequencies),
            **count_language(ordinals, articles, positions, vocabulary),
            # A part of its own is not merged before it is read, so it has spellings whatever
            # its size.
            **spelling_arrays(vocabulary),
            **completion_arrays(self._phrases()),
        }

    def _joined(self, name: str) -> list[Numbers]:
        nothing = (np.empty(0, np.int64),) * 3
        columns = zip(nothing, *self._fields[name], strict=True)
        return [np.concatenate(column) for column in columns]

    def _vocabulary(self, terms: Numbers) -> tuple[list[str], Numbers]:
        """Return the terms that occur, ascending by their bytes, and the terms' ordinals."""
        every = list(self._numbers)
        used = np.flatnonzero(np.bincount(terms, minlength=len(every))).tolist()
        order = sorted(used, key=lambda at: _encoded(every[at]))
        ordinals = np.full(len(every), -1, np.int64)
        ordinals[order] = np.arange(len(order))
        return [every[at] for at in order], ordinals[terms]

    def _phrases(self) -> dict[str, int]:
        terms, articles, positions = self._joined("title")
        kept = positions < MAX_TITLE_SYLLABLES
        vocabulary, ordinals = self._vocabulary(terms[kept])
        titles = TitleTokens(
            *(part.astype(np.int32) for part in (ordinals, articles[kept], positions[kept]))
        )
        words, syllables = self._article_counts("words"), self._article_counts("text")
        compounds = {
            word: count
            for word, count in words.items()
            if "_" in word and count >= MIN_WORD_ARTICLES
        }
        alone = {
            syllable
            for syllable, count in syllables.items()
            if words.get(syllable, 0) >= MIN_ALONE_SHARE * count
        }
        return mine_phrases(titles, vocabulary, compounds, alone, self.stops)

    def _article_counts(self, name: str) -> dict[str, int]:
        """Return in how many articles each term of a field stands."""
        terms, articles, _ = self._joined(name)
        once = np.unique(terms * max(self._articles, 1) + articles) // max(self._articles, 1)
        counts = np.bincount(once, minlength=len(self._numbers)).tolist()
        return {term: count for term, count in zip(self._numbers, counts, strict=True) if count}


def write_part(path: Path, arrays: Arrays) -> None:
    """Write a part file, synced to the disk. Raises OSError where that fails."""
    write_arrays(path, arrays)


def merge_parts(parts: Sequence[ModelPart]) -> Arrays:
    """Add up parts that count different articles; return the sections of one file.

    Phrases and terms that a part holds for deleted articles alone are left out.
    """
    vocabularies = [list(map(part.vocabulary.term, range(len(part.frequencies)))) for part in parts]
    every = sorted({term for terms in vocabularies for term in terms}, key=_encoded)
    place = {term: at for at, term in enumerate(every)}
    ordinals = [
        np.fromiter(map(place.__getitem__, terms), np.int64, len(terms)) for terms in vocabularies
    ]
    frequencies = np.zeros(len(every), np.uint64)
    held = np.zeros(len(every), np.bool_)
    for part, names in zip(parts, ordinals, strict=True):
        frequencies[names] += part.frequencies.astype(np.uint64)
        held[names] |= np.fromiter(map(part.holds_term, range(len(names))), np.bool_, len(names))
    tokens = sum(part.tokens for part in parts)
    bigrams = merge_bigrams_of([part.bigrams for part in parts], ordinals, len(every), tokens)
    kept = held[bigrams.keys >> 32] & held[bigrams.keys & 0xFFFFFFFF]
    bigrams = renumber(bigrams.where(kept), np.maximum(np.cumsum(held) - 1, 0))
    trigrams = merge_trigrams_of([part.trigrams for part in parts], tokens)
    vocabulary = [term for term, stays in zip(every, held.tolist(), strict=True) if stays]
    return {
        **_vocabulary_arrays(vocabulary, frequencies[held]),
        **language_arrays(bigrams, trigrams, vocabulary),
        **completion_arrays(_merged_phrases(parts)),
    }


def _merged_phrases(parts: Iterable[ModelPart]) -> dict[str, int]:
    weights: dict[str, int] = {}
    for part in parts:
        table = part.completions
        for row, weight in enumerate(table.weights.tolist()):
            phrase = table.phrase(row)
            if part.holds_phrase(phrase):
                weights[phrase] = weights.get(phrase, 0) + weight
    return weights


def _vocabulary_arrays(terms: Collection[str], frequencies: NDArray[np.uint64]) -> Arrays:
    encoded = [_encoded(term) for term in terms]
    if any(low >= high for low, high in pairwise(encoded)):
        raise ValueError("the terms of a part ascend by their UTF-8 bytes")
    return {
        "term_texts": np.frombuffer(b"".join(encoded), np.uint8),
        "term_starts": np.cumsum([0, *map(len, encoded)]).astype(np.uint64),
        "term_frequencies": frequencies,
    }


def _encoded(term: str) -> bytes:
    return term.encode("utf-8", "surrogatepass")
