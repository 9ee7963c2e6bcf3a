"""Variants of tokens with digits: amounts, phone numbers, dates, units, models, licence plates.

"500.000" and "500000", "0912 345 678" and "0912.345.678", "06/02/2017" and "6/2/2017", "10 km" and
"10km", "U-23" and "U23", "29A-123.45" and "29A12345". The variants come from rules, not lists.
Each is searched as a phrase, so a variant that occurs nowhere costs one term lookup.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import product

from index.vietnamese.equivalents import Equivalent
from index.vietnamese.lexicon import Syllables
from index.vietnamese.phonology import is_syllable

MAX_ALTERNATIVES = 8
"""Variants of one part of a query, each searched as a phrase; a phone number has 7. Arbitrary."""

MAX_SYLLABLES = 6
"""Syllables of the longest part that has variants. Billions have four groups of digits and a
unit. Arbitrary."""

MAX_JOINED_LETTERS = 12
"""Letters that are joined with digits, as in names of brands and models. Arbitrary."""

MAX_RUNS = 8
"""Runs of letters or of digits in a token that is split: "su30mki" has 3, "10h30p" 4. A token with
more is a key or a checksum and would have too many variants. Arbitrary."""

_DIGIT = re.compile(r"[0-9]")
_RUNS = re.compile(r"[0-9]+|[^0-9]+")
_UNIT_NAMES = {"đ": "đồng", "h": "giờ", "p": "phút"}
_UNIT_SIGNS = {name: sign for sign, name in _UNIT_NAMES.items()}
_PLATE = re.compile(r"(?P<letters>[0-9]{2}[a-z]{1,2})(?P<digits>[0-9]{4,6})")
_SERIES = re.compile(r"[0-9]{2}[a-z]{1,2}[0-9]?")

_PHONE = re.compile("0[1-9]")
"""The first digits of a phone number; 00 is the prefix of international calls."""
_PHONE_GROUPS = {
    10: ((10,), (4, 3, 3), (3, 3, 4), (3, 4, 3), (4, 6), (4, 2, 2, 2)),
    11: ((11,), (3, 4, 4), (3, 8), (4, 7), (4, 3, 4)),
}
"""The usual groupings of Vietnamese phone numbers, by length: mobile numbers (0912...) have 10
digits, landlines (024...) 11."""


def number_forms(syllables: Sequence[str]) -> list[Equivalent]:
    """Return the variants of numbers in a sequence of canonical lower-case syllables.

    Spans are disjoint and ascend; at each position the longest one is taken.

    >>> number_forms(["giá", "500", "000"])
    [Equivalent(start=1, end=3, alternatives=(('500000',),), certain=True)]
    >>> [found.alternatives for found in number_forms(["u23"])]
    [(('u', '23'),)]
    """
    if not _DIGIT.search(" ".join(syllables)):  # as in most queries: every rule needs one
        return []
    found: list[Equivalent] = []
    start = 0
    while start < len(syllables):
        rest = syllables[start : start + MAX_SYLLABLES]
        every = [form for rule in _RULES for form in rule(rest)]
        end = start + max((stop for stop, _ in every), default=1)
        forms = dict.fromkeys(form for stop, form in every if start + stop == end)
        forms.pop(tuple(syllables[start:end]), None)
        if forms:
            alternatives = tuple(forms)[:MAX_ALTERNATIVES]
            found.append(Equivalent(start, end, alternatives, certain=True))
            start = end
        else:
            start += 1
    return found


Form = tuple[int, Syllables]
"""A variant: the number of leading syllables that it replaces, and its own syllables."""


def _dates(rest: Sequence[str]) -> Iterator[Form]:
    """Yield a date (day, month, year) with and without leading zeros."""
    if len(rest) > 2 and all(_is_number(part) for part in rest[:3]):
        day, month, year = rest[:3]
        if len(year) == 4 and 1 <= int(day[:4]) <= 31 and 1 <= int(month[:4]) <= 12:
            days = dict.fromkeys((str(int(day)), f"{int(day):02}"))
            months = dict.fromkeys((str(int(month)), f"{int(month):02}"))
            yield from ((3, (*written, year)) for written in product(days, months))


def _phones(rest: Sequence[str]) -> Iterator[Form]:
    """Yield a phone number in all usual groupings, and with the country code 84."""
    digits = ""
    for stop, part in enumerate(rest, 1):
        if not _is_number(part):
            return
        digits += part
        number = "0" + digits[2:] if digits.startswith("84") else digits
        if _PHONE.match(number) and len(number) in _PHONE_GROUPS:
            for sizes in _PHONE_GROUPS[len(number)]:
                yield stop, _grouped(number, sizes)
            yield stop, ("84", *_grouped(number[1:], (3, 3, len(number) - 7)))


def _grouped(digits: str, sizes: Sequence[int]) -> Syllables:
    ends = [sum(sizes[: number + 1]) for number in range(len(sizes))]
    return tuple(digits[end - size : end] for end, size in zip(ends, sizes, strict=True))


def _amounts(rest: Sequence[str]) -> Iterator[Form]:
    """Yield a number with and without thousands separators, and its unit joined and separate."""
    stop, digits = 0, ""
    unit = ""
    for part in rest:
        number, letters = _split_unit(part)
        if not number or (stop and len(number) != 3) or unit:
            break
        stop, digits, unit = stop + 1, digits + number, letters
        if stop == 1 and len(number) > 3:
            break  # a number without separators is complete
    if not digits or len(digits) < 4 or digits.startswith("0") or (stop > 1 and len(rest[0]) > 3):
        return
    if stop == 1 and not unit and len(digits) == 4 and digits[:2] in ("19", "20"):
        return  # a year
    sign = _UNIT_SIGNS.get(rest[stop], "") if stop < len(rest) and not unit else ""
    if not unit and stop < len(rest) and (sign or rest[stop] in _UNIT_NAMES):
        unit, stop = sign or rest[stop], stop + 1
    grouped = (digits[: len(digits) % 3], *re.findall("...", digits[len(digits) % 3 :]))
    for written in ((digits,), tuple(filter(None, grouped))):
        if not unit:
            yield stop, written
            continue
        yield stop, (*written[:-1], written[-1] + unit)
        yield stop, (*written, unit)
        if name := _UNIT_NAMES.get(unit):
            yield stop, (*written, name)


def _split_unit(part: str) -> tuple[str, str]:
    runs: list[str] = _RUNS.findall(part)
    if len(runs) == 2 and runs[1] in _UNIT_NAMES and _is_number(runs[0]):
        return runs[0], runs[1]
    return (part, "") if _is_number(part) else ("", "")


def _split(rest: Sequence[str]) -> Iterator[Form]:
    """Yield a token of letters and digits, split between letters and digits."""
    runs: list[str] = _RUNS.findall(rest[0])
    if not 2 <= len(runs) <= MAX_RUNS:
        return
    yield 1, tuple(runs)
    if any(piece in _UNIT_NAMES for piece in runs[1:]):
        yield 1, (runs[0], *(_UNIT_NAMES.get(piece, piece) for piece in runs[1:]))
    if plate := _PLATE.fullmatch(rest[0]):
        digits = plate["digits"]
        for size in (5, 4):  # 29A-123.45, 29A1-123.45, 29A-1234, 29A1-1234
            if 0 <= len(digits) - size <= 1:
                series, number = plate["letters"] + digits[:-size], digits[-size:]
                yield 1, (series, number)
                if size == 5:
                    yield 1, (series, number[:3], number[3:])
    if len(runs) > 2:
        for cut in range(1, len(runs)):
            yield 1, ("".join(runs[:cut]), "".join(runs[cut:]))


def _joined(rest: Sequence[str]) -> Iterator[Form]:
    """Yield adjacent tokens of letters and digits, joined."""
    if _SERIES.fullmatch(rest[0]):  # a licence plate: 29A-123.45
        for stop in (2, 3):
            number = "".join(rest[1:stop])
            if len(rest) >= stop and _is_number(number) and len(number) in (4, 5):
                yield stop, (rest[0] + number,)
                yield stop, (rest[0], number)
                if len(number) == 5:
                    yield stop, (rest[0], number[:3], number[3:])
    if len(rest) < 2:
        return
    one, two = rest[:2]
    if (_joins(one) and _is_number(two[:1])) or (_is_number(one) and _joins(two)):
        yield 2, (one + two,)
    if _is_number(one) and two == "giờ" and _is_number("".join(rest[2:3])):
        yield 3, (f"{one}h{rest[2]}",)
    if _is_number(one) and two in _UNIT_SIGNS:
        yield 2, (one + _UNIT_SIGNS[two],)
        yield 2, (one, _UNIT_SIGNS[two])


def _joins(letters: str) -> bool:
    """Return whether letters may be joined with digits: "su" and "iphone", but not "nam"."""
    return (
        letters.isalpha()
        and (letters.isascii() or letters == "đ")
        and len(letters) <= MAX_JOINED_LETTERS
        and (len(letters) <= 2 or not is_syllable(letters))
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


_RULES = (_dates, _phones, _amounts, _split, _joined)
