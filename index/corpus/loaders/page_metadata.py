"""The metadata of a page's article: from JSON-LD, else Open Graph and other meta, else the page."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import lxml.etree as etree

from index.corpus.html_text import decode_entities, text_of_element
from index.corpus.loaders.page_authors import authors_of
from index.corpus.loaders.page_text import (
    boilerplate,
    contains_beginning,
    is_in_margin,
    key_of,
    shown_lede,
    text_in,
    titles_in,
    with_class,
)
from index.corpus.published import parse_published
from index.corpus.sections import section_of
from index.corpus.values import as_link, as_names

_MAX_SCRIPTS = 50  # of JSON-LD; a page has up to ten. Arbitrary.
_MAX_NODES = 2000  # of JSON-LD that are looked at
_MAX_LABEL_CHARACTERS = 100
_MAX_DATE_LINE_CHARACTERS = 60
_MAX_TITLE_CHARACTERS = 500
_MAX_TITLE_WORDS = 60
_COMPARED_CHARACTERS = 40  # of two titles; a page's own is often cut short
_ARTICLE_TYPE = re.compile(r"(?:Article|BlogPosting|Report|Review|NewsItem)$")
_DATE_CLASS = re.compile(r"date|time|ngay|publish|posted|post-?meta|entry-?meta", re.IGNORECASE)
_TITLE_CLASS = re.compile(r"(?:^|[\s_-])(?:title|tieu-?de)(?:$|\s)", re.IGNORECASE)
_SITE_SEPARATOR = re.compile(r"\s+[|»–—-]\s+|\s*\|\s*|\s+[-–—]\s*$")
_DAY = re.compile(
    r"(?:\d{1,2}[:hg]\d{2}\W{1,3})?(?:\w+ \w+,? )?\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)\d\d"
    r"(?:\W{1,3}\d{1,2}[:hg]\d{2}(?::\d\d)?(?: ?[AaPp][Mm])?)?"
    r"|(?:19|20)\d\d-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?"
    r"|(?:ngày )?\d{1,2} tháng \d{1,2},? (?:năm )?(?:19|20)\d\d",
    re.IGNORECASE,
)
_DAY_IN_URL = re.compile(r"/((?:19|20)\d\d)/(\d\d?)/(\d\d?)(?:/|$)")
_DAY_FOR_URL = re.compile(r"(?<!\d)(20[0-3]\d)([01]\d)([0-3]\d)\d{0,9}(?=\D|$)")
_PORTAL = re.compile(r"(?:cong|trang) (?:thong tin|tin|dien tu|ttdt)\b|(?:web)?site\b")
_DATE_METAS = (
    "article:published_time", "datepublished", "pubdate", "publishdate", "publish-date",
    "article:published", "og:published_time", "dc.date", "dc.date.issued", "dcterms.created",
    "date", "sailthru.date", "parsely-pub-date", "cxenseparse:recs:publishtime",
)  # fmt: skip


class Page(NamedTuple):
    """A page: its meta elements by name, its JSON-LD node, its tree, and the article's lines."""

    metas: Mapping[str, str]
    node: Mapping[str, object]
    tree: etree._Element
    lines: Sequence[str]

    def property(self, name: str, *metas: str) -> str:
        """Return a property from JSON-LD, else the first of the meta elements that is not empty."""
        value = self.node.get(name)
        if isinstance(value, str) and value.strip():
            return value
        return next((self.metas[meta] for meta in metas if self.metas.get(meta)), "")


def read_metadata(
    tree: etree._Element, url: str = "", lines: Sequence[str] = ()
) -> dict[str, object]:
    """Return the fields of a page's article, except the body, which is given as `lines`.

    Fields that the page lacks are "".
    """
    page = Page(_metas(tree), _article_node(tree), tree, lines)
    address = _address(page, url)
    publisher = _text(as_names(page.node.get("publisher")) or "")
    site = _text(page.metas.get("og:site_name", "")) or publisher
    host = (urlsplit(address).hostname or "").removeprefix("www.")
    section = _text(_first(page.node.get("articleSection"))).partition(",")[0]
    image = as_link(page.node.get("image")) or page.metas.get("og:image", "")
    return {
        "title": _title(page, site),
        "summary": _summary(page),
        "author": "; ".join(
            authors_of(tree, page.node.get("author"), page.metas, lines, {site, publisher, host})
        ),
        "source": site or host,
        "section": section or _text(page.metas.get("article:section", "")) or section_of(address),
        "url": address,
        "image": _joined(address, image),
        "published": _published(page, address),
    }


