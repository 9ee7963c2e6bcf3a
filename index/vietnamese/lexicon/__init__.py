"""Readers of the lexicon: lists of words, names and phrases in plain text files.

The comment at the top of each file describes its lines; "#" begins a comment. All texts are read as
sequences of syllables, so case, punctuation and tone placement do not matter. A malformed line
raises `LexiconError`, which names the file and the line.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from index.vietnamese.phonology import is_syllable
from index.vietnamese.syllables import terms

LEXICON_FOLDER = Path(__file__).parent

Syllables = tuple[str, ...]
"""A sequence of canonical lower-case syllables."""

MAX_FILE_BYTES = 4 << 20
"""Bytes of a user's file, about 100,000 lines: ten times the largest thesaurus of a search engine
that we know of. A larger file is probably the wrong one."""

MAX_GROUP_SPELLINGS = 32
"""Spellings in one group of synonyms: each adds a phrase to every query that contains another one
of the group. Arbitrary."""

MAX_SPELLING_SYLLABLES = 16
"""Syllables of one spelling; the longest in the files of the package has 9. Arbitrary."""


class LexiconError(ValueError):
    """A lexicon file is malformed; the message names the file and the line."""


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """The spellings of one abbreviation and its expansions.

    `certain` is False if the letters may also mean something else.
    """

    forms: tuple[Syllables, ...]
    expansions: tuple[Syllables, ...]
    certain: bool


@dataclass(frozen=True, slots=True)
class Entity:
    """The names of one country, institution, company or club, and the source of the names."""

    names: tuple[Syllables, ...]
    source: str


ENTITY_SOURCES = ("common usage", "official name", "law", "ticker", "club")
"""Values of `Entity.source`; "entities.txt" describes each."""


@dataclass(frozen=True, slots=True)
class LexiconLine:
    """A line without its comment, with the name of its file and its number from 1."""

    file: str
    number: int
    text: str

    def terms(self) -> Syllables:
        """Return the syllables of the line."""
        return tuple(terms(self.text))

    def sequences(self, texts: list[str]) -> tuple[Syllables, ...]:
        """Return the syllables of each text, without duplicates.

        Raises LexiconError if a text has no letter or digit.
        """
        sequences = tuple(dict.fromkeys(tuple(terms(text)) for text in texts))
        if () in sequences:
            raise self.error("a part has no letters or digits")
        return sequences

    def error(self, reason: str) -> LexiconError:
        """Return a LexiconError that names this line."""
        return LexiconError(f"{self.file}, line {self.number}: {reason}: {self.text!r}")


@dataclass(frozen=True, slots=True)
class LexiconFile:
    """A lexicon file: its name, for error messages, and its text."""

    name: str
    text: str

    def lines(self) -> Iterator[LexiconLine]:
        """Yield the lines that are neither empty nor only a comment."""
        for number, line in enumerate(self.text.splitlines(), 1):
            if content := line.partition("#")[0].strip():
                yield LexiconLine(self.name, number, content)


def package_file(name: str) -> LexiconFile:
    """Read a file that ships with the package, such as "names.txt"."""
    return LexiconFile(name, (LEXICON_FOLDER / name).read_text("utf-8"))


def user_file(path: Path) -> LexiconFile:
    """Read a user's file. Raises LexiconError if it is too large or not UTF-8."""
    with path.open("rb") as opened:
        data = opened.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise LexiconError(f"{path}: larger than {MAX_FILE_BYTES:,} bytes; is it the right file?")
    try:
        text = data.decode("utf-8-sig")  # Windows editors write a byte order mark
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise LexiconError(f"{path}, line {line}: not UTF-8; save the file as UTF-8") from error
    return LexiconFile(str(path), text)


def read_syllables(file: LexiconFile) -> frozenset[str]:
    """Return all syllables of a file with one or more per line."""
    return frozenset(syllable for line in file.lines() for syllable in line.terms())


def read_phrases(file: LexiconFile) -> frozenset[Syllables]:
    """Return the phrases of a file with one per line."""
    return frozenset(line.terms() for line in file.lines())


def read_news_phrases(file: LexiconFile) -> Mapping[Syllables, float]:
    """Return the phrases that ask for news, each with the half-life of an article in days."""
    phrases: dict[Syllables, float] = {}
    for line in file.lines():
        written, _, days = line.text.rpartition(" = ")
        phrase = tuple(terms(written))
        if not phrase or phrase in phrases or not days.isdecimal() or not int(days):
            raise line.error('expected a new phrase and its half-life in days: "hôm nay = 2"')
        phrases[phrase] = float(days)
    return phrases


class ChatSpellings(NamedTuple):
    """Chat abbreviations: the meaning of each, and which ones are used in chat messages only."""

    meanings: Mapping[str, str]
    certain: frozenset[str]


