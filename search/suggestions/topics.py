"""Topics of the newest articles, each with a query that finds its articles.

The articles of the last days are clustered greedily by the cosine of their tf-idf vectors (words of
title and summary): the article with the most neighbours and these are a cluster, then the same with
the remaining ones. Deterministic: a commit always has the same topics.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from index.article import Article
from index.models.written_forms import written_in
from index.vietnamese.dates import VIETNAM
from index.vietnamese.forms import fold
from index.vietnamese.words import search_words
from search.interpretation.context import Context
from search.plan import Plan, Range
from search.ranking import idf
from search.request import SortBy

DAYS = 3
"""Days back from the newest articles: a weekend and a day. Arbitrary."""

MAX_ARTICLES = 300
"""Newest articles that are compared: about 0.1 s, once a commit."""

MIN_COSINE = 0.3
"""Minimum cosine of two neighbours. With less "giá vàng" and "giá xăng" are one topic; with more
than 0.4 reports of one event are several."""

MIN_CLUSTER_TITLES = 3
"""Minimum distinct titles of a topic: two are usually a story and its copy. Arbitrary."""

TITLE_WEIGHT = 2.0
"""Weight of a word of the title against one of the summary. Arbitrary."""

LABEL_WORDS = range(1, 5)
"""Possible lengths of a topic's label, in words. Arbitrary."""

MIN_LABEL_SHARE = 0.4
"""Minimum share of a topic's titles that contain its label. Arbitrary."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic: its label, which is a query, its first day, the number of articles and a title.

    The label is capitalised as in titles; `title` is that of the cluster's centre.
    """

    query: str
    since: date
    articles: int
    title: str


def topics(context: Context, size: int = 8) -> tuple[Topic, ...]:
    """Return the topics of the last `DAYS`, largest first; none if no article has a date."""
    newest = context.newest_moment
    if newest is None:
        return ()
    since = (newest - timedelta(days=DAYS)).astimezone(VIETNAM)
    recent = Plan(
        Range("published", since, newest),
        sort=SortBy("published", descending=True),
        limit=MAX_ARTICLES,
    )
    [matches] = context.reader.execute([recent])
    stored = context.reader.stored([match.id for match in matches.page])
    articles = _distinct(article for article in stored if article)
    words = [search_words(article.title) for article in articles]
    idfs = _idfs(articles, words, context)
    found: list[Topic] = []
    for members in _clusters(_cosines(articles, words, idfs)):
        titles = [articles[i].title for i in members]
        query = _label([words[i] for i in members], titles, idfs)
        if query and fold(query) not in {fold(topic.query) for topic in found}:
            found.append(Topic(query, since.date(), len(members), titles[0]))
        if len(found) == size:
            break
    return tuple(found)


def _distinct(articles: Iterator[Article]) -> list[Article]:
    """Return the articles without those with a repeated title; the first of each is kept."""
    return list({fold(article.title): article for article in reversed(list(articles))}.values())[
        ::-1
    ]


def _idfs(
    articles: Sequence[Article], titles: Sequence[Sequence[str]], context: Context
) -> dict[str, float]:
    """Return the idf of the content words of articles, fetched in one round trip.

    Words of one article only are left out: they connect nothing.
    """
    stops = context.language.stop_syllables
    summaries = (search_words(article.summary) for article in articles)
    words = dict.fromkeys(chain(chain.from_iterable(titles), chain.from_iterable(summaries)))
    content = [word for word in words if len(word) > 1 and word not in stops and _is_word(word)]
    in_words = [("words", word) for word in content]
    counts = context.reader.term_statistics(in_words).document_frequencies
    total = context.reader.article_count
    return {
        word: idf(total, count) for word, count in zip(content, counts, strict=True) if count > 1
    }


def _is_word(word: str) -> bool:
    return word.replace("_", "").isalnum() and not word.isdecimal()


def _cosines(
    articles: Sequence[Article], titles: Sequence[Sequence[str]], idfs: dict[str, float]
) -> NDArray[np.float32]:
    """Return the matrix of cosines of all pairs of articles."""
    columns = {word: i for i, word in enumerate(idfs)}
    vectors = np.zeros((len(articles), len(columns)), np.float32)
    for row, (article, title) in enumerate(zip(articles, titles, strict=True)):
        weighted = ((title, TITLE_WEIGHT), (search_words(article.summary), 1.0))
        for words, weight in weighted:
            for word in set(words) & columns.keys():
                vectors[row, columns[word]] += weight * idfs[word]
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors /= np.maximum(lengths, 1e-9)
    cosines: NDArray[np.float32] = vectors @ vectors.T
    return cosines


def _clusters(cosines: NDArray[np.float32]) -> Iterator[list[int]]:
    """Yield clusters, largest first: the centre, then its neighbours, nearest first."""
    near = cosines >= MIN_COSINE
    np.fill_diagonal(near, val=True)
    remaining = np.ones(len(cosines), np.bool_)
    while remaining.any():
        counts = (near & remaining).sum(axis=1) * remaining
        centre = int(counts.argmax())
        if counts[centre] < MIN_CLUSTER_TITLES:
            return
        members = np.flatnonzero(near[centre] & remaining)
        # Rounded to hundredths, so that rounding errors cannot change the order.
        nearest = np.lexsort((members, -np.round(cosines[centre, members], 2), members != centre))
        yield members[nearest].tolist()
        remaining[members] = False


def _label(words_of: Sequence[Sequence[str]], titles: Sequence[str], idfs: dict[str, float]) -> str:
    """Return the phrase of a topic's titles with the highest sum of tf-idf; "" for none."""
    counts: Counter[tuple[str, ...]] = Counter()
    for words in words_of:
        runs = {
            tuple(words[start : start + length])
            for length in LABEL_WORDS
            for start in range(len(words) - length + 1)
        }
        counts.update(run for run in runs if run[0] in idfs and run[-1] in idfs)
    min_count = max(MIN_LABEL_SHARE * len(titles), 2)
    scored = [
        (count * sum(idfs.get(word, 0.0) for word in run), run)
        for run, count in counts.items()
        # A single word of one syllable is too general.
        if count >= min_count and len("".join(run).split("_")) + len(run) > 2
    ]
    if not scored:
        return ""
    _, best = max(scored, key=lambda item: (round(item[0], 6), item[1]))
    phrase = " ".join(best).replace("_", " ")
    forms = (written_in(title, phrase) for title in titles)
    return next((form for form in forms if form != phrase), phrase)
