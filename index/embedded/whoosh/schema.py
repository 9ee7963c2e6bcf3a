# pyright: reportArgumentType=false
"""The fields of an index in Whoosh's words, so that Whoosh can read it and query it."""

from dataclasses import fields

from whoosh import fields as whoosh_fields
from whoosh.analysis.tokenizers import RegexTokenizer

from index.article import Article
from index.embedded.layout import FieldLayout, Layout
from index.schema import Schema


def whoosh_schema(schema: Schema) -> whoosh_fields.Schema:
    """Return the postings fields, and as stored fields those of an article beside them."""
    layout = Layout.of(schema)
    stored = {field.name: whoosh_fields.STORED() for field in fields(Article)}
    postings = {name: _field_type(field) for name, field in layout.fields.items()}
    return whoosh_fields.Schema(**{**stored, **postings})


def _field_type(field: FieldLayout) -> whoosh_fields.FieldType:
    if not field.scored:
        return whoosh_fields.ID()
    # Terms come from `index.analysis`; in a query typed for Whoosh, spaces part them.
    terms = RegexTokenizer(r"[^ \t\r\n]+")
    return whoosh_fields.TEXT(analyzer=terms, phrase=field.positional)
