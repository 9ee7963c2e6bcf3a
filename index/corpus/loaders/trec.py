"""TREC collections: files of SGML documents between <DOC> and </DOC>.

    <DOC>
    <DOCNO> VN-0001 </DOCNO>
    <HEADLINE> Title </HEADLINE>
    <TEXT> Paragraphs </TEXT>
    </DOC>

Documents of web collections have a header in <DOCHDR> and then an HTML page. The elements differ
between collections; unknown ones are kept under their names.
"""

import re
from collections.abc import Iterator

from index.corpus.corpus_file import CorpusFile, RawRecord
from index.corpus.lines import MAX_TEXT_BYTES, TOO_LONG, LineReader
from index.corpus.loaders.html_pages import records_of_page
from index.corpus.problems import BadRecord

_BEGIN = re.compile(r"\s*<DOC>", re.IGNORECASE)
_END = re.compile(r"</DOC>\s*$", re.IGNORECASE)
_ELEMENT = re.compile(r"<([A-Za-z][\w-]{0,40})(?:\s[^<>]*)?>(.*?)</\1\s*>", re.DOTALL)
_FIELDS = {
    "id": ("docno", "docid"),
    "title": ("headline", "title", "hl", "ti", "ttl", "head", "h3"),
    "summary": ("lp", "leadpara", "abstract", "summary"),
    "body": ("text", "body"),
    "author": ("byline", "author", "by"),
    "published": ("date_time", "datetime", "date", "date1", "pubdate"),
    "source": ("source", "so", "publisher"),
    "url": ("url",),
}
_FIELD_OF = {name: field for field, names in _FIELDS.items() for name in names}


def load_trec(file: CorpusFile) -> Iterator[RawRecord | BadRecord]:
    """Yield the documents of a file; text outside them is noted once."""
    lines: list[str] = []
    begun = outside = size = 0
    problem = ""
    for line in LineReader(file):
        if line.damaged:
            yield BadRecord(file.path, begun or line.number, line.problem, damaged=True)
            return
        if not begun:
            if line.problem:
                yield BadRecord(file.path, line.number, line.problem)
                continue
            if not _BEGIN.match(line.text):
                outside += bool(line.text.strip())
                continue
            begun, lines, size, problem = line.number, [], 0, ""
        problem = problem or line.problem
        size += len(line.text)
        if size <= MAX_TEXT_BYTES:
            lines.append(line.text)
        if _END.search(line.text):
            problem = problem or (f"a document {TOO_LONG}" if size > MAX_TEXT_BYTES else "")
            yield from _records(file, "".join(lines), begun, problem)
            begun = 0
    if begun:
        reason = "the document does not end: the file was cut short"
        yield BadRecord(file.path, begun, reason, damaged=True)
    file.notes.add_left_out(file.path, outside, "lines are outside of documents")


def _records(
    file: CorpusFile, text: str, line: int, problem: str
) -> Iterator[RawRecord | BadRecord]:
    if problem:
        yield BadRecord(file.path, line, problem)
        return
    content = _END.sub("", _BEGIN.sub("", text, count=1))
    found = _elements(content)
    if "dochdr" not in found:
        yield RawRecord({**_fields(found)}, line)
        return
    # A page: its header begins with its address, and what is after the header is HTML.
    page = re.split(r"</DOCHDR\s*>", content, maxsplit=1, flags=re.IGNORECASE)[-1]
    url = (found["dochdr"][0].split() or [""])[0]
    for record in records_of_page(file, page.encode("utf-8", "replace"), url):
        if isinstance(record, RawRecord):
            yield RawRecord({**record.fields, **_fields({"docno": found.get("docno", [])})}, line)
        else:
            yield BadRecord(file.path, line, record.reason)


def _elements(content: str) -> dict[str, list[str]]:
    """Return the texts of the outermost elements of a document by their lower-case names."""
    found: dict[str, list[str]] = {}
    for element in _ELEMENT.finditer(content):
        if text := element[2].strip():
            found.setdefault(element[1].lower(), []).append(text)
    return found


def _fields(found: dict[str, list[str]]) -> dict[str, object]:
    fields: dict[str, object] = {}
    for name, texts in found.items():
        field = _FIELD_OF.get(name, name)
        text = "\n\n".join(texts)
        rank = _FIELDS.get(field, ()).index(name) if name in _FIELD_OF else 0
        if field not in fields or rank == 0:
            fields[field] = text
        else:
            fields[name] = text  # a second date, kept under its own name
    return fields
