"""Which syllables side by side are words? pyvi's word lists as numbers."""

from functools import cache
from typing import NamedTuple

from index.vietnamese.segmenter.files import words_file


class WordLists(NamedTuple):
    """pyvi's words of two and three syllables.

    `pairs` has every two syllables that are a word (`BIGRAM`), begin one of three syllables
    (`HEAD`), or both; a pair or triple is one integer of the syllables' numbers.
    """

    syllables: dict[str, int]
    pairs: dict[int, int]
    trigrams: frozenset[int]


BIGRAM, HEAD = 1, 2
SYLLABLE_BITS = 13
"""Bits of a syllable's number: `first << SYLLABLE_BITS | second` is the pair's."""


@cache
def word_lists() -> WordLists:
    """Read pyvi's word lists, once a process. Raises `ModelError` as `words_file` does.

    Syllables are numbered from 1, those that begin a word first.
    """
    words = [word.split(" ") for word in words_file().split("\n") if word.count(" ") in (1, 2)]
    numbers: dict[str, int] = {}
    for syllable in (*(word[0] for word in words), *(last for word in words for last in word[1:3])):
        numbers.setdefault(syllable, len(numbers) + 1)
    pairs = {_key(word, numbers): BIGRAM for word in words if len(word) == 2}
    trigrams = frozenset(_key(word, numbers) for word in words if len(word) == 3)
    for trigram in trigrams:
        pairs[trigram >> SYLLABLE_BITS] = pairs.get(trigram >> SYLLABLE_BITS, 0) | HEAD
    return WordLists(numbers, pairs, trigrams)


def _key(word: list[str], numbers: dict[str, int]) -> int:
    key = 0
    for syllable in word:
        key = key << SYLLABLE_BITS | numbers[syllable]
    return key