def _address(page: Page, fetched: str) -> str:
    """Return the absolute address of the article; `fetched` if the page has none."""
    canonical = next(iter(page.tree.xpath("//link[@rel='canonical']/@href")), "")
    entity = as_link(page.node.get("mainEntityOfPage")) or as_link(page.node.get("url")) or ""
    for found in (str(canonical), page.metas.get("og:url", ""), entity):
        full = _joined(fetched, found.strip()) if found else ""
        # Some portals give the address of their front page on every page; it has no path.
        if full.startswith(("http://", "https://")) and re.search(r"//[^/?#]+[/?#]+\w", full):
            return full
    return fetched


def _joined(base: str, link: str) -> str:
    try:
        full = urljoin(base, link)
        urlsplit(full).port  # noqa: B018 # raises for an invalid address
    except ValueError:
        return ""
    return full


def _metas(tree: etree._Element) -> dict[str, str]:
    metas: dict[str, str] = {}
    for element in tree.iter("meta"):
        content = element.get("content") or ""
        for attribute in ("property", "name", "itemprop"):
            if (name := element.get(attribute)) and content.strip():
                metas.setdefault(name.strip().lower(), content)
    return metas


def _article_node(tree: etree._Element) -> Mapping[str, object]:
    """Return the JSON-LD node that describes an article, {} if there is none."""
    scripts = tree.xpath("//script[contains(@type, 'ld+json')]")
    best: Mapping[str, object] = {}
    for script in scripts[:_MAX_SCRIPTS]:
        try:
            value = json.loads("".join(script.itertext()).strip(" \t\r\n;"), strict=False)
        except (ValueError, RecursionError):
            continue
        for node in _nodes(value):
            types = node.get("@type")
            named = types if isinstance(types, list) else [types]
            fits = any(isinstance(name, str) and _ARTICLE_TYPE.search(name) for name in named)
            if fits and len(node) > len(best):
                best = node
    return best


def _nodes(value: object) -> Iterator[Mapping[str, object]]:
    waiting, seen = [value], 0
    while waiting and seen < _MAX_NODES:
        seen += 1
        item = waiting.pop()
        if isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, dict):
            yield item
            waiting.extend(item.get(key) for key in ("@graph", "mainEntity", "itemListElement"))


def _text(value: object) -> str:
    """Return a value of a page as one line, with entities decoded, even if escaped twice."""
    return " ".join(decode_entities(value).split()) if isinstance(value, str) else ""


def _first(value: object) -> object:
    return (value[0] if value else "") if isinstance(value, list) else value


def _summary(page: Page) -> str:
    """Return the lede, if it is not in the body: text marked as one, or else the description.

    A description that the page does not show was written for search engines, and is ignored.
    """
    body = key_of(" ".join(page.lines))
    lede = shown_lede(page.tree, page.lines)
    if not lede or contains_beginning(body, lede):
        described = page.property("description", "og:description", "description")
        lede = _text(re.sub(r"<[^<>]*>", " ", described))
        if (
            not lede
            or contains_beginning(body, lede)
            or not contains_beginning(key_of(text_of_element(page.tree)), lede)
        ):
            return ""
    return "" if key_of(lede) == key_of(_text(page.metas.get("og:title", ""))) else lede


