"""The limits on the words of one article, which bound the memory of a build.

A limit in bytes does not: while its article is analysed, each distinct word takes about 300 bytes,
and each repetition about 100. 15 MB of text may be 2.4 million distinct words, or 7.8 million words
of one letter.
"""

from collections.abc import Iterable
from typing import NamedTuple

from index.corpus.problems import InvalidRecordError
from index.vietnamese.syllables import terms


class WordLimits(NamedTuple):
    """The maximum number of words of an article, and of distinct words."""

    words: int = 3_000_000
    """16 MiB of news, the longest text that is read, have 2.9 million; 7.4 million words of one
    letter took 598 MB (`docs/benchmarks`)."""

    distinct: int = 1 << 18
    """15 MB of news have about 60,000, the largest dictionaries 200,000; more are tables of
    identifiers or numbers, which would take 844 MB (`docs/benchmarks`)."""


LIMITS = WordLimits()

_PIECE_CHARACTERS = 1 << 17
"""Characters that are checked at a time; arbitrary, about 1 MB of words."""


def check_words(texts: Iterable[str], limits: WordLimits = LIMITS) -> None:
    """Raise InvalidRecordError for an article with more words than the limits.

    >>> check_words(["một hai ba", "một hai"], WordLimits(words=5, distinct=3))
    """
    long = list(texts)
    if sum(map(len, long)) <= 2 * min(limits):  # a word takes a letter and a space
        return
    found: set[str] = set()
    words = 0
    for text in long:
        for start in range(0, len(text), _PIECE_CHARACTERS):
            piece = terms(text[start : start + _PIECE_CHARACTERS])
            words += len(piece)
            found.update(piece)
            if len(found) > limits.distinct:
                raise _not_an_article(f"{limits.distinct:,} distinct words")
            if words > limits.words:
                raise _not_an_article(f"{limits.words:,} words")


def _not_an_article(too_many: str) -> InvalidRecordError:
    return InvalidRecordError(
        f"more than {too_many}, which is not an article; cut a table or a list into records"
    )
