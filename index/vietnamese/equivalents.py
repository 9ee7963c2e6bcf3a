"""Equivalents of parts of a query: abbreviations, spellings of names, synonyms, i and y.

"UBND" and "Ủy ban nhân dân", "TP.HCM" and "thành phố Hồ Chí Minh", "Đắk Lắk" and "Đăk Lăk", "kĩ"
and "kỹ". The lists are text files in `index.vietnamese.lexicon`.
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
    """The syllables [start, end) of a sequence, and alternative ways to write them.

    `certain` is False if the syllables may well mean something else ("ca": công an).
    """

    start: int
    end: int
    alternatives: tuple[Syllables, ...]
    certain: bool


class _Entry(NamedTuple):
    alternatives: tuple[Syllables, ...]
    certain: bool


Group: TypeAlias = Abbreviation | tuple[Syllables, ...]
"""One line of a list: an abbreviation, or names that mean the same."""


class Equivalents:
    """A table of equivalents, looked up by what is typed. Thread-safe."""

    def __init__(
        self,
        spellings: Mapping[str, Syllables],
        abbreviations: Sequence[Abbreviation] = (),
        names: Sequence[tuple[Syllables, ...]] = (),
        synonyms: Sequence[tuple[Syllables, ...]] = (),
    ) -> None:
        """Merge the lists: a form that is in several groups gets the alternatives of all of them.

        `spellings` maps a syllable to all its spellings, the most frequent first.
        """
        self._most_frequent = {one: group[0] for one, group in spellings.items()}
        # By key: each form with that key and its group. Entries are built on first use: there are
        # thousands, and a query needs a few.
        self._written: dict[Syllables, list[tuple[Syllables, Group]]] = defaultdict(list)
        self._entries: dict[Syllables, _Entry] = {}
        groups: Iterable[Group] = (*abbreviations, *names, *synonyms)
        for group in groups:
            for written in _all_of(group):
                self._written[self._key(written)].append((written, group))
        self._unmarked = self._typed_without_marks((*abbreviations, *names))
        self._longest = max(map(len, (*self._written, *self._unmarked)), default=0)

    def _typed_without_marks(self, groups: Iterable[Group]) -> dict[Syllables, Syllables]:
        """Map the unmarked key of each form to the form, unless the key is itself in use."""
        unmarked: dict[Syllables, Syllables] = {}
        for group in groups:
            for written in group.forms if isinstance(group, Abbreviation) else group:
                if "".join(written).isascii():  # has no marks, like most abbreviations
                    continue
                key = self._key(fold(" ".join(written)).split(" "))
                is_word = len(key) == 1 and is_syllable(key[0])
                if key not in self._written and not is_word:
                    unmarked.setdefault(key, written)
        return unmarked

    def find(self, syllables: Sequence[str]) -> list[Equivalent]:
        """Return the equivalents in a sequence of canonical lower-case syllables.

        Spans ascend and are disjoint; at each position the longest known one is taken.
        Abbreviations and names are also found without marks ("hdnd", "dak lak"). Expansions and
        synonyms are not, since unmarked syllables are ambiguous: call again with the syllables
        that they were interpreted as.
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
        """Return the alternatives of a key; None if there are none."""
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
        """Return the syllables in their most frequent spellings: the key of the table."""
        most_frequent = self._most_frequent.get
        return tuple([most_frequent(syllable, syllable) for syllable in syllables])


_NO_ENTRY = _Entry((), certain=True)


def _all_of(group: Group) -> Iterator[Syllables]:
    """Yield the forms of a group that have alternatives in it.

    The expansion of an ambiguous abbreviation has none: it is never replaced by its abbreviation.
    """
    if not isinstance(group, Abbreviation):
        yield from group
        return
    yield from group.forms
    if group.certain:
        yield from group.expansions


def _entry_in(group: Group, written: Syllables) -> _Entry:
    """Return the alternatives that a group has for one of its forms."""
    if not isinstance(group, Abbreviation):
        others = _without(written, group)
        # An article with "nước Mỹ" also has "Mỹ": the longer name adds no match, and scoring it
        # would favour formal texts ("Cộng hòa ... Việt Nam" for every "Việt Nam" in a query).
        return _Entry(tuple(o for o in others if not _contains(o, written)), certain=True)
    if written in group.forms:
        others = _without(written, group.forms)
        return _Entry((*group.expansions, *others), group.certain)
    return _Entry(group.forms, certain=True)


def _joined(entries: Iterable[_Entry]) -> _Entry:
    """Return the union of the entries of one form in several groups."""
    useful = [entry for entry in entries if entry.alternatives]
    alternatives = dict.fromkeys(other for entry in useful for other in entry.alternatives)
    return _Entry(tuple(alternatives), all(entry.certain for entry in useful))


def _contains(longer: Syllables, part: Syllables) -> bool:
    """Return whether a sequence contains another as a contiguous part."""
    starts = range(len(longer) - len(part) + 1)
    return part[0] in longer and any(longer[at : at + len(part)] == part for at in starts)


def _without(one: Syllables, group: Iterable[Syllables]) -> tuple[Syllables, ...]:
    return tuple(other for other in group if other != one)
