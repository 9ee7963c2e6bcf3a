"""Templates: calls of functions, and the addresses of pages and static files, made fast.

A page of results calls a function 360 times and needs 17 addresses that never change.
"""

import hashlib
from functools import cache, lru_cache
from pathlib import Path
from types import BuiltinMethodType, FunctionType
from typing import Any

from flask import Flask, request, url_for
from jinja2.runtime import Context

_STATIC = Path(__file__).with_name("static")

MAX_ADDRESSES = 512
"""Addresses that are kept; an application has about 30, and as many for each base path. Arbitrary,
as some contain an example query."""


class DirectContext(Context):
    """A context that calls functions without attributes directly.

    Jinja first looks for marks such as `pass_context` in four places, which takes as long as most
    of the functions; marks are attributes.
    """

    def __init__(self, *given: Any, **named: Any) -> None:  # noqa: ANN401 - as in Jinja
        """Take what `Context` does.

        Imports compare the names of globals that were passed to a template, which none are here,
        with those of the environment, one by one: a twentieth of a page.
        """
        super().__init__(*given, **named)
        self.globals_keys = set()

    def call(
        self,
        called: Any,  # noqa: ANN401 - as in Jinja
        /,
        *args: Any,  # noqa: ANN401
        _loop_vars: dict[str, Any] | None = None,
        _block_vars: dict[str, Any] | None = None,
        **kwargs: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """Return what a function, or anything else that may be called, returns."""
        kind = type(called)
        if kind is BuiltinMethodType or (kind is FunctionType and not called.__dict__):
            return called(*args, **kwargs)
        return super().call(called, *args, _loop_vars=_loop_vars, _block_vars=_block_vars, **kwargs)


def install_templating(app: Flask) -> None:
    """Let the templates of an application use `DirectContext` and keep addresses."""

    @lru_cache(MAX_ADDRESSES)
    def cached_address(_root: str, endpoint: str, values: tuple[tuple[str, Any], ...]) -> str:
        return url_for(endpoint, **dict(values))

    def address(endpoint: str, **values: Any) -> str:  # noqa: ANN401 - as in Flask
        """Return `flask.url_for`, which depends on the base path of the request only."""
        return cached_address(request.script_root, endpoint, tuple(values.items()))

    def asset(name: str) -> str:
        """Return the address of a static file with a hash of its content, so that it is cached."""
        return address("static", filename=name, v=_fingerprint(name))

    app.jinja_env.context_class = DirectContext
    app.jinja_env.globals.update(url_for=address, asset=asset)


@cache
def _fingerprint(name: str) -> str:
    return hashlib.sha256((_STATIC / name).read_bytes()).hexdigest()[:12]
