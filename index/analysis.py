"""Analysis: the tokens of each field of articles, by schema.

Fields: "text" (the syllables of all searched parts of an article, with a gap of `PART_GAP`
positions between parts), "title" and "author" (their syllables), "words" (the segmented words of
parts that are prose, their syllables joined by "_"), and each own text field (its syllables).
"""

from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from index.article import Article
from index.processes import DeadProcessError, spread
from index.schema import DEFAULT_SCHEMA, KEYWORD_KINDS, Field, Schema
from index.values import PART_GAP, text_of
from index.vietnamese.token_batch import Tokens, tokenize_long

TEXT_FIELDS = ("text", "title", "author", "words")
"""The token fields that every index has."""

MAX_BATCH_ARTICLES = 256
"""Articles that a worker analyses at a time: about 600,000 characters of news. Arbitrary."""

MAX_BATCH_CHARACTERS = 2_000_000
"""Characters of a batch, unless a single article has more. Analysis takes 150 bytes per character:
without this limit, a few long articles would take gigabytes. Batches of news never reach it.
"""


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


class AnalysisError(RuntimeError):
    """A worker process died during analysis."""


# The body comes first: most tokens are in it, and small positions take fewer bytes.
_FIRST_PARTS = ("body", "title", "summary", "author")


def text_parts(schema: Schema) -> list[Field]:
    """Return the fields whose text is searched, in their order within "text".

    >>> [field.name for field in text_parts(DEFAULT_SCHEMA)]
    ['body', 'title', 'summary', 'author']
    """
    own = [field for field in schema.own if field.searched]
    return [*(schema[name] for name in _FIRST_PARTS), *own]


def analyse(articles: Sequence[Article], schema: Schema = DEFAULT_SCHEMA) -> AnalysedBatch:
    """Return the tokens of every token field of the articles, in the order given."""
    parts = text_parts(schema)
    texts = [text_of(article, part) for article in articles for part in parts]
    prose = np.tile([part.kind not in KEYWORD_KINDS for part in parts], len(articles))
    batch = tokenize_long(texts, prose)
    part_of = batch.syllables.texts % len(parts)
    token_fields = [i for i, part in enumerate(parts) if part in schema.token_fields]
    fields = {
        "text": _placed(batch.syllables, len(parts)),
        "words": _placed(batch.words, len(parts)),
        **{
            parts[i].name: _placed(_chosen(batch.syllables, part_of == i), len(parts), i)
            for i in token_fields
        },
    }
    return AnalysedBatch(tuple(articles), batch.vocabulary, fields)


def analyse_all(
    articles: Iterable[Article],
    workers: int,
    schema: Schema = DEFAULT_SCHEMA,
    max_batch_articles: int = MAX_BATCH_ARTICLES,
    max_batch_characters: int = MAX_BATCH_CHARACTERS,
) -> Generator[AnalysedBatch, None, None]:
    """Yield the articles analysed in batches, in order.

    With more than one worker the batches are analysed by that many processes, at most `2 * workers`
    batches ahead; the result is the same. Raises `AnalysisError` if one of them dies. The processes
    end when the generator is exhausted or closed.
    """
    batches = _batches(articles, schema, max_batch_articles, max_batch_characters)
    first = list(islice(batches, 2))
    if workers < 2 or len(first) < 2:  # for one batch, starting a process costs more than it saves
        for batch in chain(first, batches):
            yield analyse(batch, schema)
        return
    # The workers return tokens only, so the articles of batches in progress are queued here.
    sent: deque[list[Article]] = deque()

    def queued() -> Iterator[list[Article]]:
        for batch in chain(first, batches):
            sent.append(batch)
            yield batch

    try:
        work = partial(_analyse_for_parent, schema=schema)
        with closing(spread(work, queued(), workers)) as results:
            for analysed in results:
                yield replace(analysed, articles=tuple(sent.popleft()))
    except DeadProcessError as error:
        raise AnalysisError(
            "a worker process died while it analysed articles: killed, or out of memory; "
            "try again with fewer workers"
        ) from error


def _batches(
    articles: Iterable[Article], schema: Schema, max_articles: int, max_characters: int
) -> Iterator[list[Article]]:
    parts = text_parts(schema)
    batch: list[Article] = []
    characters = 0
    for article in articles:
        size = sum(len(text_of(article, part)) for part in parts)
        if batch and (len(batch) == max_articles or characters + size > max_characters):
            yield batch
            batch, characters = [], 0
        batch.append(article)
        characters += size
    if batch:
        yield batch


def _analyse_for_parent(articles: list[Article], schema: Schema) -> AnalysedBatch:
    return replace(analyse(articles, schema), articles=())  # the parent has them


def _chosen(tokens: Tokens, chosen: NDArray[np.bool_]) -> Tokens:
    return Tokens(tokens.terms[chosen], tokens.texts[chosen])


def _placed(tokens: Tokens, parts: int, first_part: int = 0) -> FieldTokens:
    """Return the tokens of a field with their positions; `first_part` is its first text part."""
    articles, part_of = np.divmod(tokens.texts, np.int32(parts))
    counts = np.bincount(articles)
    before = np.cumsum(counts) - counts
    positions = np.arange(len(articles)) - before[articles] + PART_GAP * (part_of - first_part)
    return FieldTokens(tokens.terms, articles, positions.astype(np.int32))
