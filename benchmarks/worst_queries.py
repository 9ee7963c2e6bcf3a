"""`python -m benchmarks.worst_queries --index DIR`: search for the slowest query.

Queries are generated from the grammar of the query language over the vocabulary of the index:
frequent and rare syllables, with and without marks, joined, misspelt, in phrases, prefixes, fields,
groups and chains of OR. The slowest so far are mutated (hill climbing). Fails if a query of 200
characters takes more than 0.05 s of CPU, or one of 2,000 more than 0.25 s.

To split the work, run `--length 200 --queries 2500 --seed N` for several N.
"""

import heapq
import itertools
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import click

from index.vietnamese import Language
from index.vietnamese.forms import fold
from search import Searcher
from search.engines import open_engine
from search.engines.contract import Engine
from search.query.parser import MAX_LENGTH

LIMITS = {200: 0.05, MAX_LENGTH: 0.25}
"""CPU seconds that a query may take, by its maximum length in characters."""

KEPT = 20
"""Slowest queries of each length that are mutated and reported."""

SHARE_MUTATED = 0.7
"""Share of the queries that are mutations of one of the slowest; the others are new."""

REPEATED = 4
"""Times that a query is repeated before it counts as slow; arbitrary."""

SHARE_OF_ONE_KIND = 0.4
"""Share of the chains with units of one kind only, since the kinds differ in cost."""

KINDS = 10
"""Kinds of units, without groups."""

MAX_SHORT_LETTERS = 2
"""Letters of a short syllable: these have the most spellings with marks."""

Pick = Callable[[], str]


class Grammar:
    """A random generator of queries over a vocabulary."""

    def __init__(self, words: Sequence[str], random: Random) -> None:
        self.random = random
        self.words = words
        self.folded = [fold(word) for word in words]
        self.short = [word for word in self.folded if len(word) <= MAX_SHORT_LETTERS] or self.folded

    def word(self) -> str:
        """Return a syllable, perhaps without marks, misspelt, or joined with others."""
        random = self.random
        word = random.choice(self.words)
        way = random.randrange(8)
        if way < 3:
            return fold(word)
        if way == 3 and len(word) > 1:
            at = random.randrange(len(word))
            return word[:at] + random.choice("aeiouxqz") + word[at + 1 :]
        if way == 4:
            return fold("".join(random.choices(self.words, k=random.randint(2, 8))))
        return word

    def run(self, max_words: int = 12) -> str:
        """Return words; a quarter of the time many short, misspelt or unmarked ones."""
        random, way = self.random, self.random.randrange(12)
        if way < 3:
            count = random.randint(1, max_words * random.choice((1, 1, 8)))
            if way == 0:
                return " ".join(random.choices(self.short, k=count))
            if way == 1:
                return " ".join(
                    word[:2] + random.choice("qxzjw") + word[2:]
                    for word in random.choices(self.folded, k=count)
                )
            return " ".join(random.choices(self.folded, k=count))
        return " ".join(self.word() for _ in range(self.random.randint(1, max_words)))

    def unit(self, depth: int = 0, kind: int | None = None) -> str:
        """Return one unit of the query language, of the given kind or of any."""
        random = self.random
        makers: list[Pick] = [
            lambda: self.run(),
            lambda: f'"{self.run(30)}"',
            lambda: f'"{self.run(30)}"~{random.randint(1, 99)}',
            lambda: f"{self.word()[: random.randint(1, 3)]}*",
            lambda: f"-{self.run(3)}",
            lambda: f"+{self.run(3)}",
            lambda: f"title:{self.run(3)}",
            lambda: f'author:"{self.run(4)}"',
            lambda: f"source:{self.run(8)}",
            lambda: f"since:{random.randint(1, 12)}/{random.randint(1990, 2030)}",
        ]
        if kind is not None:
            return makers[kind]()
        if depth < 3:
            makers.append(lambda: f"({self.chain(depth + 1)})")
        return random.choice(makers)()

    def chain(self, depth: int = 0) -> str:
        """Return a sequence of units, with or without operators; often many of one kind."""
        random = self.random
        operator = random.choice([" ", " OR ", " AND ", " NOT "])
        kind = random.randrange(KINDS) if random.random() < SHARE_OF_ONE_KIND else None
        return operator.join(
            self.unit(depth, kind) for _ in range(random.randint(1, 6 if depth else 40))
        )

    def mutated(self, query: str, length: int) -> str:
        """Return a query with a part removed, doubled or replaced."""
        random = self.random
        parts = query.split(" ")
        start = random.randrange(len(parts))
        end = min(len(parts), start + random.randint(1, 8))
        ways = [
            parts[:start] + parts[end:],
            parts[:end] + parts[start:],
            [*parts[:start], self.unit(), *parts[end:]],
            [*parts, operator_of(query), self.unit()],
        ]
        return " ".join(random.choice(ways))[:length]


