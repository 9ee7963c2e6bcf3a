"""A record of named fields becomes an article, or is refused with the reason."""

import hashlib
import html
import math
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime

from index.article import Article
from index.corpus.problems import InvalidRecordError, quoted
from index.vietnamese.dates import parse_instant

FIELDS = (
    "id", "title", "summary", "body", "author", "source", "section", "category", "url",
    "published", "date",
)  # fmt: skip
"""The names of fields that mean something here."""

_MAX_ID = 1000
_MAX_DEPTH = 32
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_HALF_PAIR = re.compile("[\ud800-\udfff]")
_KINDS = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "an object",
}


def article_from(record: Mapping[str, object]) -> Article:
    """Make the article a record describes. Raises InvalidRecordError where it describes none.

    Texts stay as they are written, but for two things: HTML entities in title and summary are
    decoded, and half a surrogate pair (an emoji that somebody cut in two) becomes U+FFFD, because
    no file or page can hold it. Source and section are labels that articles are counted under, so
    they are one text where they look the same. A field of no name known here goes to `extra`.
    """
    rest = {_clean_text(name): _clean(value, 0) for name, value in record.items()}
    title, summary = (
        _ENTITY.sub(_decoded, _take_text(rest, name)) for name in ("title", "summary")
    )
    body, url = _take_text(rest, "body"), _take_text(rest, "url")
    if not title.strip() and not body.strip():
        raise InvalidRecordError("no text: neither title nor body")
    return Article(
        id=_take_id(rest) or _made_id(url, title, summary, body),
        title=title,
        summary=summary,
        body=body,
        author=_take_text(rest, "author"),
        source=_take_label(rest, "source"),
        section=_take_label(rest, "section") or _take_label(rest, "category"),
        url=url,
        published=_take_date(rest, "published") or _take_date(rest, "date"),
        extra=rest,
    )


def _take_text(rest: dict[str, object], name: str) -> str:
    value = rest.pop(name, None)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidRecordError(f'"{name}" must be text, not {_KINDS[type(value)]}')
    return value


def _take_label(rest: dict[str, object], name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", _take_text(rest, name)).split())


def _take_id(rest: dict[str, object]) -> str:
    value = rest.pop("id", None)
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if value is not None and not isinstance(value, str):
        raise InvalidRecordError(f'"id" must be text or a number, not {_KINDS[type(value)]}')
    if value is None or not value.strip():
        return ""
    if len(value) > _MAX_ID:
        raise InvalidRecordError(f'"id" is longer than {_MAX_ID} characters')
    return value


def _made_id(url: str, *texts: str) -> str:
    """Hash the url, or the text where there is none: the same record has the same id again."""
    return hashlib.sha256((url or "\0".join(texts)).encode()).hexdigest()[:32]


def _take_date(rest: dict[str, object], name: str) -> datetime | None:
    text = _take_text(rest, name)
    if not text.strip():
        return None
    try:
        return parse_instant(text)
    except ValueError as error:
        example = "2024-05-31 or 2024-05-31T08:00:00+07:00"
        raise InvalidRecordError(
            f'"{name}" is {quoted(text)}, which is no date; write it like {example}'
        ) from error


def _clean(value: object, depth: int) -> object:
    """Check that a value is plain JSON which can be stored and given back."""
    if isinstance(value, str):
        return _clean_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidRecordError("a number that is infinite or not a number (NaN)")
    if isinstance(value, list | dict) and depth == _MAX_DEPTH:
        raise InvalidRecordError(f"lists and objects nested more than {_MAX_DEPTH} deep")
    if isinstance(value, list):
        return [_clean(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {_clean_text(name): _clean(item, depth + 1) for name, item in value.items()}
    return value


def _clean_text(text: str) -> str:
    if "\0" in text:
        raise InvalidRecordError("a NUL character, which no text has")
    return _HALF_PAIR.sub("�", text)


def _decoded(entity: re.Match[str]) -> str:
    return html.unescape(entity[0])
