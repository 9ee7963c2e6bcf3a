"""Options that several commands have."""

import os
from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any

import click

from index.embedded.limits import LIMITS
from index.schema import DEFAULT_SCHEMA, Kind, Schema, SchemaError
from index.schema_files import parse_field, read_schema

Command = Callable[..., Any]

CONTEXT = {"help_option_names": ["-h", "--help"]}
"""The settings of every command: click keeps the help option of whichever caller came first."""


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


workers_option = click.option(
    "--workers",
    type=click.IntRange(min=1),
    envvar="TIMTIN_WORKERS",
    default=_cores,
    show_default="all cores",
    show_envvar=True,
    help="Processes that analyse text.",
)
_WRITE_OPTIONS = (
    click.option(
        "--wait",
        "wait_seconds",
        type=click.FloatRange(min=0),
        metavar="SECONDS",
        envvar="TIMTIN_WAIT",
        default=LIMITS.wait_seconds,
        show_default=True,
        show_envvar=True,
        help="How long to wait for another writer.",
    ),
    click.option(
        "--keep-commits",
        "kept_commits",
        type=click.IntRange(min=1),
        metavar="NUMBER",
        envvar="TIMTIN_KEEP_COMMITS",
        default=LIMITS.kept_commits,
        show_default=True,
        show_envvar=True,
        help="Commits of the index to keep on disk for `restore`, including the new one.",
    ),
)
_CORPUS_OPTIONS = (
    workers_option,
    click.option(
        "--field",
        "fields",
        multiple=True,
        metavar="NAME:KIND:ROLE...",
        envvar="TIMTIN_FIELDS",
        show_envvar=True,
        help="A field of your own, such as tags:keywords:facet; may be repeated. Kinds: "
        f"{', '.join(Kind)}. Roles: searched, filter, facet, sortable, shown.",
    ),
    click.option(
        "--schema",
        "schema_file",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        metavar="FILE",
        envvar="TIMTIN_SCHEMA",
        show_envvar=True,
        help="A TOML file of your own fields: tables [fields.NAME] with kind, roles, aliases, "
        "labels.",
    ),
    click.option(
        "--map",
        "mapping",
        multiple=True,
        metavar="FIELD=NAME",
        envvar="TIMTIN_MAP",
        show_envvar=True,
        help="Read a field from the field of this name in the corpus, as body=content; may be "
        "repeated.",
    ),
    click.option(
        "--encoding",
        default="auto",
        show_default=True,
        envvar="TIMTIN_ENCODING",
        show_envvar=True,
        help="The encoding of the text: auto recognises TCVN3, VNI, VISCII, VIQR, Windows-1258 and "
        "UTF-8 that was encoded twice.",
    ),
    click.option(
        "--sql",
        default="",
        metavar="QUERY",
        envvar="TIMTIN_SQL",
        show_envvar=True,
        help="The query that selects records of a database, or of a Parquet file (from corpus).",
    ),
    click.option(
        "--strict",
        is_flag=True,
        envvar="TIMTIN_STRICT",
        show_envvar=True,
        help="Stop at the first bad record and do not change the index.",
    ),
    click.option(
        "--allow-damage",
        is_flag=True,
        envvar="TIMTIN_ALLOW_DAMAGE",
        show_envvar=True,
        help="Index what can be read of files that are truncated or damaged.",
    ),
)


def write_options(command: Command) -> Command:
    """Add the options of all writes to a command: `wait_seconds`, `kept_commits`."""
    return reduce(lambda decorated, option: option(decorated), reversed(_WRITE_OPTIONS), command)


def corpus_options(command: Command) -> Command:
    """Add the options of writes that read a corpus to a command."""
    return reduce(lambda decorated, option: option(decorated), reversed(_CORPUS_OPTIONS), command)


def folder_of(index: str) -> Path:
    """Return the folder of an index. Raises click.UsageError for one in a cluster."""
    if "://" in index:
        raise click.UsageError(f"{index}: this works on folders only; use the cluster's own tools")
    return Path(index)


def declared_schema(fields: tuple[str, ...], schema_file: Path | None) -> Schema | None:
    """Return the schema that the options declare, None if they declare nothing.

    Raises click.UsageError.
    """
    if not fields and schema_file is None:
        return None
    try:
        schema = DEFAULT_SCHEMA if schema_file is None else read_schema(schema_file)
        return schema.with_fields(*map(parse_field, fields))
    except SchemaError as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.UsageError(f"{schema_file}: {error.strerror or error}") from error


def parsed_mapping(declarations: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Parse the values of --map; several names for one field keep their order.

    >>> parsed_mapping(("body=content", "body=text"))
    {'body': ('content', 'text')}
    """
    mapping: dict[str, tuple[str, ...]] = {}
    for declaration in declarations:
        field, equals, name = declaration.partition("=")
        if not (field and equals and name):
            raise click.UsageError(f"--map {declaration!r}: write FIELD=NAME, as body=content")
        mapping[field] = (*mapping.get(field, ()), name)
    return mapping
