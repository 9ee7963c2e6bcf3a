"""Keys: who may search, write or administer. Only their digests are kept."""

import hashlib
import hmac
import re
import secrets
import sqlite3
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from web.state.database import FILE, make_database, transaction

_KEY = re.compile(r"tt_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_NOBODY = hashlib.sha256(b"").digest()

MAX_NAME_CHARACTERS = 100


class Scope(StrEnum):
    """What a key allows; each scope includes those before it."""

    SEARCH = "search"
    """Read."""
    WRITE = "write"
    """Add, replace and delete articles."""
    ADMIN = "admin"
    """Read the log of queries and the metrics, too."""

    def allows(self, wanted: "Scope") -> bool:
        """Return whether this scope includes another."""
        order = tuple(Scope)
        return order.index(self) >= order.index(wanted)


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is listed: never the key itself."""

    id: str
    scope: Scope
    name: str
    created: float
    expires: float | None
    revoked: float | None

    def valid(self, now: float) -> bool:
        """Return whether the key can be used at a moment."""
        return self.revoked is None and (self.expires is None or now < self.expires)


class Keys:
    """The keys of one server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self, scope: Scope, name: str = "", days: float | None = None) -> str:
        """Make a key and return it; it cannot be read again. Raises StateError."""
        make_database(self._folder)
        key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        now = time.time()
        expires = None if days is None else now + days * 86_400
        with transaction(self._folder) as connection:
            connection.execute(
                "INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, NULL)",
                (key_id, _digest(secret), scope, name[:MAX_NAME_CHARACTERS], now, expires),
            )
        return f"tt_{key_id}_{secret}"

    def find(self, key: str) -> Key | None:
        """Return the valid key with this text, None for any other.

        The comparison takes as long for a wrong secret as for an unknown id. Raises StateError.
        """
        parts = _KEY.fullmatch(key)
        if not parts or not (self._folder / FILE).exists():
            return None
        with transaction(self._folder) as connection:
            row = connection.execute("SELECT * FROM keys WHERE id = ?", (parts[1],)).fetchone()
        # The secret has 256 random bits: a fast digest is as good as a slow one.
        same = hmac.compare_digest(_digest(parts[2]), row[1] if row else _NOBODY)
        found = _key(row) if row and same else None
        return found if found and found.valid(time.time()) else None

    def listed(self) -> list[Key]:
        """Return all keys, the oldest first. Raises StateError."""
        if not (self._folder / FILE).exists():
            return []
        with transaction(self._folder) as connection:
            return [_key(row) for row in connection.execute("SELECT * FROM keys ORDER BY created")]

    def revoke(self, key_id: str) -> bool:
        """Make a key useless at once; return whether there was one. Raises StateError."""
        if not (self._folder / FILE).exists():
            return False
        with transaction(self._folder) as connection:
            done = connection.execute(
                "UPDATE keys SET revoked = ? WHERE id = ? AND revoked IS NULL",
                (time.time(), key_id),
            )
            return bool(done.rowcount)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _key(row: "sqlite3.Row | tuple[str, bytes, str, str, float, float, float]") -> Key:
    key_id, _, scope, name, created, expires, revoked = row
    return Key(key_id, Scope(scope), name, created, expires, revoked)
