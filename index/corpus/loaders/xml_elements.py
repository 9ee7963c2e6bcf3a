"""The elements of large XML files, one at a time: items of feeds and exports, pages of dumps."""

from collections.abc import Callable, Iterator

import lxml.etree as etree

from index.corpus.corpus_file import CorpusFile
from index.corpus.loaders.xml_repairs import RepairedXml
from index.corpus.problems import BadRecord

_CUT_SHORT = (
    "DOCUMENT_END", "TAG_NOT_FINISHED", "CDATA_NOT_FINISHED", "RESOURCE_LIMIT", "ENTITY_LOOP",
    "INTERNAL_ERROR", "NO_MEMORY", "DOCUMENT_EMPTY", "RESERVED_XML_NAME",
)  # fmt: skip
"""Errors of libxml2 after which nothing more is read."""


def elements(
    file: CorpusFile, names: tuple[str, ...], seen: Callable[[etree._Element], None]
) -> Iterator[etree._Element | BadRecord]:
    """Yield the elements with these names, in any namespace, and free each after it.

    `seen` is called with every other element that ends outside them. Entities are not expanded and
    nothing is fetched. Errors in the XML are recovered from where possible; a truncated file ends
    with a damaged BadRecord.
    """
    stream = RepairedXml(file.stream)
    events = etree.iterparse(
        stream,
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        recover=True,
        huge_tree=False,
        remove_comments=True,
    )
    inside = found = 0
    try:
        for event, element in events:
            is_named = local_name(element) in names
            if event == "start":
                inside += is_named
                continue
            inside -= is_named
            if inside:
                continue
            if is_named:
                found += 1
                yield element
            else:
                seen(element)
            _free(element)
    except etree.XMLSyntaxError as error:
        yield BadRecord(
            file.path, error.lineno or 0, f"not XML from here on: {error}", damaged=True
        )
        return
    for entry in events.error_log:
        if not found or any(kind in entry.type_name for kind in _CUT_SHORT):
            reason = f"the file cannot be read from here on: {entry.message}"
            yield BadRecord(file.path, entry.line, reason, damaged=True)
            return
    root = events.root
    if root is not None and not stream.ends_with(_name_as_written(root)):
        reason = f"the file was cut short: it does not end with </{_name_as_written(root)}>"
        yield BadRecord(file.path, 0, reason, damaged=True)


def local_name(element: etree._Element) -> str:
    """Return an element's name without its namespace; "" for comments and instructions."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _name_as_written(element: etree._Element) -> str:
    return f"{element.prefix}:{local_name(element)}" if element.prefix else local_name(element)


def namespace(element: etree._Element) -> str:
    """Return the namespace of an element, or ""."""
    tag = element.tag
    return tag[1:].partition("}")[0] if isinstance(tag, str) and tag.startswith("{") else ""


def text_of(element: etree._Element) -> str:
    """Return the text of an element, with markup inside it as written (Atom's XHTML)."""
    if len(element) == 0:
        return element.text or ""
    return (element.text or "") + "".join(
        etree.tostring(child, encoding="unicode") for child in element
    )


def _free(element: etree._Element) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
