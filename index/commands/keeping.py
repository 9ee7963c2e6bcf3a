"""The commands that look after an index: stats, verify, snapshot, restore, copy."""

import json
from importlib import import_module
from pathlib import Path
from types import ModuleType

import click

from index.addresses import scheme_of
from index.commands.options import CONTEXT, folder_of, workers_option, write_options
from index.commands.running import clear_errors
from index.console import print_message, print_result
from index.embedded.limits import WriteLimits
from index.embedded.snapshots import restore_commit, restore_snapshot, write_snapshot
from index.location import index_option
from index.targets import copy, open_target

_json_option = click.option(
    "--json",
    "as_json",
    is_flag=True,
    envvar="TIMTIN_JSON",
    show_envvar=True,
    help="Print a JSON object.",
)


@click.command("stats", context_settings=CONTEXT)
@index_option
@_json_option
def stats_command(index: str, *, as_json: bool) -> None:
    """Print how many articles the index contains, its size, and what its writes left out."""
    with clear_errors(Path(index)):
        target = open_target(index)
        statistics, history = target.statistics(), target.history()
    if as_json:
        print_result(json.dumps({**statistics, "history": history.as_dict()}))
    else:
        counts = (f"{name}: {value:,}" for name, value in statistics.items())
        print_result("\n".join((*counts, *history.report())))


@click.command("verify", context_settings=CONTEXT)
@index_option
@_json_option
def verify_command(index: str, *, as_json: bool) -> None:
    """Check every block of the index, and what refers to what; reads all of it."""
    with clear_errors(Path(index)):
        target = open_target(index)
        target.verify()
        statistics = target.statistics()
    if as_json:
        print_result(json.dumps(dict(statistics)))
    else:
        print_result(f"{index} is sound: {statistics['articles']:,} articles")


@click.command("snapshot", context_settings=CONTEXT)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@index_option
def snapshot_command(file: Path, index: str) -> None:
    """Write the newest state of the index to one FILE, also while it is being written to.

    Of an index in a cluster FILE is REPOSITORY/SNAPSHOT, in a repository of the cluster.
    """
    with clear_errors(Path(index)):
        if scheme_of(index):
            articles, size = _cluster().write_snapshot(index, file.as_posix()), ""
        else:
            articles = write_snapshot(folder_of(index), file).articles
            size = f" in {file.stat().st_size / 1e6:,.1f} MB"
    print_message(f"{file} contains {articles:,} articles{size}")


def _cluster() -> ModuleType:
    """Import and return the module for snapshots in a cluster, which needs an extra."""
    return import_module("index.opensearch.snapshots")


@click.command("restore", context_settings=CONTEXT)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@index_option
@click.option(
    "--commit",
    "generation",
    type=click.IntRange(min=1),
    metavar="NUMBER",
    envvar="TIMTIN_COMMIT",
    show_envvar=True,
    help="Restore this commit of the index, which --keep-commits has kept, instead of a file.",
)
@write_options
def restore_command(
    file: Path | None,
    index: str,
    generation: int | None,
    wait_seconds: float,
    kept_commits: int,
) -> None:
    """Replace the index by the snapshot in FILE, once all of it is checked.

    Of an index in a cluster FILE is REPOSITORY/SNAPSHOT, in a repository of the cluster.
    """
    limits = WriteLimits(kept_commits=kept_commits, wait_seconds=wait_seconds)
    with clear_errors(Path(index)):
        if generation is not None and file is None:
            articles = restore_commit(folder_of(index), generation, limits=limits).articles
        elif file is None or generation is not None:
            raise click.UsageError("name a FILE or a --commit")
        elif scheme_of(index):
            articles = _cluster().restore_snapshot(index, file.as_posix())
        elif not file.exists():
            raise click.UsageError(f"File '{file}' does not exist.")
        else:
            articles = restore_snapshot(file, folder_of(index), limits=limits).articles
    print_message(f"{index} contains {articles:,} articles")


@click.command("copy", context_settings=CONTEXT)
@click.argument("source", metavar="SOURCE")
@click.argument("destination", metavar="DESTINATION")
@workers_option
def copy_command(source: str, destination: str, workers: int) -> None:
    """Build the index DESTINATION from the articles of the index SOURCE.

    Either is a folder or opensearch://HOST:PORT/NAME. Until the copy is complete, searches of
    DESTINATION use its old content.
    """
    with clear_errors(Path(destination)):
        written = copy(open_target(source), open_target(destination), workers)
    print_message(f"{destination} contains {written.articles:,} articles")
    for name, reason in written.refused:
        print_message(f"  not copied: {name!r:.80}: {reason}")
