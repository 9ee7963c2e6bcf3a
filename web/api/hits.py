"""The fields of hits in an answer, and articles as JSON values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from index.article import Article
from index.schema import BUILT_IN, Schema
from search.results.records import Hit
from web.problems import BadParameterError, problem
from web.searching import Searcher

HIT_FIELDS = tuple(field.name for field in fields(Hit))
ARTICLE_FIELDS = tuple(field.name for field in fields(Article))
_EMPTY = {name: "" for name in ARTICLE_FIELDS if name not in {"values", "extra"}}


def article_dict(article: Article) -> dict[str, Any]:
    """Return an article as JSON values, with "values" and "extra" as objects."""
    values = {name: getattr(article, name) for name in ARTICLE_FIELDS}
    return values | {"published": article.published.isoformat() if article.published else ""}


def article_values(article: Article) -> dict[str, Any]:
    """Return an article as a flat record: own fields beside built-in ones, "extra" as an object."""
    values = article_dict(article)
    own, extra = values.pop("values"), values.pop("extra")
    return {**values, **own, "extra": extra}


def record_values(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record of `Searcher.records` in the form of `article_values`, with empty fields."""
    values = {**_EMPTY, **record}
    own, extra = values.pop("values", {}), values.pop("extra", {})
    return {**values, **own, "extra": extra}


def field_names(schema: Schema) -> list[str]:
    """Return the names that `fields=` may list: those of a hit and the stored fields."""
    return sorted({*HIT_FIELDS, *BUILT_IN, "extra", *(field.name for field in schema.shown)})


def check_fields(names: Iterable[str], schema: Schema) -> None:
    """Check that each name may be in `fields=`. Raises BadParameterError."""
    known = field_names(schema)
    if unknown := [name for name in names if name not in known]:
        message = f"there is no field {unknown[0]!r}; there are {', '.join(known)}"
        raise BadParameterError(problem("fields", message))


def selected(
    hits: Sequence[Mapping[str, Any]], names: tuple[str, ...], searcher: Searcher
) -> list[dict[str, Any]]:
    """Return hits with the given fields only, read from the stored articles if necessary."""
    if all(name in HIT_FIELDS for name in names):
        return [_chosen(hit, names) for hit in hits]
    articles = searcher.stored([hit["id"] for hit in hits])
    return [
        _chosen({**(article_values(article) if article else {}), **hit}, names)
        for hit, article in zip(hits, articles, strict=True)
    ]


def _chosen(values: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {"id": values["id"]} | {name: values.get(name, "") for name in names}
