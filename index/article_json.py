"""Articles as JSON lines, the form in which an index stores them.

Addresses of articles often repeat the title without its diacritics, as a slug. A slug is not
stored: `url` is then a list of the parts before and after it.
"""

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import Any

import orjson

from index.article import Article
from index.vietnamese.forms import UNMARKED_VIETNAMESE, fold, fold_all

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_NON_WORD = re.compile("[^a-z0-9]+")
_NAMES = tuple(field.name for field in fields(Article))
_values = attrgetter(*_NAMES)
_MAPPINGS = ("values", "extra")


def article_to_record(article: Article) -> dict[str, Any]:
    """Return the fields that are not empty as JSON values."""
    values = zip(_NAMES, _values(article), strict=True)
    record: dict[str, Any] = {name: value for name, value in values if value}
    if article.published:
        record["published"] = article.published.isoformat()
    for name in _MAPPINGS:
        if name in record:
            record[name] = dict(record[name])
    return record


def article_to_json(article: Article, slug: str = "") -> bytes:
    """Return one line of JSON, with the slug taken out of the address.

    >>> article = Article("1", "Giá gạo", url="https://bao.vn/gia-gao-1.html")
    >>> article_to_json(article, "gia-gao").decode()
    '{"id":"1","title":"Giá gạo","url":["https://bao.vn/","-1.html"]}'
    """
    record = article_to_record(article)
    if slug and slug in article.url:
        record["url"] = article.url.split(slug, 1)
    # Only these contain numbers, which orjson formats differently.
    if record.keys().isdisjoint(_MAPPINGS):
        with suppress(TypeError):  # a lone surrogate
            return orjson.dumps(record)  # the same bytes in half the time
    return _ENCODER.encode(record).encode("utf-8", "surrogatepass")


def slugs(articles: Sequence[Article]) -> list[str]:
    """Return the slug of each title, "" if the article's address cannot contain one."""
    titles = (article.title if article.url.count("-") > 1 else "" for article in articles)
    return list(map(_slug, fold_all(titles)))


def _slug_of(title: str) -> str:
    """Return `_slug(fold(title))`, in half the time for a title with common punctuation.

    >>> _slug_of("“Giá gạo” – tăng…")
    'gia-gao-tang'
    """
    unmarked = title.lower().translate(_UNMARKED_WORDS)
    return _slug(unmarked if unmarked.isascii() else fold(title))


_UNMARKED_WORDS = {**UNMARKED_VIETNAMESE, **dict.fromkeys(map(ord, "“”‘’–—…«»\xa0"), "-")}
"""Letters as `fold` maps them, and common punctuation as hyphens."""


def _slug(folded: str) -> str:
    """Return the words of a folded title joined by hyphens."""
    return _NON_WORD.sub("-", folded).strip("-")


def record_from_json(line: bytes) -> dict[str, Any]:
    """Parse a line of `article_to_json` to a record as of `article_to_record`.

    Raises ValueError or TypeError for anything else.
    """
    try:
        # Not orjson: it silently reads integers of more than 64 bits as floats.
        record = json.loads(line.decode("utf-8", "surrogatepass"))
    except RecursionError as error:
        raise ValueError("values nested too deep") from error
    if not isinstance(record, dict) or not record.get("id"):
        raise ValueError("not an article with an id")
    if isinstance(record.get("url"), list):
        record["url"] = _slug_of(str(record.get("title"))).join(record["url"])
    return record


def article_from_json(line: bytes) -> Article:
    """Parse a line of `article_to_json`. Raises ValueError or TypeError for anything else."""
    return article_from_record(record_from_json(line))


def article_from_record(record: dict[str, Any]) -> Article:
    """Return the article of a record, which is modified. Raises ValueError or TypeError."""
    for name, value in record.items():
        if not isinstance(value, dict if name in _MAPPINGS else str):
            raise TypeError(f'"{name}" is {type(value).__name__}')
    if "published" in record:
        record["published"] = datetime.fromisoformat(record["published"])
        if record["published"].utcoffset() is None:
            raise ValueError('"published" has no offset from UTC')
    return Article(**record)
