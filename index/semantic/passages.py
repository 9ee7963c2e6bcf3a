"""The passage of an article that is embedded: what it says first."""

from index.article import Article

MAX_WORDS = 90
"""Words after the title: news say first what they are about, and the time that a model takes grows
with the words (some .15 s of CPU for title and 90 words with the bundled one)."""


def passage_of(article: Article) -> str:
    """Return the title of an article and the first words of its summary and body.

    >>> passage_of(Article(id="1", title="Giá gạo", summary="Giá tăng.", body="Hôm qua ..."))
    'Giá gạo Giá tăng. Hôm qua ...'
    """
    words = f"{article.summary} {article.body[: 20 * MAX_WORDS]}".split()
    passage = " ".join((*article.title.split(), *words[:MAX_WORDS]))
    # Half a surrogate pair is not Unicode: neither a hash nor a tokenizer of a model takes it.
    return passage.encode("utf-8", "replace").decode()
