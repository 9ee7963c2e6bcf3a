"""How many of the words behind an operator does it take? As many as are one word, value or date.

A Vietnamese word has mostly two syllables, written apart: `-trung quốc` excludes China and not
what is central, `section:thể thao` and `since:tháng 3` say what they seem to.
"""

from collections.abc import Callable, Sequence
from itertools import takewhile

from index.vietnamese.dates import parse_period, today_in_vietnam
from index.vietnamese.segmenter import words
from index.vietnamese.syllables import syllables
from search.interpretation.context import Context
from search.interpretation.interpreter import interpret
from search.query.tree import FilterField, TextField

LONGEST = 8
"""Words that a value or a date may have."""

Reach = Callable[[TextField | FilterField, Sequence[str]], int]
"""Says of a field and the plain words behind it, at least one, how many belong to it."""


def one_word(_field: TextField | FilterField, _words: Sequence[str]) -> int:
    """Take the first word alone, as where nothing is known of any index."""
    return 1


def reach(context: Context, field: TextField | FilterField, typed: Sequence[str]) -> int:
    """Say how many of the words typed belong to a field, in the light of the indexed articles."""
    if isinstance(field, TextField):
        return _first_word(context, typed[:LONGEST])
    for count in range(min(len(typed), LONGEST), 1, -1):
        if _means(context, field, " ".join(typed[:count])):
            return count
    return 1


def _means(context: Context, field: FilterField, text: str) -> bool:
    """Tell whether a text is a value of a column, or a date."""
    if field in (FilterField.SOURCE, FilterField.SECTION):
        return bool(context.values_of(field, text))
    try:
        parse_period(text, today_in_vietnam())
    except ValueError:
        return False
    return True


def _first_word(context: Context, typed: Sequence[str]) -> int:
    """Count the pieces that the first word spans; marks may be missing."""
    pieces = [[token.text for token in syllables(piece)] for piece in typed]
    run = [piece[0] for piece in takewhile(lambda piece: len(piece) == 1, pieces)]
    if not run:
        return 1  # "F-16" is a word of its own
    read = list(interpret(run, context.model, context.language).best)
    text = typed[: len(run)] if read == run else read
    return len(words(" ".join(text))[0].syllables)
