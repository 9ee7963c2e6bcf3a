"""Plain text, one article a file: a title, the lede, paragraphs, and closing lines of a newspaper.

    Title

    The lede, which becomes the summary.

    Paragraphs and captions, which become the body.

    Tin, ảnh: NAME

    *Mời bạn đọc vào chuyên mục ...

    Nguồn PAPER: https://paper.example/section/2024/05/31/slug

The closing lines may be missing. Notices of the house go to `extra`, wherever they stand.
"""

import io
import re
from collections.abc import Iterator
from datetime import date
from itertools import dropwhile
from pathlib import Path

from index.article import Article
from index.corpus.bylines import is_notice, take_closing
from index.corpus.lines import read_text
from index.corpus.problems import BadRecord, InvalidRecordError
from index.corpus.record import article_from
from index.corpus.sections import section_of

_MAX_TITLE = 500  # a longer first line is a text without a title
_DAY = re.compile(r"/([12]\d{3})/(\d\d?)/(\d\d?)/")


def read_plain_text(path: Path, stream: io.BufferedReader) -> Iterator[Article | BadRecord]:
    """Give the one article of a file."""
    text, problem = read_text(stream)
    try:
        if problem:
            raise InvalidRecordError(problem)
        yield _article(text)
    except InvalidRecordError as error:
        yield BadRecord(path, 0, str(error))


def _article(text: str) -> Article:
    title, paragraphs = _parted(text)
    notices = [line for lines in paragraphs for line in lines if is_notice(line)]
    kept = [[line for line in lines if not is_notice(line)] for lines in paragraphs]
    closing = take_closing(kept)
    blocks = ["\n".join(lines) for lines in kept if lines]
    summary = blocks.pop(0) if len(blocks) > 1 else ""
    record: dict[str, object] = {
        "title": title,
        "summary": summary,
        "body": "\n\n".join(blocks),
        "author": closing.author,
        "source": closing.source,
        "section": section_of(closing.url, notices),
        "url": closing.url,
        "published": _day_in(closing.url),
    }
    if notices:
        record["notices"] = notices
    return article_from(record)


def _day_in(url: str) -> str:
    """Give the day that an address like https://paper.example/section/2024/05/31/slug names."""
    found = _DAY.search(url)
    try:
        return date(*map(int, found.groups())).isoformat() if found else ""
    except ValueError:  # three numbers that are no day
        return ""


def _parted(text: str) -> tuple[str, list[list[str]]]:
    """Part a text into its title and its paragraphs, each a list of lines.

    Blank lines part paragraphs; where there are none, every line is a paragraph.
    """
    lines = [line.strip() for line in re.split(r"\r\n|\r|\n", text.strip())]
    title = lines.pop(0) if len(lines[0]) <= _MAX_TITLE else ""
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
