"""`python -m index`: build, update and maintain an index."""

import sys

import click

from index import processor  # noqa: F401 - before NumPy, which the commands import
from index.commands import embedding, inspecting, keeping, writing
from index.commands.options import CONTEXT
from index.console import hold_standard_streams


@click.group(context_settings=CONTEXT)
def main() -> None:
    """Build and maintain an index of Vietnamese articles.

    A CORPUS is a file or a folder of files: JSON, CSV, plain text, HTML pages, feeds, WordPress
    exports, MediaWiki dumps, Parquet, SQLite, TREC, WARC; each also compressed (.gz, .zst, .bz2) or
    in a .zip or .tar; "-" is standard input. docs/guide/corpora.md describes each.
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
