# pyright: reportArgumentType=false
"""The fields of the index in Whoosh's words, so that Whoosh can read it and query it."""

from dataclasses import fields

from whoosh.analysis.tokenizers import RegexTokenizer
from whoosh.fields import ID, STORED, TEXT, FieldType, Schema

from index.article import Article
from index.embedded.postings import FIELDS, KEYWORDS, POSITIONAL


def _field_type(name: str) -> FieldType:
    if name in KEYWORDS:
        return ID()
    if name in FIELDS:
        # Terms come from `index.analysis`; in a query typed for Whoosh, spaces part them.
        terms = RegexTokenizer(r"[^ \t\r\n]+")
        return TEXT(analyzer=terms, phrase=name in POSITIONAL)
    return STORED()


SCHEMA = Schema(
    **{
        name: _field_type(name)
        for name in dict.fromkeys([*FIELDS, *(field.name for field in fields(Article))])
    }
)
"""`index.analysis.TEXT_FIELDS`, the columns, and what is stored of an article."""
