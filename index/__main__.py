"""`python -m index`: build, update, delete from and look after an index."""

import sys

import click

from index.commands import keeping, writing
from index.console import hold_standard_streams


@click.group()
def main() -> None:
    """Make and look after an index of Vietnamese articles.

    A CORPUS is a file or a folder of files: JSON lines (.jsonl, .ndjson, .json), CSV (.csv, .tsv)
    or one article in plain text (.txt), each also compressed (.gz, .zst); "-" is JSON lines on
    standard input. docs/guide/corpora.md names all formats.
    """


for _command in (
    writing.build_command,
    writing.update_command,
    writing.delete_command,
    keeping.stats_command,
    keeping.verify_command,
    keeping.snapshot_command,
    keeping.restore_command,
    keeping.copy_command,
):
    main.add_command(_command)


if __name__ == "__main__":
    hold_standard_streams()
    sys.exit(main(prog_name="python -m index"))
