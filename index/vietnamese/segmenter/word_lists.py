"""pyvi's word lists, as numbers: which syllables side by side are words."""

import re
from collections import defaultdict
from functools import cache
from itertools import chain, count
from operator import itemgetter
from typing import NamedTuple

from index.vietnamese.forms import canonical, fold, fold_all
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
    seconds, following = word_lists().seconds, _numbers(second)
    return any(
        number in seconds[start]
        for start in _numbers(first)
        if start in seconds
        for number in following
    )


def _numbers(form: str) -> list[int]:
    """Return the numbers of a syllable, given in its canonical form; the lists have several."""
    listed = _listed().get(fold(form), ())
    return [number for syllable, number in listed if canonical(syllable) == form]


@cache
def _listed() -> dict[str, list[tuple[str, int]]]:
    """Return the listed syllables, in lower case, with their numbers, by their `fold`.

    To make the canonical forms of all takes a fifth of the first search of a process.
    """
    syllables = word_lists().syllables
    listed: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for letters, syllable, number in zip(
        fold_all(syllables), map(str.lower, syllables), syllables.values(), strict=True
    ):
        listed[letters].append((syllable, number))
    return listed


_WORD_LINE = re.compile(rb"^([^ \n]+) ([^ \n]+)(?: ([^ \n]+))?$", re.MULTILINE)
_NEW = (False, NO_THIRDS)
_WORD = (True, NO_THIRDS)
