"""The lists of the lexicon, as tables: `python -m index.vietnamese.prepare` prepares them.

Parsing the text files takes 30 to 50 ms of the first search of a process, mostly to normalise 3,000
names. So their tables are also in the package, as `lexicon/prepared.json`, which takes 2 ms to
read. It contains a checksum of the text files: where they were changed since, they are parsed.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

from index.vietnamese.equivalents import Alternatives, ListedForms, listed_forms
from index.vietnamese.lexicon import (
    LEXICON_FOLDER,
    ChatSpellings,
    Syllables,
    package_file,
    read_abbreviations,
    read_chat_spellings,
    read_entities,
    read_misspellings,
    read_names,
    read_news_phrases,
    read_phrases,
    read_spellings,
    read_syllables,
)

PREPARED = LEXICON_FOLDER / "prepared.json"
_SOURCES = (
    "abbreviations",
    "chat_spellings",
    "entities",
    "misspellings",
    "names",
    "news_phrases",
    "question_phrases",
    "spellings",
    "stop_syllables",
)


class Lists(NamedTuple):
    """The lists of the package; for each see the reader in `index.vietnamese.lexicon`.

    `forms`: abbreviations, names and entities.
    """

    forms: ListedForms
    spellings: Mapping[str, Syllables]
    stop_syllables: frozenset[str]
    question_phrases: frozenset[Syllables]
    misspellings: Mapping[Syllables, Syllables]
    news_phrases: Mapping[Syllables, float]
    chat_spellings: ChatSpellings


def package_lists() -> Lists:
    """Return the lists of the package, prepared or parsed; the same in both ways.

    Raises LexiconError if the text files were changed and are malformed.
    """
    return prepared_lists() or parsed_lists()


def parsed_lists() -> Lists:
    """Parse the text files of the package."""
    spellings = read_spellings(package_file("spellings.txt"))
    entities = read_entities(package_file("entities.txt"))
    names = (*read_names(package_file("names.txt")), *(entity.names for entity in entities))
    abbreviations = read_abbreviations(package_file("abbreviations.txt"))
    return Lists(
        listed_forms(spellings, abbreviations, names),
        spellings,
        read_syllables(package_file("stop_syllables.txt")),
        read_phrases(package_file("question_phrases.txt")),
        read_misspellings(package_file("misspellings.txt")),
        read_news_phrases(package_file("news_phrases.txt")),
        read_chat_spellings(package_file("chat_spellings.txt")),
    )


def prepared_lists(path: Path = PREPARED) -> Lists | None:
    """Read prepared lists; None if they are missing, or older than the text files."""
    try:
        stored = json.loads(path.read_bytes())
        is_current = stored["sources"] == _checksum()
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return _lists(stored) if is_current else None


def prepared(lists: Lists) -> str:
    """Return the content of the file that `prepared_lists` reads: JSON, an entry per line.

    Sequences of syllables are joined by spaces.
    """
    forms, chat = lists.forms, lists.chat_spellings
    fields = {
        "sources": _checksum(),
        "longest": forms.longest,
        "alternatives": forms.alternatives,
        "marked": forms.marked,
        "spellings": lists.spellings,
        "stop_syllables": sorted(lists.stop_syllables),
        "question_phrases": sorted(map(" ".join, lists.question_phrases)),
        "misspellings": {
            " ".join(one): " ".join(right) for one, right in lists.misspellings.items()
        },
        "news_phrases": {" ".join(one): days for one, days in lists.news_phrases.items()},
        "chat_meanings": chat.meanings,
        "chat_certain": sorted(chat.certain),
    }
    return (
        "{\n" + ",\n".join(f'"{name}": {_lines(value)}' for name, value in fields.items()) + "\n}\n"
    )


def _lines(value: object) -> str:
    """Return a value as JSON, with each entry of an object on a line of its own."""
    if not isinstance(value, Mapping):
        return _json(value)
    return "{\n" + ",\n".join(f" {_json(key)}: {_json(one)}" for key, one in value.items()) + "}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _lists(stored: Mapping[str, Any]) -> Lists:
    alternatives: Mapping[str, Alternatives] = stored["alternatives"]  # as lists of two
    return Lists(
        ListedForms(alternatives, stored["marked"], stored["longest"]),
        {one: tuple(group) for one, group in stored["spellings"].items()},
        frozenset(stored["stop_syllables"]),
        frozenset(_sequences(stored["question_phrases"])),
        dict(zip(*map(_sequences, _columns(stored["misspellings"])), strict=True)),
        dict(zip(_sequences(stored["news_phrases"]), stored["news_phrases"].values(), strict=True)),
        ChatSpellings(stored["chat_meanings"], frozenset(stored["chat_certain"])),
    )


def _columns(pairs: Mapping[str, str]) -> tuple[Iterable[str], Iterable[str]]:
    return pairs.keys(), pairs.values()


def _sequences(texts: Iterable[str]) -> list[Syllables]:
    return [tuple(text.split(" ")) for text in texts]


def _checksum() -> int:
    """Return the CRC-32 of the text files."""
    checksum = 0
    for name in _SOURCES:
        # The same for line feeds of Windows, which Git may write.
        content = (LEXICON_FOLDER / f"{name}.txt").read_bytes().replace(b"\r\n", b"\n")
        checksum = crc32(content, checksum)
    return checksum
