"""The fields of the index in Whoosh's words, so that Whoosh can read it and query it."""

from whoosh.analysis import KeywordAnalyzer
from whoosh.fields import ID, TEXT, Schema

from index.postings.fields import KEYWORDS, POSITIONAL, SCORED

SCHEMA = Schema(
    **{name: TEXT(analyzer=KeywordAnalyzer(), phrase=name in POSITIONAL) for name in SCORED},
    **{name: ID() for name in KEYWORDS},
)
"""Whoosh's analyser is of no use here: terms come from `index.analysis`, separated by spaces."""
