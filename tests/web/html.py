"""Helpers that read a page's HTML."""

import re
from html import unescape

from flask.testing import FlaskClient


def shown(html: str) -> str:
    """Return the visible text of a page, with single spaces and none before a comma."""
    main = html[html.index("<main") :]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", main)).split()).replace(" ,", ",")


def links(html: str) -> dict[str, str]:
    """Return the addresses of a page's links by their accessible names."""
    found = re.findall(r'<a ([^>]*href="([^"]*)"[^>]*)>(.*?)</a>', html, re.DOTALL)
    names = [re.search(r'aria-label="([^"]*)"', attributes) for attributes, _, _ in found]
    return {
        unescape(name[1]) if name else shown(f"<main>{said}"): unescape(address)
        for name, (_, address, said) in zip(names, found, strict=True)
    }


def seen(client: FlaskClient, address: str) -> str:
    return shown(client.get(address).text)
