"""The mapping of an index in a cluster: the analyzers and similarities of its fields.

All analysis happens in the client, so that a cluster needs no plugin: token fields contain terms
separated by spaces, and the cluster splits at spaces. Each token field has the similarity that the
embedded engine uses.

    text            syllables of all parts with positions; an array with a string for each part
    text.bigrams    pairs of adjacent syllables of "text", for the bigram feature; the last syllable
                    of a part is paired with the filler, so that there are as many bigrams as
                    syllables and the field lengths are those of "text"
    title, author-tokens, own text fields   syllables of one part with positions
    words           segmented words
    labels, dates, numbers   keyword, date and double, by the schema
    article-record  the article as returned by searches; stored, not indexed
    sequence-number the order of indexing, which breaks ties of equal scores
    title-start     the first folded letters of the title (`index.models.titles`), for completions
    signature-bytes a near-duplicate signature (`index.models.near_duplicates`) and the number of
                    syllables; doc values only

A hyphen distinguishes these internal fields from those of a schema, whose names have none.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from index.schema import KEYWORD_KINDS, Field, Kind, Schema
from index.values import PART_GAP

FORMAT_VERSION = 4
"""Increased when an index of an older version can no longer be read, or ranks by other parameters.

4 has the `SIMILARITY` below; a server keeps that with which an index was created.
"""

ARTICLE, SEQUENCE = "article-record", "sequence-number"
AUTHOR_TOKENS = "author-tokens"
TITLE_START, SIGNATURE = "title-start", "signature-bytes"

MAX_ID_BYTES = 512
"""OpenSearch rejects a whole bulk with a longer `_id`."""

MAX_LABEL_BYTES = 32_766
"""Lucene's limit for a term; an article with a longer label is refused."""

FILLER = "\u2400"
"""The only token of a field that an article leaves empty.

Lucene's BM25 counts only the documents that have a field. With the filler, N is the number of all
articles, and an empty field counts as one token in the average length, as in the embedded engine.
It does not occur in text, since it is neither letter nor digit.
"""

MAX_WINDOW = 100_000
"""The deepest hit that an offset may reach; cursors have no limit. Ten times OpenSearch's default.
Arbitrary."""


class Bm25(NamedTuple):
    """The parameters of BM25 for one field."""

    k1: float
    b: float


SIMILARITY: Mapping[str, Bm25] = {
    "text": Bm25(0.8, 0.758),
    "bigrams": Bm25(0.62, 0.758),
    "words": Bm25(0.8, 0.758),
    "title": Bm25(1.0, 0.75),
    "author": Bm25(0.6, 0.0),
}
"""The parameters of `search.ranking.SIMILARITIES`, repeated here; a test compares both.

`index` must not import `search`, and Lucene fixes the similarity of a field when the index is
created: a change needs a new build.
"""


_ANALYSIS = {
    "analyzer": {
        "terms": {"tokenizer": "whitespace"},
        "bigrams": {"char_filter": ["end"], "tokenizer": "whitespace", "filter": ["bigrams"]},
    },
    "char_filter": {
        "end": {"type": "pattern_replace", "pattern": r"\z", "replacement": f" {FILLER}"}
    },
    "filter": {
        "bigrams": {
            "type": "shingle",
            "min_shingle_size": 2,
            "max_shingle_size": 2,
            "output_unigrams": False,
            "token_separator": "_",
        }
    },
}


def index_body(schema: Schema, *, server: int, shards: int, replicas: int) -> dict[str, Any]:
    """Return the request body that creates an index on a server of this major version.

    Own text fields have the similarity of titles.
    """
    # Since 3.0 "BM25" omits the constant factor k1 + 1, which "LegacyBM25" keeps.
    kind = "BM25" if server < 3 else "LegacyBM25"
    return {
        "settings": {
            "index": {
                "number_of_shards": shards,
                "number_of_replicas": replicas,
                "codec": "best_compression",
                "refresh_interval": "-1",
                "max_result_window": MAX_WINDOW,
                "similarity": {
                    name: {"type": kind, "k1": bm25.k1, "b": bm25.b}
                    for name, bm25 in SIMILARITY.items()
                },
            },
            "analysis": _ANALYSIS,
        },
        "mappings": {
            "dynamic": False,
            # Tokens can be recomputed from the article. Recovery needs them, so
            # `_recovery_source` is left at its default.
            "_source": {"excludes": [*token_fields(schema), TITLE_START, SIGNATURE]},
            "properties": _properties(schema),
        },
    }


def token_fields(schema: Schema) -> list[str]:
    """Return the names of the fields that contain tokens."""
    return ["text", "words", "title", AUTHOR_TOKENS, *(field.name for field in schema.own_texts)]


def _properties(schema: Schema) -> dict[str, Any]:
    bigrams = _tokens("bigrams", options="freqs", analyzer="bigrams")
    return {
        ARTICLE: {"type": "object", "enabled": False},
        "id": {"type": "keyword", "doc_values": False},
        SEQUENCE: {"type": "long"},
        TITLE_START: {"type": "keyword", "doc_values": False},
        SIGNATURE: {"type": "binary", "doc_values": True},
        "text": {**_tokens("text"), "fields": {"bigrams": bigrams}},
        "words": _tokens("words", options="freqs"),
        "title": _tokens("title"),
        AUTHOR_TOKENS: _tokens("author"),
        **{field.name: _tokens("title") for field in schema.own_texts},
        **{field.name: _column(field) for field in columns(schema)},
    }


def _tokens(similarity: str, options: str = "positions", analyzer: str = "terms") -> dict[str, Any]:
    gap = {"position_increment_gap": PART_GAP} if options == "positions" else {}
    return {
        "type": "text",
        "analyzer": analyzer,
        "similarity": similarity,
        "index_options": options,
        **gap,
    }


def columns(schema: Schema) -> list[Field]:
    """Return the fields for filters, facets and sorting, except the id."""
    return [field for field in schema if field.has_column and field.name != "id"]


def _column(field: Field) -> dict[str, Any]:
    if field.kind in KEYWORD_KINDS:
        return {"type": "keyword"}
    if field.kind is Kind.DATE:
        return {"type": "date", "format": "epoch_second"}
    return {"type": "double"}
