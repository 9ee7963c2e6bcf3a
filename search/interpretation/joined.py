"""Words that some people write as one and others as several.

Two kinds: syllables typed without spaces ("hanoi", "thutuong"), which `splitting` splits; and
letters beside digits, or groups of digits ("iphone17", "10 km", "0912345678"), which are searched
in every grouping.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from index.vietnamese.equivalents import Equivalent
from index.vietnamese.forms import canonical
from index.vietnamese.number_forms import MAX_RUNS
from index.vietnamese.phonology import is_syllable
from index.vietnamese.syllables import syllables
from search.interpretation.splitting import (
    LETTERS_PER_RUN,
    MAX_JOINED_LETTERS,
    MAX_SYLLABLE_LETTERS,
    MIN_JOINED_LETTERS_OF_A_QUERY,
    Syllables,
)
from search.query import tree as q

MAX_DAY, MAX_MONTH = 31, 12
_PARTS = re.compile(r"[^\W\d_]+|\d+")
_PHONE_GROUPS = ((4, 3, 3), (3, 3, 4), (3, 4, 3), (4, 2, 2, 2), (4, 6))
"""Ways to group the ten digits of a phone number in Vietnam."""


class SplitQuery(NamedTuple):
    """A tree with joined words split; `is_partial` if the limit of letters was reached."""

    tree: q.Query
    is_partial: bool


def split_words(tree: q.Query, split: Callable[[str], Syllables]) -> SplitQuery:
    """Return a tree with the joined words of its runs split; each keeps what was typed.

    `split` is `split_joined` with the model of an index. It is called for `MAX_JOINED_LETTERS`
    letters at most; the rest of a longer word is not split.
    """
    is_partial = False
    runs = sum(isinstance(leaf, q.Words) for leaf in q.scored_leaves(tree))
    remaining = MAX_JOINED_LETTERS - LETTERS_PER_RUN * (runs - 1)
    remaining = max(remaining, MIN_JOINED_LETTERS_OF_A_QUERY)

    def split_within_limit(word: str) -> Syllables:
        nonlocal remaining, is_partial
        if len(word) <= MAX_SYLLABLE_LETTERS:
            return split(word)
        examined, remaining = word[:remaining], max(remaining - len(word), 0)
        is_partial |= examined != word
        if examined == word or len(examined) <= MAX_SYLLABLE_LETTERS:
            return split(word) if examined == word else (word.lower(),)
        *parts, _ = split(examined)  # the last part may be cut short
        return (*parts, word.lower()[sum(map(len, parts)) :])

    found = q.map_words(tree, lambda run: _split_run(run, split_within_limit))
    return SplitQuery(found, is_partial)


def _split_run(run: q.Words, split: Callable[[str], Syllables]) -> q.Words:
    if run.literal or run.field not in (q.TEXT, "title"):
        return run
    parts: list[str] = []
    joined: list[q.Joined] = []
    end, count = 0, 0
    for token in syllables(run.text):
        word = canonical(run.text[token.start : token.end])
        word_parts = split(word)
        if len(word_parts) > 1:
            joined.append(q.Joined(count, count + len(word_parts), token.text))
            parts += (run.text[end : token.start], " ".join(word_parts))
            end = token.end
        count += len(word_parts)
    if not joined:
        return run
    return replace(run, text="".join((*parts, run.text[end:])), joined=tuple(joined))


def typed_joined(run: q.Words) -> list[Equivalent]:
    """Return the joined words of a run as they were typed, as equivalents."""
    return [Equivalent(j.start, j.end, ((j.typed,),), certain=True) for j in run.joined]


def other_groupings(typed: Sequence[str]) -> list[Equivalent]:
    """Return other groupings of the letters and digits, and of the digits, in a run of syllables.

    >>> other_groupings(["iphone17"])[0].alternatives
    (('iphone', '17'),)
    >>> [other.alternatives for other in other_groupings(["giá", "500", "000"])]
    [(('500000',),)]
    """
    if all(map(str.isalpha, typed)):  # as in most queries: each is a group of its own
        return []
    found: list[Equivalent] = []
    start = 0
    while start < len(typed):
        end = _end_of_group(typed, start)
        alternatives = tuple(dict.fromkeys(_regrouped(tuple(typed[start:end]))))
        if alternatives:
            found.append(Equivalent(start, end, alternatives, certain=True))
        start = end
    return found


def _end_of_group(typed: Sequence[str], start: int) -> int:
    """Return the end of the syllables from `start` that may be written as one."""
    end = start + 1
    if _is_date(typed[start : start + 3]):
        return start + 3
    if typed[start].isdecimal():
        while end < len(typed) and typed[end].isdecimal() and len(typed[end]) >= 2:
            end += 1
        if end == start + 1 and end < len(typed) and _is_unit(typed[end]):
            end += 1
    elif _is_unit(typed[start]) and end < len(typed) and typed[end].isdecimal():
        end += 1
    return end


def _is_date(group: Sequence[str]) -> bool:
    """Return whether three syllables are a day, a month and a year in numbers."""
    if len(group) != 3 or not all(part.isdecimal() for part in group):
        return False
    day, month, year = group
    return len(year) == 4 and int(day) <= MAX_DAY and int(month) <= MAX_MONTH


def _is_unit(syllable: str) -> bool:
    """Return whether letters may be joined to a number: "km", "iphone", not "năm"."""
    return syllable.isascii() and syllable.isalpha() and not is_syllable(syllable)


def _regrouped(group: Syllables) -> Iterator[Syllables]:
    """Yield the other groupings of syllables that may be written as one."""
    if _is_date(group):
        yield from _dates(group)
        return
    joined = "".join(group)
    parts = tuple(_PARTS.findall(joined))
    if len(group) > 1:
        yield (joined,)
    elif 1 < len(parts) <= MAX_RUNS:
        yield parts
        if parts[-1].isdecimal() and len(parts[-1]) == 5:  # the number plate 29A-123.45
            yield ("".join(parts[:-1]), parts[-1][:3], parts[-1][3:])
            yield ("".join(parts[:-1]), parts[-1])
    if joined.isdecimal() and len(joined) > 4:
        for grouped in _grouped_digits(joined):
            if grouped != group:
                yield grouped


def _dates(group: Syllables) -> Iterator[Syllables]:
    """Yield a date with and without leading zeros in day and month."""
    day, month, year = group
    for zeros in (False, True):
        written = tuple(part.zfill(2) if zeros else part.lstrip("0") for part in (day, month))
        if (*written, year) != group:
            yield (*written, year)


def _grouped_digits(digits: str) -> Iterator[Syllables]:
    """Yield a number grouped in thousands, or ten digits grouped as in phone numbers."""
    if digits[0] != "0":
        first = len(digits) % 3
        groups = ([digits[:first]] if first else []) + re.findall("...", digits[first:])
        yield tuple(groups)
    elif len(digits) == 10:
        for lengths in _PHONE_GROUPS:
            ends = [sum(lengths[: i + 1]) for i in range(len(lengths))]
            yield tuple(digits[end - n : end] for end, n in zip(ends, lengths, strict=True))
