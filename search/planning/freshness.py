"""Freshness features, for queries that ask for news ("hôm nay") or name a year.

They score the nearness of an article's date to a moment; docs/explanation/freshness.md has the
measurements. Without `now` the moment is the day of the newest articles, not the clock.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from index.vietnamese.dates import VIETNAM
from search import plan
from search.interpretation.context import Context
from search.planning.planner import PlannedQuery
from search.query import tree as q

FIELD = "published"
"""The date field that scores."""

NEWS_SHARE = 0.5
"""Weight of freshness in a query for news, as a share of the query's idf: about the score of a
title that has all its words (docs/explanation/freshness.md)."""

HALF_LIVES = (1.0, 15.0, 150.0)
"""One feature for each of these multiples of the half-life that the phrase asks for: if nothing is
from today, articles of this month still rank above those of last year."""

YEAR_SHARE = 0.25
"""Weight of freshness in a query that names a year, as a share of its idf. Lower than
for news, because most articles of a year contain its number and so match anyway."""

YEAR_HALF_LIFE = 182.5
"""Half-life in days around the middle of the year; at either end an article gets half the score."""


def freshness_features(
    planned: PlannedQuery, context: Context, now: datetime | None = None
) -> tuple[plan.Freshness, ...]:
    """Return the freshness features of a query; () if it neither asks for news nor names a year.

    `now` is by default the day of the newest articles; without any dates there are no features.
    """
    runs = list(_runs(planned))
    half_lives = [context.language.news_half_life(best) for best in runs]
    days = min((half_life for half_life in half_lives if half_life), default=None)
    years = [] if days else [year for best in runs for year in map(_year, best) if year]
    if not days and not years:
        return ()
    newest = now or context.newest_moment
    if newest is None:
        return ()
    weight = _idf(runs, context)
    if days:
        return tuple(
            plan.Freshness(FIELD, newest, days * multiple, NEWS_SHARE * weight)
            for multiple in HALF_LIVES
        )
    middle = datetime(max(years), 7, 2, tzinfo=VIETNAM)
    return (plan.Freshness(FIELD, middle, YEAR_HALF_LIFE, YEAR_SHARE * weight),)


def _runs(planned: PlannedQuery) -> Iterator[Sequence[str]]:
    """Yield the runs of words that are searched in "text", as interpreted."""
    for words, interpretation in planned.interpretations.items():
        if words.field == q.TEXT:
            yield interpretation.best


def _year(text: str) -> int:
    """Return the year if a syllable is one from 2000 to 2099, else 0: older ones are rarely news.

    >>> _year("2026"), _year("1954"), _year("20266")
    (2026, 0, 0)
    """
    is_number = len(text) == 4 and text.isascii() and text.isdecimal()
    return int(text) if is_number and "2000" <= text < "2100" else 0


def _idf(runs: Sequence[Sequence[str]], context: Context) -> float:
    """Return the sum of idf over the content syllables of runs."""
    stops = context.language.stop_syllables
    # Summed in the order of the query: the order of a set, and so rounding, differs by process.
    content = (text for best in runs for text in dict.fromkeys(best) if text not in stops)
    return sum(map(context.idf, content))
