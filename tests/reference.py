"""The reference pages of commands and settings, generated from the click commands.

`python -m tests.reference` writes them; a test fails if they are out of date.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import click

from web.command import TimTin, main

REFERENCE = Path(__file__).resolve().parents[1] / "docs" / "reference"

_CLI_HEAD = """# Command line

One command, `timtin`, for every task. Written by `make docs` from the commands themselves; a test
compares the two. [Configuration](configuration.md) lists each option with its environment variable
and its name in `timtin.toml`.

Exit status: 0 done; 1 it could not be done, and standard error says why; 2 wrong usage.
`python -m index`, `python -m search` and `python -m web` are the same commands; they do not read
`timtin.toml`.
"""
_CONFIGURATION_HEAD = """# Configuration

Every option can be given in three places. The command line comes first, then the environment, then
the file of settings: `timtin.toml` in the working directory, or the one named by `--config FILE` or
`TIMTIN_CONFIG`.

In the file, a setting at the top is for every command that has it; one in a table is for the
command of that name, in `[keys]` for all of `timtin keys`. Names are those of the options without
`--`. An unknown name is an error.

```toml
index = "/var/lib/timtin/index"

[serve]
host = "0.0.0.0"
workers = 4
proxies = 1
trusted-host = ["tin.example"]

[search]
size = 20
```

In the environment several values of a repeatable option are separated by blanks, and a flag is
`1` or `0`. Written by `make docs` from the commands themselves; a test compares the two.
"""

_TABLE_HEAD = (
    "| option | commands | environment | default | meaning |",
    "| --- | --- | --- | --- | --- |",
)


class Setting(NamedTuple):
    """An option, with the commands in which it is identical."""

    option: str
    variable: str
    default: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Command:
    """A command with its full name."""

    name: str
    command: click.Command


def commands() -> Iterator[Command]:
    """Yield every command; those of a group follow the group."""
    assert isinstance(main, TimTin)
    context = click.Context(main)
    for name in main.list_commands(context):
        found = main.get_command(context, name)
        assert found
        yield from _flat(name, found)


def _flat(name: str, command: click.Command) -> Iterator[Command]:
    yield Command(name, command)
    if isinstance(command, click.Group):
        for inner, found in command.commands.items():
            yield from _flat(f"{name} {inner}", found)


def cli_page() -> str:
    """Return the page of all commands: what `--help` prints."""
    parts = [_CLI_HEAD]
    parent = click.Context(main, info_name="timtin", help_option_names=["-h", "--help"])
    for one in commands():
        fresh = copy.copy(one.command)
        fresh._help_option = None  # click caches it from an earlier call
        context = click.Context(
            fresh, parent, info_name=one.name, terminal_width=98, max_content_width=98
        )
        with context:
            help_text = fresh.get_help(context)
        parts.append(f"## timtin {one.name}\n\n```text\n{help_text.rstrip()}\n```\n")
    return "\n".join(parts)


def configuration_page() -> str:
    """Return the page of all settings in one table; an option of several commands is one row."""
    rows: dict[Setting, list[str]] = {}
    for one in commands():
        for option in filter(_configurable, one.command.params):
            rows.setdefault(_setting(one, option), []).append(one.name)
    lines = (
        f"| `{setting.option}` | {', '.join(names)} | `{setting.variable}` | {setting.default} "
        f"| {setting.meaning} |"
        for setting, names in sorted(rows.items())
    )
    return _CONFIGURATION_HEAD + "\n" + "\n".join([*_TABLE_HEAD, *lines]) + "\n"


def _configurable(parameter: click.Parameter) -> bool:
    return isinstance(parameter, click.Option) and parameter.name != "help"


def _setting(one: Command, option: click.Parameter) -> Setting:
    assert isinstance(option, click.Option)
    return Setting(
        max(option.opts, key=len),
        _variable(one.command, option),
        _default(option),
        " ".join((option.help or "").split()).replace("|", "\\|"),
    )


def _variable(command: click.Command, option: click.Option) -> str:
    if isinstance(option.envvar, str):
        return option.envvar
    if option.envvar:
        return next(iter(option.envvar))
    return f"{command.context_settings['auto_envvar_prefix']}_{str(option.name).upper()}"


def _default(option: click.Option) -> str:
    if isinstance(option.show_default, str):
        return option.show_default
    value = option.to_info_dict()["default"]
    if value is None or value == "" or callable(value) or not isinstance(value, str | int | float):
        return ""
    return f"`{int(value)}`" if isinstance(value, bool) else f"`{value}`"


PAGES = {"cli.md": cli_page, "configuration.md": configuration_page}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (REFERENCE / name).write_text(page(), "utf-8")
