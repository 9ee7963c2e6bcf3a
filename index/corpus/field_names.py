"""The mapping of a record's field names to the schema: names, aliases, and the user's choice."""

from collections.abc import Mapping, Sequence
from functools import cache

from index.corpus.problems import CorpusError
from index.corpus.resources import read_resource_lines
from index.schema import Schema, name_key

_MAX_CACHED_ASSIGNMENTS = 256
"""Sets of field names whose assignment is cached; a corpus has a few. Arbitrary."""

_USUAL_NAME_RANK = 1000  # after all names of the schema


@cache
def usual_names() -> Mapping[str, tuple[str, int]]:
    """Return the names in "field_names.txt", each with its field and its rank there."""
    names: dict[str, tuple[str, int]] = {}
    for line in read_resource_lines("field_names.txt"):
        field, _, listed = line.partition(":")
        for rank, name in enumerate(listed.split(",")):
            names.setdefault(name_key(name), (field, rank))
    return names


class FieldNames:
    """Assigns the field names of records to the fields of a schema, given the user's mapping."""

    def __init__(self, schema: Schema, mapping: Mapping[str, Sequence[str]]) -> None:
        """Raise CorpusError if the mapping names a field that the schema lacks."""
        if unknown := [field for field in mapping if field not in schema]:
            known = ", ".join(field.name for field in schema)
            raise CorpusError(
                f"--map: there is no field {unknown[0]!r}; the fields are {known} "
                "(--field declares others)"
            )
        self._schema = schema
        self._mapping = {field: tuple(names) for field, names in mapping.items()}
        self._mapped = frozenset(name for names in mapping.values() for name in names)
        self._assignments: dict[tuple[str, ...], dict[str, list[str]]] = {}

    def mapped(self, field: str) -> tuple[str, ...]:
        """Return the names that the user mapped to a field; dots are paths into nested objects."""
        return self._mapping.get(field, ())

    def assign(self, names: tuple[str, ...]) -> dict[str, list[str]]:
        """Return for each schema field the record's names that it may be read from, best first."""
        known = self._assignments.get(names)
        if known is None:
            known = self._assign(names)
            if len(self._assignments) < _MAX_CACHED_ASSIGNMENTS:
                self._assignments[names] = known
        return known

    def _assign(self, names: tuple[str, ...]) -> dict[str, list[str]]:
        ranked: dict[str, list[tuple[int, int, str]]] = {}
        for place, name in enumerate(names):
            if name not in self._mapped and (found := self._field_and_rank(name)):
                field, rank = found
                ranked.setdefault(field, []).append((rank, place, name))
        return {
            field: [name for _, _, name in sorted(candidates)]
            for field, candidates in ranked.items()
        }

    def _field_and_rank(self, name: str) -> tuple[str, int] | None:
        if name in self._schema:
            return name, -1
        key = name_key(name)
        if not key:
            return None
        if field := self._schema.find(name):
            keys = [name_key(alias) for alias in (field.name, *field.aliases)]
            return field.name, keys.index(key)
        if key not in usual_names():
            return None
        usual, rank = usual_names()[key]
        return usual, _USUAL_NAME_RANK + rank
