"""The syntax tree of a query: the query language's own nodes, before anything is interpreted."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import NamedTuple

from search.query.wildcards import Pattern, phrase_slots

TEXT = "text"
"""The name of the field that plain words are searched in: all text of an article."""

SINCE, UNTIL = "since", "until"
"""Fields of the query language that bound the day of publication from below and above."""


class Joined(NamedTuple):
    """The syllables [start, end) of a run that were typed as one word."""

    start: int
    end: int
    typed: str


@dataclass(frozen=True, slots=True)
class Words:
    """A run of plain words, which the match policy decides over.

    They are interpreted, unless `literal`. `joined` are words that were typed without the spaces
    between their syllables, which `text` has.
    """

    text: str
    field: str = TEXT
    literal: bool = False
    joined: tuple[Joined, ...] = ()


@dataclass(frozen=True, slots=True)
class Phrase:
    """A "phrase"; `slop` is how many positions it may be stretched."""

    text: str
    field: str = TEXT
    slop: int = 0


@dataclass(frozen=True, slots=True)
class Compound:
    """One word of one or more syllables, to be found as a whole; its marks may be missing."""

    text: str
    field: str = TEXT


@dataclass(frozen=True, slots=True)
class Prefix:
    """A prefix such as `chính*`: words that begin so."""

    text: str
    field: str = TEXT


@dataclass(frozen=True, slots=True)
class Wildcard:
    """A word with a wildcard before its end, such as `ngh*p`, in canonical lower case."""

    text: str
    field: str = TEXT


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on a field that does not count towards the score.

    `field` is a name of the schema, or `SINCE` or `UNTIL`.
    """

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Required:
    """A part of which every word must match: `+word`, `+(two words)`."""

    child: "Query"


@dataclass(frozen=True, slots=True)
class Not:
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
class Clause:
    """Written side by side: every phrase, field, filter and exclusion, and enough of the words."""

    children: "tuple[Query, ...]"


Query = (
    Words | Phrase | Compound | Prefix | Wildcard | Filter | Required | Not | AllOf | AnyOf | Clause
)

NOTHING = Clause(())
"""The query that has no condition at all."""


def side_by_side(parts: Iterable[Query]) -> Query:
    """Join parts written side by side; neighbouring plain words become one run."""
    clause: list[Query] = []
    for part in parts:
        if part == NOTHING:
            continue
        last = clause[-1] if clause else None
        if isinstance(part, Words) and isinstance(last, Words) and part.field == last.field:
            clause[-1] = Words(f"{last.text} {part.text}", part.field)
        else:
            clause.append(part)
    if len(clause) == 1 and not isinstance(clause[0], Not):
        return clause[0]
    return Clause(tuple(dict.fromkeys(clause)))


def joined(kind: type[AllOf] | type[AnyOf], parts: Iterable[Query]) -> Query:
    """Join operands, those left empty dropped ("AND tin" is "tin")."""
    kept = list(dict.fromkeys(part for part in parts if part != NOTHING))
    if not kept:
        return NOTHING
    return kept[0] if len(kept) == 1 else kind(tuple(kept))


def without_phrases(tree: Query) -> Query:
    """Return the tree with every required phrase read as plain words of the run it stands in.

    Words that were all in quotes are still taken as typed.
    """
    match tree:
        case Phrase():
            return _as_words(tree)
        case Clause():
            parts = _runs_joined(map(without_phrases, tree.children))
            return parts[0] if len(parts) == 1 else Clause(parts)
        case AllOf() | AnyOf():
            return type(tree)(tuple(map(without_phrases, tree.children)))
        case Required():
            return Required(without_phrases(tree.child))
        case _:
            return tree


def _as_words(phrase: Phrase) -> Query:
    """Return a phrase as plain words, and its words with wildcards as such."""
    parts: list[Query] = []
    for pattern, slots in groupby(phrase_slots(phrase.text), lambda at: isinstance(at, Pattern)):
        if pattern:
            parts += [_of_pattern(at, phrase.field) for at in slots if isinstance(at, Pattern)]
        else:
            parts.append(Words(" ".join(map(str, slots)), phrase.field, literal=True))
    if not any(isinstance(part, Prefix | Wildcard) for part in parts):
        return Words(phrase.text, phrase.field, literal=True)
    return parts[0] if len(parts) == 1 else Clause(tuple(parts))


