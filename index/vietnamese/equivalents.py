"""Other ways to write the same thing: abbreviations, spellings of names, synonyms, i and y.

"UBND" and "Ủy ban nhân dân", "TP.HCM" and "thành phố Hồ Chí Minh", "Đắk Lắk" and "Đăk Lăk", "kĩ"
and "kỹ". The lists themselves are text files in `index.vietnamese.lexicon`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from index.vietnamese.forms import fold
from index.vietnamese.lexicon import Abbreviation, Syllables
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


class _Entry(NamedTuple):
    alternatives: tuple[Syllables, ...]
    certain: bool


class Equivalents:
    """All equivalents by what is typed. Never changes; safe for many threads."""

    def __init__(
        self,
        spellings: Mapping[str, Syllables],
        abbreviations: Sequence[Abbreviation] = (),
        names: Sequence[tuple[Syllables, ...]] = (),
        synonyms: Sequence[tuple[Syllables, ...]] = (),
    ) -> None:
        """Join the lists: what is written in one way in several of them has all alternatives.

        `spellings` has for a syllable all spellings of it, the most frequent first.
        """
        self._most_frequent = {one: group[0] for one, group in spellings.items()}
        self._entries: dict[Syllables, _Entry] = {}
        for written, entry in _entries(abbreviations, (*names, *synonyms)):
            self._add(written, entry)
        for written in _typed_without_marks(abbreviations, names):
            known = self._entries.get(self._key(written))
            if known is None or "".join(written).isascii():  # as most abbreviations are
                continue
            unmarked = self._key([fold(syllable) for syllable in written])
            is_word = len(unmarked) == 1 and is_syllable(unmarked[0])
            if unmarked not in self._entries and not is_word:
                alternatives = (written, *known.alternatives)
                self._entries[unmarked] = _Entry(alternatives, known.certain)
        self._longest = max(map(len, self._entries), default=0)

    def find(self, syllables: Sequence[str]) -> list[Equivalent]:
        """Find what of a sequence of canonical lower-case syllables is also written otherwise.

        Spans ascend and are disjoint; at each place the longest that is known is taken.
        Abbreviations and names may be typed without marks ("hdnd", "dak lak"); expansions and
        synonyms may not, since unmarked syllables mean many things: ask again with what they are
        read as.
        """
        keys = self._key(syllables)
        found: list[Equivalent] = []
        start = 0
        while start < len(keys):
            for end in range(min(start + self._longest, len(keys)), start, -1):
                if entry := self._entries.get(keys[start:end]):
                    typed = tuple(syllables[start:end])
                    others = tuple(other for other in entry.alternatives if other != typed)
                    found.append(Equivalent(start, end, others, entry.certain))
                    break
            else:
                end = start + 1
            start = end
        return found

    def _add(self, written: Syllables, entry: _Entry) -> None:
        key = self._key(written)
        before = self._entries.get(key)
        if before:
            alternatives = (*before.alternatives, *entry.alternatives)
            entry = _Entry(alternatives, before.certain and entry.certain)
        self._entries[key] = _Entry(tuple(dict.fromkeys(entry.alternatives)), entry.certain)

    def _key(self, syllables: Iterable[str]) -> Syllables:
        """Write syllables in their most frequent spellings, by which the table is keyed."""
        most_frequent = self._most_frequent.get
        return tuple([most_frequent(syllable, syllable) for syllable in syllables])


def _entries(
    abbreviations: Sequence[Abbreviation], groups: Iterable[tuple[Syllables, ...]]
) -> Iterator[tuple[Syllables, _Entry]]:
    for abbreviation in abbreviations:
        forms, expansions = abbreviation.forms, abbreviation.expansions
        for form in forms:
            yield form, _Entry((*expansions, *_without(form, forms)), abbreviation.certain)
        if abbreviation.certain:
            for expansion in expansions:
                yield expansion, _Entry(forms, certain=True)
    for group in groups:
        for spelling in group:
            others = _without(spelling, group)
            # Who holds "nước Mỹ" holds "Mỹ": the longer name finds nothing more, and scoring it
            # lifts what is formal ("Cộng hòa ... Việt Nam" for every "Việt Nam" of a legal query).
            more = tuple(other for other in others if not _contains(other, spelling))
            if more:
                yield spelling, _Entry(more, certain=True)


def _typed_without_marks(
    abbreviations: Sequence[Abbreviation], names: Iterable[tuple[Syllables, ...]]
) -> Iterator[Syllables]:
    for abbreviation in abbreviations:
        yield from abbreviation.forms
    for group in names:
        yield from group


def _contains(longer: Syllables, part: Syllables) -> bool:
    """Return whether a sequence holds another one side by side."""
    starts = range(len(longer) - len(part) + 1)
    return part[0] in longer and any(longer[at : at + len(part)] == part for at in starts)


def _without(one: Syllables, group: Iterable[Syllables]) -> tuple[Syllables, ...]:
    return tuple(other for other in group if other != one)
