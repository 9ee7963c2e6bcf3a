"""Bylines, credits and notices at the end of newspaper articles in plain text."""

import re
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple
from unicodedata import combining
from urllib.parse import urlsplit

from index.corpus.resources import read_resource_lines
from index.vietnamese.forms import canonical


class _Vocabulary(NamedTuple):
    """The contents of "bylines.txt": words for roles, and patterns of publisher boilerplate."""

    writers: frozenset[str]
    photographers: frozenset[str]
    notice: re.Pattern[str]


@cache
def _vocabulary() -> _Vocabulary:
    listed: dict[str, list[str]] = {"writer": [], "photographer": [], "notice": []}
    for line in read_resource_lines("bylines.txt"):
        kind, _, text = line.partition(": ")
        listed[kind] += [text] if kind == "notice" else text.split(", ")
    return _Vocabulary(
        frozenset(listed["writer"]),
        frozenset(listed["photographer"]),
        re.compile("|".join(listed["notice"])),
    )


_ROLE_SEPARATOR = re.compile(r"\s*[,&/+–-]\s*|\s+và\s+")
_NAME_SEPARATOR = re.compile(r"\s*[-–—;,.|(/]\s*")
_ADDRESS = re.compile(r"https?://[^\s<>\"]+")

# Arbitrary; longer than any seen in the demo and in real papers.
_MAX_BYLINE_CHARACTERS = 120
_MAX_NAME_CHARACTERS = 60
_MAX_SOURCE_CHARACTERS = 2500  # an address, mostly
_MAX_BYLINES = 6


@dataclass(frozen=True, slots=True)
class Bylines:
    """The author, source and address in the last lines of an article; "" for what is missing."""

    author: str = ""
    source: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class _Byline:
    names: tuple[str, ...]
    names_writer: bool


def is_notice(line: str) -> bool:
    """Return whether a line is publisher boilerplate."""
    return _vocabulary().notice.match(canonical(line[:_MAX_BYLINE_CHARACTERS]).lower()) is not None


def take_bylines(paragraphs: list[list[str]]) -> Bylines:
    """Remove the closing lines of an article's paragraphs and parse them; leave at least a line."""
    source, url = "", ""
    bylines: list[tuple[str, _Byline]] = []
    left = sum(map(len, paragraphs))
    while left > 1 and len(bylines) < _MAX_BYLINES:
        while not paragraphs[-1]:
            paragraphs.pop()
        line = paragraphs[-1][-1]
        if not source and (found := _source(line)):
            source, url = found
        elif byline := _byline(line):
            bylines.append((line, byline))
        else:
            break
        paragraphs[-1].pop()
        left -= 1
    bylines.reverse()
    if not any(byline.names_writer for _, byline in bylines):
        paragraphs.extend([line] for line, _ in bylines)  # only picture credits: part of the text
        bylines = []
    names = dict.fromkeys(name for _, byline in bylines for name in byline.names)
    return Bylines(", ".join(names), source, url)


def _source(line: str) -> tuple[str, str] | None:
    """Parse "Nguồn PAPER: URL" or "Nguồn: PAPER"; None for any other line."""
    if len(line) > _MAX_SOURCE_CHARACTERS:
        return None
    word = re.match(r"\(?([^\W\d_\u0300-\u036f][\w\u0300-\u036f]*)", line)
    if word is None or canonical(word[1]).lower() != "nguồn":
        return None
    rest = line[word.end() :]
    address = _ADDRESS.search(rest)
    url = address[0].rstrip(").,;") if address else ""
    name = _ADDRESS.sub("", rest).strip(" :–—-().,")
    if not url and not (rest.lstrip().startswith(":") and _is_name(name)):
        return None
    return (name or _host(url)), url


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _byline(line: str) -> _Byline | None:
    if len(line) > _MAX_BYLINE_CHARACTERS:
        return None
    if ":" in line:
        return _credits(line)
    words = line.strip("()").split()
    if len(words) > 1 and canonical(words[0]).lower() == "theo":
        name = " ".join(words[1:])
        return _Byline((name,), names_writer=True) if _is_name(name) and len(words) < 8 else None
    name, _, role = line.removesuffix(")").partition(" (")
    if role and not _roles(role):
        return None
    return _Byline((name,), names_writer=True) if _is_in_capitals(name) else None


def _credits(line: str) -> _Byline | None:
    """Parse "Tin, ảnh: NAME" and "Bài: NAME - Ảnh: NAME"."""
    first, *between, last = line.split(":")
    pairs = [_name_and_roles(part) for part in between]
    heads = [_roles(roles) for roles in (first, *(roles for _, roles in pairs))]
    names = [name.strip(" .,;()–—-|/") for name in (*(name for name, _ in pairs), last)]
    if not all(heads) or not all(map(_is_name, names)):
        return None
    return _Byline(tuple(names), names_writer=any(head & _vocabulary().writers for head in heads))


def _name_and_roles(part: str) -> tuple[str, str]:
    """Split "NAME - Tin, ảnh" where the roles begin."""
    for separator in _NAME_SEPARATOR.finditer(part):
        if _roles(part[separator.end() :]):
            return part[: separator.start()], part[separator.end() :]
    return part, ""


def _roles(text: str) -> frozenset[str]:
    """Return the roles that a text lists; empty if it contains anything else."""
    roles = frozenset(_ROLE_SEPARATOR.split(canonical(text).lower().strip(" (")))
    return roles if roles <= _vocabulary().writers | _vocabulary().photographers else frozenset()


def _is_name(text: str) -> bool:
    """Return whether a text is short, begins like a name and does not end like a sentence."""
    return (
        0 < len(text) <= _MAX_NAME_CHARACTERS
        and (text[0].isupper() or text[0].isdigit())
        and text[-1] not in ".!?…:"
    )


def _is_in_capitals(line: str) -> bool:
    letters = [character for character in line if not combining(character)]
    return (
        len(line) <= _MAX_NAME_CHARACTERS
        and len(line.split()) <= 8
        and any(character.isupper() for character in letters)
        and all(character.isupper() or character in " .,-–&" for character in letters)
    )
