"""Daily pseudonyms of clients.

A pseudonym is a hash of the client's address, keyed by the secret of the day: random bytes that are
deleted when the next day begins. After that nobody can find out whose it was, and pseudonyms of
different days cannot be linked.
"""

import os
import secrets
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

SECRET_BYTES = 32
PSEUDONYM_BYTES = 6
"""Any two of 100,000 clients of a day share a pseudonym with a probability of 1 in 56,000."""

_PREFIX = "secret-"


class Pseudonyms:
    """The pseudonyms of clients, by a secret in a folder that several processes share."""

    def __init__(self, folder: Path) -> None:
        """Keep the secret of the day in a folder that exists."""
        self._folder = folder
        self._day = ""
        self._secret = b""

    def of(self, address: str, now: datetime | None = None) -> str:
        """Return the pseudonym of an address for today; "" without an address or a secret."""
        day = f"{now or datetime.now(UTC):%Y-%m-%d}"
        if day != self._day:
            self._secret = self._secret_of(day)
            self._day = day if self._secret else ""
        if not address or not self._secret:
            return ""
        content = address.encode("utf-8", "replace")
        return blake2b(content, key=self._secret, digest_size=PSEUDONYM_BYTES).hexdigest()

    def _secret_of(self, day: str) -> bytes:
        """Return the secret of a day, created if necessary; delete those of earlier days."""
        path = self._folder / f"{_PREFIX}{day}"
        try:
            for other in self._folder.glob(f"{_PREFIX}*"):
                if other.name < path.name:
                    other.unlink(missing_ok=True)
            if not path.exists():
                new = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}")
                new.touch(mode=0o600)
                new.write_bytes(secrets.token_bytes(SECRET_BYTES))
                with suppress(FileExistsError):
                    os.link(new, path)  # atomic, and never replaces another process's secret
                new.unlink()
            return path.read_bytes()
        except OSError:
            return b""  # a log that cannot be written must not fail a search
