"""`python -m index`: build, update, delete from and look after an index."""

import sys

import click

from index.commands import embedding, inspecting, keeping, writing
from index.commands.options import CONTEXT
from index.console import hold_standard_streams


@click.group(context_settings=CONTEXT)
def main() -> None:
    """Make and look after an index of Vietnamese articles.

    A CORPUS is a file or a folder of files: JSON, CSV, plain text, HTML pages, feeds, exports of
    WordPress, dumps of MediaWiki, Parquet, SQLite, WARC; each also compressed (.gz, .zst, .bz2) or
    in a .zip; "-" is standard input. docs/guide/corpora.md tells of each.
    """


for _command in (
    writing.build_command,
    writing.update_command,
    writing.delete_command,
    inspecting.inspect_command,
    keeping.stats_command,
    keeping.verify_command,
    keeping.snapshot_command,
    keeping.restore_command,
    keeping.copy_command,
    embedding.embed_command,
):
    main.add_command(_command)


if __name__ == "__main__":
    hold_standard_streams()
    sys.exit(main(prog_name="python -m index"))
