"""Parsers of declarations of own fields: `NAME:KIND:ROLE` and TOML files."""

import tomllib
from dataclasses import replace
from pathlib import Path

from index.schema import DEFAULT_SCHEMA, ROLES, Field, Kind, Schema, SchemaError


def parse_field(declaration: str) -> Field:
    """Parse `NAME:KIND[:ROLE...]` of the command line.

    Roles are searched, filter, facet, sortable and shown. A facet is also a filter. Without roles a
    text is searched, and labels, dates and numbers are filters. Raises SchemaError.

    >>> parse_field("tags:keywords:facet").filter
    True
    """
    name, *rest = declaration.split(":")
    if not rest:
        raise SchemaError(f"{declaration!r}: write NAME:KIND or NAME:KIND:ROLE, as tags:keywords")
    kind, *roles = rest
    if kind not in tuple(Kind):
        raise SchemaError(f"{declaration!r}: {kind!r} is not a kind; there are {', '.join(Kind)}")
    if unknown := set(roles) - set(ROLES):
        raise SchemaError(f"{declaration!r}: no role {sorted(unknown)}; there are {ROLES}")
    return _with_roles(Field(name, Kind(kind)), roles)


def _with_roles(declared: Field, roles: list[str]) -> Field:
    chosen = dict.fromkeys(roles, True)
    if not roles and declared.kind is Kind.TEXT:
        chosen = {"searched": True}
    elif (not roles and declared.kind is not Kind.LINK) or "facet" in roles:
        chosen["filter"] = True
    return replace(declared, **chosen)  # type: ignore[arg-type] # all of them are bool


def read_schema(path: Path) -> Schema:
    """Read a TOML file of own fields and return the schema with them and the built-in ones.

    Each field is a table `[fields.NAME]` with `kind`, and optionally `roles`, `aliases` and
    `labels = {vi = "...", en = "..."}`. Raises SchemaError, which names the file.
    """
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SchemaError(f"{path}: not a TOML file: {error}") from error
    try:
        fields = document.pop("fields", {})
        if document or not isinstance(fields, dict):
            raise SchemaError(f"only [fields.NAME] tables have a meaning, not {sorted(document)}")
        return DEFAULT_SCHEMA.with_fields(
            *(_declared(name, table) for name, table in fields.items())
        )
    except SchemaError as error:
        raise SchemaError(f"{path}: {error}") from error


def _declared(name: str, table: object) -> Field:
    if not isinstance(table, dict) or not isinstance(table.get("kind"), str):
        raise SchemaError(f"field {name!r} needs a kind, one of {', '.join(Kind)}")
    if unknown := set(table) - {"kind", "roles", "aliases", "labels"}:
        raise SchemaError(f"field {name!r} has unknown settings {sorted(unknown)}")
    roles, aliases, labels = (
        table.get("roles", []), table.get("aliases", []), table.get("labels", {}),
    )  # fmt: skip
    if not all(isinstance(listed, list) for listed in (roles, aliases)):
        raise SchemaError(f"field {name!r}: roles and aliases are lists of names")
    if not isinstance(labels, dict) or not all(
        isinstance(text, str) for text in (*roles, *aliases, *labels.values())
    ):
        raise SchemaError(f"field {name!r}: roles, aliases and labels are texts")
    declared = parse_field(":".join([name, table["kind"], *roles]))
    return replace(declared, aliases=tuple(aliases), labels=labels)
