"""The scope of an operator: how many of the words after it belong to it.

Most Vietnamese words are two syllables with a space between: `-trung quốc` must exclude China, not
what is central (trung), and `section:thể thao` and `since:tháng 3` must take both syllables.
"""

from collections.abc import Sequence
from itertools import takewhile

from index.vietnamese import segmenter
from index.vietnamese.dates import parse_period, today_in_vietnam
from index.vietnamese.syllables import syllables
from search.interpretation.candidates import MAX_MISSPELLED_SYLLABLES_OF_A_QUERY
from search.interpretation.context import Context
from search.query.tree import SINCE, UNTIL

MAX_VALUE_WORDS = 8
"""Words of a value or date that are considered; the longest source or section seen has six."""

MAX_WORD_SYLLABLES = 5
"""Syllables that are segmented to find the first word. With 8, one word in 1,499 was different
(parts of titles, half without marks), and a query of twenty plus signs took 4 ms more."""


def operator_scope(context: Context, field: str, words: Sequence[str], *, is_filter: bool) -> int:
    """Return how many of the words after an operator or field belong to it."""
    if not is_filter:
        return _first_word(context, words[:MAX_WORD_SYLLABLES])
    for count in range(min(len(words), MAX_VALUE_WORDS), 1, -1):
        if _is_value(context, field, " ".join(words[:count])):
            return count
    return 1


def _is_value(context: Context, field: str, text: str) -> bool:
    """Return whether a text is a value of a field, or a date."""
    if field not in (SINCE, UNTIL, "published"):
        return bool(context.values_of(field, text))
    try:
        parse_period(text, today_in_vietnam())
    except ValueError:
        return False
    return True


def _first_word(context: Context, typed: Sequence[str]) -> int:
    """Return how many of the words typed form the first Vietnamese word; marks may be missing.

    Only words of one syllable are joined; "F-16" is a word by itself.
    """
    tokens_of_words = [[token.text for token in syllables(word)] for word in typed]
    run = [word[0] for word in takewhile(lambda word: len(word) == 1, tokens_of_words)]
    if len(run) < 2:  # nothing to join it with
        return 1
    # With the maximum of `runs` the edits of only one syllable are looked up: a query may have 32
    # exclusions, and with all edits 200 letters took 0.1 s of CPU.
    best = list(context.interpret(run, runs=MAX_MISSPELLED_SYLLABLES_OF_A_QUERY).best)
    text = typed[: len(run)] if best == run else best
    return len(segmenter.words(" ".join(text))[0].syllables)
