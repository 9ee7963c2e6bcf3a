"""Keys: created, listed, revoked, and required."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from tests.web.test_writing import bearer, client_of
from web.command import main
from web.settings import Access
from web.state.keys import Keys, Scope


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def test_a_key_ends_when_it_expires_or_is_revoked(state: Path) -> None:
    keys = Keys(state)
    key = keys.create(Scope.WRITE, "desk", days=1)
    found = keys.find(key)
    assert found
    assert (found.scope, found.name) == (Scope.WRITE, "desk")
    assert found.valid(found.created + 86_399)
    assert not found.valid(found.created + 86_401)
    assert keys.revoke(found.id)
    assert keys.find(key) is None
    assert not keys.revoke(found.id)
    assert keys.find(keys.create(Scope.SEARCH, days=1e-9)) is None


def test_keys_are_not_stored(state: Path) -> None:
    secret = Keys(state).create(Scope.ADMIN).split("_", 2)[2]  # a secret may contain "_"
    written = b"".join(path.read_bytes() for path in state.rglob("*") if path.is_file())
    assert secret.encode() not in written
    assert state.stat().st_mode & 0o077 == 0


@given(st.text())
def test_any_text_is_no_key(text: str) -> None:
    assert Keys(Path("nowhere")).find(text) is None


@pytest.mark.parametrize("required", list(Scope))
def test_each_scope_includes_the_lower_ones(required: Scope) -> None:
    allowed = [scope for scope in Scope if scope.allows(required)]
    assert allowed == list(Scope)[list(Scope).index(required) :]


def test_reading_may_need_a_key(state: Path) -> None:
    client, key = client_of(state, access=Access.KEY), Keys(state).create(Scope.SEARCH)
    for path in ("/api/search?q=nước", "/search?q=nước", "/", "/search.atom", "/metrics"):
        refused = client.get(path)
        assert refused.status_code == 401
        assert refused.headers["WWW-Authenticate"].startswith("Basic")
        assert client.get(path, headers=bearer(key)).status_code == 200
        assert client.get(path, auth=("reader", key)).status_code == 200
    for path in ("/healthz", "/healthz/live", "/robots.txt"):
        assert client.get(path).status_code == 200


def test_the_commands_create_list_and_revoke(tmp_path: Path) -> None:
    where = ("--index", str(tmp_path / "i"))
    created = CliRunner().invoke(main, ["keys", "create", "--scope", "write", *where])
    key = created.output.strip()
    found = Keys(tmp_path / "i.state").find(key)
    assert found
    listed = CliRunner().invoke(main, ["keys", "list", "--json", *where]).output
    assert [(one["id"], one["state"]) for one in json.loads(listed)] == [(found.id, "valid")]
    assert key not in listed
    assert CliRunner().invoke(main, ["keys", "revoke", found.id, *where]).exit_code == 0
    assert "revoked" in CliRunner().invoke(main, ["keys", "list", *where]).output
    assert CliRunner().invoke(main, ["keys", "revoke", found.id, *where]).exit_code == 1


@pytest.mark.parametrize("stream", [">&-", ">/dev/full"])
def test_a_key_that_could_not_be_printed_is_revoked(tmp_path: Path, stream: str) -> None:
    where = ["--index", str(tmp_path / "i")]
    done = subprocess.run(
        ["bash", "-c", f'exec "$@" {stream}', "bash", sys.executable, "-m", "web.command",
         "keys", "create", "--scope", "admin", *where],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("Error: standard output cannot be written to: ")
    [key] = Keys(tmp_path / "i.state").listed()
    assert key.revoked is not None
