"""Vocabularies: numbers of strings, for single tokens and words of several tokens alike."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.native import kernels
from index.vietnamese.segmenter.integer_map import IntegerMap, Ints

Positions = NDArray[np.signedinteger[Any]]


class Vocabulary(dict[str, int]):
    """Numbers strings from 0 in the order in which they are first looked up.

    `texts[n]` is the string with number n; `characters` counts the code points of all strings. Not
    thread-safe.

    >>> numbers = Vocabulary()
    >>> numbers["hà"], numbers["nội"], numbers["hà"], numbers.texts
    (0, 1, 0, ['hà', 'nội'])
    """

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.characters = 0
        self._pairs = IntegerMap()

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self.texts)
        self.texts.append(text)
        self.characters += len(text)
        return number

    def pairs(self, firsts: Ints, seconds: Ints) -> Ints:
        """Return the number of each pair of numbered texts joined by "_"."""
        keys = (firsts.astype(np.int64) + 1) << 32 | seconds  # + 1: 0 is not a valid key
        numbers = self._pairs.find(keys)
        missing = np.flatnonzero(numbers < 0)
        if len(missing):
            new, first, place = np.unique(keys[missing], return_index=True, return_inverse=True)
            first = missing[first]
            both = zip(firsts[first].tolist(), seconds[first].tolist(), strict=True)
            found = np.array([self[f"{self.texts[a]}_{self.texts[b]}"] for a, b in both], np.int32)
            self._pairs.add(new, found)
            numbers[missing] = found[place]
        return numbers


_MAX_PAIRED_TOKENS = 4
"""Tokens of a word that are joined pair by pair with NumPy, which gives each prefix of the word a
number too. Words of more tokens are rare and joined one by one."""


def number_words(parts: Ints, firsts: Positions, vocabulary: Vocabulary) -> Ints:
    """Return the number of each word: the texts of its tokens joined by "_".

    `parts`: the numbers of the tokens of all words in reading order. `firsts`: the position in
    `parts` of each word's first token, ascending; a word ends where the next one begins.

    >>> numbers = Vocabulary()
    >>> parts = np.array([numbers[text] for text in ("hà", "nội", "mưa")], np.int32)
    >>> words = number_words(parts, np.array([0, 2]), numbers)
    >>> [numbers.texts[word] for word in words]
    ['hà_nội', 'mưa']
    """
    sizes = np.diff(firsts, append=len(parts))
    words = parts[firsts]
    longer = np.flatnonzero(sizes > 1)
    for done in range(1, _MAX_PAIRED_TOKENS):
        words[longer] = vocabulary.pairs(words[longer], parts[firsts[longer] + done])
        longer = longer[sizes[longer] > done + 1]
    for word in longer.tolist():
        numbers = parts[firsts[word] : firsts[word] + sizes[word]].tolist()
        words[word] = vocabulary["_".join([vocabulary.texts[number] for number in numbers])]
    return words


def compacted(
    numbers: Iterable[Ints], vocabulary: Vocabulary
) -> tuple[tuple[str, ...], list[Ints]]:
    """Return the distinct texts by first occurrence, and the arrays as indices into them.

    The result does not depend on what else the vocabulary contains.

    >>> numbers = Vocabulary()
    >>> [numbers[text] for text in ("a", "b", "c")]
    [0, 1, 2]
    >>> texts, [indices] = compacted([np.array([2, 0, 2], np.int32)], numbers)
    >>> texts, indices.tolist()
    (('c', 'a'), [0, 1, 0])
    """
    arrays, texts = list(numbers), vocabulary.texts
    if kernels:
        used, indices = kernels.factorize(arrays, len(texts))
        return tuple(map(texts.__getitem__, used.tolist())), indices
    if not arrays:
        return (), []
    every = np.concatenate(arrays)
    order = np.arange(len(every), dtype=np.int32)
    place = np.empty(len(vocabulary.texts), np.int32)
    place[every[::-1]] = order[::-1]  # of the first occurrence, which is written last
    used = every[place.take(every) == order]
    place[used] = order[: len(used)]
    return tuple(map(texts.__getitem__, used.tolist())), [place[array] for array in arrays]
