"""Titles and passages of hits as HTML: marked, and cut where a screen has no room for more."""

import re
from html import unescape

from markupsafe import Markup

from search.results.records import Hit
from search.results.snippets import mark

MAX_PHONE_CHARACTERS = 118
"""Characters of three lines on a phone of 390 pixels, so that none is cut in the middle of a word
(measured in Chromium: 40 to 46 a line)."""

MAX_CHARACTERS = 190
"""Characters of two lines on a desktop (measured: 98 to 112 a line)."""

_PIECE = re.compile(r"</?mark>|[ \n]+|[^ \n<]+")


def marked_title(hit: Hit) -> Markup:
    """Return a hit's title, or its id where there is none, escaped and marked."""
    if not hit.title.strip():
        return Markup(mark(hit.id, ()))  # noqa: S704 (mark escapes)
    return Markup(mark(hit.title, hit.highlights.get("title", ())))  # noqa: S704


def fitted(snippet: str) -> Markup:
    """Return a snippet whose end is left out where it does not fit, on phones more of it.

    >>> print(fitted("chữ " * 40))
    chữ chữ chữ chữ chữ chữ chữ chữ chữ chữ chữ chữ chữ chữ chữ chữ chữ chữ chữ chữ chữ chữ chữ \
chữ chữ chữ chữ chữ chữ<span class="rest"> chữ chữ chữ chữ chữ chữ chữ chữ chữ chữ chữ</span>
    """
    pieces = _PIECE.findall(snippet.strip())
    phone, end = _cut(pieces, MAX_PHONE_CHARACTERS), _cut(pieces, MAX_CHARACTERS)
    kept = "".join(pieces[phone:end])
    if end < len(pieces):
        kept += "…"
    html = "".join(pieces[:phone]) + (f'<span class="rest">{kept}</span>' if kept else "")
    return Markup(html)  # noqa: S704 (a snippet is HTML already, and is cut between its elements)


def _cut(pieces: list[str], most: int) -> int:
    """Return the number of pieces that fit into `most` characters, cut outside of marks."""
    place = size = 0
    inside = False
    for number, piece in enumerate(pieces):
        if piece in ("<mark>", "</mark>"):
            inside = piece == "<mark>"
            continue
        if piece.isspace() and not inside:
            place = number
        size += len(unescape(piece))
        if size > most and place:
            return place
    return len(pieces)
