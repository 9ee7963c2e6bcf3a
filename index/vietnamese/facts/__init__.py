"""What has to be known by heart about Vietnamese: word lists, in text files that anyone can edit.

Each file says at its top what a line means; "#" begins a comment. All texts are read as sequences
of syllables, so case, signs and tone placement do not matter. A line that makes no sense raises
`FactError`, which names file and line.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from index.vietnamese.phonology import is_syllable
from index.vietnamese.syllables import terms

Syllables = tuple[str, ...]


class FactError(ValueError):
    """A line of a file of facts that cannot be read."""


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """Spellings of one abbreviation and what they stand for.

    `certain` is False where the letters may mean something else as well.
    """

    forms: tuple[Syllables, ...]
    expansions: tuple[Syllables, ...]
    certain: bool


@lru_cache(maxsize=1)
def stop_syllables() -> frozenset[str]:
    """Give the syllables that say little about what a text is about."""
    return frozenset(syllable for line in _lines("stop_syllables.txt") for syllable in line.terms())


@lru_cache(maxsize=1)
def question_phrases() -> frozenset[Syllables]:
    """Give the phrases that make a sentence a question and nothing else."""
    return frozenset(line.terms() for line in _lines("question_phrases.txt"))


@lru_cache(maxsize=1)
def spellings() -> Mapping[str, Syllables]:
    """Give for a syllable all spellings of it that are in use, itself too, most frequent first."""
    groups: dict[str, Syllables] = {}
    for line in _lines("spellings.txt"):
        group = line.terms()
        if len(group) < 2 or any(syllable in groups for syllable in group):
            raise line.error("a group has two or more syllables that stand in no other group")
        groups.update(dict.fromkeys(group, group))
    return groups


@lru_cache(maxsize=1)
def names() -> tuple[tuple[Syllables, ...], ...]:
    """Give the groups of spellings that names and loans have."""
    groups: list[tuple[Syllables, ...]] = []
    seen: set[Syllables] = set()
    for line in _lines("names.txt"):
        group = line.sequences(line.text.split(" = "))
        if len(group) < 2 or not seen.isdisjoint(group):
            raise line.error("a group has two or more spellings that stand in no other group")
        seen.update(group)
        groups.append(group)
    return tuple(groups)


@lru_cache(maxsize=1)
def abbreviations() -> tuple[Abbreviation, ...]:
    """Give the abbreviations in the order of the file."""
    found: list[Abbreviation] = []
    seen: set[Syllables] = set()
    for line in _lines("abbreviations.txt"):
        abbreviation = _abbreviation(line)
        if not seen.isdisjoint(abbreviation.forms):
            raise line.error("an abbreviation stands on one line only")
        seen.update(abbreviation.forms)
        found.append(abbreviation)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a file without its comment, and where it stands."""

    file: str
    number: int
    text: str

    def terms(self) -> Syllables:
        return tuple(terms(self.text))

    def sequences(self, texts: list[str]) -> tuple[Syllables, ...]:
        """Read each text as syllables; what differs in signs only is one."""
        sequences = tuple(dict.fromkeys(tuple(terms(text)) for text in texts))
        if () in sequences:
            raise self.error("a text without letters")
        return sequences

    def error(self, reason: str) -> FactError:
        return FactError(f"{self.file}, line {self.number}: {reason}: {self.text!r}")


def _abbreviation(line: _Line) -> Abbreviation:
    left, equals, right = line.text.removeprefix("?").partition(" = ")
    if not equals:
        raise line.error('an abbreviation is written as "UBND = Ủy ban nhân dân"')
    forms, expansions = line.sequences(left.split(",")), line.sequences(right.split("|"))
    certain = not line.text.startswith("?")
    if certain and (
        len(expansions) > 1 or any(len(form) == 1 and is_syllable(form[0]) for form in forms)
    ):
        raise line.error('what may mean something else begins with "?"')
    return Abbreviation(forms, expansions, certain)


def _lines(file: str) -> Iterator[_Line]:
    text = files(__name__).joinpath(file).read_text("utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        if content := line.partition("#")[0].strip():
            yield _Line(file, number, content)
