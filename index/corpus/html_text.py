r"""HTML in a field of a record: the text that a reader would see.

>>> text_of_html("<p>Giá <b>gạo</b> t&#259;ng</p><script>x()</script><p>Hết.</p>")
'Giá gạo tăng\n\nHết.'
"""

import html
import re
from contextlib import suppress
from itertools import chain
from urllib.parse import urljoin

import lxml.etree as etree

_NAMES = (
    "a abbr address article aside audio b big blockquote body br button caption center cite code "
    "col dd del details div dl dt em embed fieldset figcaption figure font footer form h1 h2 h3 h4 "
    "h5 h6 head header hr html i iframe img input ins label li link main mark meta nav noscript "
    "object ol p picture pre q s script section small source span strike strong style sub summary "
    "sup svg table tbody td tfoot th thead title tr tt u ul video wbr"
).split()
_TAG = re.compile(rf"</?(?:{'|'.join(_NAMES)})(?:\s[^<>]*|/)?>|<!--|<!\[CDATA\[", re.IGNORECASE)
_BLOCK_TAG = re.compile(
    r"</(?:p|div|h[1-6]|li|ul|td|blockquote|article)>|<br ?/?>|<p[ >]", re.IGNORECASE
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_PARAGRAPHS = frozenset(
    "address article aside blockquote body center details div dl fieldset figure figcaption footer "
    "form h1 h2 h3 h4 h5 h6 header hr main nav ol p pre section table ul".split()
)
_LINES = frozenset("caption dd dt li option summary tr".split())
_CELLS = frozenset(("td", "th"))
_INVISIBLE = frozenset(
    "audio button canvas embed head iframe math noscript object script select style svg template "
    "textarea title video".split()
)
_NO_TAG = re.compile(rf"<(?!/?(?:{'|'.join(_NAMES)}|font|o:p)\b|!|\?)", re.IGNORECASE)
_IMAGE = re.compile(r"<img\b[^<>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-z-]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'<>]+)""", re.IGNORECASE)
_SOURCES = ("data-original", "data-src", "data-lazy-src", "src")
_LINE, _PARAGRAPH = "\u2028", "\u2029"  # Unicode's own separators, until `_tidy`
_BREAKS = re.compile(f"[ \t\r]*[\n{_LINE}{_PARAGRAPH}][\\s{_LINE}{_PARAGRAPH}]*")
_SHORTCODE = re.compile(r"\[/?(?:caption|gallery|embed|video|audio|playlist)(?:\s[^\[\]<>]*)?\]")


def is_html(text: str) -> bool:
    """Return whether a text contains HTML tags; "a < b" and "<tên>" are not tags."""
    return "<" in text and _TAG.search(text) is not None


def plain(text: str) -> str:
    """Return a field's text with HTML tags interpreted and entities decoded.

    Text that was escaped as a whole ("&lt;p&gt;...") is also HTML, if it has a block tag.
    """
    if is_html(text):
        return text_of_html(text)
    if "&" not in text:
        return text
    decoded = decode_entities(text)
    if decoded is not text and "<" in decoded and _BLOCK_TAG.search(decoded):
        return text_of_html(decoded)
    return decoded


def first_image(text: str, url: str = "") -> str:
    """Return the address of the first picture that HTML shows, or "".

    `url` is the page's, for relative addresses. Smileys, tracking pixels and "data:" addresses are
    skipped; for lazy loading the real address is in another attribute than `src`.

    >>> first_image('<p><img src="/a.gif" width=1><img data-src="b.jpg"></p>', "https://x.vn/tin/1")
    'https://x.vn/tin/b.jpg'
    """
    if "<img" not in text and "<IMG" not in text:
        return ""
    for tag in _IMAGE.findall(text):
        attributes = {name.lower(): value.strip("\"'") for name, value in _ATTRIBUTE.findall(tag)}
        if (
            attributes.get("width") in ("0", "1")
            or "smiley" in (kind := attributes.get("class", ""))
            or "emoji" in kind
        ):
            continue
        for name in _SOURCES:
            with suppress(ValueError):  # an invalid address
                address = urljoin(url, html.unescape(attributes.get(name, "")).strip())
                if attributes.get(name) and address.startswith(("https://", "http://")):
                    return address
    return ""


def decode_entities(text: str) -> str:
    """Return a text with its entities decoded, also those that were escaped twice ("&amp;agrave;").

    What only looks like an entity ("?a=1&reg=2") is kept.
    """
    decoded = _ENTITY.sub(_decoded, text)
    # Double escaping is a defect of the source; "&lt;" is kept, since the text may be about HTML.
    return _TWICE_ESCAPED.sub(_decoded, decoded) if "&" in decoded else decoded


_TWICE_ESCAPED = re.compile(
    r"&(?:#\d{2,6}|[A-Za-z](?:acute|grave|circ|tilde|uml|dblac)|nbsp|quot|ldquo|rdquo|ndash|hellip);"
)


def _decoded(entity: re.Match[str]) -> str:
    return html.unescape(entity[0])


def text_of_html(text: str) -> str:
    """Return the text of HTML: blank lines between paragraphs, a line per list item and table row.

    A "<" that does not begin a known tag is part of the text.
    """
    text = _NO_TAG.sub("&lt;", text)
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.LxmlError:
        return _without_tags(text)
    # libxml2 stops at a depth of a few thousand elements and drops the rest.
    if root is None or any("depth" in entry.message for entry in parser.error_log):
        return _without_tags(text)
    return decode_entities(text_of_element(root))


def text_of_element(root: etree._Element) -> str:
    """Return the text of an element as a reader would see it."""
    pieces: list[str] = []
    hidden = 0  # levels of invisible elements around the current one
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if not isinstance(element.tag, str):
            continue
        tag = element.tag
        gap = _PARAGRAPH if tag in _PARAGRAPHS else _LINE if tag in _LINES else ""
        if event == "start":
            hidden += tag in _INVISIBLE
            if not hidden:
                pieces += (gap or "\n" * (tag == "br"), _one_line(element.text, tag))
        else:
            if not hidden:
                pieces.append(gap or "\t" * (tag in _CELLS))
            hidden -= tag in _INVISIBLE
            if not hidden and element is not root:
                pieces.append(_one_line(element.tail, ""))
    return _tidy("".join(pieces))


def _one_line(text: str | None, tag: str) -> str:
    if not text:
        return ""
    return text if tag == "pre" else re.sub(r"[ \t\r\n]+", " ", text)


def _tidy(text: str) -> str:
    """Return the text with single spaces, and at most one blank line between paragraphs."""
    text = re.sub(r"[ \t]{2,}", _blank, _SHORTCODE.sub("", text))

    def line_end(run: re.Match[str]) -> str:
        return "\n\n" if _PARAGRAPH in run[0] or run[0].count("\n") > 1 else "\n"

    return _BREAKS.sub(line_end, text).strip(" \t\r\n")


def _blank(run: re.Match[str]) -> str:
    return "\t" if "\t" in run[0] else " "


def _without_tags(text: str) -> str:
    """Return a text with its tags removed, for HTML that lxml cannot parse."""
    for tag in ("script", "style"):
        parts = re.split(rf"<{tag}\b[^<>]*>", text, flags=re.IGNORECASE)
        rest = (
            re.split(rf"</{tag}\s*>", part, maxsplit=1, flags=re.IGNORECASE)[-1]
            for part in parts[1:]
        )
        text = "".join(chain(parts[:1], rest))
    return _tidy(decode_entities(re.sub(r"<[^<>]*>", " ", text)))
