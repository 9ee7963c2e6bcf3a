"""The fields of an article, declared once: what is searched, filtered, counted, sorted and shown.

A schema is stored with each commit and read by the writer, the engines, the query parser, the
planner, the command line, the API and the pages. A user's own fields are added when an index is
built:

    >>> schema = DEFAULT_SCHEMA.with_fields(Field("tags", Kind.KEYWORDS, filter=True, facet=True))
    >>> [field.name for field in schema.facets]
    ['author', 'source', 'section', 'published', 'tags']
    >>> schema.find("chuyên mục").name
    'section'
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any, Self

from index.vietnamese.forms import fold


class Kind(StrEnum):
    """The type of a field's values."""

    TEXT = "text"
    """Prose: segmented, searched word by word, in phrases too."""
    KEYWORD = "keyword"
    """One label, such as a source, matched as a whole."""
    KEYWORDS = "keywords"
    """Any number of labels, such as tags."""
    DATE = "date"
    """A moment, indexed in seconds."""
    NUMBER = "number"
    """A number, indexed as a 64-bit float."""
    LINK = "link"
    """A web address: stored and shown, never searched."""


KEYWORD_KINDS = (Kind.KEYWORD, Kind.KEYWORDS)
"""The kinds whose values are labels, matched as a whole."""

# The roles that a field of each kind may have.
_ALLOWED: Mapping[Kind, frozenset[str]] = {
    Kind.TEXT: frozenset({"searched", "shown"}),
    Kind.KEYWORD: frozenset({"searched", "filter", "facet", "sortable", "shown"}),
    Kind.KEYWORDS: frozenset({"searched", "filter", "facet", "shown"}),
    Kind.DATE: frozenset({"filter", "facet", "sortable", "shown"}),
    Kind.NUMBER: frozenset({"filter", "sortable", "shown"}),
    Kind.LINK: frozenset({"shown"}),
}
ROLES = ("searched", "filter", "facet", "sortable", "shown")
"""The roles that a field may declare."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")

MAX_FIELDS = 64
"""Fields of a schema: far more than any corpus we know of has. Arbitrary."""


class SchemaError(ValueError):
    """An invalid declaration of fields; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an article.

    `labels` are its names on pages by language ("vi", "en"). `aliases` are other names for it in
    queries and in records of a corpus; case and marks do not matter. `searched`: plain words of a
    query match in it. `filter`: `NAME:value` and `?NAME=value` filter by it. `facet`: its values
    are counted (dates by year, month or day). `sortable`: hits may be ordered by it. `shown`: it is
    returned in answers and on pages (articles are stored whole in any case).
    """

    name: str
    kind: Kind
    labels: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    searched: bool = False
    filter: bool = False
    facet: bool = False
    sortable: bool = False
    shown: bool = True

    def label(self, language: str) -> str:
        """Return the name on pages in a language, or the field's own name."""
        return self.labels.get(language, self.name)

    @property
    def has_column(self) -> bool:
        """Whether an index has a column of its values: to filter, count or sort."""
        return self.filter or self.facet or self.sortable


