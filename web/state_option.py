"""The `--state` option of the commands that read or write the folder of a server."""

from pathlib import Path

import click

state_option = click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="TIMTIN_STATE",
    show_envvar=True,
    help="The folder of keys, tasks and the log of queries.  [default: DIR.state]",
)
