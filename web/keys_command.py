"""`timtin keys`: create, list and revoke the keys of a server."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from index.console import print_result
from index.location import index_option
from web.state.database import StateError, state_folder
from web.state.keys import MAX_NAME_CHARACTERS, Key, Keys, Scope
from web.state_option import state_option

MAX_DAYS = 36_500
"""Days that a key may be valid; arbitrary, a century."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Manage the keys of programs that search or write."""


@main.command("create")
@click.option(
    "--scope",
    type=click.Choice([scope.value for scope in Scope]),
    required=True,
    envvar="TIMTIN_SCOPE",
    help="What the key allows: search; write, which includes search; admin, which includes both.",
)
@click.option("--name", default="", envvar="TIMTIN_NAME", help="Who or what the key is for.")
@click.option(
    "--days",
    type=click.FloatRange(min=0, max=MAX_DAYS, min_open=True),
    envvar="TIMTIN_DAYS",
    help="Days that it is valid.  [default: forever]",
)
@index_option
@state_option
def create(index: str, state: Path | None, scope: str, name: str, days: float | None) -> None:
    """Create a key and print it. It is printed only once; only its digest is stored."""
    if len(name) > MAX_NAME_CHARACTERS:
        raise click.BadParameter(f"at most {MAX_NAME_CHARACTERS} characters", param_hint="--name")
    try:
        keys = _keys(index, state)
        key = keys.create(Scope(scope), name, days)
        try:
            print_result(key)
        except (click.ClickException, SystemExit):
            if unseen := keys.find(key):  # nobody has seen it, so nobody should have it
                keys.revoke(unseen.id)
            raise
    except StateError as error:
        raise click.ClickException(str(error)) from error


@main.command("list")
@index_option
@state_option
@click.option("--json", "as_json", is_flag=True, envvar="TIMTIN_JSON", help="Print a JSON array.")
def list_keys(index: str, state: Path | None, *, as_json: bool) -> None:
    """List the ids, scopes and names of all keys; their secrets are not stored."""
    try:
        keys = _keys(index, state).listed()
    except StateError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        print_result(json.dumps([_as_dict(key) for key in keys], ensure_ascii=False))
    elif keys:
        print_result("\n".join(map(_line, keys)))


@main.command("revoke")
@click.argument("key_id", metavar="ID")
@index_option
@state_option
def revoke(index: str, state: Path | None, key_id: str) -> None:
    """Revoke the key with this ID at once; `timtin keys list` shows the ids."""
    try:
        revoked = _keys(index, state).revoke(key_id)
    except StateError as error:
        raise click.ClickException(str(error)) from error
    if not revoked:
        raise click.ClickException(f"there is no valid key {key_id!r}; see: timtin keys list")
    click.echo(f"revoked {key_id}", err=True)


def _line(key: Key) -> str:
    return (
        f"{key.id}  {key.scope:7}{_state(key):8}created {_day(key.created)}"
        + (f", expires {_day(key.expires)}" if key.expires else "")
        + (f"  {key.name}" if key.name.isprintable() and key.name else "")
    )


def _keys(index: str, state: Path | None) -> Keys:
    folder = state or state_folder(index)
    if folder is None:
        raise click.UsageError("keys of an index of a cluster need a folder: --state DIR")
    return Keys(folder)


def _state(key: Key) -> str:
    if key.revoked is not None:
        return "revoked"
    return "valid" if key.valid(datetime.now(UTC).timestamp()) else "expired"


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")


def _as_dict(key: Key) -> dict[str, object]:
    return {
        "id": key.id,
        "scope": key.scope,
        "state": _state(key),
        "name": key.name,
        "created": key.created,
        "expires": key.expires,
    }