@dataclass(frozen=True)
class Schema:
    """Fields in the order in which they are declared and shown; names and aliases are unique.

    Raises SchemaError if they are not, or if a field declares a role that its kind cannot have.
    """

    fields: tuple[Field, ...]

    def __post_init__(self) -> None:
        if len(self.fields) > MAX_FIELDS:
            raise SchemaError(f"{len(self.fields)} fields are more than {MAX_FIELDS}")
        owners: dict[str, str] = {}
        for declared in self.fields:
            _check(declared)
            for name in {name_key(name) for name in (declared.name, *declared.aliases)}:
                if name in owners:
                    raise SchemaError(
                        f"the name {name!r} belongs to both {owners[name]!r} and {declared.name!r}"
                    )
                owners[name] = declared.name

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __getitem__(self, name: str) -> Field:
        """Return the field with exactly this name. Raises KeyError if there is none."""
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> dict[str, Field]:
        return {declared.name: declared for declared in self.fields}

    @cached_property
    def _by_key(self) -> dict[str, Field]:
        return {
            name_key(name): declared
            for declared in self.fields
            for name in (declared.name, *declared.aliases)
        }

    def find(self, name: str) -> Field | None:
        """Return the field with this name or alias, ignoring case and marks; None if unknown."""
        return self._by_key.get(name_key(name))

    @cached_property
    def own(self) -> tuple[Field, ...]:
        """The user's own fields, in addition to the built-in ones."""
        return tuple(declared for declared in self.fields if declared.name not in BUILT_IN)

    @cached_property
    def own_texts(self) -> tuple[Field, ...]:
        """The user's own fields that are searched as prose."""
        return tuple(one for one in self.own if one.kind is Kind.TEXT and one.searched)

    @cached_property
    def token_fields(self) -> tuple[Field, ...]:
        """The fields whose syllables are also indexed separately, so that they can be searched.

        >>> [field.name for field in DEFAULT_SCHEMA.token_fields]
        ['title', 'author']
        """
        return (self["title"], self["author"], *self.own_texts)

    @cached_property
    def filters(self) -> tuple[Field, ...]:
        """The fields that articles can be filtered by."""
        return tuple(declared for declared in self.fields if declared.filter)

    @cached_property
    def facets(self) -> tuple[Field, ...]:
        """The fields whose values are counted."""
        return tuple(declared for declared in self.fields if declared.facet)

    @cached_property
    def sortable(self) -> tuple[Field, ...]:
        """The fields that hits can be ordered by."""
        return tuple(declared for declared in self.fields if declared.sortable)

    @cached_property
    def shown(self) -> tuple[Field, ...]:
        """The fields that are returned in answers and on pages."""
        return tuple(declared for declared in self.fields if declared.shown)

    def with_fields(self, *declared: Field) -> Self:
        """Return a schema with more fields; a field replaces an own one with the same name.

        A built-in field keeps its kind, roles and names; declared roles and names are added. Raises
        SchemaError.
        """
        fields = dict(self._by_name)
        for new in declared:
            is_built_in = new.name in BUILT_IN and new.name in fields
            fields[new.name] = _joined(fields[new.name], new) if is_built_in else new
        return replace(self, fields=tuple(fields.values()))

    def as_dict(self) -> dict[str, Any]:
        """Return the schema as JSON values, for `schema_from_dict`."""
        return {"fields": [asdict(declared) for declared in self.fields]}


def _joined(built_in: Field, declared: Field) -> Field:
    """Return a built-in field with the roles and names of a declaration added.

    Nothing is removed, since pages rely on the roles: they sort by "published", count "source".
    """
    if declared.kind is not built_in.kind:
        raise SchemaError(
            f"{declared.name!r} is built in as {built_in.kind}; it cannot be {declared.kind}"
        )
    roles = {role: getattr(built_in, role) or getattr(declared, role) for role in ROLES}
    return replace(
        built_in,
        labels={**built_in.labels, **declared.labels},
        aliases=tuple(dict.fromkeys((*built_in.aliases, *declared.aliases))),
        **roles,
    )


def name_key(name: str) -> str:
    """Return a field's name with only its letters and digits, folded: equal for all spellings."""
    return " ".join(re.split(r"[\W_]+", fold(name).strip()))


_RESERVED = frozenset(("text", "words", "pairs", "bigrams"))
"""Names of fields that engines use internally."""


def _check(declared: Field) -> None:
    if declared.name in _RESERVED:
        raise SchemaError(f"{declared.name!r} is a name that the index uses itself")
    if not _NAME.fullmatch(declared.name):
        raise SchemaError(
            f"{declared.name!r} is not a field name: write up to 64 lower-case letters, digits and "
            '"_", a letter first'
        )
    for role in ROLES:
        if getattr(declared, role) and role not in _ALLOWED[declared.kind]:
            raise SchemaError(
                f"{declared.name!r}: a field of the kind {declared.kind} cannot be {role!r}; "
                f"it can be {', '.join(sorted(_ALLOWED[declared.kind]))}"
            )


