"""Freshness features, for queries that ask for news ("hôm nay") or name a year.

They raise articles by their nearness to a moment; docs/explanation/freshness.md has the
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
"""The field whose date counts."""

NEWS_SHARE = 0.5
"""What the newest article gains where the words ask for news, as a share of the idf of the query:
about what a title that holds all of them gains (docs/explanation/freshness.md)."""

HALF_LIVES = (1.0, 15.0, 150.0)
"""Half-lives of news, against the days of the phrase: where nothing is of today, what is of this
month still comes before what is of last year."""

YEAR_SHARE = 0.25
"""The same for an article in the middle of the year that a query names. Less, since most articles
of the year name it and so match its syllable."""

YEAR_HALF_LIFE = 182.5
"""Days; an article at either end of the year gains half of what one in the middle does."""


def freshness_features(
    planned: PlannedQuery, context: Context, now: datetime | None = None
) -> tuple[plan.Freshness, ...]:
    """Return the freshness features of a query; () where it neither asks for news nor names a year.

    `now` is by default the day of the newest articles; nothing gains where no article has a date.
    """
    runs = list(_runs(planned))
    half_lives = [context.language.news_half_life(best) for best in runs]
    days = min((one for one in half_lives if one), default=None)
    years = [] if days else [year for best in runs for year in map(_year, best) if year]
    if not days and not years:
        return ()
    newest = now or context.newest_moment
    if newest is None:
        return ()
    weight = _idf(runs, context)
    if days:
        return tuple(
            plan.Freshness(FIELD, newest, days * longer, NEWS_SHARE * weight)
            for longer in HALF_LIVES
        )
    middle = datetime(max(years), 7, 2, tzinfo=VIETNAM)
    return (plan.Freshness(FIELD, middle, YEAR_HALF_LIFE, YEAR_SHARE * weight),)


def _runs(planned: PlannedQuery) -> Iterator[Sequence[str]]:
    """Yield the runs of words that are searched everywhere, as interpreted."""
    for words, interpretation in planned.interpretations.items():
        if words.field == q.TEXT:
            yield interpretation.best


def _year(text: str) -> int:
    """Return the year from 2000 on that a syllable writes, else 0: older ones are rarely news.

    >>> _year("2026"), _year("1954"), _year("20266")
    (2026, 0, 0)
    """
    is_number = len(text) == 4 and text.isascii() and text.isdecimal()
    return int(text) if is_number and "2000" <= text < "2100" else 0


def _idf(runs: Sequence[Sequence[str]], context: Context) -> float:
    """Return the sum of idf over the content syllables of runs."""
    stops = context.language.stop_syllables
    # In the order of the query: a sum in that of a set differs by its last bit between processes.
    content = (text for best in runs for text in dict.fromkeys(best) if text not in stops)
    return sum(map(context.idf, content))
