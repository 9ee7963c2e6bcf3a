"""Completions: frequent phrases that somebody may be typing, mined from titles and words.

A phrase is a frequent run of syllables in titles, unless it is a piece of one nearly as frequent
("hồ chí" of "hồ chí minh"), begins or ends with half a word ("xuất khẩu nông") or with a stop
syllable; or it is a frequent word of several syllables. Phrases are mined once a part, from the
part itself, and kept sorted by their unmarked letters, so that "ha n" finds "hà nội".
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice, pairwise
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from index.models.frequent_runs import TitleTokens, frequent_runs
from index.models.typed_marks import may_become
from index.storage.array_file import typed_arrays
from index.vietnamese.forms import fold, fold_all

MAX_PHRASE_SYLLABLES = 7
"""Syllables of a phrase. Arbitrary: the names of laws and offices have five or six."""

MAX_TITLE_SYLLABLES = 50
"""Syllables of a title, from its beginning, that are mined: what is longer is a text in the wrong
field. Arbitrary."""

MAX_MINED_TITLES = 100_000
"""Articles of a part, those added last, whose titles are mined: it takes 130 MB."""

MAX_CONTINUED_SHARE = 0.5
"""A phrase that one longer run continues in more than this share of its occurrences is a piece of
that run. Arbitrary: half."""

TITLES_PER_TITLE = 40_000
"""A phrase must stand in one more title with each of these titles, which bounds the table.
Arbitrary."""

TITLES_PER_ARTICLE = 4_000
"""A word must stand in one more article with each of these titles, for the same reason."""

MIN_WORD_ARTICLES = 2
"""Articles in which a word of several syllables stands before it counts as a word: what the
segmenter joined once may be a mistake of its."""

MIN_ALONE_SHARE = 0.3
"""A syllable is a word of its own where the segmenter left it alone in this share of its articles.
Arbitrary."""

WORD_ARTICLES = 8
"""Articles with a word in their text that weigh as much as one with it in the title. Arbitrary."""

SYLLABLE_TITLES = 4
"""Titles with a single syllable that weigh as much as one with a longer phrase: whoever types a
syllable wants to be spared more than its end. Arbitrary."""

MAX_GONE_PHRASES = 256
"""Phrases of deleted articles that are passed over for one question, each some 50 µs of looking
for an article that still has it; with more of them fewer phrases are offered."""

_FIRST_SORTED = 512
"""Rows of a prefix that are sorted first: mostly a few of the heaviest are asked for."""


class MinedPhrases(NamedTuple):
    """Phrases with their weights, and of those in titles an article that has it in its title.

    Not at the beginning of the title, if there is such a one: there every phrase is in capitals.
    """

    weights: dict[str, int]
    examples: dict[str, int]


def compounds_and_lone_syllables(
    words: Iterable[tuple[str, int]],
    text: Iterable[tuple[str, int]],
    syllables: Collection[str],
) -> tuple[dict[str, int], frozenset[str]]:
    """Return the frequent compounds with their articles, and which syllables stand alone.

    `words` and `text` have each term of these fields, and how many articles hold it; a long article
    has millions of them, so that only `syllables`, those of the titles, are looked at.

    >>> words, text = [("hà_nội", 9), ("a_b", 1), ("gạo", 4)], [("hà", 9), ("nội", 9), ("gạo", 4)]
    >>> compounds_and_lone_syllables(words, text, {"hà", "gạo"})
    ({'hà_nội': 9}, frozenset({'gạo'}))
    """
    compounds: dict[str, int] = {}
    articles: dict[str, int] = {}
    for word, count in words:
        if "_" in word and count >= MIN_WORD_ARTICLES:
            compounds[word] = count
        elif word in syllables:
            articles[word] = count
    alone = frozenset(
        syllable
        for syllable, count in text
        if syllable in syllables and articles.get(syllable, 0) >= MIN_ALONE_SHARE * count
    )
    return compounds, alone


def mine_phrases(
    titles: TitleTokens,
    vocabulary: Sequence[str],
    words: Mapping[str, int],
    alone: Collection[str],
    stops: frozenset[str],
) -> MinedPhrases:
    """Return phrases with their weights: about the number of titles that each stands in.

    `words` are the compounds of the articles' text, syllables joined by "_", and in how many
    articles each stands; `alone` are the syllables that are words themselves; `stops` those with
    which no phrase of titles begins or ends.
    """
    count = len(np.unique(titles.articles))
    min_count = 2 + count // TITLES_PER_TITLE
    found: dict[str, int] = {}
    examples: dict[str, int] = {}
    for syllables, times, article in _title_phrases(titles, vocabulary, min_count, stops):
        if _is_meaningful(syllables) and _is_whole(syllables, words, alone):
            phrase = " ".join(syllables)
            found[phrase] = times if len(syllables) > 1 else times // SYLLABLE_TITLES
            examples[phrase] = article
    for word, articles in words.items():
        if articles >= 2 + count // TITLES_PER_ARTICLE:
            phrase = word.replace("_", " ")
            found[phrase] = max(found.get(phrase, 1), articles // WORD_ARTICLES)
    weights = {phrase: weight for phrase, weight in found.items() if weight}
    return MinedPhrases(weights, {name: at for name, at in examples.items() if name in weights})


def _title_phrases(
    titles: TitleTokens, vocabulary: Sequence[str], min_count: int, stops: frozenset[str]
) -> Iterator[tuple[list[str], int, int]]:
    """Yield the runs that are no pieces of longer ones, how often they occur, and where once."""
    for level, longer in pairwise(
        frequent_runs(titles, len(vocabulary), min_count, MAX_PHRASE_SYLLABLES + 1)
    ):
        continued = np.zeros(len(level.counts), np.int64)
        for pieces in (longer.heads, longer.tails):
            np.maximum.at(continued, pieces, longer.counts)
        whole = np.flatnonzero(continued <= MAX_CONTINUED_SHARE * level.counts)
        counts, articles = level.counts[whole].tolist(), level.articles[whole].tolist()
        for run, times, article in zip(level.runs[whole], counts, articles, strict=True):
            syllables = [vocabulary[int(term)] for term in run]
            if stops.isdisjoint((syllables[0], syllables[-1])):
                yield syllables, times, article


def _is_meaningful(syllables: Sequence[str]) -> bool:
    """Return whether a run is more than numbers or a letter."""
    return len("".join(syllables)) > 1 and not all(syllable.isdecimal() for syllable in syllables)


def _is_whole(syllables: Sequence[str], words: Mapping[str, int], alone: Collection[str]) -> bool:
    """Return whether a run begins and ends with a word."""
    parts = range(2, len(syllables) + 1)
    begins = syllables[0] in alone or any("_".join(syllables[:n]) in words for n in parts)
    return begins and (
        syllables[-1] in alone or any("_".join(syllables[-n:]) in words for n in parts)
    )


NO_EXAMPLE = 0xFFFFFFFF
"""Stands for the example of a phrase that no title has."""


def completion_arrays(
    weights: Mapping[str, int], examples: Mapping[str, int] | None = None
) -> dict[str, NDArray[Any]]:
    """Lay out phrases as arrays, in the order of their unmarked letters.

    `completion_texts` (uint8) is the phrases in UTF-8 one after another, `completion_starts`
    (uint32, one more than phrases) where each begins, `completion_weights` (uint32),
    `completion_examples` (uint32) a document with it in its title, or `NO_EXAMPLE`.
    """
    ordered = sorted(zip(fold_all(weights), weights, strict=True))
    encoded = [phrase.encode("utf-8", "surrogatepass") for _, phrase in ordered]
    return {
        "completion_texts": np.frombuffer(b"".join(encoded), np.uint8),
        "completion_starts": np.cumsum([0, *map(len, encoded)]).astype(np.uint32),
        "completion_weights": np.array([weights[phrase] for _, phrase in ordered], np.uint32),
        "completion_examples": np.array(
            [(examples or {}).get(phrase, NO_EXAMPLE) for _, phrase in ordered], np.uint32
        ),
    }


_COLUMNS: dict[str, type[np.generic]] = {
    "completion_texts": np.uint8,
    "completion_starts": np.uint32,
    "completion_weights": np.uint32,
}


class Completions:
    """The phrases of one segment, read from its (memory-mapped) arrays; nothing is copied."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take the arrays of `completion_arrays`; raises ValueError where they are inconsistent."""
        self._texts, self._starts, self.weights = typed_arrays(arrays, _COLUMNS)
        rows = len(self.weights)
        if "completion_examples" in arrays:
            [self._examples] = typed_arrays(arrays, {"completion_examples": np.uint32})
        else:  # a file of version 0.2.0
            self._examples = np.full(rows, NO_EXAMPLE, np.uint32)
        sizes = (len(self._starts) - 1, len(self._examples))
        if sizes != (rows, rows) or self._starts[-1] != len(self._texts):
            message = "the table of completions is damaged: its columns are inconsistent"
            raise ValueError(f"{message}; build the index again")

    def __len__(self) -> int:
        return len(self.weights)

    def phrase(self, row: int) -> str:
        """Return the phrase in a row."""
        start, end = self._starts[row : row + 2].tolist()
        return bytes(self._texts[start:end]).decode("utf-8", "replace")

    def example(self, phrase: str) -> int | None:
        """Return a document that has a phrase in its title; None where none is known."""
        for row in self.beginning_with(fold(phrase)):
            if self.phrase(row) == phrase:
                document = int(self._examples[row])
                return None if document == NO_EXAMPLE else document
        return None

    def beginning_with(self, folded: str) -> range:
        """Return the rows of the phrases whose unmarked letters begin with `folded`."""
        rows = range(len(self))

        def letters(row: int) -> str:
            return fold(self.phrase(row))[: len(folded)]

        first = bisect_left(rows, folded, key=letters)
        return range(first, bisect_right(rows, folded, lo=first, key=letters))


