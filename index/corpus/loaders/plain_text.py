"""Plain text, one article per file: title, lede, paragraphs, and the closing lines of a newspaper.

    Title

    The lede, which becomes the summary.

    Paragraphs and captions, which become the body.

    Tin, ảnh: NAME

    *Mời bạn đọc vào chuyên mục ...

    Nguồn PAPER: https://paper.example/section/2024/05/31/slug

The closing lines may be missing. Notices of the publisher go to `extra`, wherever they are.
"""

import re
from collections.abc import Iterator
from datetime import date
from itertools import dropwhile

from index.corpus.bylines import is_notice, take_bylines
from index.corpus.corpus_file import CorpusFile, RawRecord
from index.corpus.lines import read_text
from index.corpus.problems import BadRecord
from index.corpus.sections import section_of

_MAX_TITLE_CHARACTERS = 500  # a longer first line is a text without a title
_DAY = re.compile(r"/([12]\d{3})/(\d\d?)/(\d\d?)/")


def load_plain_text(file: CorpusFile) -> Iterator[RawRecord | BadRecord]:
    """Yield the one record of a file."""
    text, problem, damaged = read_text(file)
    if problem:
        yield BadRecord(file.path, 0, problem, damaged=damaged)
    elif not text.strip():
        yield BadRecord(file.path, 0, "no text")
    else:
        yield RawRecord(parse_plain_text(text))


def parse_plain_text(text: str) -> dict[str, object]:
    """Return the record of an article in plain text, which is not blank."""
    title, paragraphs = _split(text)
    notices = [line for lines in paragraphs for line in lines if is_notice(line)]
    kept = [[line for line in lines if not is_notice(line)] for lines in paragraphs]
    bylines = take_bylines(kept)
    blocks = ["\n".join(lines) for lines in kept if lines]
    summary = blocks.pop(0) if len(blocks) > 1 else ""
    record: dict[str, object] = {
        "title": title,
        "summary": summary,
        "body": "\n\n".join(blocks),
        "author": bylines.author,
        "source": bylines.source,
        "section": section_of(bylines.url, notices),
        "url": bylines.url,
        "published": _day_in(bylines.url),
    }
    if notices:
        record["notices"] = notices
    return record


def _day_in(url: str) -> str:
    """Return the day in an address such as https://paper.example/section/2024/05/31/slug, or ""."""
    found = _DAY.search(url)
    try:
        return date(*map(int, found.groups())).isoformat() if found else ""
    except ValueError:  # three numbers that are not a day
        return ""


def _split(text: str) -> tuple[str, list[list[str]]]:
    """Split a text into its title and its paragraphs, each a list of lines.

    Blank lines separate paragraphs; without any, every line is a paragraph.
    """
    lines = [line.strip() for line in re.split(r"\r\n|\r|\n", text.strip())]
    title = lines.pop(0) if len(lines[0]) <= _MAX_TITLE_CHARACTERS else ""
    lines = list(dropwhile(lambda line: not line, lines))
    if "" not in lines:
        return title, [[line] for line in lines]
    paragraphs: list[list[str]] = [[]]
    for line in lines:
        if line:
            paragraphs[-1].append(line)
        elif paragraphs[-1]:
            paragraphs.append([])
    return title, paragraphs
