# pyright: reportArgumentType=false
"""The schema of an index as a Whoosh schema."""

from dataclasses import fields

from whoosh import fields as whoosh_fields
from whoosh.analysis.tokenizers import RegexTokenizer

from index.article import Article
from index.embedded.layout import FieldLayout, Layout
from index.schema import Schema


def whoosh_schema(schema: Schema) -> whoosh_fields.Schema:
    """Return the Whoosh schema: the postings fields, and an article's other fields as stored."""
    layout = Layout.of(schema)
    stored = {field.name: whoosh_fields.STORED() for field in fields(Article)}
    postings = {name: _field_type(field) for name, field in layout.fields.items()}
    return whoosh_fields.Schema(**{**stored, **postings})


def _field_type(field: FieldLayout) -> whoosh_fields.FieldType:
    if not field.scored:
        return whoosh_fields.ID()
    # Terms are made by `index.analysis`; in a query typed for Whoosh they are separated by spaces.
    terms = RegexTokenizer(r"[^ \t\r\n]+")
    return whoosh_fields.TEXT(analyzer=terms, phrase=field.positional)
