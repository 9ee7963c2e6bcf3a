"""A preview of the first records of a corpus, field by field, before an index is built.

>>> import tempfile
>>> with tempfile.TemporaryDirectory() as folder:
...     corpus = Path(folder, "a.json")
...     _ = corpus.write_text('{"title": "Giá gạo tăng"}')
...     inspect_corpus([corpus]).records[0].fields[0]
InspectedField(name='title', value='Giá gạo tăng', becomes='title')
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from index.article import Article
from index.corpus.corpus_file import LoadOptions, RawRecord
from index.corpus.loading import Corpus
from index.corpus.problems import BadRecord, InvalidRecordError
from index.corpus.record import RecordMapper
from index.corpus.shapes import with_embedded
from index.schema import BUILT_IN

KEPT = "kept, not searched"
"""Shown for a field that is mapped to none of the schema's."""

NOTHING = "nothing: it is empty"
"""Shown for an empty field."""

MAX_RECORDS = 3
"""Records that are shown by default: they fit on a screen."""

_MAX_VALUE_CHARACTERS = 80  # one line; arbitrary


@dataclass(frozen=True, slots=True)
class InspectedField:
    """A field of a record, the beginning of its value, and the field of the article it becomes."""

    name: str
    value: str
    becomes: str


@dataclass(frozen=True, slots=True)
class InspectedRecord:
    """A record, its fields, and its article; `problem` is the reason if it has no article."""

    path: Path
    line: int
    fields: tuple[InspectedField, ...]
    article: Mapping[str, Any]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Inspection:
    """The first records of a corpus, and the notes on them."""

    records: tuple[InspectedRecord, ...]
    notes: tuple[str, ...]


def inspect_corpus(
    paths: Sequence[Path], options: LoadOptions | None = None, count: int = MAX_RECORDS
) -> Inspection:
    """Return the first records of a corpus with the articles they become; nothing is written.

    Raises CorpusError, as `Corpus` does.
    """
    corpus = Corpus(paths, options)
    mapper = RecordMapper(corpus.options, corpus.notes)
    records = tuple(
        _inspected(path, record, mapper) for path, record in islice(corpus.records(), count)
    )
    return Inspection(records, tuple(corpus.notes.lines()))


def _inspected(path: Path, record: RawRecord | BadRecord, mapper: RecordMapper) -> InspectedRecord:
    if isinstance(record, BadRecord):
        return InspectedRecord(path, record.line, (), {}, record.reason)
    where = f"{path}:{record.line}" if record.line else str(path)
    try:
        article, taken = mapper.map(record, where)
    except InvalidRecordError as error:
        fields = tuple(
            InspectedField(str(name), _excerpt(value), "") for name, value in record.fields.items()
        )
        return InspectedRecord(path, record.line, fields, {}, f"{record.place}{error}")
    fields = tuple(
        InspectedField(str(name), _excerpt(value), _destination(str(name), value, taken))
        for name, value in with_embedded(record.fields).items()
    )
    return InspectedRecord(path, record.line, fields, _shown_fields(article))


def _destination(name: str, value: object, taken: Mapping[str, str]) -> str:
    inside = [field for path, field in taken.items() if path.startswith(f"{name}.")]
    if value in (None, "", [], {}):
        return NOTHING
    return taken.get(name) or ", ".join(inside) or KEPT


def _shown_fields(article: Article) -> dict[str, Any]:
    """Return the fields of an article that are not empty, with long texts shortened."""
    shown = {name: value for name, value in asdict(article).items() if value}
    shown.pop("extra", None)
    return {
        name: _excerpt(value) if name in BUILT_IN and name != "id" else value
        for name, value in shown.items()
    }


def _excerpt(value: object) -> str:
    text = " ".join(str(value).split())
    size = len(text)
    if size <= _MAX_VALUE_CHARACTERS:
        return text
    return f"{text[:_MAX_VALUE_CHARACTERS]}... ({size:,} characters)"


def lines_of(inspection: Inspection) -> list[str]:
    """Return an inspection as lines for a terminal, with control characters escaped."""
    lines: list[str] = []
    for record in inspection.records:
        lines.append(str(BadRecord(record.path, record.line, record.problem or "an article")))
        width = max((len(field.name) for field in record.fields), default=0)
        lines += [
            f"  {_safe(field.name):<{width}}  {field.becomes or '-':<18}  {_safe(field.value)}"
            for field in record.fields
        ]
        lines += [f"  => {name}: {_safe(str(value))}" for name, value in record.article.items()]
    return [*lines, *inspection.notes]


def _safe(text: str) -> str:
    return text if text.isprintable() else ascii(text)
