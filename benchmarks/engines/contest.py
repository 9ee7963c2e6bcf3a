"""The query shapes that engines are compared on, and the interface of an engine here."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from index.vietnamese.syllables import terms


class Kind(StrEnum):
    """How the terms of a query are combined."""

    OR = "OR"
    AND = "AND"
    PHRASE = "phrase"
    PREFIX = "prefix"


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of query with its number of syllables, over all articles or those of one source."""

    name: str
    kind: Kind
    size: int
    filtered: bool = False


SHAPES = (
    Shape("1 word", Kind.OR, 1),
    Shape("2 words OR", Kind.OR, 2),
    Shape("3 words OR", Kind.OR, 3),
    Shape("4 words OR", Kind.OR, 4),
    Shape("5 words OR", Kind.OR, 5),
    Shape("2 words AND", Kind.AND, 2),
    Shape("3 words AND", Kind.AND, 3),
    Shape("phrase of 2", Kind.PHRASE, 2),
    Shape("phrase of 3", Kind.PHRASE, 3),
    Shape("3 words OR, one source", Kind.OR, 3, filtered=True),
    Shape("prefix", Kind.PREFIX, 1),
)


@dataclass(frozen=True, slots=True)
class Query:
    """One query on the field "text"; `source` filters by source, "" means no filter."""

    shape: Shape
    terms: tuple[str, ...]
    source: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """The results of a query: the exact total, and the ids and scores of the best 10."""

    total: int
    ids: tuple[str, ...]
    scores: tuple[float, ...]


class Contestant(Protocol):
    """An index opened for searching with one of the engines."""

    def __init__(self, directory: Path) -> None: ...

    def prepare(self, query: Query) -> Callable[[], object]:
        """Return a function that finds the best 10; only its call is measured."""
        ...

    def found(self, query: Query) -> Found:
        """Return the full results of a query, for comparison."""
        ...


def draw_queries(
    titles: Sequence[str], sources: Sequence[str], shape: Shape, count: int, seed: int
) -> list[Query]:
    """Draw queries of consecutive, distinct syllables of titles."""
    random_ = random.Random(f"{seed} {shape.name}")
    drawn = _windows(titles, shape.size, random_)
    return [_query(shape, next(drawn), sources, random_) for _ in range(count)]


def _windows(titles: Sequence[str], size: int, random_: random.Random) -> Iterator[tuple[str, ...]]:
    while True:
        words = terms(random_.choice(titles))
        if len(words) >= size:
            start = random_.randint(0, len(words) - size)
            window = tuple(words[start : start + size])
            if len(set(window)) == size:
                yield window


def _query(
    shape: Shape, words: tuple[str, ...], sources: Sequence[str], random_: random.Random
) -> Query:
    if shape.kind is Kind.PREFIX:
        words = (words[0][: max(2, len(words[0]) - 1)],)
    return Query(shape, words, random_.choice(sources) if shape.filtered else "")