def _title(page: Page, site: str) -> str:
    """Return the article's title, not the site's: best, a heading that the page's title repeats."""
    headings = [text for element in page.tree.iter("h1") if (text := text_in(element))]
    headings = [heading for heading in headings if len(heading) <= _MAX_TITLE_CHARACTERS]
    headline = _text(page.node.get("headline")) or _text(page.node.get("name"))
    given = [headline, _text(page.metas.get("og:title", "")), _text(page.metas.get("title", ""))]
    given += [text_in(element) for element in list(page.tree.iter("title"))[:1]]
    for heading in headings:
        # A portal's own heading is at the end of its page's title: "Trang chủ - Website ...".
        start = key_of(heading)[:_COMPARED_CHARACTERS]
        if (
            len(heading.split()) > 1
            and key_of(heading) not in boilerplate()["word"]
            and any(key_of(other).startswith(start) for other in given)
        ):
            return heading
    for text in titles_in(page.tree):
        if 3 < len(text.split()) <= _MAX_TITLE_WORDS and any(
            key_of(text) in key_of(other) for other in given
        ):
            return text
    if len(headline.split()) > 2:
        return headline
    titles = [_without_site(title, site) for title in given]
    titles = [title for title in titles if len(title.split()) > 3 and key_of(title) != key_of(site)]
    long = [heading for heading in headings if len(heading.split()) > 3]
    # A portal's pages have the site's title; that of the article is in a heading or a table.
    marked = [text_in(found) for found in with_class(page.tree, _TITLE_CLASS)]
    if not _is_generic(given[-1]):
        marked = []
    marked = [text for text in marked if 3 < len(text.split()) <= _MAX_TITLE_WORDS]
    found = [*_titled_lines(page, headings), *long, *marked, *titles, *headings, *given]
    return next(iter(found), "")


def _is_generic(title: str) -> bool:
    """Return whether a page's title begins like that of any page of a portal ("Trang chủ - ")."""
    first = key_of(_SITE_SEPARATOR.split(title)[0] or "")
    return first in boilerplate()["word"] or _PORTAL.match(first) is not None


def _titled_lines(page: Page, headings: Sequence[str]) -> Iterator[str]:
    """Yield an article's first two lines if they are headings or marked as the title."""
    marked = [text_in(found) for found in with_class(page.tree, _TITLE_CLASS)]
    for line in page.lines[:2]:
        if 3 < len(line.split()) <= _MAX_TITLE_WORDS:
            yield from (text for text in (*headings, *marked) if key_of(text) == key_of(line))


def _without_site(title: str, site: str) -> str:
    parts = [part.strip() for part in _SITE_SEPARATOR.split(title) if part and part.strip()]
    kept = [part for part in parts if not site or key_of(part) not in key_of(site)]
    return max(kept or parts or [""], key=len) if len(parts) > 1 else title.strip(" -|–—")


def _published(page: Page, address: str) -> str:
    """Return the first date that can be parsed, as written."""
    for text in _dates(page, address):
        try:
            if parse_published(text):
                return text
        except (ValueError, OverflowError):
            continue
    return ""


def _dates(page: Page, address: str) -> Iterator[str]:
    for name in ("datePublished", "dateCreated", "uploadDate"):
        yield _text(page.node.get(name))
    yield from (_text(page.metas[name]) for name in _DATE_METAS if name in page.metas)
    yield from page.tree.xpath("//*[@itemprop='datePublished']/@datetime")[:3]
    yield from page.tree.xpath("//time/@datetime")[:1]
    if found := _DAY_IN_URL.search(address):
        yield "-".join(part.zfill(2) for part in found.groups())
    # A date with a time is the article's; one without may be today's, in the page's header.
    yield from sorted(_marked_dates(page.tree), key=lambda text: ":" not in text)
    yield from _shown_dates(page.tree)
    if found := _DAY_FOR_URL.search(address):
        yield "-".join(found.groups())


def _marked_dates(tree: etree._Element) -> Iterator[str]:
    """Yield the dates in elements that are marked as dates by their class."""
    for element in with_class(tree, _DATE_CLASS):
        text = text_in(element)
        found = _DAY.search(text) if len(text) <= _MAX_LABEL_CHARACTERS else None
        if found and not is_in_margin(element):
            yield found[0]


def _shown_dates(tree: etree._Element) -> Iterator[str]:
    """Yield the dates in elements that contain little else, those below a heading first."""
    above: list[str] = []
    is_below = False
    for element in tree.iter("h1", "h2", "p", "span", "div", "td", "em", "i", "small", "time"):
        is_below = is_below or element.tag == "h1"
        text = _text(element.text or "")
        found = _DAY.search(text) if len(text) <= _MAX_DATE_LINE_CHARACTERS else None
        if not found or 2 * len(found[0]) < len(text):
            continue
        if is_below:
            yield found[0]
        else:
            above.append(found[0])
    yield from above
