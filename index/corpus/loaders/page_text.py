"""Corrections of extracted text: subheadings and the lede are added, boilerplate removed."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

import lxml.etree as etree

from index.corpus.resources import read_resource_lines
from index.vietnamese.forms import fold

_HEADINGS = frozenset(("h2", "h3", "h4"))
_LEAVES = frozenset((*_HEADINGS, "p", "li", "td", "div"))
_OUTSIDE = frozenset("aside nav footer header form button a figcaption script style".split())
_LEDE_CLASS = re.compile(
    r"sapo|chapp?eau|hometext|(?:^|[\s_-])(?:lede?|lead|summary|mo-?ta|tom-?tat|teaser)\b",
    re.IGNORECASE,
)
_MAX_BOILERPLATE_LINES = 12  # below an article; arbitrary
_MAX_DATE_LINE_CHARACTERS = 80
_MOMENT = re.compile(
    r"\d{1,2}[./-]\d{1,2}[./-]\d{4}\W+\d{1,2}[:hg]\d\d|\d{1,2}[:hg]\d\d\W+\d{1,2}[./-]\d{1,2}[./-]\d{4}"
    r"|^(?:cập nhật|ngày đăng|đăng (?:ngày|lúc)|thứ \w+,|chủ nhật,)(?=.*\d{4})",
    re.IGNORECASE,
)
_INLINE = frozenset(("strong", "b", "em", "i", "span", "font"))
_CONTAINERS = frozenset((*_LEAVES, "section", "article", "main"))
_MARGIN_CLASS = re.compile(
    r"comment|binh-?luan|related|lien-?quan|sidebar|widget|tin-?khac", re.IGNORECASE
)
_TITLE_CLASS = re.compile(r"(?:^|[\s_-])(?:title|tieu-?de)(?:$|\s)", re.IGNORECASE)
_MIN_LINK_SHARE = 0.6  # of the letters of a line that is a link to something else
_MIN_LEDE_CHARACTERS = 40
_MAX_LEDE_CHARACTERS = 1500
_MAX_HEADING_CHARACTERS = 300
_MAX_TAIL_BLOCKS = 4
_MAX_TEXT_CHARACTERS = 10_000  # of an element that is looked at: above any paragraph
_MAX_ELEMENTS = 200  # with a class that is looked for; arbitrary
_MAX_TAIL_CHARACTERS = 80


def key_of(text: str) -> str:
    """Return a text's folded words: equal for texts that differ in case, marks or punctuation."""
    return " ".join(re.findall(r"\w+", fold(text)))


def text_in(element: etree._Element) -> str:
    """Return the text of an element on one line; only the beginning of a very long one."""
    pieces: list[str] = []
    size = 0
    for piece in element.itertext():
        pieces.append(piece)
        size += len(piece)
        if size > _MAX_TEXT_CHARACTERS:
            break
    return " ".join("".join(pieces).split())


def with_class(tree: etree._Element, pattern: re.Pattern[str]) -> Iterator[etree._Element]:
    """Yield the first `_MAX_ELEMENTS` elements whose class or id matches a pattern."""
    seen = 0
    for element in tree.iter(etree.Element):
        name = f"{element.get('class') or ''} {element.get('id') or ''}"
        if name != " " and pattern.search(name):
            seen += 1
            if seen > _MAX_ELEMENTS:
                return
            yield element


def _leaves(tree: etree._Element) -> Iterator[str]:
    """Yield the texts of the innermost elements with a line of text, in reading order."""
    for element in tree.iter(*_LEAVES, *_INLINE):
        if element.tag in _INLINE:
            # A name may be an inline element directly within a container of blocks.
            parent = element.getparent()
            if parent is None or parent.tag not in _CONTAINERS or _is_leaf(parent):
                continue
        elif not _is_leaf(element):
            continue
        if text := text_in(element):
            yield text


def is_in_margin(element: etree._Element) -> bool:
    """Return whether an element belongs to comments, other stories or a sidebar."""
    return any(
        _MARGIN_CLASS.search(f"{parent.get('class') or ''} {parent.get('id') or ''}")
        for parent in (element, *element.iterancestors())
    )


def titles_in(tree: etree._Element) -> list[str]:
    """Return the texts of headings, then those of elements that are marked as a title."""
    return [text_in(found) for found in tree.iter("h1", "h2", "h3")] + [
        text_in(found) for found in with_class(tree, _TITLE_CLASS)
    ]


def _links(tree: etree._Element) -> frozenset[str]:
    """Return the keys of lines that consist mostly of links."""
    keys = set()
    for element in tree.iter(*_LEAVES):
        if _is_leaf(element) and (text := text_in(element)):
            linked = sum(len(text_in(link)) for link in element.iter("a"))
            if linked >= _MIN_LINK_SHARE * len(text):
                keys.add(key_of(text))
    return frozenset(keys)


