"""What was typed, as a tree: the query language's own nodes, before anything is interpreted."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum


class TextField(StrEnum):
    """Where words are looked for: everywhere, or in one field that the reader named."""

    TEXT = "text"
    TITLE = "title"
    AUTHOR = "author"


class FilterField(StrEnum):
    """What `source:`, `section:`, `since:` and `until:` narrow down."""

    SOURCE = "source"
    SECTION = "section"
    SINCE = "since"
    UNTIL = "until"


@dataclass(frozen=True, slots=True)
class Words:
    """A run of plain words. Articles with any of them match; those with more come first.

    They are interpreted, unless `literal`.
    """

    text: str
    field: TextField = TextField.TEXT
    literal: bool = False


@dataclass(frozen=True, slots=True)
class Quoted:
    """A "phrase" to be found as typed; `slop` is how many positions it may be stretched."""

    text: str
    field: TextField = TextField.TEXT
    slop: int = 0


@dataclass(frozen=True, slots=True)
class Compound:
    """One word of one or more syllables, to be found as a whole; its marks may be missing."""

    text: str
    field: TextField = TextField.TEXT


@dataclass(frozen=True, slots=True)
class Beginning:
    """A prefix such as `chính*`: words that begin so."""

    text: str
    field: TextField = TextField.TEXT


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on a column that does not count towards the score."""

    field: FilterField
    value: str


@dataclass(frozen=True, slots=True)
class Without:
    """An exclusion: `-word` or `NOT word`."""

    child: "Query"


@dataclass(frozen=True, slots=True)
class AllOf:
    """Joined by AND: every child must match."""

    children: "tuple[Query, ...]"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Joined by OR: one child must match."""

    children: "tuple[Query, ...]"


@dataclass(frozen=True, slots=True)
class Sequence:
    """Written side by side: any of the words, and every phrase, field, filter and exclusion."""

    children: "tuple[Query, ...]"


Query = Words | Quoted | Compound | Beginning | Filter | Without | AllOf | AnyOf | Sequence

NOTHING = Sequence(())
"""The query that has no condition at all."""


def without_phrases(tree: Query) -> Query:
    """Give the tree with every required phrase read as plain words of the run it stands in.

    Words that were all in quotes are still taken as typed.
    """
    match tree:
        case Quoted():
            return Words(tree.text, tree.field, literal=True)
        case Sequence():
            units = _runs_joined(map(without_phrases, tree.children))
            return units[0] if len(units) == 1 else Sequence(units)
        case AllOf() | AnyOf():
            return type(tree)(tuple(map(without_phrases, tree.children)))
        case _:
            return tree


def _runs_joined(units: Iterable[Query]) -> tuple[Query, ...]:
    """Make one run of plain words that follow each other in one field."""
    joined: list[Query] = []
    for unit in units:
        match joined[-1:], unit:
            case [Words() as run], Words() as more if run.field is more.field:
                text, literal = f"{run.text} {more.text}", run.literal and more.literal
                joined[-1] = Words(text, run.field, literal)
            case _:
                joined.append(unit)
    return tuple(joined)


def written(tree: Query, words: Callable[[Words], str]) -> str:
    """Write a tree as a query string again, each run of plain words as `words` gives it."""
    match tree:
        case Words():
            return _in_field(tree.field, words(tree))
        case Quoted():
            return _in_field(tree.field, f'"{tree.text}"' + (f"~{tree.slop}" if tree.slop else ""))
        case Compound():
            return _in_field(tree.field, tree.text)
        case Beginning():
            return _in_field(tree.field, f"{tree.text}*")
        case Filter():
            return f'{tree.field}:"{tree.value}"'
        case Without():
            return f"-{_grouped(tree.child, words)}"
        case Sequence():
            return " ".join(_grouped(child, words, Sequence) for child in tree.children)
        case AllOf():
            return " AND ".join(_grouped(child, words, Sequence) for child in tree.children)
        case AnyOf():
            return " OR ".join(_grouped(child, words, AllOf) for child in tree.children)


def _grouped(tree: Query, words: Callable[[Words], str], *bare: type) -> str:
    """Write a part of a query, in parentheses where it would be read differently without."""
    text = written(tree, words)
    if isinstance(tree, AllOf | AnyOf | Sequence) and not isinstance(tree, bare):
        return f"({text})"
    return f"({text})" if not bare and isinstance(tree, Words) and " " in text else text


def _in_field(field: TextField, text: str) -> str:
    """Put the name of a field before a text that is not looked for everywhere."""
    if field is TextField.TEXT:
        return text
    return f"{field}:({text})" if " " in text and not text.startswith('"') else f"{field}:{text}"
