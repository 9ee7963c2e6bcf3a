"""MediaWiki dumps, such as Vietnamese Wikipedia's: pages of the main namespace are articles."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import lxml.etree as etree

from index.corpus.corpus_file import CorpusFile, RawRecord
from index.corpus.libraries import require
from index.corpus.loaders.xml_elements import elements, local_name, text_of
from index.corpus.problems import BadRecord


def load_mediawiki(file: CorpusFile) -> Iterator[RawRecord | BadRecord]:
    """Yield the articles of a dump, without redirects and pages of other namespaces."""
    parser = require("mwparserfromhell", "wiki", "a MediaWiki dump")
    site: dict[str, str] = {}

    def seen(element: etree._Element) -> None:
        if local_name(element) in ("sitename", "base"):
            site[local_name(element)] = text_of(element).strip()

    for element in elements(file, ("page",), seen):
        if isinstance(element, BadRecord):
            yield element
            continue
        found = {local_name(node): node for node in element.iter(etree.Element) if len(node) == 0}
        is_redirect = any(local_name(node) == "redirect" for node in element)
        texts = {name: text_of(node).strip() for name, node in found.items()}
        if texts.get("ns", "0") != "0" or is_redirect:
            continue
        title = texts.get("title", "")
        base = site.get("base", "").rpartition("/")[0]
        page_id = next((text_of(node) for node in element if local_name(node) == "id"), "")
        yield RawRecord(
            {
                "id": page_id,
                "title": title,
                "body": plain_wikitext(texts.get("text", ""), parser),
                "published": texts.get("timestamp", ""),
                "source": site.get("sitename", ""),
                "url": f"{base}/{quote(title.replace(' ', '_'))}" if base else "",
            },
            element.sourceline or 0,
        )


def plain_wikitext(text: str, parser: Any) -> str:  # noqa: ANN401 # a module
    """Return the prose of wikitext, without templates, tables, files and references."""
    code = parser.parse(text)
    for node in code.filter_tags(matches=lambda tag: str(tag.tag) in ("ref", "table", "gallery")):
        _remove(code, node)
    for link in code.filter_wikilinks():
        prefix = str(link.title).partition(":")[0].strip().lower()
        if prefix in ("tập tin", "hình", "file", "image", "thể loại", "category"):
            _remove(code, link)
    lines = (line.strip() for line in str(code.strip_code()).split("\n"))
    return "\n\n".join(line for line in lines if line)


def _remove(code: Any, node: object) -> None:  # noqa: ANN401 # of a library without types
    try:
        code.remove(node)
    except ValueError:  # it was in something that was removed
        return
