"""A reader's preferences on this device, in cookies: language, colours, pictures, shortcuts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self, get_args
from urllib.parse import urlsplit

from flask import Blueprint, g, redirect, request, url_for
from werkzeug.wrappers import Response

Language = Literal["vi", "en"]
Theme = Literal["auto", "light", "dark"]
Switch = Literal["on", "off"]

MAX_AGE = 365 * 24 * 3600
"""Lifetime of the cookies in seconds: a year (arbitrary)."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """The choices of one reader; the first value of each type is the default.

    `images` are pictures of articles. They come from other hosts, which learn that somebody is
    reading, though not what, since no referrer is sent. `shortcuts` are keys such as "/", which
    conflict with some assistive software.
    """

    language: Language = "vi"
    theme: Theme = "auto"
    images: Switch = "on"
    shortcuts: Switch = "on"

    @classmethod
    def read(cls, values: Mapping[str, str]) -> Self:
        """Read the choices from cookies or the values of a form; anything else is ignored."""
        return cls(
            **{
                name: values[name]
                for name, allowed in CHOICES.items()
                if values.get(name) in allowed
            }  # type: ignore[arg-type] # checked against the allowed values
        )


CHOICES: Mapping[str, tuple[str, ...]] = {
    "language": get_args(Language),
    "theme": get_args(Theme),
    "images": get_args(Switch),
    "shortcuts": get_args(Switch),
}
"""The allowed values of each preference."""


def preferences() -> Preferences:
    """Return the choices in the current request, parsed once: a page needs them 180 times."""
    try:  # a single access to `g`, since each takes a microsecond
        chosen: Preferences = g.preferences
    except AttributeError:
        chosen = g.preferences = Preferences.read(request.cookies)
    return chosen


def blueprint() -> Blueprint:
    """Return the route that stores a choice."""
    routes = Blueprint("preferences", __name__)
    routes.add_url_rule("/preferences", "save", save, methods=["POST"])
    return routes


def save() -> Response:
    """Store the choices of a form in cookies and redirect to the page that it was on."""
    response = redirect(_back(request.referrer or ""), 303)
    for name, allowed in CHOICES.items():
        value = request.form.get(name)
        if value in allowed:
            response.set_cookie(
                name,
                value,
                max_age=MAX_AGE,
                path=request.script_root or "/",
                samesite="Lax",
                httponly=True,
            )
    return response


def _back(referrer: str) -> str:
    """Return the page of this site that a form was sent from, else the home page."""
    parts = urlsplit(referrer)
    ours = parts.scheme in {"http", "https"} and parts.netloc == request.host
    return referrer if ours else url_for("pages.home")
