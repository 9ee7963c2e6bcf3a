"""Which number has a word? Single tokens and words of several share one numbering."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Positions = NDArray[np.signedinteger[Any]]


class Vocabulary(dict[str, int]):
    """Gives every text a number when it is first asked for; `texts[n]` is number n's text.

    `compounds` does the same for words of several texts, given by their numbers: two of them in
    one integer (`first << 32 | second`), more as a tuple. The text of a compound is its parts'
    joined by "_". Belongs to one thread.
    """

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.compounds = _Compounds(self)

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self.texts)
        self.texts.append(text)
        return number


class _Compounds(dict[int | tuple[int, ...], int]):
    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__()
        self._vocabulary = vocabulary

    def __missing__(self, key: int | tuple[int, ...]) -> int:
        parts = key if isinstance(key, tuple) else (key >> 32, key & 0xFFFFFFFF)
        texts = self._vocabulary.texts
        number = self[key] = self._vocabulary["_".join(texts[part] for part in parts)]
        return number


def number_words(parts: Ints, firsts: Positions, vocabulary: Vocabulary) -> Ints:
    """Give the number of each word.

    `parts`: the numbers of the tokens of all words in reading order. `firsts`: for each word the
    position in `parts` of its first token, ascending; a word ends where the next one begins.
    """
    sizes = np.diff(firsts, append=len(parts))
    words = parts[firsts]
    of_several = np.flatnonzero(sizes > 1)
    sizes = sizes[of_several]
    for size in set(sizes.tolist()):
        places = of_several[sizes == size]
        columns = [parts[firsts[places] + offset] for offset in range(size)]
        keys: Iterable[int | tuple[int, ...]]
        if size == 2:  # nine compounds in ten
            keys = (columns[0].astype(np.int64) << 32 | columns[1]).tolist()
        else:
            keys = zip(*(column.tolist() for column in columns), strict=True)
        words[places] = list(map(vocabulary.compounds.__getitem__, keys))
    return words


def compacted(
    numbers: Iterable[Ints], vocabulary: Vocabulary
) -> tuple[tuple[str, ...], list[Ints]]:
    """Give the texts that the numbers name, by first occurrence, and the numbers as their indices.

    What it gives depends on the texts only, not on what else the vocabulary holds.
    """
    arrays = list(numbers)
    every = np.concatenate(arrays)
    first = np.full(len(vocabulary.texts), -1, np.int32)
    first[every[::-1]] = np.arange(len(every) - 1, -1, -1, dtype=np.int32)
    used = np.flatnonzero(first >= 0)
    used = used[np.argsort(first[used])]
    place = first  # its values are spent
    place[used] = np.arange(len(used), dtype=np.int32)
    texts = vocabulary.texts
    return tuple(map(texts.__getitem__, used.tolist())), [place[array] for array in arrays]
