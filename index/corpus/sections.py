"""The section of an article, taken from its address and spelled with its marks."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from urllib.parse import unquote, urlsplit

from index.corpus.resources import read_resource_lines
from index.vietnamese.forms import fold

_SLUG = re.compile(r"[^\W\d_]\w*(?:-\w+)*")
_MAX_SLUG_CHARACTERS = 60
_MAX_NOTICE_CHARACTERS = 500


def _slug_of(name: str) -> str:
    return fold(name).replace(" ", "-")


@cache
def _sections() -> Mapping[str, str]:
    """Return the usual names of sections by their slugs."""
    return {_slug_of(name): name for name in read_resource_lines("sections.txt")}


def section_of(url: str, notices: Sequence[str] = ()) -> str:
    """Return the section named by the first part of an address's path, or "" if it has none.

    The marks come from a list of common sections, or from a notice that names the section ("*Mời
    bạn đọc vào chuyên mục ..."); otherwise the name has none.
    """
    try:
        parts = [unquote(part) for part in urlsplit(url).path.split("/") if part]
    except ValueError:  # no address at all
        return ""
    if len(parts) < 2 or len(parts[0]) > _MAX_SLUG_CHARACTERS or not _SLUG.fullmatch(parts[0]):
        return ""
    slug = parts[0].lower().replace("_", "-")
    return _sections().get(slug) or _named_in(notices, slug) or _sentence(slug.replace("-", " "))


def _named_in(notices: Sequence[str], slug: str) -> str:
    """Return the words in a notice that, without their marks, equal the slug."""
    size = slug.count("-") + 1
    for notice in notices:
        words = re.findall(r"[\w\u0300-\u036f]+", notice[:_MAX_NOTICE_CHARACTERS])
        for start in range(len(words) - size + 1):
            name = " ".join(words[start : start + size])
            if _slug_of(name) == slug:
                return _sentence(name)
    return ""


def _sentence(name: str) -> str:
    return name[:1].upper() + name[1:]