def read_chat_spellings(file: LexiconFile) -> ChatSpellings:
    """Return the chat abbreviations of a file; a line that begins with "?" is not `certain`."""
    meanings: dict[str, str] = {}
    certain: set[str] = set()
    for line in file.lines():
        written, _, meant = (terms(part) for part in line.text.partition(" = "))
        if not written or len(meant) != 1 or not meanings.keys().isdisjoint(written):
            raise line.error('expected new abbreviations and one syllable: "ko, hok = không"')
        meanings |= dict.fromkeys(written, meant[0])
        if not line.text.startswith("?"):
            certain.update(written)
    return ChatSpellings(meanings, frozenset(certain))


def read_spellings(file: LexiconFile) -> Mapping[str, Syllables]:
    """Map each syllable to all its spellings in use, itself included, the most frequent first."""
    groups: dict[str, Syllables] = {}
    for line in file.lines():
        group = line.terms()
        if len(group) < 2 or any(syllable in groups for syllable in group):
            raise line.error("a group needs two or more syllables that are in no other group")
        groups.update(dict.fromkeys(group, group))
    return groups


def read_names(file: LexiconFile) -> tuple[tuple[Syllables, ...], ...]:
    """Return groups of spellings that mean the same, one per line: "a = b = c"."""
    groups: list[tuple[Syllables, ...]] = []
    seen: set[Syllables] = set()
    for line in file.lines():
        group = line.sequences(line.text.split(" = "))
        if len(group) < 2 or not seen.isdisjoint(group):
            raise line.error("a group needs two or more spellings that are in no other group")
        seen.update(group)
        groups.append(group)
    return tuple(groups)


def read_entities(file: LexiconFile) -> tuple[Entity, ...]:
    """Return groups of names that mean the same, one per line: "a = b = c ; source"."""
    entities: list[Entity] = []
    seen: set[Syllables] = set()
    for line in file.lines():
        written, _, source = line.text.rpartition(" ; ")
        if source not in ENTITY_SOURCES:
            raise line.error(f"a group must end with its source: {' | '.join(ENTITY_SOURCES)}")
        names = line.sequences(written.split(" = "))
        if len(names) < 2 or not seen.isdisjoint(names):
            raise line.error("a group needs two or more names that are in no other group")
        seen.update(names)
        entities.append(Entity(names, source))
    return tuple(entities)


def read_synonyms(file: LexiconFile) -> tuple[tuple[Syllables, ...], ...]:
    """Return a user's groups of synonyms: as `read_names`, with limits on size.

    Each spelling of a group adds to the cost of a query.
    """
    groups: list[tuple[Syllables, ...]] = []
    line_of: dict[Syllables, int] = {}
    for line in file.lines():
        group = line.sequences(line.text.split("="))
        if len(group) < 2:
            raise line.error('a group needs two or more spellings: "a = b = c"')
        if len(group) > MAX_GROUP_SPELLINGS:
            raise line.error(f"a group may have at most {MAX_GROUP_SPELLINGS} spellings")
        if max(map(len, group)) > MAX_SPELLING_SYLLABLES:
            raise line.error(f"a spelling may have at most {MAX_SPELLING_SYLLABLES} syllables")
        if known := next((spelling for spelling in group if spelling in line_of), None):
            spelling = " ".join(known)
            raise line.error(f"{spelling!r} is already in line {line_of[known]}; join the two")
        line_of.update(dict.fromkeys(group, line.number))
        groups.append(group)
    return tuple(groups)


def read_misspellings(file: LexiconFile) -> Mapping[Syllables, Syllables]:
    """Return the right spellings of misspelled words, one per line: "wrong = right"."""
    found: dict[Syllables, Syllables] = {}
    for line in file.lines():
        pair = line.sequences(line.text.split(" = "))
        if len(pair) != 2 or len(pair[0]) != len(pair[1]) or pair[0] in found:
            raise line.error("a misspelling needs one right spelling with as many syllables")
        found[pair[0]] = pair[1]
    return found


def read_abbreviations(file: LexiconFile) -> tuple[Abbreviation, ...]:
    """Return the abbreviations of a file, in its order."""
    found: list[Abbreviation] = []
    seen: set[Syllables] = set()
    for line in file.lines():
        abbreviation = _abbreviation(line)
        if not seen.isdisjoint(abbreviation.forms):
            raise line.error("the abbreviation is already on another line")
        seen.update(abbreviation.forms)
        found.append(abbreviation)
    return tuple(found)


def _abbreviation(line: LexiconLine) -> Abbreviation:
    left, equals, right = line.text.removeprefix("?").partition(" = ")
    if not equals:
        raise line.error('expected an abbreviation such as "UBND = Ủy ban nhân dân"')
    forms, expansions = line.sequences(left.split(",")), line.sequences(right.split("|"))
    certain = not line.text.startswith("?")
    if certain and (
        len(expansions) > 1 or any(len(form) == 1 and is_syllable(form[0]) for form in forms)
    ):
        raise line.error('an ambiguous abbreviation must begin with "?"')
    return Abbreviation(forms, expansions, certain)
