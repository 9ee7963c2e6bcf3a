"""The lexicon: lists of words, names and phrases, in text files that anyone can edit.

Each file says at its top what a line means; "#" begins a comment. All texts are read as sequences
of syllables, so case, signs and tone placement do not matter. A line that cannot be read raises
`LexiconError`, which names the file and the line.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from index.vietnamese.phonology import is_syllable
from index.vietnamese.syllables import terms

Syllables = tuple[str, ...]

MAX_FILE_BYTES = 4 << 20
"""Bytes of a user's file: some 100,000 lines, ten times the largest thesaurus of a search engine
that we know of; more is the wrong file."""

MAX_GROUP_SPELLINGS = 32
"""Spellings of one group of synonyms: each is one phrase more in every query that holds another of
the group. Arbitrary."""

MAX_SPELLING_SYLLABLES = 16
"""Syllables of one spelling: the longest in the package's files has 9. Arbitrary."""


class LexiconError(ValueError):
    """A line of a lexicon file that cannot be read."""


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """Spellings of one abbreviation and what they stand for.

    `certain` is False where the letters may mean something else as well.
    """

    forms: tuple[Syllables, ...]
    expansions: tuple[Syllables, ...]
    certain: bool


@dataclass(frozen=True, slots=True)
class Entity:
    """The names of one country, institution, company or club, and where they come from."""

    names: tuple[Syllables, ...]
    source: str


ENTITY_SOURCES = ("common usage", "official name", "law", "ticker", "club")
"""Where the names of entities come from; "entities.txt" says what each means."""


@dataclass(frozen=True, slots=True)
class LexiconLine:
    """A line of a file without its comment, and where it stands."""

    file: str
    number: int
    text: str

    def terms(self) -> Syllables:
        """Return the syllables of the line."""
        return tuple(terms(self.text))

    def sequences(self, texts: list[str]) -> tuple[Syllables, ...]:
        """Return the syllables of each text, once where texts differ in signs only."""
        sequences = tuple(dict.fromkeys(tuple(terms(text)) for text in texts))
        if () in sequences:
            raise self.error("a text without letters or digits")
        return sequences

    def error(self, reason: str) -> LexiconError:
        """Return the error that names this line."""
        return LexiconError(f"{self.file}, line {self.number}: {reason}: {self.text!r}")


@dataclass(frozen=True, slots=True)
class LexiconFile:
    """A file of the lexicon: its name, for errors, and its text."""

    name: str
    text: str

    def lines(self) -> Iterator[LexiconLine]:
        """Yield the lines that hold more than a comment."""
        for number, line in enumerate(self.text.splitlines(), 1):
            if content := line.partition("#")[0].strip():
                yield LexiconLine(self.name, number, content)


def package_file(name: str) -> LexiconFile:
    """Read a file that comes with the package, such as "names.txt"."""
    return LexiconFile(name, files(__name__).joinpath(name).read_text("utf-8"))


def user_file(path: Path) -> LexiconFile:
    """Read a file of a user. Raises LexiconError where it is no text of reasonable size."""
    with path.open("rb") as opened:
        data = opened.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise LexiconError(f"{path}: larger than {MAX_FILE_BYTES:,} bytes; is it the right file?")
    try:
        text = data.decode("utf-8-sig")  # Windows editors begin UTF-8 with a mark
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise LexiconError(f"{path}, line {line}: not UTF-8; save the file as UTF-8") from error
    return LexiconFile(str(path), text)


def read_syllables(file: LexiconFile) -> frozenset[str]:
    """Return all syllables of a file, of which each line holds one or more."""
    return frozenset(syllable for line in file.lines() for syllable in line.terms())


def read_phrases(file: LexiconFile) -> frozenset[Syllables]:
    """Return the phrases of a file, one a line."""
    return frozenset(line.terms() for line in file.lines())


def read_news_phrases(file: LexiconFile) -> Mapping[Syllables, float]:
    """Return for phrases by which a query asks for news the half-life of an article, in days."""
    phrases: dict[Syllables, float] = {}
    for line in file.lines():
        written, _, days = line.text.rpartition(" = ")
        phrase = tuple(terms(written))
        if not phrase or phrase in phrases or not days.isdecimal() or not int(days):
            raise line.error('a phrase stands on one line, with its days: "hôm nay = 2"')
        phrases[phrase] = float(days)
    return phrases


class ChatSpellings(NamedTuple):
    """What syllables mean that are shortened in messages, and which are written so nowhere else."""

    meanings: Mapping[str, str]
    certain: frozenset[str]


