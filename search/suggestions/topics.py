"""Topics: what several of the newest articles are about, each with a query that leads to them.

The articles of the last days are compared by the words of titles and summaries (tf · idf, cosine);
around the one with most neighbours a cluster is made, then around the next. The same index gives
the same topics.
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
"""Articles that are compared, the newest: some .1 s once a commit."""

MIN_COSINE = 0.3
"""The least likeness of neighbours: below, "giá vàng" and "giá xăng" are one topic; above .4
reports of one event are several."""

MIN_CLUSTER_TITLES = 3
"""Different titles of a topic: two are one story and its copy."""

TITLE_WEIGHT = 2.0
"""Weight of a word of the title against one of the summary. Arbitrary."""

LABEL_WORDS = range(1, 5)
"""Words of the phrase that names a topic."""

MIN_LABEL_SHARE = 0.4
"""Share of the titles of a topic that hold the phrase that names it."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic: a query, in the capitals of titles, the first day to ask for, and how many articles.

    `title` is that of the article nearest to all others.
    """

    query: str
    since: date
    articles: int
    title: str


def topics(context: Context, size: int = 8) -> tuple[Topic, ...]:
    """Return the topics of the last days, most articles first; none where there are no dates."""
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
    rarity = _rarity(articles, words, context)
    found: list[Topic] = []
    for members in _clusters(_cosines(articles, words, rarity)):
        titles = [articles[at].title for at in members]
        query = _label([words[at] for at in members], titles, rarity)
        if query and fold(query) not in {fold(topic.query) for topic in found}:
            found.append(Topic(query, since.date(), len(members), titles[0]))
        if len(found) == size:
            break
    return tuple(found)


def _distinct(articles: Iterator[Article]) -> list[Article]:
    """Return the first article of each title."""
    return list({fold(article.title): article for article in reversed(list(articles))}.values())[
        ::-1
    ]


def _rarity(
    articles: Sequence[Article], titles: Sequence[Sequence[str]], context: Context
) -> dict[str, float]:
    """Return the idf of the words of articles that tell something, asked for at once."""
    stops = context.language.stop_syllables
    summaries = (search_words(article.summary) for article in articles)
    every = dict.fromkeys(chain(chain.from_iterable(titles), chain.from_iterable(summaries)))
    telling = [word for word in every if len(word) > 1 and word not in stops and _is_word(word)]
    asked = [("words", word) for word in telling]
    counts = context.reader.term_statistics(asked).document_frequencies
    total = context.reader.article_count
    return {
        word: idf(total, count) for word, count in zip(telling, counts, strict=True) if count > 1
    }


def _is_word(word: str) -> bool:
    return word.replace("_", "").isalnum() and not word.isdecimal()


def _cosines(
    articles: Sequence[Article], titles: Sequence[Sequence[str]], rarity: dict[str, float]
) -> NDArray[np.float32]:
    """Return the likeness of each two articles."""
    columns = {word: at for at, word in enumerate(rarity)}
    table = np.zeros((len(articles), len(columns)), np.float32)
    for row, (article, title) in enumerate(zip(articles, titles, strict=True)):
        weighted = ((title, TITLE_WEIGHT), (search_words(article.summary), 1.0))
        for words, weight in weighted:
            for word in set(words) & columns.keys():
                table[row, columns[word]] += weight * rarity[word]
    lengths = np.linalg.norm(table, axis=1, keepdims=True)
    table /= np.maximum(lengths, 1e-9)
    cosines: NDArray[np.float32] = table @ table.T
    return cosines


def _clusters(cosines: NDArray[np.float32]) -> Iterator[list[int]]:
    """Yield clusters, largest first: the article with most neighbours, and those, nearest first."""
    near = cosines >= MIN_COSINE
    np.fill_diagonal(near, val=True)
    left = np.ones(len(cosines), np.bool_)
    while left.any():
        counts = (near & left).sum(axis=1) * left
        centre = int(counts.argmax())
        if counts[centre] < MIN_CLUSTER_TITLES:
            return
        members = np.flatnonzero(near[centre] & left)
        # By hundredths: what rounding changes must not change the order.
        nearest = np.lexsort((members, -np.round(cosines[centre, members], 2), members != centre))
        yield members[nearest].tolist()
        left[members] = False


def _label(
    titles: Sequence[Sequence[str]], written: Sequence[str], rarity: dict[str, float]
) -> str:
    """Return the phrase that names a topic best: in many of its titles, and telling."""
    counts: Counter[tuple[str, ...]] = Counter()
    for words in titles:
        runs = {
            tuple(words[start : start + length])
            for length in LABEL_WORDS
            for start in range(len(words) - length + 1)
        }
        counts.update(run for run in runs if run[0] in rarity and run[-1] in rarity)
    needed = max(MIN_LABEL_SHARE * len(titles), 2)
    scored = [
        (count * sum(rarity.get(word, 0.0) for word in run), run)
        for run, count in counts.items()
        if count >= needed and len("".join(run).split("_")) + len(run) > 2
    ]
    if not scored:
        return ""
    _, best = max(scored, key=lambda item: (round(item[0], 6), item[1]))
    phrase = " ".join(best).replace("_", " ")
    forms = (written_in(title, phrase) for title in written)
    return next((form for form in forms if form != phrase), phrase)
