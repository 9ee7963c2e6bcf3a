"""The command that shows how the first records of a corpus would be read."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from index.commands.options import CONTEXT, declared_schema, parsed_mapping
from index.console import print_result
from index.corpus import CorpusError, LoadOptions
from index.corpus.inspection import MAX_RECORDS, inspect_corpus, lines_of
from index.schema import DEFAULT_SCHEMA


@click.command("inspect", context_settings=CONTEXT)
@click.argument(
    "corpus", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="CORPUS..."
)
@click.option(
    "--records",
    "count",
    type=click.IntRange(min=1),
    default=MAX_RECORDS,
    show_default=True,
    metavar="NUMBER",
    help="How many records are shown.",
)
@click.option("--field", "fields", multiple=True, metavar="NAME:KIND:ROLE...", help="As for build.")
@click.option(
    "--schema",
    "schema_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="As for build.",
)
@click.option("--map", "mapping", multiple=True, metavar="FIELD=NAME", help="As for build.")
@click.option("--encoding", default="auto", show_default=True, help="As for build.")
@click.option("--sql", default="", metavar="QUERY", help="As for build.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def inspect_command(
    corpus: tuple[Path, ...],
    count: int,
    fields: tuple[str, ...],
    schema_file: Path | None,
    mapping: tuple[str, ...],
    encoding: str,
    sql: str,
    *,
    as_json: bool,
) -> None:
    """Show what would become of the first records of CORPUS, field by field; writes nothing."""
    schema = declared_schema(fields, schema_file) or DEFAULT_SCHEMA
    options = LoadOptions(schema, parsed_mapping(mapping), encoding, sql)
    try:
        inspection = inspect_corpus(corpus, options, count)
    except CorpusError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        print_result(json.dumps(asdict(inspection), ensure_ascii=False, default=str))
    else:
        print_result("\n".join(lines_of(inspection)))
