"""Which syllables side by side are words? pyvi's word lists as numbers."""

from functools import cache
from itertools import chain
from typing import NamedTuple

from index.vietnamese.segmenter.files import words_file

SYLLABLE_BITS = 13
"""Bits of a syllable's number."""

NO_THIRDS: frozenset[int] = frozenset()


class WordLists(NamedTuple):
    """pyvi's words of two and three syllables.

    `syllables` numbers them from 1, those that begin a word first. `seconds` has for each that
    does the syllables which may follow it: whether both are a word, and which third syllables
    make one of three with them.
    """

    syllables: dict[str, int]
    seconds: dict[int, dict[int, tuple[bool, frozenset[int]]]]


@cache
def word_lists() -> WordLists:
    """Read pyvi's word lists, once a process. Raises `ModelError` as `words_file` does."""
    words = [word for word in words_file().split("\n") if word.count(" ") in (1, 2)]
    begins = (word.partition(" ")[0] for word in words)
    all_syllables = chain.from_iterable(word.split(" ") for word in words)
    syllables = dict.fromkeys(chain(begins, all_syllables))
    numbers = {syllable: number for number, syllable in enumerate(syllables, start=1)}
    seconds: dict[int, dict[int, tuple[bool, frozenset[int]]]] = {}
    for word in words:
        first, second, *third = map(numbers.__getitem__, word.split(" "))
        following = seconds.setdefault(first, {})
        is_word, thirds = following.get(second, _NEW)
        if third:
            following[second] = (is_word, thirds.union(third))
        else:
            following[second] = (True, thirds) if thirds else _WORD
    return WordLists(numbers, seconds)


_NEW = (False, NO_THIRDS)
_WORD = (True, NO_THIRDS)
