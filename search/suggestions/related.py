"""Related articles: those with the words that tell an article from others.

The words weigh tf · idf, as in Lucene's MoreLikeThis; what is asked is an ordinary plan.
"""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from index.article import Article
from index.vietnamese.forms import fold
from index.vietnamese.syllables import terms
from index.vietnamese.words import search_words
from search import ranking
from search.interpretation.context import Context
from search.plan import And, Keyword, Not, Or, Plan, Term, TermScore
from search.ranking import SIMILARITIES, field_weight

BODY_READ = 2000
"""Characters of the body that are read: news say first what they are about."""

TITLE_TIMES = 3
"""How often a word of the title counts, and one of the summary."""
SUMMARY_TIMES = 2

WORDS_LOOKED_UP = 60
WORDS_ASKED = 20

MATCHES_READ = 3
"""Articles read for each one wanted, since some are copies of each other; arbitrary."""


class Related(NamedTuple):
    """An article near to another one, and how near."""

    article: Article
    score: float


def related(context: Context, article: Article, size: int = 5) -> tuple[Related, ...]:
    """Return the articles nearest to this one, best first, at most one of each title."""
    snapshot = context.snapshot
    weights = telling_words(context, article)
    if not weights:
        return ()
    [matches] = snapshot.execute([_plan(article, weights, MATCHES_READ * size)])
    articles = snapshot.stored([match.id for match in matches.page])
    titles = {fold(article.title)}
    found: list[Related] = []
    for match, other in zip(matches.page, articles, strict=True):
        if other is None:  # deleted meanwhile, where the index is not frozen
            continue
        title = fold(other.title)
        if len(found) < size and (title not in titles or not title):
            titles.add(title)
            found.append(Related(other, match.score))
    return tuple(found)


def telling_words(context: Context, article: Article) -> dict[str, float]:
    """Return the words of an article that other articles hold, too, best first, with tf · idf."""
    times: Counter[str] = Counter()
    for text, weight in (
        (article.title, TITLE_TIMES),
        (article.summary, SUMMARY_TIMES),
        (article.body[:BODY_READ], 1),
    ):
        for word in search_words(text):
            times[word] += weight
    snapshot, stops = context.snapshot, context.language.stop_syllables
    frequent = [
        (word, tf) for word, tf in times.most_common() if _tells(word) and word not in stops
    ][:WORDS_LOOKED_UP]
    articles = snapshot.term_statistics([("words", word) for word, _ in frequent]).frequencies
    weights = {
        word: _saturated(tf) * ranking.idf(snapshot.article_count, count)
        for (word, tf), count in zip(frequent, articles, strict=True)
        if count > 1
    }
    best = sorted(weights.items(), key=lambda item: -item[1])[:WORDS_ASKED]
    return dict(best)


def _tells(word: str) -> bool:
    return len(word) > 1 and not word.isdecimal()


def _saturated(tf: int) -> float:
    # As in an article of average length: that of this one tells nothing of its words.
    return SIMILARITIES["words"].score(tf, 1.0, 1.0)


def _plan(article: Article, weights: Mapping[str, float], limit: int) -> Plan:
    """Ask for the words, and for the syllables of the title in titles."""
    best = max(weights.values())
    features = [TermScore("words", word, weight / best) for word, weight in weights.items()]
    titles = dict.fromkeys(terms(article.title))
    features += [TermScore("title", syllable, field_weight("title")) for syllable in titles]
    words = Or(tuple(Term("words", word) for word in weights))
    match = And((words, Not(Keyword("id", (article.id,)))))
    return Plan(match, tuple(features), limit=limit)
