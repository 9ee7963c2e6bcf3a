"""The values of a record by field: each is used once, the others are kept unchanged."""

from collections.abc import Iterator, Mapping, Sequence

from index.corpus.field_names import FieldNames
from index.corpus.notes import Notes
from index.corpus.problems import quoted
from index.corpus.values import Conversion, Value


class FieldReader:
    """Takes the values of fields out of a record; what is left unmapped is `extra`."""

    def __init__(self, fields: dict[str, object], names: FieldNames, notes: Notes) -> None:
        self._unmapped = fields
        self._names = names
        self._notes = notes
        self._assigned = names.assign(tuple(fields))
        self.taken: dict[str, str] = {}

    def candidates(self, field: str) -> Iterator[tuple[str, object]]:
        """Yield the names and values that may contain a field, likeliest first."""
        for name in self._names.mapped(field):
            value = _value_at(self._unmapped, name)
            if value is not None:
                yield name, value
        for name in self._assigned.get(field, ()):
            if self._unmapped.get(name) is not None:
                yield name, self._unmapped[name]
            else:
                self._unmapped.pop(name, None)

    def consume(self, name: str, field: str) -> None:
        """Leave a value out of `extra`."""
        self.taken[name] = field
        outer, _, inner = name.partition(".")
        if name in self._unmapped:
            del self._unmapped[name]
        elif rest := _without(self._unmapped.pop(outer, None), inner):
            self._unmapped[outer] = rest

    def take(self, field: str, conversion: Conversion[Value]) -> Value:
        """Return the first value of a field that is not empty; note values that cannot be used.

        If several names were mapped to the field, and the kind of value allows it, all are joined.
        """
        mapped = self._names.mapped(field)
        names = self._assigned.get(field, ())
        # The general case is rare and twice as slow; the rest does the same for one unmapped name.
        if mapped or len(names) > 1:
            return self._take_first(field, conversion, mapped)
        if not names or (value := self._unmapped.pop(names[0], None)) is None:
            return conversion.empty
        converted = conversion.read(value)
        if converted is None:
            self._unmapped[names[0]] = value
            self._notes.add_unusable(names[0], quoted(str(value)))
            return conversion.empty
        self.taken[names[0]] = field
        return converted

    def _take_first(
        self, field: str, conversion: Conversion[Value], mapped: Sequence[str]
    ) -> Value:
        taken: list[Value] = []
        for name, value in list(self.candidates(field)):
            converted = conversion.read(value)
            if converted is None:
                self._notes.add_unusable(name, quoted(str(value)))
            elif converted == conversion.empty or str(converted).isspace():
                self.consume(name, field)
            elif not taken or (conversion.join and name in mapped):
                taken.append(converted)
                self.consume(name, field)
        if conversion.join and len(taken) > 1:
            return conversion.join(taken)
        return taken[0] if taken else conversion.empty


def _value_at(rest: Mapping[str, object], name: str) -> object:
    """Return the value of a field by its name, or by the path to it ("data.content")."""
    if name in rest:
        return rest[name]
    value: object = rest
    for step in name.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _without(value: object, path: str) -> object:
    """Return an object without the value at a path, None if nothing is left.

    >>> _without({"html": "a", "meta": {"b": 1}}, "html")
    {'meta': {'b': 1}}
    """
    if not isinstance(value, dict):
        return value
    name, _, inner = path.partition(".")
    rest = {key: item for key, item in value.items() if key != name}
    if inner and (left := _without(value.get(name), inner)):
        rest[name] = left
    return rest or None
