"""Other ways to write the same thing: abbreviations, spellings of names, synonyms, i and y.

"UBND" and "Ủy ban nhân dân", "TP.HCM" and "thành phố Hồ Chí Minh", "Đắk Lắk" and "Đăk Lăk", "kĩ"
and "kỹ". The lists themselves are text files in `index.vietnamese.lexicon`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

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


Group: TypeAlias = Abbreviation | tuple[Syllables, ...]
"""What stands on a line of a list: an abbreviation, or names that mean the same."""


class Equivalents:
    """All equivalents by what is typed. Safe for many threads."""

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
        # What is written, and in which groups, by its key. Entries are made when first asked for:
        # there are thousands, and a query has few.
        self._written: dict[Syllables, list[tuple[Syllables, Group]]] = defaultdict(list)
        self._entries: dict[Syllables, _Entry] = {}
        groups: Iterable[Group] = (*abbreviations, *names, *synonyms)
        for group in groups:
            for written in _all_of(group):
                self._written[self._key(written)].append((written, group))
        self._unmarked = self._typed_without_marks((*abbreviations, *names))
        self._longest = max(map(len, (*self._written, *self._unmarked)), default=0)

    def _typed_without_marks(self, groups: Iterable[Group]) -> dict[Syllables, Syllables]:
        """Return what is typed without marks by its key, where nothing is written so."""
        unmarked: dict[Syllables, Syllables] = {}
        for group in groups:
            for written in group.forms if isinstance(group, Abbreviation) else group:
                if "".join(written).isascii():  # as most abbreviations are
                    continue
                key = self._key([fold(syllable) for syllable in written])
                is_word = len(key) == 1 and is_syllable(key[0])
                if key not in self._written and not is_word:
                    unmarked.setdefault(key, written)
        return unmarked

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
                if entry := self._entry(keys[start:end]):
                    typed = tuple(syllables[start:end])
                    others = tuple(other for other in entry.alternatives if other != typed)
                    found.append(Equivalent(start, end, others, entry.certain))
                    break
            else:
                end = start + 1
            start = end
        return found

    def _entry(self, key: Syllables) -> _Entry | None:
        """Return what else a key is written as; None where it is written in one way."""
        if key not in self._written and key not in self._unmarked:
            return None
        entry = self._entries.get(key)
        if entry is None:
            entry = self._entries[key] = self._make_entry(key)
        return entry if entry.alternatives else None

    def _make_entry(self, key: Syllables) -> _Entry:
        if key in self._written:
            return _joined(_entry_in(group, written) for written, group in self._written[key])
        marked = self._unmarked[key]
        known = self._entry(self._key(marked))
        return _Entry((marked, *known.alternatives), known.certain) if known else _NO_ENTRY

    def _key(self, syllables: Iterable[str]) -> Syllables:
        """Write syllables in their most frequent spellings, by which the table is keyed."""
        most_frequent = self._most_frequent.get
        return tuple([most_frequent(syllable, syllable) for syllable in syllables])


_NO_ENTRY = _Entry((), certain=True)


def _all_of(group: Group) -> Iterator[Syllables]:
    """Yield the spellings of a group that have alternatives there.

    What an abbreviation means is never abbreviated where it may mean something else.
    """
    if not isinstance(group, Abbreviation):
        yield from group
        return
    yield from group.forms
    if group.certain:
        yield from group.expansions


def _entry_in(group: Group, written: Syllables) -> _Entry:
    """Return what a group has beside one of its spellings."""
    if not isinstance(group, Abbreviation):
        others = _without(written, group)
        # Who holds "nước Mỹ" holds "Mỹ": the longer name finds nothing more, and scoring it lifts
        # what is formal ("Cộng hòa ... Việt Nam" for every "Việt Nam" of a legal query).
        return _Entry(tuple(o for o in others if not _contains(o, written)), certain=True)
    if written in group.forms:
        others = _without(written, group.forms)
        return _Entry((*group.expansions, *others), group.certain)
    return _Entry(group.forms, certain=True)


def _joined(entries: Iterable[_Entry]) -> _Entry:
    """Return one entry of what is written in one way in several groups."""
    held = [entry for entry in entries if entry.alternatives]
    alternatives = dict.fromkeys(other for entry in held for other in entry.alternatives)
    return _Entry(tuple(alternatives), all(entry.certain for entry in held))


def _contains(longer: Syllables, part: Syllables) -> bool:
    """Return whether a sequence holds another one side by side."""
    starts = range(len(longer) - len(part) + 1)
    return part[0] in longer and any(longer[at : at + len(part)] == part for at in starts)


def _without(one: Syllables, group: Iterable[Syllables]) -> tuple[Syllables, ...]:
    return tuple(other for other in group if other != one)
