"""Analysed articles as documents of a cluster's index, and hostile ones told apart."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from index.analysis import PART_GAP, AnalysedBatch, FieldTokens
from index.article import Article
from index.article_json import article_to_record
from index.opensearch.mapping import (
    FILLER,
    MAX_ID_BYTES,
    MAX_LABEL_BYTES,
    columns,
    token_fields,
)
from index.schema import LABELS, Kind, Schema
from index.values import labels_of, moment_of, number_of


class Document(NamedTuple):
    """One article for a bulk: its `_id` and its source as JSON."""

    key: str
    source: str


class RefusedError(ValueError):
    """An article that the cluster cannot hold; the message says why."""


def key_of(article_id: str) -> str:
    """Return the `_id` of an article: its id, or a hash where that is too long for the cluster.

    >>> key_of("2023-17")
    '2023-17'
    >>> len(key_of("x" * 600))
    71
    """
    encoded = article_id.encode("utf-8", "replace")
    if len(encoded) <= MAX_ID_BYTES:
        return article_id
    return f"sha256:{hashlib.sha256(encoded).hexdigest()}"


def documents(
    batch: AnalysedBatch, schema: Schema, first: int
) -> Iterator[tuple[Article, Document | RefusedError]]:
    """Yield each article of a batch with its document, or with the reason why it has none.

    `first` is the place of the first article in the order of indexing.
    """
    fields = token_fields(schema)
    tokens = {
        name: _texts(batch, batch.fields["author" if name == "author_tokens" else name])
        for name in fields
    }
    for at, article in enumerate(batch.articles):
        try:
            values = _columns(article, schema)
        except ValueError as error:
            yield article, RefusedError(str(error))
            continue
        source: dict[str, Any] = {
            "article": article_to_record(article),
            "id": article.id,
            "sequence": first + at,
            **{name: tokens[name][at] for name in fields},
            **values,
        }
        yield article, Document(key_of(article.id), json.dumps(source, ensure_ascii=False))


def _texts(batch: AnalysedBatch, tokens: FieldTokens) -> list[list[str]]:
    """Return for each article the terms of its parts, joined by spaces; parts lie a gap apart.

    An empty part leaves a gap twice as wide, and an empty string does the same in the cluster.
    """
    words = [batch.vocabulary[term] for term in tokens.terms.tolist()]
    ends = np.searchsorted(tokens.articles, np.arange(1, len(batch.articles) + 1))
    return [
        _parts(words[start:end], tokens.positions[start:end].tolist())
        for start, end in zip((0, *ends[:-1].tolist()), ends.tolist(), strict=True)
    ]


def _parts(terms: Sequence[str], positions: Sequence[int]) -> list[str]:
    """Return terms as one string a part, by the gaps between their positions.

    >>> _parts(["giá", "gạo", "tăng"], [0, 1, 2 + PART_GAP])
    ['giá gạo', 'tăng']
    """
    parts: list[list[str]] = [[]]
    expected = 0
    for term, position in zip(terms, positions, strict=True):
        while position >= expected + PART_GAP:
            parts.append([])
            expected += PART_GAP
        parts[-1].append(term)
        expected = position + 1
    texts = [" ".join(part) for part in parts]
    return texts if any(texts) else [FILLER]


def _columns(article: Article, schema: Schema) -> dict[str, Any]:
    """Return the values that are filtered, counted and sorted by."""
    values: dict[str, Any] = {}
    for field in columns(schema):
        if field.kind in LABELS:
            labels = list(labels_of(article, field))
            for label in labels:
                if len(label.encode("utf-8", "replace")) > MAX_LABEL_BYTES:
                    raise RefusedError(
                        f"article {article.id!r}: a label of {field.name!r} is longer than "
                        f"{MAX_LABEL_BYTES:,} bytes"
                    )
            if labels:
                values[field.name] = labels
        elif field.kind is Kind.DATE:
            if (seconds := moment_of(article, field)) is not None:
                values[field.name] = seconds
        elif (number := number_of(article, field)) is not None:
            values[field.name] = number
    return values