def read_chat_spellings(file: LexiconFile) -> ChatSpellings:
    """Return the syllables of a file, as they are shortened in messages, each with its meaning."""
    meanings: dict[str, str] = {}
    certain: set[str] = set()
    for line in file.lines():
        written, _, meant = (terms(part) for part in line.text.partition(" = "))
        if not written or len(meant) != 1 or not meanings.keys().isdisjoint(written):
            raise line.error('syllables stand on one line, with what they mean: "ko, hok = không"')
        meanings |= dict.fromkeys(written, meant[0])
        if not line.text.startswith("?"):
            certain.update(written)
    return ChatSpellings(meanings, frozenset(certain))


def read_spellings(file: LexiconFile) -> Mapping[str, Syllables]:
    """Return for a syllable all spellings in use, itself included, the most frequent first."""
    groups: dict[str, Syllables] = {}
    for line in file.lines():
        group = line.terms()
        if len(group) < 2 or any(syllable in groups for syllable in group):
            raise line.error("a group has two or more syllables that stand in no other group")
        groups.update(dict.fromkeys(group, group))
    return groups


def read_names(file: LexiconFile) -> tuple[tuple[Syllables, ...], ...]:
    """Return groups of spellings that mean the same, one a line: "a = b = c"."""
    groups: list[tuple[Syllables, ...]] = []
    seen: set[Syllables] = set()
    for line in file.lines():
        group = line.sequences(line.text.split(" = "))
        if len(group) < 2 or not seen.isdisjoint(group):
            raise line.error("a group has two or more spellings that stand in no other group")
        seen.update(group)
        groups.append(group)
    return tuple(groups)


def read_entities(file: LexiconFile) -> tuple[Entity, ...]:
    """Return groups of names that mean the same, one a line: "a = b = c ; source"."""
    entities: list[Entity] = []
    seen: set[Syllables] = set()
    for line in file.lines():
        written, _, source = line.text.rpartition(" ; ")
        if source not in ENTITY_SOURCES:
            raise line.error(f"a group ends with its source: {' | '.join(ENTITY_SOURCES)}")
        names = line.sequences(written.split(" = "))
        if len(names) < 2 or not seen.isdisjoint(names):
            raise line.error("a group has two or more names that stand in no other group")
        seen.update(names)
        entities.append(Entity(names, source))
    return tuple(entities)


def read_synonyms(file: LexiconFile) -> tuple[tuple[Syllables, ...], ...]:
    """Return a user's groups, as `read_names` does, within the limits of what a query can cost."""
    groups: list[tuple[Syllables, ...]] = []
    line_of: dict[Syllables, int] = {}
    for line in file.lines():
        group = line.sequences(line.text.split("="))
        if len(group) < 2:
            raise line.error('a group has two or more spellings: "a = b = c"')
        if len(group) > MAX_GROUP_SPELLINGS:
            raise line.error(f"a group has at most {MAX_GROUP_SPELLINGS} spellings")
        if max(map(len, group)) > MAX_SPELLING_SYLLABLES:
            raise line.error(f"a spelling has at most {MAX_SPELLING_SYLLABLES} syllables")
        if known := next((spelling for spelling in group if spelling in line_of), None):
            spelling = " ".join(known)
            raise line.error(f"{spelling!r} stands in line {line_of[known]} already; join the two")
        line_of.update(dict.fromkeys(group, line.number))
        groups.append(group)
    return tuple(groups)


def read_misspellings(file: LexiconFile) -> Mapping[Syllables, Syllables]:
    """Return the right spellings of misspelled words, one a line: "wrong = right"."""
    found: dict[Syllables, Syllables] = {}
    for line in file.lines():
        pair = line.sequences(line.text.split(" = "))
        if len(pair) != 2 or len(pair[0]) != len(pair[1]) or pair[0] in found:
            raise line.error("a misspelling has one right spelling of as many syllables")
        found[pair[0]] = pair[1]
    return found


def read_abbreviations(file: LexiconFile) -> tuple[Abbreviation, ...]:
    """Return the abbreviations in the order of the file."""
    found: list[Abbreviation] = []
    seen: set[Syllables] = set()
    for line in file.lines():
        abbreviation = _abbreviation(line)
        if not seen.isdisjoint(abbreviation.forms):
            raise line.error("an abbreviation stands on one line only")
        seen.update(abbreviation.forms)
        found.append(abbreviation)
    return tuple(found)


def _abbreviation(line: LexiconLine) -> Abbreviation:
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
