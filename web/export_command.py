"""`timtin export`: all articles that a query matches, as JSON lines or CSV."""

from pathlib import Path

import click

from index.console import write_result
from index.errors import IndexUnavailableError
from index.language_options import language_from, language_options
from index.location import index_option
from search import open_searcher
from search.request import SearchRequest
from web.api.export import DEFAULT_FORMAT, FORMATS


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("query", default="")
@index_option
@language_options
@click.option(
    "--format",
    "kind",
    type=click.Choice(list(FORMATS)),
    default=DEFAULT_FORMAT,
    show_default=True,
    envvar="TIMTIN_FORMAT",
    show_envvar=True,
    help="JSON lines, which can be indexed again, or CSV.",
)
@click.option(
    "--fields",
    metavar="NAME,NAME...",
    default="",
    envvar="TIMTIN_EXPORT_FIELDS",
    show_envvar=True,
    help="Only these fields, in this order.",
)
def main(
    query: str,
    index: str,
    synonyms: Path | None,
    stop_words: Path | None,
    kind: str,
    fields: str,
) -> None:
    """Print every article that matches QUERY, or all articles, to standard output.

    They come from one commit of the index, in the order of the search.
    """
    try:
        searcher = open_searcher(index, language_from(synonyms, stop_words))
        names = tuple(filter(None, fields.split(",")))
        if unknown := [name for name in names if name not in searcher.schema]:
            raise click.UsageError(f"the index has no field {unknown[0]!r}")
        records = searcher.records(SearchRequest(query))
        write_result(FORMATS[kind].content(records, names, searcher.schema))
    except IndexUnavailableError as error:
        raise click.ClickException(str(error)) from error
