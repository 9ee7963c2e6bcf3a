"""RSS, Atom and WordPress exports (WXR, which is RSS), item by item.

Feeds are read as streams: the export of a whole site takes no more memory than one post.
"""

from collections import Counter
from collections.abc import Iterator

import lxml.etree as etree

from index.corpus.corpus_file import CorpusFile, RawRecord
from index.corpus.html_text import decode_entities
from index.corpus.loaders.xml_elements import elements, local_name, namespace, text_of
from index.corpus.problems import BadRecord

_WORDPRESS = "wordpress.org/export"
_ARTICLE_TYPES = frozenset(("", "post", "page"))
_FEEDS = frozenset(("channel", "feed", "RDF"))
_PUBLIC = frozenset(("", "publish"))
_TEXTS = {
    "title": "title",
    "encoded": "body",
    "content": "body",
    "description": "summary",
    "summary": "summary",
    "subtitle": "summary",
    "guid": "id",
    "id": "id",
    "creator": "author",
    "pubDate": "published",
    "published": "published",
    "issued": "published",
    "date": "published",
    "post_date": "published",
    "updated": "updated",
}
"""Elements by name with the field that their text becomes; the first that is not empty counts."""

MAX_AUTHORS = 10_000
"""WordPress authors whose names are kept, about 2 MB; for others the login is used. Arbitrary: a
large paper has a few hundred."""

MAX_AUTHOR_CHARACTERS = 200
"""Characters of an author's name or login; arbitrary."""

MAX_KINDS = 100
"""Kinds of omitted items that are reported by name. Arbitrary; WordPress itself has a dozen."""


class _Site:
    """The metadata of a feed: its title, and the names of WordPress authors by login."""

    def __init__(self) -> None:
        self.title = ""
        self._names: dict[str, str] = {}
        self._login = ""

    def read(self, element: etree._Element) -> None:
        """Take the metadata in an element outside the items."""
        parent = element.getparent()
        name, text = local_name(element), text_of(element).strip()
        if name == "author_login":
            self._login = text
        elif name == "author_display_name":
            is_short = max(len(self._login), len(text)) <= MAX_AUTHOR_CHARACTERS
            if is_short and len(self._names) < MAX_AUTHORS:
                self._names[self._login] = text
        elif name == "title" and parent is not None and local_name(parent) in _FEEDS:
            self.title = self.title or " ".join(decode_entities(text).split())

    def name_of(self, author: object) -> object:
        """Return the display name of an author by login; the login itself if unknown."""
        return self._names.get(str(author)) or author


def load_feed(file: CorpusFile) -> Iterator[RawRecord | BadRecord]:
    """Yield the items of a feed; WordPress posts that are not published are only counted."""
    site = _Site()
    left_out: Counter[str] = Counter()
    for element in elements(file, ("item", "entry"), site.read):
        if isinstance(element, BadRecord):
            yield element
            continue
        record = _record(element)
        kind, status = record.pop("post_type", ""), record.pop("status", "")
        if kind not in _ARTICLE_TYPES or status not in _PUBLIC:
            shown = str(kind)[:60] if kind not in _ARTICLE_TYPES else f"{kind} ({status})"
            left_out[shown if shown in left_out or len(left_out) < MAX_KINDS else "others"] += 1
            continue
        record.setdefault("source", site.title)
        if "author" in record:
            record["author"] = site.name_of(record["author"])
        yield RawRecord(record, element.sourceline or 0)
    if left_out:
        named = ", ".join(f"{count:,} {kind}" for kind, count in left_out.most_common(8))
        file.notes.add_remark(f"{file.path}: left out, not published articles: {named}")


def _record(item: etree._Element) -> dict[str, object]:
    record: dict[str, object] = {}
    authors: list[str] = []
    labels: list[tuple[str, str]] = []
    for element in item:
        name = local_name(element)
        text = text_of(element).strip()
        if name == "link":
            _take_link(record, element, text)
        elif name in ("category", "subject"):
            label = text or element.get("label") or element.get("term") or ""
            labels.append((element.get("domain") or "", label))
        elif name == "author":
            authors.append(_author(element))
        elif element.get("url"):
            _take_media(record, element)
        elif text:
            _take_text(record, element, text)
    if authors and "author" not in record:
        record["author"] = [author for author in authors if author]
    _take_labels(record, labels)
    if "updated" in record:
        record.setdefault("published", record.pop("updated"))
    return record


def _take_text(record: dict[str, object], element: etree._Element, text: str) -> None:
    name = local_name(element)
    if name == "encoded" and "excerpt" in namespace(element):
        record.setdefault("summary", text)
    elif _WORDPRESS in namespace(element) and name in ("post_type", "status", "post_id"):
        record[name] = text
    elif field := _TEXTS.get(name):
        record.setdefault(field, text)


def _take_media(record: dict[str, object], element: etree._Element) -> None:
    """Take the picture of an <enclosure>, <media:content> or <media:thumbnail>."""
    name = local_name(element)
    kind = f"{element.get('type') or ''} {element.get('medium') or ''}"
    if name == "thumbnail" or (name in ("enclosure", "content") and "image" in kind):
        record.setdefault("image", element.get("url"))


def _take_link(record: dict[str, object], element: etree._Element, text: str) -> None:
    """Take the address: RSS has it as text, Atom as attributes of links with several relations."""
    href, relation = element.get("href"), element.get("rel") or "alternate"
    if href and relation == "enclosure" and "image" in (element.get("type") or ""):
        record.setdefault("image", href)
    elif (text or href) and relation == "alternate":
        record.setdefault("url", text or href)


def _author(element: etree._Element) -> str:
    """Return a name: Atom's <name>, or RSS's "address (name)"."""
    names = [text_of(child).strip() for child in element if local_name(child) == "name"]
    text = names[0] if names else text_of(element).strip()
    address, _, name = text.partition(" (")
    return name.rstrip(")") if name and "@" in address else text


def _take_labels(record: dict[str, object], labels: list[tuple[str, str]]) -> None:
    sections = [label for domain, label in labels if domain != "post_tag" and label]
    tags = [label for domain, label in labels if domain == "post_tag" and label]
    if sections:
        record["section"] = sections[0]
    if len(sections) > 1:
        record["categories"] = sections
    if tags:
        record["tags"] = tags
