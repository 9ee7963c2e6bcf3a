"""Host names: the check of a request's `Host`, and the public address used in answers."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import current_app, request

from web.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LOCAL = ("localhost", "127.0.0.1", "[::1]")
"""Names by which only this machine reaches the server."""

_HOST = re.compile(
    r"""(?P<name>\[[0-9A-Fa-f:.]{2,45}\]      # an IPv6 address
        |(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})\.)*[A-Za-z0-9_][A-Za-z0-9_-]{0,62}\.?)
        (?::[0-9]{1,5})?""",
    re.VERBOSE,
)
MAX_HOST_CHARACTERS = 259
"""A DNS name has at most 253 characters (RFC 1035), a colon and a port six."""


def host_name(host: str) -> str | None:
    """Return the name in a `Host` header without its port; None if it is not a valid host.

    >>> host_name("tin.example:8000"), host_name("a..b"), host_name("[::1]:80")
    ('tin.example', None, '[::1]')
    """
    found = _HOST.fullmatch(host) if len(host) <= MAX_HOST_CHARACTERS else None
    return found["name"].lower() if found else None


class HostCheck:
    """A WSGI middleware that refuses requests whose `Host` is invalid or not trusted.

    Routing and error pages can rely on the host after it. A request line without a path is treated
    as "/", so that nothing is redirected to an address made from the header.
    """

    def __init__(self, application: "WSGIApplication", trusted: tuple[str, ...]) -> None:
        """Trust the given names and those of this machine; any name if none is given."""
        self._application = application
        self._trusted = trusted

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer 400, or pass the request on."""
        name = host_name(environ["HTTP_HOST"]) if "HTTP_HOST" in environ else ""
        if name is None or (self._trusted and name not in (*self._trusted, *LOCAL, "")):
            body = b"The Host header of this request names a host that is not served.\n"
            headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))]
            start_response("400 Bad Request", headers)
            return [body]
        if not environ.get("PATH_INFO", "").startswith("/"):
            environ["PATH_INFO"] = "/" + environ.get("PATH_INFO", "")
        return self._application(environ, start_response)


def public_root() -> str:
    """Return the public address of the root without a final slash; "" if no host can be trusted.

    The `Host` of a request is used only if it is trusted: answers may be cached and served to
    others.
    """
    settings: Settings = current_app.extensions["settings"]
    if settings.public_url:
        return settings.public_url.rstrip("/")
    trusted = settings.trusted_hosts or LOCAL
    if host_name(request.host) not in trusted:
        return ""
    return request.host_url.rstrip("/") + request.root_path.rstrip("/")


def absolute(path: str) -> str:
    """Return the public address of a path from `url_for`; the path itself if no host is trusted."""
    root = public_root()
    prefix = request.root_path.rstrip("/")
    return root + path.removeprefix(prefix) if root else path
