"""The commands that look after an index: stats, verify, snapshot, restore, copy."""

import json
from pathlib import Path

import click

from index.commands.options import CONTEXT, folder_of, workers_option, write_options
from index.commands.running import clear_errors
from index.console import print_result, tell
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
    """Print how many articles the index holds, its size, and what its writes left out."""
    with clear_errors(Path(index)):
        target = open_target(index)
        statistics, history = target.statistics(), target.history()
    if as_json:
        print_result(json.dumps({**statistics, "history": history.as_dict()}))
    else:
        counts = (f"{name}: {value:,}" for name, value in statistics.items())
        print_result("\n".join((*counts, *history.told())))


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
    """Write the newest state of the index to one FILE, also while it is being written to."""
    with clear_errors(Path(index)):
        commit = write_snapshot(folder_of(index), file)
        size = file.stat().st_size
    tell(f"{file} holds {commit.articles:,} articles in {size / 1e6:,.1f} MB")


@click.command("restore", context_settings=CONTEXT)
@click.argument(
    "file", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False
)
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
    """Replace the index by the snapshot in FILE, once all of it is checked."""
    limits = WriteLimits(kept_commits=kept_commits, wait_seconds=wait_seconds)
    with clear_errors(Path(index)):
        if file is not None and generation is None:
            commit = restore_snapshot(file, folder_of(index), limits=limits)
        elif generation is not None and file is None:
            commit = restore_commit(folder_of(index), generation, limits=limits)
        else:
            raise click.UsageError("name a FILE or a --commit")
    tell(f"{index} holds {commit.articles:,} articles")


@click.command("copy", context_settings=CONTEXT)
@click.argument("source", metavar="SOURCE")
@click.argument("destination", metavar="DESTINATION")
@workers_option
def copy_command(source: str, destination: str, workers: int) -> None:
    """Build the index DESTINATION from the articles of the index SOURCE.

    Either is a folder or opensearch://HOST:PORT/NAME. Searches of DESTINATION are answered from
    what it was until the copy is finished.
    """
    with clear_errors(Path(destination)):
        written = copy(open_target(source), open_target(destination), workers)
    tell(f"{destination} holds {written.articles:,} articles")
    for name, reason in written.refused:
        tell(f"  not copied: {name!r:.80}: {reason}")
