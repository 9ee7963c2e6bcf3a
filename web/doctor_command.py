"""`timtin doctor`: what is wrong, and what to do about it."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from index.console import print_result
from index.location import index_option
from web.doctor.findings import Check, CheckContext, Finding, Level, error
from web.doctor.index_checks import (
    check_clock,
    check_disk,
    check_index,
    check_left_files,
    check_lock,
    check_permissions,
)
from web.doctor.machine_checks import (
    check_limits,
    check_memory,
    check_settings,
    check_temporary_files,
    check_versions,
)
from web.doctor.state_checks import check_keys, check_query_log, check_state, check_tasks
from web.state.database import state_folder
from web.state_option import state_option

CHECKS: tuple[Check, ...] = (
    check_versions,
    check_settings,
    check_index,
    check_permissions,
    check_lock,
    check_left_files,
    check_disk,
    check_clock,
    check_state,
    check_keys,
    check_tasks,
    check_query_log,
    check_limits,
    check_memory,
    check_temporary_files,
)

_COLOURS = {Level.OK: "green", Level.WARNING: "yellow", Level.ERROR: "red"}


def examine(context: CheckContext) -> Iterator[Finding]:
    """Yield the findings of all checks; a check that raises is reported as a finding."""
    for check in CHECKS:
        try:
            yield from check(context)
        except Exception as problem:
            name = getattr(check, "__name__", "check").removeprefix("check_").replace("_", " ")
            reason = str(problem) or type(problem).__name__
            advice = "fix what it names, and run timtin doctor again"
            yield error(name, f"could not be checked: {reason}", advice)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@index_option
@state_option
@click.option(
    "--all",
    "read_all",
    is_flag=True,
    envvar="TIMTIN_ALL",
    help="Also read every block of the index, as verify does.",
)
@click.option("--json", "as_json", is_flag=True, envvar="TIMTIN_JSON", help="Print a JSON array.")
@click.pass_context
def main(
    ctx: click.Context, index: str, state: Path | None, *, read_all: bool, as_json: bool
) -> None:
    """Report what is wrong with the index, its server and this machine, and what to do.

    Exits with 1 if something does not work. Nothing is changed.
    """
    found = list(
        examine(
            CheckContext(
                index, state or state_folder(index), os.environ, _known_variables(ctx), read_all
            )
        )
    )
    if as_json:
        print_result(json.dumps([asdict(finding) for finding in found], ensure_ascii=False))
    else:
        print_result("\n".join(map(_line, found)))
    if any(finding.level is Level.ERROR for finding in found):
        ctx.exit(1)


def _line(finding: Finding) -> str:
    level = click.style(f"{finding.level:8}", _COLOURS[finding.level])
    what = "".join(char if char.isprintable() else " " for char in finding.what)
    advice = f"\n{'':8}  -> {finding.advice}" if finding.advice else ""
    return f"{level}{finding.about}: {what}{advice}"


def _known_variables(ctx: click.Context) -> frozenset[str]:
    """Return the environment variables of all commands; none if this is not run by `timtin`."""
    root = ctx.find_root().command
    if not isinstance(root, click.Group):
        return frozenset()
    waiting: list[click.Command] = [root]
    known: set[str] = set()
    while waiting:
        command = waiting.pop()
        if isinstance(command, click.Group):
            names = (command.get_command(ctx, name) for name in command.list_commands(ctx))
            waiting += [inner for inner in names if inner]
        for option in command.params:
            named = option.envvar or ()
            known.update([named] if isinstance(named, str) else named)
    return frozenset(known)
