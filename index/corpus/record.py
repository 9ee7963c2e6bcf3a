"""Mapping of records to articles: names are mapped to the schema, values cleaned and parsed."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, get_args

from index.article import Article, Precision
from index.corpus import legacy
from index.corpus.corpus_file import LoadOptions, RawRecord
from index.corpus.field_names import FieldNames
from index.corpus.field_reader import FieldReader
from index.corpus.html_text import first_image, is_html, plain
from index.corpus.json_safe import clean, clean_text, texts_in
from index.corpus.notes import Notes
from index.corpus.problems import InvalidRecordError, quoted
from index.corpus.published import Published, parse_published
from index.corpus.shapes import with_embedded
from index.corpus.values import (
    LABEL,
    LABELS,
    LINK,
    NAMES,
    NUMBER,
    TEXT,
    Conversion,
    unwrapped,
)
from index.corpus.word_limits import check_words
from index.schema import Field, Kind

MAX_ID_CHARACTERS = 1000
"""Characters of an id. Arbitrary; ids are part of addresses and messages."""

ID_TOO_LONG = f'"id" is longer than {MAX_ID_CHARACTERS} characters'
"""The message about a longer id, in a record or a deletion."""

MIN_LONG_TEXT_CHARACTERS = 200
"""Minimum length of a text for the warning that it is not searched: two sentences. Arbitrary."""

_ADDRESS = re.compile(r"^\S*(?:://|[\d/_@])\S*$")
_MAX_NESTED_NAMES = 3  # levels searched for long texts that will not be indexed; arbitrary
_TEXTS = ("title", "summary", "body")
_PRECISIONS: Mapping[str, Precision] = {name: name for name in get_args(Precision) if name}


class Mapped(NamedTuple):
    """An article, and for each field of the record that it uses the field of the article."""

    article: Article
    taken: Mapping[str, str]


class RecordMapper:
    """Maps records to articles, and counts conversions and losses in its notes."""

    def __init__(self, options: LoadOptions, notes: Notes) -> None:
        """Raise CorpusError if the mapping names a field that the schema lacks."""
        self._options = options
        self._notes = notes
        self._names = FieldNames(options.schema, options.mapping)
        self._own = options.schema.own
        self._searched = tuple(field.name for field in self._own if field.searched)
        self._own_names = frozenset(field.name for field in self._own)

    def article(self, record: RawRecord, where: str) -> Article:
        """Return the article that a record describes, as `map` does."""
        return self.map(record, where).article

    def map(self, record: RawRecord, where: str) -> Mapped:
        """Return the article that a record describes; `where` names it in notes.

        Texts are kept as written, except that HTML becomes plain text, legacy encodings become
        Unicode, and lone surrogates (halves of an emoji) become U+FFFD, since UTF-8 cannot encode
        them. Source and section are normalised (NFC, single spaces), so that labels that look the
        same are counted together. A field that is not mapped goes to `extra`. Raises
        InvalidRecordError if the record has no text.
        """
        cleaned = {
            clean_text(str(name)): clean_text(value) if type(value) is str else clean(value, 0)
            for name, value in with_embedded(record.fields).items()
        }
        exported = cleaned.get("values")
        if isinstance(exported, dict) and all(name in self._own_names for name in exported):
            del cleaned["values"]
            cleaned |= exported
        unmapped = self._in_unicode(cleaned, where)
        reader = FieldReader(unmapped, self._names, self._notes)
        written = [reader.take(name, TEXT) for name in _TEXTS]
        self._notes.html += any(map(is_html, written))
        title, summary, body = map(plain, written)
        self._notes.undecoded += any("\ufffd" in text for text in written)
        if not title.strip() and not body.strip():
            raise InvalidRecordError(_no_text_reason(cleaned))
        published = self._published(reader, where)
        exported_precision = unmapped.pop("published_precision", "")
        if published and (precision := _PRECISIONS.get(str(exported_precision))):
            published = published._replace(precision=precision)
        url = reader.take("url", LINK)
        article_id = _checked_id(reader.take("id", TEXT))
        article = Article(
            id=article_id if article_id.strip() else _hashed_id(url, title, summary, body),
            title=title,
            summary=summary,
            body=body,
            author=_plain_line(reader.take("author", NAMES)),
            source=_plain_line(reader.take("source", LABEL)),
            section=_plain_line(reader.take("section", LABEL)),
            url=url,
            image=reader.take("image", LINK) or _first_image(written, url),
            published=published.instant if published else None,
            published_precision=published.precision if published else "",
            values=self._values(reader, where),
            extra=unmapped,
        )
        own = (article.values.get(name, "") for name in self._searched)
        check_words((title, summary, body, article.author, *map(str, own)))
        self._note_unsearched(unmapped, (title, summary, body))
        return Mapped(article, reader.taken)

    def _published(self, reader: FieldReader, where: str) -> Published | None:
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
            self._notes.add_unparsed_date(where, failure)
        return None

    def _values(self, reader: FieldReader, where: str) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for field in self._own:
            value = self._own_value(field, reader)
            if value not in ("", None, []):
                values[field.name] = value
        return values

    def _own_value(self, field: Field, reader: FieldReader) -> object:
        match field.kind:
            case Kind.TEXT:
                return plain(reader.take(field.name, TEXT))
            case Kind.KEYWORD:
                return _plain_line(reader.take(field.name, LABEL))
            case Kind.KEYWORDS:
                labels = reader.take(field.name, LABELS)
                return list(dict.fromkeys(map(_plain_line, labels)))
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
        given = self._options.encoding
        if given != "auto" and given not in legacy.CONVERSIONS:
            return fields
        texts = [value for value in fields.values() if isinstance(value, str)]
        sample = max(texts, key=len, default="")
        if len(sample) < legacy.SAMPLE_CHARACTERS:
            sample = "\n".join(_long_first(fields))
        if not legacy.is_suspect(sample):
            return fields
        share = legacy.syllable_share(sample)
        found = legacy.recognise(sample, share)
        if given != "auto" and share.fraction < legacy.MIN_SHARE:
            found = given
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

    def _note_unsearched(self, unmapped: Mapping[str, object], texts: Sequence[str]) -> None:
        """Note the unmapped fields, and long texts among them that the article lacks."""
        for name, value in unmapped.items():
            if value in (None, "", [], {}):
                continue
            self._notes.add_kept(name)
            for nested, text in texts_in(name, value, _MAX_NESTED_NAMES):
                is_long = len(text) >= MIN_LONG_TEXT_CHARACTERS and " " in text
                if is_long and not _is_contained(text, texts):
                    self._notes.add_unsearched(nested, len(text))


def _plain_line(label: str) -> str:
    """Return a name or label without HTML, on one line."""
    if "<" not in label and "&" not in label:
        return label
    return " ".join(plain(label).split())


def _first_image(texts: Sequence[str], url: str) -> str:
    """Return the address of the first picture inside texts of HTML, or ""."""
    return next(filter(None, (first_image(text, url) for text in texts)), "")


def _is_contained(text: str, texts: Sequence[str]) -> bool:
    words = " ".join(plain(text).split())
    return any(words in " ".join(other.split()) for other in texts)


def _no_text_reason(fields: Mapping[str, object]) -> str:
    named = ", ".join(list(fields)[:8])
    named = named if named.isprintable() else ascii(named)
    return "no text: neither title nor body" + (
        f" among the fields {named[:200]}; --map body=NAME says which it is" if fields else ""
    )


def _checked_id(article_id: str) -> str:
    if len(article_id) > MAX_ID_CHARACTERS:
        raise InvalidRecordError(ID_TOO_LONG)
    return article_id


def _hashed_id(url: str, *texts: str) -> str:
    """Return an id made from a hash of the URL, or else of the text: stable for the same record."""
    return hashlib.sha256((url or "\0".join(texts)).encode()).hexdigest()[:32]


def _date_value(value: object) -> object:
    """Return a date without the object or list that MongoDB or Elasticsearch wraps it in."""
    value = unwrapped(value, ("$date", "$numberLong", "@value", "value", "date", "rendered", "iso"))
    if isinstance(value, list):
        return value[0] if value else None
    return value


def _long_first(fields: Mapping[str, object]) -> list[str]:
    """Return the texts of a record, longest first."""
    texts = [text for name, value in fields.items() for _, text in texts_in(name, value, 1)]
    return sorted(texts, key=len, reverse=True)


def _converted(value: object, encoding: str) -> object:
    if isinstance(value, str):
        # Addresses are not converted: characters in them look like marks of VIQR.
        return value if _ADDRESS.search(value) else legacy.convert(value, encoding)
    if isinstance(value, list):
        return [_converted(item, encoding) for item in value]
    if isinstance(value, dict):
        return {name: _converted(item, encoding) for name, item in value.items()}
    return value
