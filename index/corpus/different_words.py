"""The limit on the different words of one article, which bounds the memory of a build.

Bytes alone do not: every different word is a text in Python's memory, then a term of the
dictionary, some 300 bytes, and 15 MB have room for 2.4 million of them.
"""

from collections.abc import Iterable

from index.corpus.problems import InvalidRecordError
from index.vietnamese.syllables import terms

MAX_DIFFERENT_WORDS = 1 << 18
"""Different words of an article. 15 MB of news have some 60,000, the largest dictionaries 200,000;
more are tables of identifiers or numbers, which would take 844 MB (`docs/benchmarks`)."""

_PIECE_CHARACTERS = 1 << 17
"""Characters that are looked through together; arbitrary, some 1 MB of words."""


def check_different_words(texts: Iterable[str], limit: int = MAX_DIFFERENT_WORDS) -> None:
    """Raise InvalidRecordError for an article with more different words than `limit`.

    >>> check_different_words(["một hai ba", "một hai"], limit=3)
    """
    long = list(texts)
    if sum(map(len, long)) <= 2 * limit:  # a word takes a letter and a space
        return
    found: set[str] = set()
    for text in long:
        for start in range(0, len(text), _PIECE_CHARACTERS):
            found.update(terms(text[start : start + _PIECE_CHARACTERS]))
            if len(found) > limit:
                raise InvalidRecordError(
                    f"more than {limit:,} different words, which is not an article; "
                    "cut a table or a list into records"
                )