def _of_pattern(pattern: Pattern, field: str) -> Query:
    if pattern.text.rstrip("*") == pattern.beginning:
        return Prefix(pattern.beginning, field)
    return Wildcard(pattern.text, field)


def _runs_joined(parts: Iterable[Query]) -> tuple[Query, ...]:
    """Return the parts with plain words that follow each other in one field as one run."""
    found: list[Query] = []
    for part in parts:
        match found[-1:], part:
            case [Words() as run], Words() as more if run.field == more.field:
                text, literal = f"{run.text} {more.text}", run.literal and more.literal
                found[-1] = Words(text, run.field, literal)
            case _:
                found.append(part)
    return tuple(found)


def within_field(tree: Query, field: str) -> Query:
    """Return the tree with every word searched in a field, unless it names a field itself."""
    match tree:
        case Words() | Phrase() | Compound() | Prefix() | Wildcard() if tree.field == TEXT:
            return replace(tree, field=field)
        case Required() | Not():
            return type(tree)(within_field(tree.child, field))
        case AllOf() | AnyOf() | Clause():
            return type(tree)(tuple(within_field(child, field) for child in tree.children))
        case _:
            return tree


def map_words(tree: Query, change: Callable[[Words], Words]) -> Query:
    """Return the tree with every run of plain words changed; what is excluded stays as it is."""
    match tree:
        case Words():
            return change(tree)
        case Required():
            return Required(map_words(tree.child, change))
        case AllOf() | AnyOf() | Clause():
            return type(tree)(tuple(map_words(child, change) for child in tree.children))
        case _:
            return tree


def plain_text(tree: Query) -> str:
    """Return the words that a tree asks for, without fields, operators, filters and exclusions.

    >>> plain_text(Clause((Words("lúa gạo"), Phrase("giá", "title"), Not(Words("ngô")))))
    'lúa gạo giá'
    """
    match tree:
        case Words() | Phrase() | Compound() | Prefix() | Wildcard():
            return tree.text
        case Required():
            return plain_text(tree.child)
        case AllOf() | AnyOf() | Clause():
            return " ".join(filter(None, map(plain_text, tree.children)))
        case Filter() | Not():
            return ""


def written(tree: Query, words: Callable[[Words], str]) -> str:
    """Write a tree as a query string again, each run of plain words as `words` returns it.

    >>> written(Required(Words("gạo nếp")), lambda run: run.text)
    '+(gạo nếp)'
    """
    match tree:
        case Words():
            return _in_field(tree.field, words(tree))
        case Phrase():
            return _in_field(tree.field, f'"{tree.text}"' + (f"~{tree.slop}" if tree.slop else ""))
        case Compound() | Wildcard():
            return _in_field(tree.field, tree.text)
        case Prefix():
            return _in_field(tree.field, f"{tree.text}*")
        case Filter():
            return f'{tree.field}:"{tree.value}"'
        case Required() | Not():
            sign = "+" if isinstance(tree, Required) else "-"
            return f"{sign}{_grouped(tree.child, words)}"
        case Clause():
            return " ".join(_grouped(child, words, Clause) for child in tree.children)
        case AllOf():
            return " AND ".join(_grouped(child, words, Clause) for child in tree.children)
        case AnyOf():
            return " OR ".join(_grouped(child, words, AllOf) for child in tree.children)


def _grouped(tree: Query, words: Callable[[Words], str], *bare: type) -> str:
    """Write a part of a query, in parentheses where it would be read differently without."""
    text = written(tree, words)
    if isinstance(tree, AllOf | AnyOf | Clause) and not isinstance(tree, bare):
        return f"({text})"
    return f"({text})" if not bare and isinstance(tree, Words) and " " in text else text


def _in_field(field: str, text: str) -> str:
    """Put the name of a field before a text that is not searched everywhere."""
    if field == TEXT:
        return text
    return f"{field}:({text})" if " " in text and not text.startswith('"') else f"{field}:{text}"


def value_texts(node: Query | None) -> Iterator[str]:
    """Yield the texts of a group after a filter field: `source:(A OR "B C")`."""
    match node:
        case Words():
            yield from node.text.split()
        case Phrase() | Prefix() | Wildcard():
            yield node.text
        case AllOf() | AnyOf() | Clause():
            for child in node.children:
                yield from value_texts(child)
        case _:
            return
