"""JSON objects that wrap records, as in feeds and dumps of content management systems.

In `{"total": 2, "articles": [{...}, {...}]}` the records are the longest list of objects that have
a title or body, at any depth. In a dump too large for memory the list is found from the beginning
of the dump alone.
"""

import re
from collections.abc import Mapping

from index.corpus.field_names import FieldNames
from index.corpus.loaders.json_text import DECODER, LIST_INSIDE

_MAX_WRAPPER_LEVELS = 5  # nested objects around a list of records; arbitrary
_MAX_LISTS_TRIED = 20  # at the beginning of a dump; each takes a scan of the text before it
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")
_BETWEEN_ITEMS = re.compile(r"[ \t\r\n]*([,\]])[ \t\r\n]*")
_NESTED = frozenset((dict, list))
_LIST_NAMES = frozenset(
    ("articles", "items", "posts", "entries", "docs", "documents", "records", "results", "rows")
)
"""Names of lists of articles even within an object that has a title, as a JSON feed does."""


def records_in(value: Mapping[str, object], names: FieldNames) -> list[Mapping[str, object]] | None:
    """Return the records that an object wraps; None if it is a record itself.

    Elasticsearch has a record under `_source`, dumps of content systems have a list of records.
    """
    if _NESTED.isdisjoint(map(type, value.values())):
        return None
    if (hit := _record_of_hit(value)) is not None:
        return [hit]
    if is_record(value, names):
        return _records_of_titled(value, names)
    longest: list[Mapping[str, object]] = []
    level: list[Mapping[str, object]] = [value]
    for _ in range(_MAX_WRAPPER_LEVELS):
        inner: list[Mapping[str, object]] = []
        for outer in level:
            for item in outer.values():
                found = _records_of_list(item, names)
                longest = found if len(found) > len(longest) else longest
                if isinstance(item, dict):
                    inner.append(item)
                elif isinstance(item, list) and not found:
                    inner.extend(entry for entry in item[:10] if isinstance(entry, dict))
        if longest:
            return longest
        level = inner
    return None


def _record_of_hit(value: Mapping[str, object]) -> Mapping[str, object] | None:
    """Return the record of an Elasticsearch hit; None for another object."""
    source = value.get("_source")
    return {"_id": value.get("_id"), **source} if isinstance(source, dict) else None


def _records_of_list(value: object, names: FieldNames) -> list[Mapping[str, object]]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        return []
    # Not `records_in` for each item: its time would double with every level of nesting.
    hits = (_record_of_hit(item) for item in value)
    found = [item if hit is None else hit for item, hit in zip(value, hits, strict=True)]
    return found if any(is_record(item, names) for item in found) else []


def _records_of_titled(
    value: Mapping[str, object], names: FieldNames
) -> list[Mapping[str, object]] | None:
    """Return the articles of a feed or thread, which has a title but no text of its own; else None.

    A thread of Discourse has its posts in an object, `{"title": ..., "post_stream": {"posts":
    [...]}}`; they have no titles, and get the thread's.
    """
    if has_field(value, "body", names):
        return None
    inner = [item for item in value.values() if isinstance(item, dict)]
    for outer in (value, *inner):
        for name, listed in outer.items():
            found = _records_of_list(listed, names)
            if any(is_article(item, name, names) for item in found):
                return found if outer is value else [_titled(item, value, names) for item in found]
    return None


def _titled(
    item: Mapping[str, object], thread: Mapping[str, object], names: FieldNames
) -> Mapping[str, object]:
    if has_field(item, "title", names):
        return item
    name = names.assign(tuple(map(str, thread))).get("title", [""])[0]
    return {"title": thread.get(name), **item}


def is_article(item: Mapping[str, object], list_name: str, names: FieldNames) -> bool:
    """Return whether an object in a list is an article, rather than a comment or a link."""
    titled = has_field(item, "title", names) or list_name.lower() in _LIST_NAMES
    return titled and has_field(item, "body", names)


def is_record(value: Mapping[str, object], names: FieldNames) -> bool:
    """Return whether an object has a field that is a title or a body."""
    return has_field(value, "title", names) or has_field(value, "body", names)


def has_field(value: Mapping[str, object], field: str, names: FieldNames) -> bool:
    """Return whether an object has a value that would become this field of an article."""
    if names.mapped(field):
        return True
    assigned = names.assign(tuple(map(str, value)))
    return any(not isinstance(value.get(name), list) for name in assigned.get(field, ()))


def find_articles(text: str, start: int, names: FieldNames) -> int | None:
    """Return the offset of the first item of a list of articles inside a value, None if none.

    `text` is the beginning of a long value; only a list that continues beyond it counts, unlike,
    for example, a short list of links at the beginning of a long article.
    """
    offset = start
    for _ in range(_MAX_LISTS_TRIED):
        found = LIST_INSIDE.search(text, offset)
        if not found:
            return None
        outer = _objects_around(text[start : found.start()])
        end, first = _items(text, found.end())
        if outer and first and end is None and _may_wrap(outer, first, names):
            return found.end()
        offset = end or found.end()
    return None


def _objects_around(head: str) -> list[Mapping[str, object]]:
    """Return the objects that a list is nested in, outermost first, as far as they were read.

    >>> _objects_around('{"total": 2, "data": {"articles": ')
    [{'total': 2, 'data': {'articles': None}}, {'articles': None}]
    """
    closing: list[str] = []
    for bracket in _BRACKET.findall(_STRING.sub("", head)):
        if bracket in "[{":
            closing.append("]" if bracket == "[" else "}")
        elif not closing or closing.pop() != bracket:
            return []
    if len(closing) > 2 * _MAX_WRAPPER_LEVELS:
        return []
    try:
        value = DECODER.decode(f"{head}null{''.join(reversed(closing))}")
    except (ValueError, RecursionError):
        return []
    around: list[Mapping[str, object]] = []
    while isinstance(value, dict | list) and value:
        if isinstance(value, dict):
            around.append(value)
        value = list(value.values())[-1] if isinstance(value, dict) else value[-1]
    return around


def _items(text: str, offset: int) -> tuple[int | None, Mapping[str, object] | None]:
    """Return the end of a list, None if it is beyond the text, and its first item if an object."""
    first = None
    while True:
        try:
            value, offset = DECODER.raw_decode(text, offset)
        except (ValueError, RecursionError):
            return None, first
        if not isinstance(value, dict):
            return offset, None
        first = value if first is None else first
        separator = _BETWEEN_ITEMS.match(text, offset)
        if separator is None:
            return None, first
        offset = separator.end()
        if separator[1] == "]":
            return offset, first


def _may_wrap(
    around: list[Mapping[str, object]], item: Mapping[str, object], names: FieldNames
) -> bool:
    record = _record_of_hit(item) or item
    if not any(is_record(outer, names) for outer in around):
        return is_record(record, names)
    name = list(around[-1])[-1]
    is_text = any(has_field(outer, "body", names) for outer in around)
    return not is_text and is_article(record, name, names)
