"""Which terms stand where in an article: from text to the tokens of each field.

Fields: "text" (syllables of title, summary, body and author, one after another with a gap of
`PART_GAP` positions between them), "title" and "author" (syllables), "words" (segmented words of
title, summary and body, the syllables of a word joined by "_").
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from index.article import Article
from index.processes import DeadProcessError, spread
from index.vietnamese.token_batch import Tokens, read

PART_GAP = 50
"""Positions left free between the parts of a field, so that no phrase spans two of them.

A phrase may be stretched by at most one less (`search.query.parser.MAX_SLOP`). The positions of
100 would take 2.5 % more of an index of 6,000 news articles than those of 16, 50 take 1 %.
"""

TEXT_FIELDS = ("text", "title", "author", "words")


@dataclass(frozen=True, slots=True)
class FieldTokens:
    """The tokens of one field for a batch of articles, in reading order; three aligned arrays.

    `terms`: int32, index into the batch's vocabulary. `articles`: int32, index into the batch's
    articles, ascending. `positions`: int32, position in the field counted in tokens, ascending
    within an article.
    """

    terms: NDArray[np.int32]
    articles: NDArray[np.int32]
    positions: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class AnalysedBatch:
    """Articles with their tokens. All fields share one vocabulary (canonical lower-case terms)."""

    articles: tuple[Article, ...]
    vocabulary: tuple[str, ...]
    fields: Mapping[str, FieldTokens]


BATCH_SIZE = 256
"""Articles analysed together, by one worker."""


class AnalysisError(RuntimeError):
    """The articles could not be analysed, through no fault of theirs."""


_PARTS = 4
_TITLE, _SUMMARY, _BODY, _AUTHOR = range(_PARTS)


def analyse(articles: Sequence[Article]) -> AnalysedBatch:
    """Give the tokens of every field of the articles, in the order given."""
    texts: list[str] = []
    for article in articles:
        texts += (article.title, article.summary, article.body, article.author)
    is_author = np.arange(len(texts)) % _PARTS == _AUTHOR
    reading = read(texts, ~is_author)
    parts = reading.syllables.texts % _PARTS
    fields = {
        "text": _placed(reading.syllables),
        "title": _placed(_chosen(reading.syllables, parts == _TITLE)),
        "author": _placed(_chosen(reading.syllables, parts == _AUTHOR), first_part=_AUTHOR),
        "words": _placed(reading.words),
    }
    return AnalysedBatch(tuple(articles), reading.vocabulary, fields)


def analyse_all(articles: Iterable[Article], workers: int) -> Iterator[AnalysedBatch]:
    """Give the articles analysed in batches of `BATCH_SIZE`, in order.

    With more than one worker the batches are analysed by that many processes, which read at most
    `2 * workers` batches ahead; the result is the same. Raises `AnalysisError` where one of them
    dies. The processes end with the iteration, however it ends.
    """
    batches = _batches(articles)
    first = list(islice(batches, 2))
    if workers < 2 or len(first) < 2:  # no process is worth its start for one batch
        yield from map(analyse, chain(first, batches))
        return
    given: deque[list[Article]] = deque()

    def remembered() -> Iterator[list[Article]]:
        for batch in chain(first, batches):
            given.append(batch)
            yield batch

    try:
        for analysed in spread(_analyse_for_parent, remembered(), workers):
            yield replace(analysed, articles=tuple(given.popleft()))
    except DeadProcessError as error:
        raise AnalysisError(
            "a worker process died while it analysed articles: killed, or out of memory; "
            "try again with fewer workers"
        ) from error


def _batches(articles: Iterable[Article]) -> Iterator[list[Article]]:
    source = iter(articles)
    while batch := list(islice(source, BATCH_SIZE)):
        yield batch


def _analyse_for_parent(articles: list[Article]) -> AnalysedBatch:
    return replace(analyse(articles), articles=())  # the parent has them


def _chosen(tokens: Tokens, chosen: NDArray[np.bool_]) -> Tokens:
    return Tokens(tokens.terms[chosen], tokens.texts[chosen])


def _placed(tokens: Tokens, first_part: int = 0) -> FieldTokens:
    """Count the positions of a field that begins with this part of an article."""
    articles, parts = np.divmod(tokens.texts, _PARTS)
    counts = np.bincount(articles)
    before = np.cumsum(counts) - counts
    positions = np.arange(len(articles)) - before[articles] + PART_GAP * (parts - first_part)
    return FieldTokens(tokens.terms, articles, positions.astype(np.int32))
