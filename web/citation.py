r"""Citations of an article, as plain text and as BibTeX.

>>> escape_bibtex("Giá lúa & gạo: tăng 5%")
'Giá lúa \\& gạo: tăng 5\\%'
"""

import re
from datetime import date

from index.article import Article
from web import formats

_SPECIAL = {character: f"\\{character}" for character in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
_SPACE = re.compile(r"\s+")


def plain_citation(article: Article, address: str, today: date, language: str) -> str:
    """Return a line such as: Lê Mai (3/1/2024). “Tiêu đề”. Tuổi Trẻ. ADDRESS (truy cập ...)."""
    published = formats.in_vietnam(article.published) if article.published else None
    dated = f"({formats.day(published, language)})" if published else ""
    head = " ".join(part for part in (_line(article.author), dated) if part)
    access_date = formats.day(today, language)
    accessed = f"(truy cập {access_date})" if language == "vi" else f"(accessed {access_date})"
    parts = (
        head and f"{head}.",
        f"“{_line(article.title or article.id)}”.",
        article.source and f"{_line(article.source)}.",
        f"{address} {accessed}.",
    )
    return " ".join(part for part in parts if part)


def bibtex(article: Article, address: str, today: date) -> str:
    """Return an entry of the type `online`, as biblatex and Zotero read it."""
    published = formats.in_vietnam(article.published) if article.published else None
    fields = {
        "title": f"{{{escape_bibtex(article.title or article.id)}}}",
        "author": " and ".join(f"{{{escape_bibtex(name)}}}" for name in _names(article.author)),
        "organization": escape_bibtex(article.source),
        "date": f"{published:%Y-%m-%d}" if published else "",
        "url": address.replace("{", "%7B").replace("}", "%7D"),
        "urldate": today.isoformat(),
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@online{{{_key(article)},\n" + ",\n".join(lines) + "\n}"


def escape_bibtex(text: str) -> str:
    """Return a text on one line with the special characters of TeX escaped."""
    return "".join(_SPECIAL.get(character, character) for character in _line(text))


def _names(author: str) -> list[str]:
    """Return the names in an author field, separated by semicolons."""
    return [name.strip() for name in author.split(";") if name.strip()]


def _key(article: Article) -> str:
    """Return the key of an entry: the letters and digits of the id, joined by hyphens."""
    key = re.sub(r"[^A-Za-z0-9]+", "-", article.id).strip("-")
    return key[:60] or "article"


def _line(text: str) -> str:
    return _SPACE.sub(" ", text).strip()
