"""Analysed articles as documents of an index in a cluster; those it would reject are refused."""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from index.analysis import AnalysedBatch, FieldTokens
from index.article import Article
from index.article_json import article_to_record
from index.models.near_duplicates import BINS, signatures
from index.models.titles import LETTERS, first_letters
from index.native import kernels
from index.opensearch.client import to_json
from index.opensearch.mapping import (
    ARTICLE,
    AUTHOR_TOKENS,
    FILLER,
    MAX_ID_BYTES,
    MAX_LABEL_BYTES,
    SEQUENCE,
    SIGNATURE,
    TITLE_START,
    columns,
    token_fields,
)
from index.schema import KEYWORD_KINDS, Kind, Schema
from index.values import PART_GAP, labels_of, moment_of, number_of
from index.vietnamese.forms import fold

Numbers = NDArray[np.integer[Any]]

_FILLER = FILLER.encode()


_LENGTH_BYTES = 5
"""Bytes of the length after a signature, chosen so that their base64 needs no padding, which the
cluster strips."""


class Document(NamedTuple):
    """One article for a bulk: its `_id` and its source as JSON."""

    key: str
    source: bytes


class RefusedError(ValueError):
    """An article that the cluster cannot store; the message says why."""


def document_id(article_id: str) -> str:
    """Return the `_id` of an article: its id, or a hash if that is too long for the cluster.

    >>> document_id("2023-17")
    '2023-17'
    >>> len(document_id("x" * 600))
    71
    """
    encoded = article_id.encode("utf-8", "replace")
    if len(encoded) <= MAX_ID_BYTES:
        return article_id
    return f"sha256:{hashlib.sha256(encoded).hexdigest()}"


def documents(
    batch: AnalysedBatch, schema: Schema, first: int
) -> Iterator[tuple[Article, Document | RefusedError]]:
    """Yield each article of a batch with its document, or with the reason for refusing it.

    `first` is the sequence number of the first article.
    """
    fields = token_fields(schema)
    terms = _json_terms(batch.vocabulary)
    tokens = {
        name: _texts(batch, batch.fields["author" if name == AUTHOR_TOKENS else name], terms)
        for name in fields
    }
    text = batch.fields["text"]
    found = signatures(text.terms, text.articles, batch.vocabulary, len(batch.articles))
    lengths = np.bincount(text.articles, minlength=len(batch.articles)).tolist()
    for at, article in enumerate(batch.articles):
        try:
            values = _columns(article, schema)
        except ValueError as error:
            yield article, RefusedError(str(error))
            continue
        source: dict[str, Any] = {
            ARTICLE: article_to_record(article),
            "id": article.id,
            SEQUENCE: first + at,
            **values,
        }
        if start := title_start(orjson.loads(tokens["title"][at])[0]):
            source[TITLE_START] = start
        if found[at].any():
            source[SIGNATURE] = signature_text(found[at], lengths[at])
        texts = b"".join([b',"%s":%s' % (name.encode(), tokens[name][at]) for name in fields])
        yield article, Document(document_id(article.id), to_json(source)[:-1] + texts + b"}")


def title_start(title: str) -> str:
    """Return the folded first letters of a title, or of typed text, to complete titles by prefix.

    >>> title_start("giá gạo xuất khẩu tăng"), title_start(FILLER)
    ('gia gao xuat kha', '')
    """
    if title == FILLER:
        return ""
    # Enough characters even if each letter is followed by marks that do not compose.
    return first_letters(fold(title[: 4 * LETTERS])).decode("utf-8", "ignore")


def signature_text(signature: NDArray[np.uint8], length: int) -> str:
    """Return a near-duplicate signature and the number of syllables as stored in `SIGNATURE`.

    >>> signatures_of([signature_text(np.arange(BINS, dtype=np.uint8), 300)])[1].tolist()
    [300]
    """
    content = signature.tobytes() + length.to_bytes(_LENGTH_BYTES, "big")
    return base64.b64encode(content).decode()


def signatures_of(texts: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the signatures, a row each, and the numbers of syllables that `signature_text` wrote.

    Decoded together, which texts without padding allow.
    """
    content = np.frombuffer(base64.b64decode("".join(texts)), np.uint8)
    rows = content.reshape(len(texts), BINS + _LENGTH_BYTES)
    places = 256 ** np.arange(_LENGTH_BYTES)[::-1]
    return rows[:, :BINS], rows[:, BINS:].astype(np.int64) @ places


def _json_terms(vocabulary: Sequence[str]) -> list[bytes]:
    r"""Return each term as a JSON string without its quotation marks.

    >>> _json_terms(["gạo", 'a","b']) == ["gạo".encode(), rb'a\",\"b']
    True
    """
    # Quotation marks within a term are escaped, so `","` occurs only between terms, except that
    # the fallback for terms orjson cannot encode separates them by `", "`.
    together = to_json(vocabulary)[2:-2].split(b'","')
    if len(together) == len(vocabulary):
        return together
    return [to_json(term)[1:-1] for term in vocabulary]


def _texts(batch: AnalysedBatch, tokens: FieldTokens, terms: list[bytes]) -> list[bytes]:
    """Return for each article the terms of its parts as JSON: a list of texts, one for each part.

    The terms of a part are joined by spaces. An empty part doubles the position gap between its
    neighbours, as an empty string does in the cluster.
    """
    bounds = np.searchsorted(tokens.articles, np.arange(len(batch.articles) + 1, dtype=np.int32))
    starts = bounds.tolist()
    gaps = part_gaps(tokens.positions, starts)
    if kernels:
        return kernels.terms_as_json(terms, tokens.terms, gaps, bounds, _FILLER)
    # Joining bytes takes half the time of joining strings and encoding them.
    words = np.array([*terms, None])[tokens.terms].tolist()  # None: NumPy would pad the bytes
    ends = np.flatnonzero(gaps).tolist()
    texts, index = [], 0
    for start, end in pairwise(starts):
        parts: list[bytes] = []
        first = start
        while index < len(ends) and ends[index] < end:
            cut = ends[index]
            if cut > start:
                parts.append(b" ".join(words[first:cut]))
            parts += [b""] * (int(gaps[cut]) - (cut > start))
            first, index = cut, index + 1
        parts.append(b" ".join(words[first:end]))
        texts.append(b'["%s"]' % b'","'.join(parts if any(parts) else (_FILLER,)))
    return texts


def part_gaps(positions: NDArray[np.int32], starts: Sequence[int]) -> NDArray[np.int32]:
    """Return the number of part gaps before each token of a field.

    `starts` are the indices of the articles' first tokens, and the number of tokens.

    >>> part_gaps(np.array([0, 1, 2 + PART_GAP, 2 * PART_GAP]), [0, 3, 4]).tolist()
    [0, 0, 1, 2]
    """
    expected = np.empty_like(positions)
    expected[1:] = positions[:-1] + 1
    expected[[start for start in starts if start < len(positions)]] = 0
    gaps: NDArray[np.int32] = (positions - expected) // np.int32(PART_GAP)
    return gaps


def _columns(article: Article, schema: Schema) -> dict[str, Any]:
    """Return the values for filters, facets and sorting."""
    values: dict[str, Any] = {}
    for field in columns(schema):
        if field.kind in KEYWORD_KINDS:
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
