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


class Alternatives(NamedTuple):
    """Other ways to write a form, its syllables joined by spaces; see `Equivalent`."""

    certain: bool
    texts: Sequence[str]


class _Entry(NamedTuple):
    alternatives: tuple[Syllables, ...]
    certain: bool


Group: TypeAlias = Abbreviation | tuple[Syllables, ...]
"""One line of a list: an abbreviation, or names that mean the same."""


class ListedForms(NamedTuple):
    """The forms of lists by key: their syllables in the most frequent spellings, joined by spaces.

    `alternatives`: those of each form; none of a form that has no other. `marked`: the form whose
    key without marks this is, of abbreviations and names. `longest`: see `longest_by_first`, of all
    keys.
    """

    alternatives: Mapping[str, Alternatives]
    marked: Mapping[str, str]
    longest: Mapping[str, int]


def listed_forms(
    spellings: Mapping[str, Syllables],
    abbreviations: Sequence[Abbreviation] = (),
    names: Sequence[tuple[Syllables, ...]] = (),
) -> ListedForms:
    """Merge lists: a form that is in several groups gets the alternatives of all of them.

    `spellings` maps a syllable to all its spellings, the most frequent first.
    """
    key = _Keys(spellings).of
    groups: Sequence[Group] = (*abbreviations, *names)
    entries: dict[str, list[_Entry]] = defaultdict(list)
    for group in groups:
        for written in _all_of(group):
            entries[key(written)].append(_entry_in(group, written))
    marked: dict[str, str] = {}
    for group in groups:
        for written in group.forms if isinstance(group, Abbreviation) else group:
            if "".join(written).isascii():  # has no marks, like most abbreviations
                continue
            unmarked = key(fold(" ".join(written)).split(" "))
            is_word = " " not in unmarked and is_syllable(unmarked)
            if unmarked not in entries and not is_word:
                marked.setdefault(unmarked, " ".join(written))
    alternatives = {
        form: Alternatives(joined.certain, [" ".join(other) for other in joined.alternatives])
        for form, found in entries.items()
        if (joined := _joined(found))
    }
    longest = longest_by_first(form.split(" ") for form in (*entries, *marked))
    return ListedForms(alternatives, marked, longest)


def longest_by_first(phrases: Iterable[Sequence[str]]) -> dict[str, int]:
    """Return for each first syllable the syllables of the longest phrase that it begins.

    With it, most positions of a query need no lookup.

    >>> longest_by_first([("hà", "nội"), ("hà",), ("tp", "hcm")])
    {'hà': 2, 'tp': 2}
    """
    longest: dict[str, int] = {}
    for phrase in phrases:
        longest[phrase[0]] = max(len(phrase), longest.get(phrase[0], 0))
    return longest


class Equivalents:
    """A table of equivalents, looked up by what is typed. Thread-safe."""

    def __init__(
        self,
        spellings: Mapping[str, Syllables],
        listed: ListedForms,
        synonyms: Sequence[tuple[Syllables, ...]] = (),
    ) -> None:
        """Add a user's synonyms to the forms that `listed_forms` made with the same spellings."""
        self._keys = _Keys(spellings)
        self._listed = listed
        # By key: each form of the synonyms with that key and its group.
        self._own: dict[str, list[tuple[Syllables, Group]]] = defaultdict(list)
        for group in synonyms:
            for written in group:
                self._own[self._keys.of(written)].append((written, group))
        self._longest = dict(listed.longest)
        for first, longest in longest_by_first(key.split(" ") for key in self._own).items():
            self._longest[first] = max(longest, self._longest.get(first, 0))
        # Entries are built on first use: there are thousands, and a query needs a few.
        self._entries: dict[str, _Entry] = {}

    def find(self, syllables: Sequence[str]) -> list[Equivalent]:
        """Return the equivalents in a sequence of canonical lower-case syllables.

        Spans ascend and are disjoint; at each position the longest known one is taken.
        Abbreviations and names are also found without marks ("hdnd", "dak lak"). Expansions and
        synonyms are not, since unmarked syllables are ambiguous: call again with the syllables
        that they were interpreted as.
        """
        parts = self._keys.each(syllables)
        found: list[Equivalent] = []
        start = 0
        while start < len(parts):
            longest = self._longest.get(parts[start], 0)
            for end in range(min(start + longest, len(parts)), start, -1):
                if entry := self._entry(" ".join(parts[start:end])):
                    typed = tuple(syllables[start:end])
                    others = tuple(other for other in entry.alternatives if other != typed)
                    found.append(Equivalent(start, end, others, entry.certain))
                    break
            else:
                end = start + 1
            start = end
        return found

    def _entry(self, key: str) -> _Entry | None:
        """Return the alternatives of a key; None if there are none."""
        listed = self._listed
        if key not in listed.alternatives and key not in listed.marked and key not in self._own:
            return None
        entry = self._entries.get(key)
        if entry is None:
            entry = self._entries[key] = self._make_entry(key)
        return entry if entry.alternatives else None

    def _make_entry(self, key: str) -> _Entry:
        own = [_entry_in(group, written) for written, group in self._own.get(key, ())]
        if listed := self._listed.alternatives.get(key):
            certain, texts = listed
            own.insert(0, _Entry(tuple(tuple(text.split(" ")) for text in texts), certain))
        if own:
            return _joined(own)
        marked = tuple(self._listed.marked[key].split(" "))
        known = self._entry(self._keys.of(marked))
        return _Entry((marked, *known.alternatives), known.certain) if known else _NO_ENTRY


class _Keys:
    """Makes the keys of the table: syllables in their most frequent spellings."""

    def __init__(self, spellings: Mapping[str, Syllables]) -> None:
        self._most_frequent = {one: group[0] for one, group in spellings.items()}

    def each(self, syllables: Iterable[str]) -> list[str]:
        """Return each syllable in its most frequent spelling."""
        most_frequent = self._most_frequent.get
        return [most_frequent(syllable, syllable) for syllable in syllables]

    def of(self, syllables: Iterable[str]) -> str:
        """Return the key of syllables."""
        return " ".join(self.each(syllables))


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
    return part[0] in longer and any(longer[start : start + len(part)] == part for start in starts)


def _without(one: Syllables, group: Iterable[Syllables]) -> tuple[Syllables, ...]:
    return tuple(other for other in group if other != one)
