"""The `--state` option of the commands that use a server's state folder."""

from pathlib import Path

import click

state_option = click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="TIMTIN_STATE",
    show_envvar=True,
    help="The folder of keys, tasks and the query log.  [default: DIR.state]",
)
