"""Parts of a text that extraction leaves out: subheadings, the lede, the line below it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

import lxml.etree as etree

from index.corpus.facts import read_fact_lines
from index.vietnamese.forms import fold

_HEADINGS = frozenset(("h2", "h3", "h4"))
_LEAVES = frozenset((*_HEADINGS, "p", "li", "td", "div"))
_OUTSIDE = frozenset("aside nav footer header form button a figcaption script style".split())
_LEDE_CLASS = re.compile(
    r"sapo|chapeau|(?:^|[\s_-])(?:lede?|lead|summary|mo-?ta|tom-?tat|teaser)\b", re.IGNORECASE
)
_MAX_FRAME_LINES = 12  # below an article; arbitrary
_MAX_DATE_LINE_CHARACTERS = 80
_MOMENT = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{4}\W+\d{1,2}[:hg]\d\d")
_MIN_LEDE_CHARACTERS = 40
_MAX_LEDE_CHARACTERS = 1500
_MAX_HEADING_CHARACTERS = 300
_MAX_TAIL_BLOCKS = 4
_MAX_TEXT_CHARACTERS = 10_000  # of an element that is looked at: above any paragraph
_MAX_ELEMENTS = 200  # with a class that is looked for; arbitrary
_MAX_TAIL_CHARACTERS = 80


def key_of(text: str) -> str:
    """Return a text's words, folded: what two writings of it have in common."""
    return " ".join(re.findall(r"\w+", fold(text)))


def text_in(element: etree._Element) -> str:
    """Return the text of an element on one line, of a long one its beginning."""
    pieces: list[str] = []
    size = 0
    for piece in element.itertext():
        pieces.append(piece)
        size += len(piece)
        if size > _MAX_TEXT_CHARACTERS:
            break
    return " ".join("".join(pieces).split())


def with_class(tree: etree._Element, wanted: re.Pattern[str]) -> Iterator[etree._Element]:
    """Yield the first elements whose class or id a pattern is found in."""
    seen = 0
    for element in tree.iter(etree.Element):
        name = f"{element.get('class') or ''} {element.get('id') or ''}"
        if name != " " and wanted.search(name):
            seen += 1
            if seen > _MAX_ELEMENTS:
                return
            yield element


def _leaves(tree: etree._Element) -> Iterator[str]:
    """Yield the texts of the innermost elements that hold a line, in reading order."""
    for element in tree.iter(*_LEAVES):
        if _is_leaf(element) and (text := text_in(element)):
            yield text


def _is_leaf(element: etree._Element) -> bool:
    """Return whether an element holds one line; asking all others for their text is quadratic."""
    return not any(child.tag in _LEAVES for child in element)


@cache
def boilerplate() -> Mapping[str, frozenset[str]]:
    """Return the lines that stand below articles (`tail`), and words no name holds (`word`)."""
    said = (line.partition(": ") for line in read_fact_lines("page_boilerplate.txt"))
    return {kind: frozenset(texts.split(", ")) for kind, _, texts in said}


def without_frame(lines: Sequence[str], tree: etree._Element) -> list[str]:
    """Return the lines of an article without what stands above and below it on the page."""
    kept = list(lines)
    if len(kept) > 1 and key_of(kept[0]) in {key_of(text_in(found)) for found in tree.iter("h1")}:
        kept.pop(0)
    while len(kept) > 1 and len(kept[0]) < _MAX_DATE_LINE_CHARACTERS and _MOMENT.search(kept[0]):
        kept.pop(0)
    for number in range(max(1, len(kept) - _MAX_FRAME_LINES), len(kept)):
        if key_of(kept[number]) in boilerplate()["tail"]:
            return kept[:number]
    return kept


def is_outside(element: etree._Element) -> bool:
    """Return whether an element belongs to the frame of a page, or is a link."""
    parents = (parent.tag for parent in element.iterancestors())
    return any(tag in _OUTSIDE for tag in parents) or element.find(".//a") is not None


def with_headings(lines: Sequence[str], tree: etree._Element) -> list[str]:
    """Return the lines of an article with the subheadings between them that were left out."""
    places: dict[str, int] = {}
    for number, line in enumerate(lines):
        places.setdefault(key_of(line), number)
    held = " ".join(places)
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
            and key_of(text) not in held and not is_outside(element)
        ):  # fmt: skip
            waiting.append(text)
    return [text for number, line in enumerate(lines) for text in (*before.get(number, ()), line)]


def shown_lede(tree: etree._Element) -> str:
    """Return the text of the element that is marked as the lede, or ""."""
    for element in tree.iter("p", "div", "h2", "h3", "span", "strong"):
        if _LEDE_CLASS.search(f"{element.get('class') or ''} {element.get('id') or ''}"):
            text = text_in(element)
            if _MIN_LEDE_CHARACTERS <= len(text) <= _MAX_LEDE_CHARACTERS and not any(
                parent.tag in _OUTSIDE for parent in element.iterancestors()
            ):
                return text
    return ""


def holds(key: str, text: str) -> bool:
    """Return whether a key holds a text, or the first half of it, which was then cut short."""
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
