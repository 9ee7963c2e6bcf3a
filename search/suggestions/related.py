"""Related articles: those that contain the characteristic words of an article.

The words are weighted by tf · idf, as in Lucene's MoreLikeThis, and searched by an ordinary plan.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from index.article import Article
from index.vietnamese.forms import fold
from index.vietnamese.syllables import terms
from index.vietnamese.words import search_words
from search import ranking
from search.interpretation.context import Context
from search.plan import And, Keyword, Not, Or, Plan, Term, TermScore
from search.ranking import field_weight

MAX_BODY_CHARACTERS = 2000
"""Characters of the body that are used: news articles begin with the gist. Arbitrary."""

TITLE_WEIGHT = 3
"""How often a word of the title counts; arbitrary."""

SUMMARY_WEIGHT = 2
"""How often a word of the summary counts; arbitrary."""

MAX_CANDIDATE_WORDS = 60
"""Words whose document frequencies are looked up, the most frequent of the article; arbitrary."""

MAX_QUERY_WORDS = 20
"""The words with the highest tf · idf, which are searched for; Lucene's MoreLikeThis has 25."""

MATCHES_READ = 3
"""Articles read for each one returned, since some are copies of each other; arbitrary."""


STORY_CHARACTERS = 800
"""Characters of summary and body by which stories are compared, from the beginning. Arbitrary."""

MIN_STORY_SHARE = 0.6
"""Minimum share of the shorter text's shingles that two texts of one story have in common;
follow-up reports have 0.4 to 0.6. Of the articles of a news topic 0.866 lead to each other
(`benchmarks.suggestions`), with 0.4 0.825, with copies shown 0.880."""

MIN_STORY_SHINGLES = 8
"""Minimum shingles of the shorter text; fewer agree by chance. Arbitrary, as in
`near_duplicates`."""

MIN_TITLE_SHARE = 0.8
"""Minimum Jaccard index of the syllables of two equal titles. Arbitrary."""


class Related(NamedTuple):
    """A related article and its score."""

    article: Article
    score: float


def related(context: Context, article: Article, size: int = 5) -> tuple[Related, ...]:
    """Return the articles most similar to this one, best first, at most one of each story.

    Copies of the article itself, and of one already listed, are left out.
    """
    reader = context.reader
    weights = characteristic_words(context, article)
    if not weights:
        return ()
    [matches] = reader.execute([_plan(article, weights, MATCHES_READ * size)])
    articles = reader.stored([match.id for match in matches.page])
    stories = [_Story.of(article)]
    found: list[Related] = []
    for match, other in zip(matches.page, articles, strict=True):
        if len(found) == size:
            break
        if other is None:  # deleted since, in an index without snapshots
            continue
        story = _Story.of(other)
        if not any(map(story.is_same, stories)):
            stories.append(story)
            found.append(Related(other, match.score))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Story:
    """The syllables of a title, and the shingles (three syllables) of the text's beginning."""

    title: frozenset[str]
    shingles: frozenset[tuple[str, ...]]

    @classmethod
    def of(cls, article: Article) -> "_Story":
        syllables = terms(f"{article.summary} {article.body}"[:STORY_CHARACTERS])
        shingles = zip(syllables, syllables[1:], syllables[2:], strict=False)
        return cls(frozenset(terms(fold(article.title))), frozenset(shingles))

    def is_same(self, other: "_Story") -> bool:
        """Return whether both are the same story."""
        shorter = min(len(self.shingles), len(other.shingles))
        common = len(self.shingles & other.shingles)
        if shorter >= MIN_STORY_SHINGLES and common >= MIN_STORY_SHARE * shorter:
            return True
        both, either = len(self.title & other.title), len(self.title | other.title)
        return bool(either) and both >= MIN_TITLE_SHARE * either


def characteristic_words(context: Context, article: Article) -> dict[str, float]:
    """Return the words of an article that other articles also have, with tf · idf, best first."""
    frequencies: Counter[str] = Counter()
    for text, weight in (
        (article.title, TITLE_WEIGHT),
        (article.summary, SUMMARY_WEIGHT),
        (article.body[:MAX_BODY_CHARACTERS], 1),
    ):
        for word in search_words(text):
            frequencies[word] += weight
    reader, stops = context.reader, context.language.stop_syllables
    frequent = [
        (word, tf)
        for word, tf in frequencies.most_common()
        if len(word) > 1 and not word.isdecimal() and word not in stops
    ][:MAX_CANDIDATE_WORDS]
    in_words = [("words", word) for word, _ in frequent]
    document_frequencies = reader.term_statistics(in_words).document_frequencies
    similarity, total = ranking.SIMILARITIES["words"], reader.article_count
    # For an article of average length, since only the words of this one are compared.
    weights = {
        word: ranking.term_score(similarity, tf, articles=total, document_frequency=count)
        for (word, tf), count in zip(frequent, document_frequencies, strict=True)
        if count > 1
    }
    best = sorted(weights.items(), key=lambda item: -item[1])[:MAX_QUERY_WORDS]
    return dict(best)


def _plan(article: Article, weights: Mapping[str, float], limit: int) -> Plan:
    """Return the plan that searches for the words, and scores the title's syllables in titles."""
    best = max(weights.values())
    features = [TermScore("words", word, weight / best) for word, weight in weights.items()]
    titles = dict.fromkeys(terms(article.title))
    features += [TermScore("title", syllable, field_weight("title")) for syllable in titles]
    words = Or(tuple(Term("words", word) for word in weights))
    match = And((words, Not(Keyword("id", (article.id,)))))
    return Plan(match, tuple(features), limit=limit)