class PhrasePart(Protocol):
    """What `best_phrases` asks of a part of the models."""

    @property
    def completions(self) -> Completions:
        """The phrases that people may be typing."""
        ...

    def holds_phrase(self, phrase: str) -> bool:
        """Return whether an article that is not deleted has the phrase."""
        ...


def best_phrases(parts: Sequence[PhrasePart], typed: str, size: int) -> list[tuple[str, int]]:
    """Return the phrases that go on from what was typed, the heaviest first, with their weights.

    `typed` is canonical and lower case. Marks that it has must be right; those that it lacks may
    still come. Weights of several parts add up, as far as their best phrases are the same.
    """
    weights: dict[str, int] = {}
    for part in parts:
        for phrase, weight in islice(_fitting(part, typed), size * len(parts)):
            weights[phrase] = weights.get(phrase, 0) + weight
    best = sorted(weights.items(), key=lambda item: (-item[1], len(item[0]), item[0]))
    return best[:size]


def _fitting(part: PhrasePart, typed: str) -> Iterator[tuple[str, int]]:
    """Yield the phrases of a part that go on from what was typed, the heaviest first."""
    table = part.completions
    rows = table.beginning_with(fold(typed))
    scores = table.weights[rows.start : rows.stop]
    gone = 0
    for row in _heaviest(scores):
        phrase, weight = table.phrase(rows[row]), int(scores[row])
        if not may_become(typed, phrase):
            continue
        if part.holds_phrase(phrase):
            yield phrase, weight
        elif (gone := gone + 1) > MAX_GONE_PHRASES:
            return


def _heaviest(weights: NDArray[np.uint32]) -> Iterator[int]:
    """Yield the places of weights, greatest first; the first ones without sorting them all."""
    if len(weights) > _FIRST_SORTED:
        limit = np.partition(weights, -_FIRST_SORTED)[-_FIRST_SORTED]
        above = np.flatnonzero(weights > limit)
        yield from above[np.argsort(-weights[above].astype(np.int64), kind="stable")].tolist()
        rest = np.flatnonzero(weights <= limit)
    else:
        rest = np.arange(len(weights))
    yield from rest[np.argsort(-weights[rest].astype(np.int64), kind="stable")].tolist()
