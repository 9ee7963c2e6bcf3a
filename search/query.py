"""What was typed, as a tree: the query language's own nodes, before anything is interpreted."""

from collections.abc import Callable
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
    """A run of plain words. Articles with any of them match; those with more come first."""

    text: str
    field: TextField = TextField.TEXT


@dataclass(frozen=True, slots=True)
class Quoted:
    """A "phrase" to be found as typed; `slop` is how many positions it may be stretched."""

    text: str
    field: TextField = TextField.TEXT
    slop: int = 0


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


Query = Words | Quoted | Beginning | Filter | Without | AllOf | AnyOf | Sequence

NOTHING = Sequence(())
"""The query that has no condition at all."""


def without_phrases(tree: Query) -> Query:
    """Give the tree with every required phrase read as plain words."""
    match tree:
        case Quoted():
            return Words(tree.text, tree.field)
        case AllOf() | AnyOf() | Sequence():
            return type(tree)(tuple(map(without_phrases, tree.children)))
        case _:
            return tree


def written(tree: Query, words: Callable[[Words], str]) -> str:
    """Write a tree as a query string again, each run of plain words as `words` gives it."""
    match tree:
        case Words():
            return _in_field(tree.field, words(tree))
        case Quoted():
            return _in_field(tree.field, f'"{tree.text}"' + (f"~{tree.slop}" if tree.slop else ""))
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
