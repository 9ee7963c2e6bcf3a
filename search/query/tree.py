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
    """The syllables [start, end) of a run that were typed without spaces, as `typed`."""

    start: int
    end: int
    typed: str


@dataclass(frozen=True, slots=True)
class Words:
    """A run of plain words; the match policy decides how many of them an article must contain.

    They are interpreted, unless `literal`. `joined` lists the parts that were typed without
    spaces between their syllables; `text` has the spaces.
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
    """One word of one or more syllables, matched as a whole; its marks may be missing."""

    text: str
    field: str = TEXT


@dataclass(frozen=True, slots=True)
class Prefix:
    """A prefix such as `chính*`."""

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
    """A part whose words must all match: `+word`, `+(two words)`."""

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
class Sequence:
    """Clauses written side by side: all of them must match, of plain words enough."""

    children: "tuple[Query, ...]"


Query = (
    Words
    | Phrase
    | Compound
    | Prefix
    | Wildcard
    | Filter
    | Required
    | Not
    | AllOf
    | AnyOf
    | Sequence
)

NOTHING = Sequence(())
"""The query without any condition."""


def side_by_side(parts: Iterable[Query]) -> Query:
    """Return the sequence of clauses; neighbouring plain words become one run."""
    clauses: list[Query] = []
    for part in parts:
        if part == NOTHING:
            continue
        last = clauses[-1] if clauses else None
        if isinstance(part, Words) and isinstance(last, Words) and part.field == last.field:
            clauses[-1] = Words(f"{last.text} {part.text}", part.field)
        else:
            clauses.append(part)
    if len(clauses) == 1 and not isinstance(clauses[0], Not):
        return clauses[0]
    return Sequence(tuple(dict.fromkeys(clauses)))


def combined(kind: type[AllOf] | type[AnyOf], parts: Iterable[Query]) -> Query:
    """Return the operands of AND or OR as one node, without empty ones ("AND tin" is "tin")."""
    kept = list(dict.fromkeys(part for part in parts if part != NOTHING))
    if not kept:
        return NOTHING
    return kept[0] if len(kept) == 1 else kind(tuple(kept))


def without_phrases(tree: Query) -> Query:
    """Return the tree with the phrases that must match as plain words of the run around them.

    A run that consists of phrases with marks only stays literal.
    """
    match tree:
        case Phrase():
            return _as_words(tree)
        case Sequence():
            parts = _join_runs(map(without_phrases, tree.children))
            return parts[0] if len(parts) == 1 else Sequence(parts)
        case AllOf() | AnyOf():
            return type(tree)(tuple(map(without_phrases, tree.children)))
        case Required():
            return Required(without_phrases(tree.child))
        case _:
            return tree


def _as_words(phrase: Phrase) -> Query:
    """Return the words of a phrase as plain words, prefixes and wildcards.

    They are literal unless the phrase has no marks: then it was typed without, as a whole.
    """
    literal = not phrase.text.isascii()
    parts: list[Query] = []
    for pattern, slots in groupby(phrase_slots(phrase.text), lambda s: isinstance(s, Pattern)):
        if pattern:
            parts += [_of_pattern(s, phrase.field) for s in slots if isinstance(s, Pattern)]
        else:
            parts.append(Words(" ".join(map(str, slots)), phrase.field, literal))
    if not any(isinstance(part, Prefix | Wildcard) for part in parts):
        return Words(phrase.text, phrase.field, literal)
    return parts[0] if len(parts) == 1 else Sequence(tuple(parts))


def _of_pattern(pattern: Pattern, field: str) -> Query:
    if pattern.text.rstrip("*") == pattern.beginning:
        return Prefix(pattern.beginning, field)
    return Wildcard(pattern.text, field)


def _join_runs(parts: Iterable[Query]) -> tuple[Query, ...]:
    """Return the parts with neighbouring plain words of one field joined into one run."""
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
    """Return the tree with a field set on each part that does not name one itself."""
    match tree:
        case Words() | Phrase() | Compound() | Prefix() | Wildcard() if tree.field == TEXT:
            return replace(tree, field=field)
        case Required() | Not():
            return type(tree)(within_field(tree.child, field))
        case AllOf() | AnyOf() | Sequence():
            return type(tree)(tuple(within_field(child, field) for child in tree.children))
        case _:
            return tree


def scored_leaves(tree: Query) -> Iterator[Query]:
    """Yield the leaves of a tree that score: those outside exclusions."""
    match tree:
        case AllOf() | AnyOf() | Sequence():
            for child in tree.children:
                yield from scored_leaves(child)
        case Required():
            yield from scored_leaves(tree.child)
        case Not():
            return
        case _:
            yield tree


def map_words(tree: Query, change: Callable[[Words], Words]) -> Query:
    """Return the tree with `change` applied to every run of plain words outside exclusions."""
    match tree:
        case Words():
            return change(tree)
        case Required():
            return Required(map_words(tree.child, change))
        case AllOf() | AnyOf() | Sequence():
            return type(tree)(tuple(map_words(child, change) for child in tree.children))
        case _:
            return tree


def plain_text(tree: Query) -> str:
    """Return the words that a tree searches for, without fields, operators and exclusions.

    >>> plain_text(Sequence((Words("lúa gạo"), Phrase("giá", "title"), Not(Words("ngô")))))
    'lúa gạo giá'
    """
    match tree:
        case Words() | Phrase() | Compound() | Prefix() | Wildcard():
            return tree.text
        case Required():
            return plain_text(tree.child)
        case AllOf() | AnyOf() | Sequence():
            return " ".join(filter(None, map(plain_text, tree.children)))
        case Filter() | Not():
            return ""


def written(tree: Query, words: Callable[[Words], str]) -> str:
    """Return a tree as a query string, with `words` writing each run of plain words.

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
        case Sequence():
            return " ".join(_grouped(child, words, Sequence) for child in tree.children)
        case AllOf():
            return " AND ".join(_grouped(child, words, Sequence) for child in tree.children)
        case AnyOf():
            return " OR ".join(_grouped(child, words, AllOf) for child in tree.children)


def _grouped(tree: Query, words: Callable[[Words], str], *bare: type) -> str:
    """Return a part of a query as a string, in parentheses where they make a difference.

    Nodes of the kinds `bare` need none.
    """
    text = written(tree, words)
    if isinstance(tree, AllOf | AnyOf | Sequence) and not isinstance(tree, bare):
        return f"({text})"
    return f"({text})" if not bare and isinstance(tree, Words) and " " in text else text


def _in_field(field: str, text: str) -> str:
    """Return a text with the field's name before it, unless it is searched in all text."""
    if field == TEXT:
        return text
    return f"{field}:({text})" if " " in text and not text.startswith('"') else f"{field}:{text}"


def value_texts(node: Query | None) -> Iterator[str]:
    """Yield the values in a group after a filter field: A and B C of `source:(A OR "B C")`."""
    match node:
        case Words():
            yield from node.text.split()
        case Phrase() | Prefix() | Wildcard():
            yield node.text
        case AllOf() | AnyOf() | Sequence():
            for child in node.children:
                yield from value_texts(child)
        case _:
            return