def _is_leaf(element: etree._Element) -> bool:
    """Return whether an element contains no other block; the text of others would cost O(n^2)."""
    return not any(child.tag in _LEAVES for child in element)


@cache
def boilerplate() -> Mapping[str, frozenset[str]]:
    """Return the lines that follow articles ("tail"), and words that no name has ("word")."""
    entries = (line.partition(": ") for line in read_resource_lines("page_boilerplate.txt"))
    return {kind: frozenset(texts.split(", ")) for kind, _, texts in entries}


def without_boilerplate(lines: Sequence[str], tree: etree._Element) -> list[str]:
    """Return the lines of an article without the boilerplate above and below it."""
    kept = list(lines)
    titles = {key_of(title) for title in titles_in(tree)}
    foreign = _links(tree) | boilerplate()["tail"]
    while len(kept) > 1 and (
        (key := key_of(kept[0])) in titles
        or key in foreign
        or (len(kept[0]) < _MAX_DATE_LINE_CHARACTERS and _MOMENT.search(kept[0]))
    ):
        kept.pop(0)
    for number in range(max(1, len(kept) - _MAX_BOILERPLATE_LINES), len(kept)):
        if key_of(kept[number]) in boilerplate()["tail"]:
            kept = kept[:number]
            break
    while len(kept) > 1 and key_of(kept[-1]) in foreign:
        kept.pop()
    return kept


def is_outside(element: etree._Element) -> bool:
    """Return whether an element is outside the text of a page, or contains a link."""
    parents = (parent.tag for parent in element.iterancestors())
    return any(tag in _OUTSIDE for tag in parents) or element.find(".//a") is not None


def with_headings(lines: Sequence[str], tree: etree._Element) -> list[str]:
    """Return the lines of an article with the subheadings that extraction left out."""
    places: dict[str, int] = {}
    for number, line in enumerate(lines):
        places.setdefault(key_of(line), number)
    known = " ".join(places)
    before: dict[int, list[str]] = {}
    waiting: list[str] = []
    last = -1
    for element in tree.iter("p", "div", "li", *_HEADINGS):
        if not _is_leaf(element):
            continue
        text = text_in(element)
        place = places.get(key_of(text), -1)
        if place > last >= 0 and waiting:
            before.setdefault(place, []).extend(waiting)
        if place > last:
            last, waiting = place, []
        elif (
            last >= 0 and element.tag in _HEADINGS and 0 < len(text) <= _MAX_HEADING_CHARACTERS
            and key_of(text) not in known and not is_outside(element)
        ):  # fmt: skip
            waiting.append(text)
    return [text for number, line in enumerate(lines) for text in (*before.get(number, ()), line)]


def shown_lede(tree: etree._Element, lines: Sequence[str]) -> str:
    """Return the text that is marked as the lede, or is between title and body; else ""."""
    for element in tree.iter("p", "div", "h2", "h3", "span", "strong"):
        if _LEDE_CLASS.search(f"{element.get('class') or ''} {element.get('id') or ''}"):
            text = text_in(element)
            if _MIN_LEDE_CHARACTERS <= len(text) <= _MAX_LEDE_CHARACTERS and not any(
                parent.tag in _OUTSIDE for parent in element.iterancestors()
            ):
                return text
    return _text_above(tree, lines)


def _text_above(tree: etree._Element, lines: Sequence[str]) -> str:
    """Return the last paragraph between the title and the first line of an article, or ""."""
    first = key_of(lines[0]) if lines else ""
    found = ""
    is_below_title = False
    for element in tree.iter(*_LEAVES, "h1"):
        is_below_title = is_below_title or element.tag == "h1"
        if not _is_leaf(element):
            continue
        text = text_in(element)
        if key_of(text) == first:
            return found
        fits = _MIN_LEDE_CHARACTERS <= len(text) <= _MAX_LEDE_CHARACTERS
        if is_below_title and fits and element.tag != "h1":
            is_lede = not is_outside(element) and not _MOMENT.search(text)
            found = text if is_lede and not is_in_margin(element) else found
    return ""


def contains_beginning(key: str, text: str) -> bool:
    """Return whether a key contains the first half of a text; the text may be cut short."""
    words = key_of(text).split()
    return " ".join(words[: max(4, len(words) // 2)]) in key


def lines_below(lines: Sequence[str], tree: etree._Element) -> list[str]:
    """Return the short lines that follow an article's last paragraph: often its byline."""
    if not lines:
        return []
    last = key_of(lines[-1])
    found: list[str] | None = None
    for text in _leaves(tree):
        if key_of(text) == last:
            found = []
        elif found is not None and text not in found:
            if len(text) > _MAX_TAIL_CHARACTERS or len(found) >= _MAX_TAIL_BLOCKS:
                break
            found.append(text)
    return found or []
