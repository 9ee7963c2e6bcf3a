"""The passage of an article that is embedded: its title and first words."""

from index.article import Article

MAX_WORDS = 90
"""Words after the title. News articles begin with the gist, and the time of a model grows with the
number of words (about 0.15 s of CPU for a title and 90 words with the bundled one)."""


def passage_of(article: Article) -> str:
    """Return the title of an article and the first words of its summary and body.

    >>> passage_of(Article(id="1", title="Giá gạo", summary="Giá tăng.", body="Hôm qua ..."))
    'Giá gạo Giá tăng. Hôm qua ...'
    """
    # 20 characters for each word are more than enough: splitting a long body would take longer.
    words = f"{article.summary} {article.body[: 20 * MAX_WORDS]}".split()
    passage = " ".join((*article.title.split(), *words[:MAX_WORDS]))
    # Hashing and tokenizers of models fail on a lone surrogate.
    return passage.encode("utf-8", "replace").decode()
