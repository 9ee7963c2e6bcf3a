"""The `--index` option of all commands."""

import click

DEFAULT_INDEX = "timtin-index"
"""The default folder of the index, in the working directory."""

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
