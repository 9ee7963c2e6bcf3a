"""Words with wildcards: `ngh*p`, `Nguy?n`, and within a phrase also `ngh*`.

An asterisk stands for any number of letters, a question mark for one. The letters before the first
wildcard are looked up in the term dictionary, so there have to be at least two.
"""

import fnmatch
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from index.vietnamese.forms import canonical, fold
from index.vietnamese.syllables import terms

MIN_PREFIX_LETTERS = 2
"""Letters before a wildcard; a twentieth of the vocabulary begins with any single letter."""

_WILDCARD = re.compile(r"[^\W_]+(?:(?:\*+|\?(?=\w))[^\W_]*)+")
"""A question mark at the end of a word is punctuation."""

_INNER = re.compile(r"\*[^\W\d]|\w\?\w")


@dataclass(frozen=True)
class Pattern:
    """A word with wildcards, in canonical lower case.

    >>> pattern = Pattern("ngh*p")
    >>> pattern.beginning, pattern.matches("nghiệp"), pattern.matches("nghệ")
    ('ngh', True, False)
    """

    text: str

    @property
    def beginning(self) -> str:
        """The letters before the first wildcard."""
        return re.split(r"[*?]", self.text, maxsplit=1)[0]

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        # `fnmatch` writes asterisks that do not backtrack; with `.*` eight of them take minutes.
        return re.compile(fnmatch.translate(self.text))

    def matches(self, term: str) -> bool:
        """Return whether a term matches; a pattern without marks ignores those of the term."""
        letters = fold(term) if self.text.isascii() else term
        return self._regex.fullmatch(letters) is not None


def has_inner_wildcard(word: str) -> bool:
    """Return whether a word has a wildcard before a letter.

    >>> [has_inner_wildcard(word) for word in ("ngh*p", "Nguy?n", "chính*", "5*3", "gì?")]
    [True, True, False, False, False]
    """
    return _INNER.search(word) is not None


def word_pattern(word: str) -> Pattern | None:
    """Return a word as a pattern, without punctuation around it; None if it cannot be one.

    >>> word_pattern("(Ngh*p)"), word_pattern("*book"), word_pattern("nghề")
    (Pattern(text='ngh*p'), None, None)
    """
    found = _WILDCARD.search(canonical(word.lower()))
    if found is None or any(char.isalnum() or char in "*?" for char in _around(found)):
        return None
    return Pattern(found[0])


def _around(found: re.Match[str]) -> str:
    return found.string[: found.start()] + found.string[found.end() :]


def phrase_slots(phrase: str) -> list[str | Pattern]:
    """Return the slots of a phrase: each a syllable, or a pattern with an asterisk.

    A question mark in a phrase is punctuation: phrases are pasted, and their spaces get lost.

    >>> phrase_slots("công ngh* mới")
    ['công', Pattern(text='ngh*'), 'mới']
    """
    slots: list[str | Pattern] = []
    for word in phrase.split():
        pattern = word_pattern(word)
        if "*" in word and pattern and len(pattern.beginning) >= MIN_PREFIX_LETTERS:
            slots.append(pattern)
        else:
            slots += terms(word)
    return slots


def phrase_patterns(phrase: str) -> list[Pattern]:
    """Return the patterns of a phrase, in order."""
    if "*" not in phrase:
        return []
    return [slot for slot in phrase_slots(phrase) if isinstance(slot, Pattern)]


def ignored_wildcards(phrase: str) -> Iterator[tuple[str, bool]]:
    """Yield each word of a phrase whose asterisk is ignored, and whether it is only too short.

    >>> list(ignored_wildcards("công ngh* f* *book"))
    [('f*', True), ('*book', False)]
    """
    for word in phrase.split():
        if "*" in word:
            pattern = word_pattern(word)
            if pattern is None or len(pattern.beginning) < MIN_PREFIX_LETTERS:
                yield word, pattern is not None
