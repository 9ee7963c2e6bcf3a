"""The `timtin` command, with all commands of the project as subcommands."""

import gc
import signal
import sys
import tomllib
from collections.abc import Mapping
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import click

from index import processor  # noqa: F401 - before NumPy, which the commands import
from index.console import hold_standard_streams

CONFIGURATION = Path("timtin.toml")
"""The default settings file, in the working directory."""

_COMMANDS: Mapping[str, tuple[str, ...]] = {
    "index.__main__": (
        "build",
        "update",
        "delete",
        "stats",
        "verify",
        "inspect",
        "snapshot",
        "restore",
        "copy",
        "embed",
    ),
    "search.__main__": ("search",),
    "search.evaluate": ("evaluate",),
    "web.__main__": ("serve",),
    "web.doctor_command": ("doctor",),
    "web.export_command": ("export",),
    "web.keys_command": ("keys",),
    "web.queries_command": ("queries",),
}
"""Commands by the module whose `main` is the command itself or a group that contains it."""

_EXTRAS = {"ir_measures": "evaluate"}
"""For a module that only one command needs, the extra of the package that installs it."""

_MODULES = {name: module for module, names in _COMMANDS.items() for name in names}


class TimTin(click.Group):
    """A group that imports commands when they are run: `search` must not import the server."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return [name for name in _MODULES if self.get_command(ctx, name)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command; None for an unknown name."""
        if cmd_name not in _MODULES:
            return None
        try:
            found = import_module(_MODULES[cmd_name]).main
        except ModuleNotFoundError as error:
            if error.name not in _EXTRAS:
                raise
            return _not_installed(cmd_name, _EXTRAS[error.name])
        if isinstance(found, click.Group) and len(_COMMANDS[_MODULES[cmd_name]]) > 1:
            found = found.get_command(ctx, cmd_name)
        if found:
            _name_variables(found)
        command: click.Command | None = found
        return command


def _show_version(ctx: click.Context, _option: click.Parameter, *, value: bool) -> None:
    """Print the version of the installed package and exit, if the option is given."""
    if not value:
        return
    try:
        click.echo(metadata.version("tim-tin"))
    except metadata.PackageNotFoundError:
        click.echo("not installed: run from its source")
    ctx.exit()


def _name_variables(command: click.Command) -> None:
    """Set the environment variable of each option that has none, made from its name."""
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            _name_variables(inner)
    prefix = command.context_settings.get("auto_envvar_prefix")
    for option in command.params:
        if isinstance(option, click.Option) and not option.envvar and not prefix:
            name = max(option.opts, key=len).lstrip("-").replace("-", "_").upper()
            option.envvar = f"TIMTIN_{name}"


def _not_installed(name: str, extra: str) -> click.Command:
    """Return a command that fails with the name of the extra that it needs."""

    def refuse(arguments: tuple[str, ...]) -> None:
        raise click.ClickException(f"timtin {name} needs: pip install 'tim-tin[{extra}]'")

    return click.Command(
        name,
        callback=refuse,
        params=[click.Argument(["arguments"], nargs=-1, type=click.UNPROCESSED)],
        context_settings={"ignore_unknown_options": True},
        short_help=f"Not installed: needs the extra {extra!r}.",
    )


@click.group(cls=TimTin, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda ctx, option, value: _show_version(ctx, option, value=value),
    help="Show the version and exit.",
)
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    envvar="TIMTIN_CONFIG",
    show_envvar=True,
    help=f"A settings file.  [default: {CONFIGURATION}, if it exists]",
)
@click.pass_context
def main(ctx: click.Context, config: Path | None) -> None:
    """Full-text search for Vietnamese articles.

    Options come from the command line, else from the environment, else from the settings file.
    """
    file = config or (CONFIGURATION if CONFIGURATION.is_file() else None)
    if file and ctx.invoked_subcommand:
        ctx.default_map = {ctx.invoked_subcommand: _settings(ctx, file, ctx.invoked_subcommand)}


def _settings(ctx: click.Context, file: Path, name: str) -> dict[str, Any]:
    """Read the settings of one command: those for all commands, then those in its own table.

    Raises click.ClickException for a file that is not TOML and for a setting without an option.
    """
    try:
        document = tomllib.loads(file.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{file} cannot be read as TOML: {error}") from error
    shared = {key: value for key, value in document.items() if not isinstance(value, dict)}
    command = main.get_command(ctx, name)
    own = document.get(name, {})
    if not command:
        return {}
    inner = command.commands if isinstance(command, click.Group) else {name: command}
    known = {key for each in inner.values() for key in settings_of(each)}
    if unknown := [key for key in own if key not in known]:
        raise click.ClickException(
            f"{file}, [{name}]: there is no setting {unknown[0]!r}; "
            f"there are {', '.join(sorted(known))}"
        )
    _check_shared(ctx, file, document)
    defaults = {each: _defaults(inner[each], shared | own) for each in inner}
    return defaults if isinstance(command, click.Group) else defaults[name]


def _defaults(command: click.Command, given: Mapping[str, object]) -> dict[str, object]:
    """Return the values of a command's options, keyed by their parameter names in click."""
    known = settings_of(command)
    return {known[key]: value for key, value in given.items() if key in known}


def _check_shared(ctx: click.Context, file: Path, document: Mapping[str, object]) -> None:
    """Check that each table is named like a command, and each other key like an option of one."""
    names = main.list_commands(ctx)
    commands = [found for name in names if (found := main.get_command(ctx, name))]
    groups = [command for command in commands if isinstance(command, click.Group)]
    commands += [inner for group in groups for inner in group.commands.values()]
    known = {setting for command in commands for setting in settings_of(command)}
    for key, value in document.items():
        if isinstance(value, dict) and key not in names:
            raise click.ClickException(f"{file}: [{key}] names no command of timtin")
        if not isinstance(value, dict) and key not in known:
            raise click.ClickException(f"{file}: no command has a setting {key!r}")


def settings_of(command: click.Command) -> dict[str, str]:
    """Return the settings of a command, named like its options, with click's parameter names.

    >>> settings_of(click.Command("x", params=[click.Option(["--json", "as_json"])]))
    {'json': 'as_json'}
    """
    return {
        max(option.opts, key=len).lstrip("-"): option.name
        for option in command.params
        if isinstance(option, click.Option) and option.name
    }


def run() -> None:
    """Run the command: the entry point of an installed `timtin`."""
    hold_standard_streams()
    # SIGTERM, as service managers send it, cleans up as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    gc.freeze()  # the collector need not visit the imported modules, which live to the end
    sys.exit(main(prog_name="timtin"))


if __name__ == "__main__":
    run()
