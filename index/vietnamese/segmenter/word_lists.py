"""pyvi's word list, with numbered syllables: which adjacent syllables form a word."""

from collections.abc import Iterable, Mapping
from functools import cache
from itertools import count
from typing import TypeAlias

from index.vietnamese.segmenter.model_files import Model, model

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

    def __init__(self, stored: Model) -> None:
        self.syllables: Mapping[str, int] = dict(zip(stored.syllables.split(" "), count(1)))
        entries = (entry.partition("|") for entry in stored.words.split(";"))
        self._rests = {first: rests for first, _, rests in entries}
        self._other_spellings = stored.other_spellings
        self._second_syllables: dict[str, SecondSyllables] = {}

    @property
    def firsts(self) -> Iterable[str]:
        """The syllables that begin a word of two or three."""
        return self._rests.keys()

    def second_syllables(self, first: str) -> SecondSyllables:
        """Return the syllables that may follow a first one; empty if it begins no word."""
        found = self._second_syllables.get(first)
        if found is None:
            if first not in self._rests:
                return NO_SECOND_SYLLABLES
            found = self._second_syllables[first] = self._build(first)
        return found

    def spellings(self, form: str) -> list[str]:
        """Return the listed syllables with this canonical form; there may be several."""
        others = self._other_spellings.get(form, [])
        return [form, *others] if form in self.syllables else others

    def _build(self, first: str) -> SecondSyllables:
        number = self.syllables
        words = [rest.split(" ") for rest in self._rests[first].split("|")]
        second_syllables: dict[int, tuple[bool, frozenset[int]]] = {}
        for second, *_ in [word for word in words if len(word) == 1]:
            second_syllables[number[second]] = (True, NO_THIRD_SYLLABLES)
        for second, third in [word for word in words if len(word) == 2]:
            is_word, third_syllables = second_syllables.get(
                number[second], (False, NO_THIRD_SYLLABLES)
            )
            second_syllables[number[second]] = is_word, third_syllables | {number[third]}
        return second_syllables


@cache
def word_lists() -> WordLists:
    """Return pyvi's word list, built once per process. Raises `ModelError` as `model` does."""
    return WordLists(model())


def begins_word(first: str, second: str) -> bool:
    """Return whether two canonical syllables are a listed word, or begin one of three syllables.

    >>> begins_word("hòa", "bình"), begins_word("sử", "lý")
    (True, False)
    """
    lists = word_lists()
    following = [lists.syllables[listed] for listed in lists.spellings(second)]
    return any(
        number in lists.second_syllables(start)
        for start in lists.spellings(first)
        for number in following
    )
