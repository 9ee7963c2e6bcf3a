"""Host names: the one a request asked for, and the one that may stand in an answer."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import current_app, request

from web.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LOCAL = ("localhost", "127.0.0.1", "[::1]")
"""Names that only this machine can be asked by."""

_HOST = re.compile(
    r"""(?P<name>\[[0-9A-Fa-f:.]{2,45}\]      # an IPv6 address
        |(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})\.)*[A-Za-z0-9_][A-Za-z0-9_-]{0,62}\.?)
        (?::[0-9]{1,5})?""",
    re.VERBOSE,
)
MAX_HOST_CHARACTERS = 259
"""A name of DNS has at most 253 characters (RFC 1035), a port five and a colon."""


def host_name(host: str) -> str | None:
    """Return the name in a `Host` header without its port; None for what can be no host.

    >>> host_name("tin.example:8000"), host_name("a..b"), host_name("[::1]:80")
    ('tin.example', None, '[::1]')
    """
    found = _HOST.fullmatch(host) if len(host) <= MAX_HOST_CHARACTERS else None
    return found["name"].lower() if found else None


class HostCheck:
    """A WSGI application that refuses requests whose `Host` cannot be one, or is not trusted.

    Routing and error pages may rely on the host after it. A request line without a path asks for
    the root, so that nothing is redirected to an address made from the header.
    """

    def __init__(self, application: "WSGIApplication", trusted: tuple[str, ...]) -> None:
        """Trust the names given and those of this machine; any name where none is given."""
        self._application = application
        self._trusted = trusted

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer 400, or pass the request on."""
        name = host_name(environ["HTTP_HOST"]) if "HTTP_HOST" in environ else ""
        if name is None or (self._trusted and name not in (*self._trusted, *LOCAL, "")):
            body = b"The Host header of this request names no host that is answered for.\n"
            headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))]
            start_response("400 Bad Request", headers)
            return [body]
        if not environ.get("PATH_INFO", "").startswith("/"):
            environ["PATH_INFO"] = "/" + environ.get("PATH_INFO", "")
        return self._application(environ, start_response)


def public_root() -> str:
    """Return the address of the root without a final slash; "" where no host can be trusted.

    A name that only a request gave stands in an answer when it is one of the trusted hosts: an
    answer may be kept by a cache and be read by others.
    """
    settings: Settings = current_app.extensions["settings"]
    if settings.public_url:
        return settings.public_url.rstrip("/")
    trusted = settings.trusted_hosts or LOCAL
    if host_name(request.host) not in trusted:
        return ""
    return request.host_url.rstrip("/") + request.root_path.rstrip("/")


def absolute(path: str) -> str:
    """Return the address that readers know a path of `url_for` by, or the path alone."""
    root = public_root()
    prefix = request.root_path.rstrip("/")
    return root + path.removeprefix(prefix) if root else path
