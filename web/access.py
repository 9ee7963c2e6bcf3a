"""Access to the API: which requests need a key, and the check that they have one."""

from base64 import b64decode
from collections.abc import Mapping

from flask import Flask, request

from web.settings import Access
from web.state.keys import Keys, Scope

REQUIRED_SCOPES: Mapping[str, Scope] = {
    "writing.add": Scope.WRITE,
    "writing.remove": Scope.WRITE,
    "writing.remove_many": Scope.WRITE,
    "writing.task": Scope.WRITE,  # a report names ids and quotes rejected records
    "queries.report": Scope.ADMIN,
    "queries.page": Scope.ADMIN,
}
"""The scope that an endpoint needs even if everybody may read."""

PUBLIC_ENDPOINTS = frozenset(("api.health", "api.live", "static", "robots"))
"""Endpoints that never need a key."""


class AccessError(Exception):
    """A request without a key, or with one that does not allow it."""

    def __init__(self, status: int, code: str, message: str, *, interactive: bool) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.interactive = interactive
        """Whether a browser may prompt for the key, as a password."""


def protect(app: Flask, keys: Keys | None, access: Access) -> None:
    """Refuse requests that lack a key: 401 without a valid one, 403 if its scope is too small.

    `Keys.find` compares digests in constant time.
    """

    def check() -> None:
        required = required_scope(access)
        if required is None or request.method == "OPTIONS":  # a preflight carries no key
            return
        # Browsers resend a password with requests that other sites trigger (CSRF): it must not
        # allow writing.
        interactive = required is not Scope.WRITE
        given = _given_key(allow_password=interactive)
        if not given:
            message = "This address needs a key: Authorization: Bearer KEY"
            raise AccessError(401, "key_missing", message, interactive=interactive)
        key = keys.find(given) if keys else None
        if key is None:
            message = "The key is unknown, expired or revoked"
            raise AccessError(401, "key_unknown", message, interactive=interactive)
        if not key.scope.allows(required):
            message = f"The key has the scope {key.scope}; this address needs {required}"
            raise AccessError(403, "key_too_weak", message, interactive=interactive)

    app.before_request(check)


def required_scope(access: Access) -> Scope | None:
    """Return the scope that the current request needs; None if it needs no key."""
    endpoint = request.endpoint or ""
    if endpoint in REQUIRED_SCOPES:
        return REQUIRED_SCOPES[endpoint]
    return None if access is Access.OPEN or endpoint in PUBLIC_ENDPOINTS else Scope.SEARCH


def _given_key(*, allow_password: bool) -> str:
    """Return the key in the Authorization header: a bearer token, or a Basic password; else ""."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return given.strip()
    if scheme.lower() == "basic" and allow_password:
        try:
            return b64decode(given.strip(), validate=True).decode("ascii").partition(":")[2]
        except ValueError:
            return ""
    return ""
