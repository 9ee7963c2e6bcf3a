"""The layout of a segment for a schema: its postings fields and its columns of numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from index.schema import BUILT_IN, KEYWORD_KINDS, Kind, Schema

WHOLE_TEXT, WORDS = "text", "words"
"""The fields of all syllables and of all segmented words of an article; see `index.analysis`."""


@dataclass(frozen=True, slots=True)
class FieldLayout:
    """What the postings of one field contain.

    `scored`: frequencies and lengths. `positional`: also positions. A field without either contains
    labels.
    """

    name: str
    scored: bool = False
    positional: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """The postings fields and columns of a segment.

    `fields`: the postings fields by name. `labels`: for each keyword or keywords field of the
    schema with postings, its name in `fields`. It is the field's own name, except for "author",
    which has the words of the names; whole names are in "author.labels". `columns`: the kind, date
    or number, of each column by its field's name.

    >>> from index.schema import DEFAULT_SCHEMA
    >>> from index.schema_files import parse_field
    >>> layout = Layout.of(DEFAULT_SCHEMA.with_fields(parse_field("tags:keywords:facet")))
    >>> [name for name, field in layout.fields.items() if field.scored]
    ['text', 'title', 'author', 'words']
    >>> layout.labels["tags"], layout.labels["author"]
    ('tags', 'author.labels')
    """

    fields: Mapping[str, FieldLayout]
    labels: Mapping[str, str]
    columns: Mapping[str, Kind]

    @classmethod
    def of(cls, schema: Schema) -> Self:
        """Return the layout of the segments of an index with this schema."""
        kept = [field for field in schema if field.has_column or field.name in BUILT_IN]
        labels = {
            field.name: _label_field(field.name) for field in kept if field.kind in KEYWORD_KINDS
        }
        fields = [
            FieldLayout(WHOLE_TEXT, scored=True, positional=True),
            FieldLayout("title", scored=True, positional=True),
            FieldLayout("author", scored=True, positional=True),
            FieldLayout(WORDS, scored=True),
            *(FieldLayout(field.name, scored=True, positional=True) for field in schema.own_texts),
            *map(FieldLayout, labels.values()),
        ]
        return cls(
            {field.name: field for field in fields},
            labels,
            {field.name: field.kind for field in kept if field.kind in (Kind.DATE, Kind.NUMBER)},
        )

    @property
    def scored(self) -> tuple[str, ...]:
        """The names of the fields that keep frequencies and lengths."""
        return tuple(name for name, field in self.fields.items() if field.scored)


def _label_field(name: str) -> str:
    return f"{name}.labels" if name == "author" else name
