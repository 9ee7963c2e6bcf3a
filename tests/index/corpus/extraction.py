"""The quality of text extracted from a page: F1 of its 4-grams of words."""

import re
from collections import Counter

from index.article import Article


def f1(found: str, gold: str, size: int = 4) -> float:
    """Return the harmonic mean of precision and recall of runs of words."""
    one, other = (_runs(text, size) for text in (found, gold))
    shared = sum((one & other).values())
    return 2 * shared / max(1, one.total() + other.total())


def text_of(article: Article) -> str:
    """Return the text of an article without its title."""
    return f"{article.summary}\n{article.body}"


def _runs(text: str, size: int) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return Counter(zip(*(words[start:] for start in range(size)), strict=False))
