"""pyvi's word lists, as numbers: which syllables side by side are words."""

import re
from collections import defaultdict
from functools import cache
from itertools import chain, count
from operator import itemgetter
from typing import NamedTuple

from index.vietnamese.forms import canonical
from index.vietnamese.segmenter.model_files import words_file

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
    words: list[tuple[bytes, bytes, bytes]] = _WORD_LINE.findall(words_file())
    places = chain.from_iterable(map(itemgetter(place), words) for place in range(3))
    numbers = dict(zip(dict.fromkeys(filter(None, places)), count(1)))
    seconds: dict[int, dict[int, tuple[bool, frozenset[int]]]] = defaultdict(dict)
    for first, second, third in words:  # first, as this forgets words of three
        if not third:
            seconds[numbers[first]][numbers[second]] = _WORD
    for first, second, third in words:
        if third:
            following, number = seconds[numbers[first]], numbers[second]
            is_word, thirds = following.get(number, _NEW)
            following[number] = (is_word, thirds | {numbers[third]})
    spelled = {syllable.decode(): number for syllable, number in numbers.items()}
    return WordLists(spelled, dict(seconds))


def begins_word(first: str, second: str) -> bool:
    """Return whether two canonical syllables are a listed word, or begin one of three.

    >>> begins_word("hòa", "bình"), begins_word("sử", "lý")
    (True, False)
    """
    numbers, seconds = _numbers(), word_lists().seconds
    following = numbers.get(second, ())
    return any(
        number in seconds[start]
        for start in numbers.get(first, ())
        if start in seconds
        for number in following
    )


@cache
def _numbers() -> dict[str, tuple[int, ...]]:
    """Return the numbers of each syllable by its canonical form; the lists have several forms."""
    numbers: dict[str, tuple[int, ...]] = {}
    for syllable, number in word_lists().syllables.items():
        form = canonical(syllable.lower())
        numbers[form] = (*numbers.get(form, ()), number)
    return numbers


_WORD_LINE = re.compile(rb"^([^ \n]+) ([^ \n]+)(?: ([^ \n]+))?$", re.MULTILINE)
_NEW = (False, NO_THIRDS)
_WORD = (True, NO_THIRDS)
