"""The location of the index: the `--index` option that every command has."""

import click

DEFAULT_INDEX = "timtin-index"
"""The folder, in the working directory, of commands that are told no other."""

index_option = click.option(
    "--index",
    "index",
    metavar="INDEX",
    envvar="TIMTIN_INDEX",
    default=DEFAULT_INDEX,
    show_default=True,
    show_envvar=True,
    help="The folder of the index, or opensearch://HOST:PORT/NAME.",
)
