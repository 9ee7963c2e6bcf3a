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
    words = [word for word in words_file().split("\n") if word.count(" ") in (1, 2)]
    numbers: dict[str, int] = {}
    for word in words:
        numbers.setdefault(word.partition(" ")[0], len(numbers) + 1)
    for word in words:
        for syllable in word.split(" "):
            numbers.setdefault(syllable, len(numbers) + 1)
    pairs: dict[int, int] = {}
    trigrams = set()
    for word in words:
        key = 0
        for syllable in word.split(" "):
            key = key << SYLLABLE_BITS | numbers[syllable]
        if word.count(" ") == 1:
            pairs[key] = pairs.get(key, 0) | BIGRAM
        else:
            trigrams.add(key)
            head = key >> SYLLABLE_BITS
            pairs[head] = pairs.get(head, 0) | HEAD
    return WordLists(numbers, pairs, frozenset(trigrams))
