"""The authors of a page's article: people only, not sites, papers or "admin"."""

import re
from collections.abc import Iterator, Mapping, Sequence

import lxml.etree as etree

from index.corpus.bylines import take_bylines
from index.corpus.html_text import decode_entities
from index.corpus.loaders.page_text import (
    boilerplate,
    is_in_margin,
    key_of,
    lines_below,
    text_in,
    with_class,
)
from index.corpus.values import as_names

_MAX_AUTHORS = 10
_MAX_NAME_CHARACTERS = 60
_MAX_NAME_WORDS = 6
_AUTHOR_CLASS = re.compile(
    r"(?:^|[\s_-])(?:author|byline|tac-?gia|writer|createdby|nguoi-?viet|reporter|phong-?vien)",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"^(?:tác giả(?: bài viết)?|(?:được )?(?:viết|đăng) bởi|người (?:viết|đăng)|theo|bài|tin"
    r"|(?:posted |written )?by|nguồn|ảnh)\s*:?\s+",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"\s*[;,/|]\s*|\s+[-–]\s+|\s+và\s+")
_NOT_A_NAME = re.compile(
    r"\.\w|https?:|@|\d{3}|\b(?:com|vn|net|org|news|online|tv|corp|media)\b"
    r"|^(?:thứ (?:hai|ba|tư|năm|sáu|bảy)|chủ nhật)$"
    r"|^(?:báo|tạp chí|đài|trang|cổng|công ty|tòa soạn|trường|thông tấn)\b",
    re.IGNORECASE,
)
_NOT_AUTHORS = frozenset(
    (
        "admin", "administrator", "by", "editor", "bien tap", "bbt", "ban bien tap", "toa soan",
        "webmaster", "root", "user", "guest", "quan tri", "quan tri vien", "nguoi dang",
        "tac gia", "theo", "tong hop", "pv", "phong vien", "bien tap vien", "author",
    )
)  # fmt: skip


def authors_of(
    tree: etree._Element,
    json_ld: object,
    metas: Mapping[str, str],
    lines: Sequence[str],
    sites: set[str],
) -> list[str]:
    """Return the authors of an article, from the first source that names any.

    `json_ld` is the author in the page's JSON-LD, `lines` are the article's lines, `sites` the
    names and the host of the site and its publisher.
    """
    names_of_sites = {_compact(site) for site in sites} | {
        _compact(label) for site in sites for label in site.split(".") if len(label) > 2
    }
    for names in (
        _in_json_ld(json_ld), _in_metas(metas), _in_author_elements(tree), _in_bylines(tree, lines),
        _in_signature(tree, lines),
    ):  # fmt: skip
        people = [person for name in names if (person := _person(name, names_of_sites))]
        if people:
            return list(dict.fromkeys(people))[:_MAX_AUTHORS]
    return []


def _compact(text: str) -> str:
    return key_of(text).replace(" ", "")


def _in_json_ld(authors: object) -> Iterator[str]:
    for author in authors if isinstance(authors, list) else [authors]:
        is_organisation = isinstance(author, dict) and "Organization" in str(author.get("@type"))
        name = as_names(author)
        if name and not is_organisation:
            yield from _SEPARATOR.split(name)


def _in_metas(metas: Mapping[str, str]) -> Iterator[str]:
    for name in ("author", "article:author", "dc.creator", "dable:author"):
        if (content := metas.get(name)) and "://" not in content:
            yield from _SEPARATOR.split(content)


def _in_author_elements(tree: etree._Element) -> Iterator[str]:
    """Yield the names in elements that are marked as the author by class, property or relation."""
    elements = [
        *tree.xpath("//*[@itemprop='author' or @rel='author']")[:_MAX_AUTHORS],
        *with_class(tree, _AUTHOR_CLASS),
    ]
    outer = {parent for element in elements for parent in element.iterancestors()}
    for element in elements:
        if element in outer or is_in_margin(element):
            continue  # a nested element is closer to the name
        text = " ".join(" ".join(element.itertext()).split())
        if len(text) <= 2 * _MAX_NAME_CHARACTERS:
            yield from _SEPARATOR.split(_ROLE.sub("", text))


def _in_bylines(tree: etree._Element, lines: Sequence[str]) -> list[str]:
    """Return the names in a byline below the text, or in its last lines."""
    for below in (lines_below(lines, tree), list(lines[-2:])):
        below = [line for line in below if _is_byline(line) or not _is_boilerplate(line)]
        for end in range(len(below), 0, -1):
            if author := take_bylines([["x"], *([line] for line in below[:end])]).author:
                return _SEPARATOR.split(author)
    return []


def _in_signature(tree: etree._Element, lines: Sequence[str]) -> Iterator[str]:
    """Yield a name on a line of its own below the text, in bold or right-aligned."""
    last = {key_of(line) for line in (*lines[-2:], *lines_below(lines, tree)[:2])}
    for element in tree.iter("p", "div", "strong", "b", "em", "span"):
        text = text_in(element)
        if 1 < len(text.split()) <= _MAX_NAME_WORDS and key_of(text) in last:
            attributes = " ".join((element.get(name) or "") for name in ("style", "class", "align"))
            stands_out = element.tag in ("strong", "b", "em") or "right" in attributes
            if stands_out and all(word[0].isupper() for word in text.split()):
                yield text


def _is_byline(line: str) -> bool:
    """Return whether a line names the author: "Tác giả bài viết: ..."."""
    return bool(_ROLE.match(line)) and ":" in line and key_of(line) not in boilerplate()["tail"]


def _is_boilerplate(line: str) -> bool:
    key = f" {key_of(line)} "
    return any(f" {word} " in key for word in boilerplate()["word"])


def _person(name: str, sites: set[str]) -> str:
    """Return a name, cleaned; "" if it is not that of a person."""
    name = " ".join(decode_entities(re.sub(r"<[^<>]*>", " ", name)).split())
    name = _ROLE.sub("", name).partition("(")[0].strip(" -–|:.,)")
    compact = _compact(name)
    is_site = any(
        site and (compact == site or (len(site) > 3 and site in compact)) for site in sites
    )
    if (
        is_site
        or not name
        or len(name) > _MAX_NAME_CHARACTERS
        or len(name.split()) > _MAX_NAME_WORDS
        or key_of(name) in _NOT_AUTHORS
        or _NOT_A_NAME.search(name)
        or _is_boilerplate(name)
        or not name[0].isupper()
    ):
        return ""
    return name
