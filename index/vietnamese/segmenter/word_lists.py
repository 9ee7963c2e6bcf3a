"""pyvi's word list, with numbered syllables: which adjacent syllables form a word."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from functools import cache, lru_cache
from itertools import count
from typing import TypeAlias

from index.vietnamese.forms import canonical, fold, fold_all
from index.vietnamese.segmenter.model_files import words_file

SYLLABLE_BITS = 13
"""Bits of a syllable's number: the list has fewer than 8,192 syllables."""

NO_THIRD_SYLLABLES: frozenset[int] = frozenset()

SecondSyllables: TypeAlias = Mapping[int, tuple[bool, frozenset[int]]]
"""For each second syllable: whether it forms a word with the first, and the third syllables with
which both form a word of three."""

NO_SECOND_SYLLABLES: SecondSyllables = {}


class WordLists:
    """pyvi's words of two and three syllables. Thread-safe.

    `syllables` numbers all syllables of the list from 1. The entry of a first syllable is built on
    first use: a query needs a few, and building all would double the loading time.
    """

    def __init__(self, content: bytes) -> None:
        """Take a list of words in UTF-8: one per line, syllables separated by one space."""
        syllables = dict.fromkeys(content.split())  # 60,000, of which 7,000 are decoded
        self.syllables: Mapping[str, int] = dict(zip(map(bytes.decode, syllables), count(1)))
        self._lines = sorted(content.split(b"\n"))
        self._second_syllables: dict[str, SecondSyllables] = {}

    @property
    def firsts(self) -> set[str]:
        """The syllables that begin a word of two or more."""
        return {line.partition(b" ")[0].decode() for line in self._lines if b" " in line}

    def second_syllables(self, first: str) -> SecondSyllables:
        """Return the syllables that may follow a first one; empty if it begins no word."""
        if first not in self.syllables:
            return NO_SECOND_SYLLABLES
        found = self._second_syllables.get(first)
        if found is None:
            found = self._second_syllables[first] = self._build(first)
        return found

    def _build(self, first: str) -> SecondSyllables:
        beginning, number = f"{first} ".encode(), self.syllables
        start = bisect_left(self._lines, beginning)
        end = bisect_left(self._lines, beginning + b"\xff", start)  # no byte of UTF-8 is 255
        words = [line.decode().split(" ") for line in self._lines[start:end]]
        second_syllables: dict[int, tuple[bool, frozenset[int]]] = {}
        for _, second in [word for word in words if len(word) == 2]:
            second_syllables[number[second]] = (True, NO_THIRD_SYLLABLES)
        for _, second, third in [word for word in words if len(word) == 3]:
            is_word, third_syllables = second_syllables.get(
                number[second], (False, NO_THIRD_SYLLABLES)
            )
            second_syllables[number[second]] = is_word, third_syllables | {number[third]}
        return second_syllables


@cache
def word_lists() -> WordLists:
    """Read pyvi's word list, once per process. Raises `ModelError` as `words_file` does."""
    return WordLists(words_file())


def begins_word(first: str, second: str) -> bool:
    """Return whether two canonical syllables are a listed word, or begin one of three syllables.

    >>> begins_word("hòa", "bình"), begins_word("sử", "lý")
    (True, False)
    """
    lists = word_lists()
    following = [lists.syllables[listed] for listed in _listed(second)]
    return any(
        number in lists.second_syllables(start) for start in _listed(first) for number in following
    )


@lru_cache(maxsize=1 << 12)
def _listed(form: str) -> tuple[str, ...]:
    """Return the listed syllables with this canonical form; there may be several."""
    listed = _by_letters().get(fold(form), ())
    return tuple(syllable for syllable in listed if canonical(syllable.lower()) == form)


@cache
def _by_letters() -> dict[str, list[str]]:
    """Return the listed syllables by their `fold`.

    Folding is much cheaper than computing the canonical forms of all, which would take a fifth of
    the first search of a process.
    """
    syllables = word_lists().syllables
    listed: dict[str, list[str]] = defaultdict(list)
    for letters, syllable in zip(fold_all(syllables), syllables, strict=True):
        listed[letters].append(syllable)
    return listed
