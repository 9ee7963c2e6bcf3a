"""Who asked, without an address: a token of a client that is the same for one day, and no longer.

The token is a hash keyed by random bytes of the day. The bytes of a day are removed when the next
one begins; from then on nobody can tell whose a token was, nor join the tokens of two days.
"""

import os
import secrets
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

KEY_BYTES = 32
TOKEN_BYTES = 6
"""Bytes of a token: among 100,000 clients of a day one pair in 50,000 shares one."""

_PREFIX = "key-"


class Askers:
    """The tokens of clients; the key of the day lies in a folder that several processes share."""

    def __init__(self, folder: Path) -> None:
        """Keep the key of the day in a folder that exists."""
        self._folder = folder
        self._day = ""
        self._key = b""

    def token(self, address: str, now: datetime | None = None) -> str:
        """Return the token of an address for today; "" where there is no address or no key."""
        day = f"{now or datetime.now(UTC):%Y-%m-%d}"
        if day != self._day:
            self._key = self._key_of(day)
            self._day = day if self._key else ""
        if not address or not self._key:
            return ""
        digest = blake2b(address.encode("utf-8", "replace"), key=self._key, digest_size=TOKEN_BYTES)
        return digest.hexdigest()

    def _key_of(self, day: str) -> bytes:
        """Return the key of a day, made by whichever process is first; remove those of others."""
        path = self._folder / f"{_PREFIX}{day}"
        try:
            for other in self._folder.glob(f"{_PREFIX}*"):
                if other.name < path.name:
                    other.unlink(missing_ok=True)
            if not path.exists():
                new = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}")
                new.touch(mode=0o600)
                new.write_bytes(secrets.token_bytes(KEY_BYTES))
                with suppress(FileExistsError):
                    os.link(new, path)  # whole or not at all, and never over another one
                new.unlink()
            return path.read_bytes()
        except OSError:
            return b""  # a log that cannot be written must not fail a search
