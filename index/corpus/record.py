"""A record of named fields becomes an article, or is refused with the reason."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, get_args

from index.article import Article, Precision
from index.corpus import legacy
from index.corpus.corpus_file import LoadOptions, RawRecord
from index.corpus.field_names import FieldNames
from index.corpus.html_text import is_html, plain
from index.corpus.json_safe import clean, clean_text, texts_in
from index.corpus.notes import Notes
from index.corpus.problems import InvalidRecordError, quoted
from index.corpus.published import Published, parse_published
from index.corpus.shapes import unfolded
from index.corpus.values import (
    LABEL,
    LABELS,
    LINK,
    NAMES,
    NUMBER,
    TEXT,
    Conversion,
    Value,
    unwrapped,
)
from index.schema import Field, Kind

MAX_ID_CHARACTERS = 1000
"""Characters of an id; it stands in addresses, and is written out wherever its article is named."""

ID_TOO_LONG = f'"id" is longer than {MAX_ID_CHARACTERS} characters'
"""The message about a longer one, of a record and of a deletion alike."""

MIN_LONG_TEXT_CHARACTERS = 200
"""Characters from which on a text that is not searched is warned of: two sentences. Arbitrary."""

_ADDRESS = re.compile(r"^\S*(?:://|[\d/_@])\S*$")
_MAX_NESTED_NAMES = 3  # levels in which a text that is not searched is looked for
_TEXTS = ("title", "summary", "body")
_PRECISIONS: Mapping[str, Precision] = {name: name for name in get_args(Precision) if name}


class Mapped(NamedTuple):
    """An article, and which named field of the record became which field of it."""

    article: Article
    taken: Mapping[str, str]


class RecordMapper:
    """Makes articles of records; what happens on the way is counted in its notes."""

    def __init__(self, options: LoadOptions, notes: Notes) -> None:
        """Raise CorpusError where the mapping names a field that the schema has not."""
        self._options = options
        self._notes = notes
        self._names = FieldNames(options.schema, options.mapping)
        self._own = options.schema.own
        self._own_names = frozenset(field.name for field in self._own)

    def article(self, record: RawRecord, where: str) -> Article:
        """Return the article that a record describes, as `map` does."""
        return self.map(record, where).article

    def map(self, record: RawRecord, where: str) -> Mapped:
        """Return the article that a record describes; `where` names it in notes.

        Texts stay as they are written, except that HTML becomes plain text, a legacy encoding
        becomes Unicode, and half a surrogate pair (an emoji that somebody cut in two) becomes
        U+FFFD, because no file or page can hold it. Source and section are labels that articles
        are counted under, so they are one text where they look the same. A field without a
        meaning goes to `extra`. Raises InvalidRecordError where there is no article.
        """
        cleaned = {
            clean_text(str(name)): clean(value, 0)
            for name, value in unfolded(record.fields).items()
        }
        exported = cleaned.get("values")
        if isinstance(exported, dict) and all(name in self._own_names for name in exported):
            del cleaned["values"]
            cleaned |= exported
        unmapped = self._in_unicode(cleaned, where)
        reader = _FieldReader(unmapped, self._names, self._notes)
        title, summary, body = (self._plain(reader.take(name, TEXT)) for name in _TEXTS)
        if not title.strip() and not body.strip():
            raise InvalidRecordError(_no_text(cleaned))
        published = self._published(reader, where)
        exported_precision = unmapped.pop("published_precision", "")
        if published and (precision := _PRECISIONS.get(str(exported_precision))):
            published = published._replace(precision=precision)
        url = reader.take("url", LINK)
        article_id = _checked_id(reader.take("id", TEXT))
        article = Article(
            id=article_id if article_id.strip() else _made_id(url, title, summary, body),
            title=title,
            summary=summary,
            body=body,
            author=reader.take("author", NAMES),
            source=reader.take("source", LABEL),
            section=reader.take("section", LABEL),
            url=url,
            image=reader.take("image", LINK),
            published=published.instant if published else None,
            published_precision=published.precision if published else "",
            values=self._values(reader, where),
            extra=unmapped,
        )
        self._note_unsearched(unmapped)
        return Mapped(article, reader.taken)

    def _plain(self, text: str) -> str:
        if "<" not in text and "&" not in text:
            return text
        cleaned = plain(text)
        self._notes.html += is_html(text)
        return cleaned

    def _published(self, reader: "_FieldReader", where: str) -> Published | None:
        failure = ""
        for name, value in reader.candidates("published"):
            try:
                found = parse_published(_date_value(value), self._options.now)
            except (ValueError, OverflowError, OSError) as error:
                failure = failure or f"{quoted(str(value))} ({error})"
                continue
            reader.consume(name, "published")
            if found:
                return found
        if failure:
            self._notes.add_unread_date(where, failure)
        return None

    def _values(self, reader: "_FieldReader", where: str) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for field in self._own:
            value = self._own_value(field, reader)
            if value not in ("", None, []):
                values[field.name] = value
        return values

    def _own_value(self, field: Field, reader: "_FieldReader") -> object:
        match field.kind:
            case Kind.TEXT:
                return self._plain(reader.take(field.name, TEXT))
            case Kind.KEYWORD:
                return reader.take(field.name, LABEL)
            case Kind.KEYWORDS:
                return reader.take(field.name, LABELS)
            case Kind.LINK:
                return reader.take(field.name, LINK)
            case Kind.NUMBER:
                return reader.take(field.name, NUMBER)
            case Kind.DATE:
                return reader.take(field.name, Conversion(self._as_date, ""))

    def _as_date(self, value: object) -> str | None:
        try:
            found = parse_published(_date_value(value), self._options.now)
        except (ValueError, OverflowError, OSError):
            return None
        return found.instant.isoformat() if found else ""

    def _in_unicode(self, fields: dict[str, object], where: str) -> dict[str, object]:
        """Convert the texts of a record that is in a legacy encoding."""
        wanted = self._options.encoding
        if wanted != "auto" and wanted not in legacy.CONVERSIONS:
            return fields
        texts = [value for value in fields.values() if isinstance(value, str)]
        sample = max(texts, key=len, default="")
        if len(sample) < legacy.SAMPLE_CHARACTERS:
            sample = "\n".join(_long_first(fields))
        if not legacy.is_suspect(sample):
            return fields
        share = legacy.syllable_share(sample)
        found = legacy.recognise(sample, share)
        if wanted != "auto" and share.fraction < legacy.MIN_SHARE:
            found = wanted
        if found:
            self._notes.converted[found] += 1
            return {name: _converted(value, found) for name, value in fields.items()}
        if (
            share.fraction < legacy.MIN_SHARE
            and share.marked >= legacy.MIN_MARKED_WORDS_TO_WARN
            and 2 * share.marked > share.words
        ):
            self._notes.add_unrecognised(where, share.fraction)
        return fields

    def _note_unsearched(self, unmapped: Mapping[str, object]) -> None:
        for name, value in unmapped.items():
            self._notes.add_kept(name)
            for nested, text in texts_in(name, value, _MAX_NESTED_NAMES):
                if len(text) >= MIN_LONG_TEXT_CHARACTERS and " " in text:
                    self._notes.add_unsearched(nested, len(text))


class _FieldReader:
    """Takes the values of fields out of a record; what is left unmapped is `extra`."""

    def __init__(self, fields: dict[str, object], names: FieldNames, notes: Notes) -> None:
        self._unmapped = fields
        self._names = names
        self._notes = notes
        self._assigned = names.assign(tuple(fields))
        self.taken: dict[str, str] = {}

    def candidates(self, field: str) -> Iterator[tuple[str, object]]:
        """Yield the names and values that may hold a field, the likeliest first."""
        for name in self._names.mapped(field):
            value = _at(self._unmapped, name)
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
        self._unmapped.pop(name, None)

    def take(self, field: str, conversion: Conversion[Value]) -> Value:
        """Return the first value of a field that is not empty; what cannot be used is noted.

        Several fields that were mapped to it are joined, where its values can be.
        """
        mapped = self._names.mapped(field)
        names = self._assigned.get(field, ())
        # The general case is rare and half as fast; below is the same for one unmapped name.
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


def _no_text(fields: Mapping[str, object]) -> str:
    named = ", ".join(list(fields)[:8])
    named = named if named.isprintable() else ascii(named)
    return "no text: neither title nor body" + (
        f" among the fields {named[:200]}; --map body=NAME says which it is" if fields else ""
    )


def _checked_id(article_id: str) -> str:
    if len(article_id) > MAX_ID_CHARACTERS:
        raise InvalidRecordError(ID_TOO_LONG)
    return article_id


def _made_id(url: str, *texts: str) -> str:
    """Hash the url, or the text where there is none: the same record has the same id again."""
    return hashlib.sha256((url or "\0".join(texts)).encode()).hexdigest()[:32]


def _date_value(value: object) -> object:
    """Return the date that MongoDB, Elasticsearch or a list wraps."""
    value = unwrapped(value, ("$date", "$numberLong", "@value", "value", "date", "rendered", "iso"))
    if isinstance(value, list):
        return value[0] if value else None
    return value


def _long_first(fields: Mapping[str, object]) -> list[str]:
    """Return the texts of a record, the longest first."""
    return sorted((text for _, text in texts_in("", dict(fields), 2)), key=len, reverse=True)


def _converted(value: object, encoding: str) -> object:
    if isinstance(value, str):
        # An address is no text, although VIQR's marks are in it.
        return value if _ADDRESS.search(value) else legacy.convert(value, encoding)
    if isinstance(value, list):
        return [_converted(item, encoding) for item in value]
    if isinstance(value, dict):
        return {name: _converted(item, encoding) for name, item in value.items()}
    return value


def _at(rest: Mapping[str, object], name: str) -> object:
    """Return the value of a field by its name, or by the path to it ("data.content")."""
    if name in rest:
        return rest[name]
    value: object = rest
    for step in name.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value