def operator_of(query: str) -> str:
    """Return the operator that a query already uses."""
    return "OR" if " OR " in query else "AND" if " AND " in query else ""


def vocabulary(searcher: Searcher, random: Random) -> list[str]:
    """Return syllables of titles in the index, and short ambiguous ones."""
    titles: list[str] = []
    for _ in range(40):
        query = random.choice("và của trong là cho giá việt nam nhà người tin mới hà nội".split())
        titles += (hit.title for hit in searcher.search(query, page=random.randint(1, 30)).hits)
    found = [word.lower() for title in titles for word in title.split() if word.isalnum()]
    short = ["".join(letters) for letters in itertools.product("aeiou", "nmtcp")]
    return [*found, *short, *"a i u o e y và là".split()]


def slowest(engine: Engine, count: int, length: int, random: Random) -> list[tuple[float, str]]:
    """Return the slowest of `count` queries of at most `length` characters, and their CPU time."""
    language = Language.default()  # once, as in a server: reading it takes longer than most queries
    grammar = Grammar(vocabulary(Searcher(engine, language), random), random)
    kept: list[tuple[float, str]] = []
    for _ in range(count):
        if kept and random.random() < SHARE_MUTATED:
            query = grammar.mutated(random.choice(kept)[1], length)
        else:
            query = grammar.chain()[:length]
        threshold = kept[0][0] if len(kept) == KEPT else 0.0
        taken = _min_cpu(lambda: Searcher(engine, language), query, threshold)
        if query not in {known for _, known in kept}:
            heapq.heappush(kept, (taken, query))
        if len(kept) > KEPT:
            heapq.heappop(kept)
    return sorted(kept, reverse=True)


def _min_cpu(new_searcher: Callable[[], Searcher], query: str, threshold: float) -> float:
    """Return the minimum CPU time of several runs of a query; stop at one below `threshold`.

    Each run has a new searcher, so nothing is cached. The first run may read from disk, and under
    other load the same query takes up to twice as long.
    """
    taken = _cpu(new_searcher(), query)
    for _ in range(REPEATED):
        if taken > threshold:
            taken = min(taken, _cpu(new_searcher(), query))
    return taken


def _cpu(searcher: Searcher, query: str) -> float:
    began = time.thread_time()
    searcher.search(query, facets=["source", "section", "year"])
    return time.thread_time() - began


@click.command()
@click.option("--index", "directory", type=Path, required=True, help="The index to search in.")
@click.option("--queries", default=20_000, show_default=True, help="How many of each length.")
@click.option("--seed", default=20261129, show_default=True)
@click.option(
    "--length", "lengths", type=click.Choice(tuple(LIMITS)), multiple=True, default=tuple(LIMITS)
)
def main(directory: Path, queries: int, seed: int, lengths: Sequence[int]) -> None:
    """Search for the slowest query of each length; fail if one exceeds its limit."""
    engine = open_engine(directory)
    slow = []
    for length in lengths:
        limit = LIMITS[length]
        found = slowest(engine, queries, length, Random(seed))
        click.echo(f"at most {length:,} characters: {found[0][0]:.3f} s of CPU (limit {limit})")
        for taken, query in found[:3]:
            click.echo(f"  {taken:.3f}  {query[:160]!r}")
        slow += [query for taken, query in found if taken > limit]
    if slow:
        raise click.ClickException(f"{len(slow)} queries exceed the limit")


if __name__ == "__main__":
    main()
