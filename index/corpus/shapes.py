"""Records with embedded objects, as WordPress's REST API returns them."""

from collections.abc import Mapping

_EMBEDDED = "_embedded"


def with_embedded(fields: Mapping[str, object]) -> Mapping[str, object]:
    """Return the fields of a record with ids replaced by the names of the objects it embeds.

    >>> with_embedded({"author": 3, "_embedded": {"author": [{"id": 3, "name": "Mai"}]}})["author"]
    ['Mai']
    """
    embedded = fields.get(_EMBEDDED)
    if not isinstance(embedded, dict):
        return fields
    found: dict[str, object] = {
        "author": _values_of(embedded.get("author"), "name"),
        "image": _values_of(embedded.get("wp:featuredmedia"), "source_url")[:1],
        "categories": _terms(embedded, "category"),
        "tags": _terms(embedded, "post_tag"),
    }
    rest = {name: value for name, value in fields.items() if name != _EMBEDDED}
    return rest | {name: value for name, value in found.items() if value}


def _values_of(items: object, key: str) -> list[str]:
    listed = items if isinstance(items, list) else []
    values = (item.get(key) for item in listed if isinstance(item, dict))
    return [value for value in values if isinstance(value, str) and value]


def _terms(embedded: Mapping[str, object], taxonomy: str) -> list[str]:
    groups = embedded.get("wp:term")
    terms = [
        term
        for group in (groups if isinstance(groups, list) else [])
        for term in (group if isinstance(group, list) else [])
        if isinstance(term, dict) and term.get("taxonomy") == taxonomy
    ]
    return _values_of(terms, "name")
