"""API keys, with the scope of each. Only digests of keys are stored."""

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
_UNKNOWN = hashlib.sha256(b"").digest()
"""The digest compared with for an unknown id, which then takes as long as a known one."""

MAX_NAME_CHARACTERS = 100
"""Characters of a key's name; arbitrary."""


class Scope(StrEnum):
    """What a key allows; each scope includes those before it."""

    SEARCH = "search"
    """Read."""
    WRITE = "write"
    """Add, replace and delete articles."""
    ADMIN = "admin"
    """Read the summary of the query log."""

    def allows(self, other: "Scope") -> bool:
        """Return whether this scope includes another."""
        order = tuple(Scope)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True)
class Key:
    """The description of a key, without its secret."""

    id: str
    scope: Scope
    name: str
    created: float
    expires: float | None
    revoked: float | None

    def valid(self, now: float) -> bool:
        """Return whether the key is neither revoked nor expired at a moment."""
        return self.revoked is None and (self.expires is None or now < self.expires)


class Keys:
    """The keys of one server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self, scope: Scope, name: str = "", days: float | None = None) -> str:
        """Create a key and return it; it cannot be read again. Raises StateError."""
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
        """Return the description of a key if it is valid, else None.

        A wrong secret takes as long to compare as an unknown id. Raises StateError.
        """
        parts = _KEY.fullmatch(key)
        if not parts or not (self._folder / FILE).exists():
            return None
        with transaction(self._folder) as connection:
            row = connection.execute("SELECT * FROM keys WHERE id = ?", (parts[1],)).fetchone()
        # The secret has 256 random bits, so a slow password hash would add nothing.
        same = hmac.compare_digest(_digest(parts[2]), row[1] if row else _UNKNOWN)
        found = _key(row) if row and same else None
        return found if found and found.valid(time.time()) else None

    def listed(self) -> list[Key]:
        """Return the descriptions of all keys, oldest first. Raises StateError."""
        if not (self._folder / FILE).exists():
            return []
        with transaction(self._folder) as connection:
            return [_key(row) for row in connection.execute("SELECT * FROM keys ORDER BY created")]

    def revoke(self, key_id: str) -> bool:
        """Revoke a key at once; return whether there was a valid one. Raises StateError."""
        if not (self._folder / FILE).exists():
            return False
        with transaction(self._folder) as connection:
            updated = connection.execute(
                "UPDATE keys SET revoked = ? WHERE id = ? AND revoked IS NULL",
                (time.time(), key_id),
            )
            return bool(updated.rowcount)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _key(row: "sqlite3.Row | tuple[str, bytes, str, str, float, float, float]") -> Key:
    key_id, _, scope, name, created, expires, revoked = row
    return Key(key_id, Scope(scope), name, created, expires, revoked)
