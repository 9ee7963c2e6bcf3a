"""What else is written for the same thing? Abbreviations, spellings of names, i and y.

"UBND" and "Ủy ban nhân dân", "TP.HCM" and "thành phố Hồ Chí Minh", "Đắk Lắk" and "Đăk Lăk", "kĩ"
and "kỹ". The lists themselves are text files in `index.vietnamese.facts`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from index.vietnamese import facts
from index.vietnamese.facts import Syllables
from index.vietnamese.forms import fold
from index.vietnamese.phonology import is_syllable


@dataclass(frozen=True, slots=True)
class Equivalent:
    """The syllables [start, end) of a sequence, and other ways to write what they say.

    `certain` is False where the syllables may well mean something else ("ca": công an).
    """

    start: int
    end: int
    alternatives: tuple[Syllables, ...]
    certain: bool


def variants(syllable: str) -> Syllables:
    """Give the other spellings of a canonical lower-case syllable: ("kỹ",) for "kĩ"."""
    group = facts.spellings().get(syllable, ())
    return tuple(spelling for spelling in group if spelling != syllable)


def equivalents(syllables: Sequence[str]) -> list[Equivalent]:
    """Find what of a sequence of canonical lower-case syllables is also written otherwise.

    Spans ascend and are disjoint; at each place the longest that is known is taken. Abbreviations
    and names may be typed without marks ("hdnd", "dak lak"); expansions may not, since unmarked
    syllables mean many things: ask again with what they are read as.
    """
    table, longest = _table()
    common = [_common(syllable) for syllable in syllables]
    found: list[Equivalent] = []
    start = 0
    while start < len(common):
        for end in range(min(start + longest, len(common)), start, -1):
            if entry := table.get(tuple(common[start:end])):
                typed = tuple(syllables[start:end])
                others = tuple(other for other in entry.alternatives if other != typed)
                found.append(Equivalent(start, end, others, entry.certain))
                break
        else:
            end = start + 1
        start = end
    return found


@dataclass(frozen=True, slots=True)
class _Entry:
    alternatives: tuple[Syllables, ...]
    certain: bool


def _common(syllable: str) -> str:
    """Give the most frequent spelling of a syllable, which the table is keyed by."""
    return facts.spellings().get(syllable, (syllable,))[0]


@lru_cache(maxsize=1)
def _table() -> tuple[Mapping[Syllables, _Entry], int]:
    """Gather all entries by what is typed, and the length of the longest in syllables."""
    table: dict[Syllables, _Entry] = {}
    for written, entry in _entries():
        key = tuple(map(_common, written))
        before = table.get(key, entry)
        alternatives = dict.fromkeys((*before.alternatives, *entry.alternatives))
        table[key] = _Entry(tuple(alternatives), before.certain and entry.certain)
    for written in _typed_without_marks():
        unmarked = tuple(_common(fold(syllable)) for syllable in written)
        if unmarked not in table and not (len(unmarked) == 1 and is_syllable(unmarked[0])):
            entry = table[tuple(map(_common, written))]
            table[unmarked] = _Entry((written, *entry.alternatives), entry.certain)
    return table, max(map(len, table))


def _entries() -> Iterator[tuple[Syllables, _Entry]]:
    for abbreviation in facts.abbreviations():
        forms, expansions = abbreviation.forms, abbreviation.expansions
        for form in forms:
            yield form, _Entry((*expansions, *_without(form, forms)), abbreviation.certain)
        if abbreviation.certain:
            for expansion in expansions:
                yield expansion, _Entry(forms, certain=True)
    for group in facts.names():
        for spelling in group:
            yield spelling, _Entry(_without(spelling, group), certain=True)


def _typed_without_marks() -> Iterator[Syllables]:
    for abbreviation in facts.abbreviations():
        yield from abbreviation.forms
    for group in facts.names():
        yield from group


def _without(one: Syllables, group: Iterable[Syllables]) -> tuple[Syllables, ...]:
    return tuple(other for other in group if other != one)