BUILT_IN = frozenset(
    ("id", "title", "summary", "body", "author", "source", "section", "url", "image", "published")
)
"""Names of the built-in fields, each an attribute of `index.article.Article`."""

DEFAULT_SCHEMA = Schema(
    (
        Field("id", Kind.KEYWORD, {"vi": "Mã bài", "en": "Id"}, filter=True),
        Field(
            "title",
            Kind.TEXT,
            {"vi": "Tiêu đề", "en": "Title"},
            ("headline", "intitle", "tiêu đề", "tựa", "tựa đề"),
            searched=True,
        ),
        Field(
            "summary",
            Kind.TEXT,
            {"vi": "Tóm tắt", "en": "Summary"},
            ("description", "excerpt", "sapo", "lead", "tóm tắt"),
            searched=True,
        ),
        Field(
            "body",
            Kind.TEXT,
            {"vi": "Nội dung", "en": "Body"},
            ("content", "text", "article", "nội dung"),
            searched=True,
        ),
        Field(
            "author",
            Kind.KEYWORDS,
            {"vi": "Tác giả", "en": "Author"},
            ("authors", "byline", "creator", "tác giả"),
            searched=True,
            filter=True,
            facet=True,
        ),
        Field(
            "source",
            Kind.KEYWORD,
            {"vi": "Nguồn", "en": "Source"},
            ("publisher", "site", "nguồn", "báo"),
            filter=True,
            facet=True,
            sortable=True,
        ),
        Field(
            "section",
            Kind.KEYWORD,
            {"vi": "Chuyên mục", "en": "Section"},
            ("category", "chuyên mục", "mục"),
            filter=True,
            facet=True,
            sortable=True,
        ),
        Field("url", Kind.LINK, {"vi": "Địa chỉ", "en": "Address"}, ("link", "permalink")),
        Field("image", Kind.LINK, {"vi": "Ảnh", "en": "Image"}, ("thumbnail", "ảnh")),
        Field(
            "published",
            Kind.DATE,
            {"vi": "Ngày đăng", "en": "Published"},
            ("date", "pubdate", "datepublished", "ngày", "ngày đăng"),
            filter=True,
            facet=True,
            sortable=True,
        ),
    )
)
"""The built-in fields, which every index has."""


def schema_from_dict(document: object) -> Schema:
    """Parse what `Schema.as_dict` returned. Raises SchemaError for anything else."""
    try:
        fields = document["fields"]  # type: ignore[index] # checked by the except
        schema = Schema(tuple(map(_field_from_dict, fields)))
    except SchemaError:
        raise
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise SchemaError(f"not a schema: {error}") from error
    for built_in in DEFAULT_SCHEMA:
        if built_in.name not in schema or not _does_all_of(schema[built_in.name], built_in):
            raise SchemaError(f"not a schema: it lacks the built-in field {built_in.name!r}")
    return schema


def _does_all_of(declared: Field, built_in: Field) -> bool:
    return declared.kind is built_in.kind and all(
        getattr(declared, role) for role in ROLES if getattr(built_in, role)
    )


def _field_from_dict(values: dict[str, Any]) -> Field:
    """Parse one field. Raises ValueError, TypeError, KeyError or AttributeError if invalid."""
    declared = Field(
        **{**values, "kind": Kind(values["kind"]), "aliases": tuple(values["aliases"])}
    )
    is_valid = (
        isinstance(values["aliases"], list | tuple)
        and isinstance(declared.labels, dict)
        and all(isinstance(name, str) for name in (*declared.aliases, *declared.labels.values()))
        and all(isinstance(getattr(declared, role), bool) for role in ROLES)
    )
    if not is_valid:
        raise ValueError(f"the field {declared.name!r:.40} is inconsistent")
    return declared
