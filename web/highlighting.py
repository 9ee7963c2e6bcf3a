"""Titles and snippets of hits as highlighted HTML; long snippets are cut to fit the screen."""

import re
from html import unescape

from markupsafe import Markup

from search.results.records import Hit
from search.results.snippets import highlight

MAX_PHONE_CHARACTERS = 118
"""Characters that fit into three lines on a phone of 390 pixels (measured in Chromium: 40 to 46 per
line)."""

MAX_CHARACTERS = 190
"""Characters that fit into two lines on a desktop (measured: 98 to 112 per line)."""

_PART = re.compile(r"</?mark>|[ \n]+|[^ \n<]+")


def highlighted_title(hit: Hit) -> Markup:
    """Return a hit's title, or its id if it has none, escaped and highlighted."""
    if not hit.title.strip():
        return Markup(highlight(hit.id, ()))  # noqa: S704 (highlight escapes)
    return Markup(highlight(hit.title, hit.highlights.get("title", ())))  # noqa: S704


def fitted_snippet(snippet: str) -> Markup:
    """Return a snippet cut to two lines; what exceeds three lines of a phone is in a `<span>`.

    >>> print(fitted_snippet("chữ " * 40))
    chữ chữ chữ chữ chữ chữ chữ chữ chữ chữ chữ chữ chữ chữ chữ chữ chữ chữ chữ chữ chữ chữ chữ \
chữ chữ chữ chữ chữ chữ<span class="rest"> chữ chữ chữ chữ chữ chữ chữ chữ chữ chữ chữ</span>
    """
    parts = _PART.findall(snippet.strip())
    phone, end = _cuts(parts)
    kept = "".join(parts[phone:end])
    if end < len(parts):
        kept += "…"
    html = "".join(parts[:phone]) + (f'<span class="rest">{kept}</span>' if kept else "")
    return Markup(html)  # noqa: S704 (a snippet is HTML already, and is cut between its elements)


def _cuts(parts: list[str]) -> tuple[int, int]:
    """Return how many parts fit on a phone and on a desktop, cut at a space outside of `<mark>`."""
    cut = size = phone = 0
    inside = False
    for number, part in enumerate(parts):
        if part[0] == "<":
            inside = part == "<mark>"
            continue
        if part[0] in " \n" and not inside:
            cut = number
        size += len(unescape(part)) if "&" in part else len(part)
        if size > MAX_PHONE_CHARACTERS and cut:
            phone = phone or cut
            if size > MAX_CHARACTERS:
                return phone, cut
    return phone or len(parts), len(parts)
