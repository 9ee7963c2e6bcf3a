"""Freshness: whether a query is better answered by articles of a certain time, and of which.

A query asks for news by its words ("hôm nay"), names a year, or has matches that bunch in time.
Then articles near to a moment gain, by a feature of the plan; docs/explanation/freshness.md says by
how much and why. Nothing here looks at the clock: "now" is the day of the newest articles.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import MAXYEAR, datetime

from index.vietnamese.dates import VIETNAM
from search import plan
from search.interpretation.context import Context
from search.planning.planner import Understood
from search.query import tree as q
from search.request import Bucket

FIELD = "published"
"""The date that makes an article new."""

NEWS_SHARE = 0.5
"""What the newest article gains where the words ask for news, as a share of the idf of the query:
about what a title that holds all of them gains (docs/explanation/freshness.md)."""

HALF_LIVES = (1.0, 15.0, 150.0)
"""Half-lives of news, against the days of the phrase: where nothing is of today, what is of this
month still comes before what is of last year."""

YEAR_SHARE = 0.25
"""The same for an article in the middle of a year that the query names, which most of its articles
name, too."""

BUNCHED_SHARE = 0.05
"""The same where matches bunch in time: docs/explanation/freshness.md has what others gave."""

YEAR_HALF_LIFE = 182.5
BUNCHED_HALF_LIFE = 30.0
"""Days: half a year around the middle of one, a month around the newest of a bunch."""

MIN_BUNCHED = 0.6
"""Share of the dated matches in two months side by side from which on they bunch in time."""

MIN_BUNCHED_LIFT = 3.0
"""How much more of the matches than of all articles these months must have."""

MIN_BUNCHED_MATCHES = 5
"""Dated matches below which two months say nothing; arbitrary."""


MAX_MONTHS = 1_200
"""Months that are counted, the newest: a hundred years."""


def asks_for_news(
    understood: Understood, context: Context, now: datetime | None = None
) -> tuple[plan.Freshness, ...]:
    """Return the features of a query that asks for news or names a year; none for any other.

    `now` is by default the day of the newest articles; nothing gains where no article has a date.
    """
    runs = list(_runs(understood))
    half_lives = [context.language.news_half_life(best) for best in runs]
    days = min((one for one in half_lives if one), default=None)
    years = [] if days else [year for best in runs for year in map(_year, best) if year]
    if not days and not years:
        return ()
    newest = now or context.newest_moment()
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


def may_bunch(understood: Understood, context: Context) -> bool:
    """Return whether it is worth counting a query's matches by month: it has words, asks nothing.

    A question wants what is true, not what is new.
    """
    runs = list(_runs(understood))
    asked = (any(context.language.question_syllables(best)) for best in runs)
    return bool(runs) and not any(asked) and context.has_dates


def bunched(
    understood: Understood, months: Mapping[str, int], context: Context
) -> tuple[plan.Freshness, ...]:
    """Return the feature of a query whose matches, counted by month, bunch in time; none else."""
    total = sum(months.values())
    if total < MIN_BUNCHED_MATCHES:
        return ()
    held = {month: count + months.get(_before(month), 0) for month, count in months.items()}
    month = max(held, key=lambda name: (held[name], name))
    share = held[month] / total
    if share < MIN_BUNCHED:
        return ()
    every = context.published(Bucket.MONTH)
    usual = (every.get(month, 0) + every.get(_before(month), 0)) / max(sum(every.values()), 1)
    if share < MIN_BUNCHED_LIFT * usual:
        return ()
    weight = BUNCHED_SHARE * _idf(list(_runs(understood)), context)
    return (plan.Freshness(FIELD, _end(month), BUNCHED_HALF_LIFE, weight),)


def counted_by_month(match: plan.Node) -> plan.Plan:
    """Return the plan that counts the matches by month."""
    facet = plan.FacetRequest(FIELD, Bucket.MONTH, limit=MAX_MONTHS)
    return plan.Plan(match, limit=0, facets=(facet,))


def _runs(understood: Understood) -> Iterator[Sequence[str]]:
    """Yield the runs of words that are searched everywhere, as interpreted."""
    for words, interpretation in understood.interpretations.items():
        if words.field == q.TEXT:
            yield interpretation.best


def _year(text: str) -> int:
    """Return the year that a syllable writes, else 0; the last century's are seldom asked as news.

    >>> _year("2026"), _year("1954"), _year("20266")
    (2026, 0, 0)
    """
    is_number = len(text) == 4 and text.isascii() and text.isdecimal()
    return int(text) if is_number and "2000" <= text < "2100" else 0


def _idf(runs: Sequence[Sequence[str]], context: Context) -> float:
    stops = context.language.stop_syllables
    return sum(context.idf(text) for best in runs for text in set(best) - stops)


def _before(month: str) -> str:
    """Return the month before one.

    >>> _before("2024-01"), _before("2024-12")
    ('2023-12', '2024-11')
    """
    year, number = map(int, month.split("-"))
    return f"{year:04}-{number - 1:02}" if number > 1 else f"{year - 1:04}-12"


def _end(month: str) -> datetime:
    """Return the first moment after a month, in Vietnam."""
    year, number = map(int, month.split("-"))
    if (year, number) == (MAXYEAR, 12):
        return datetime(year, 12, 31, tzinfo=VIETNAM)
    return datetime(year + number // 12, number % 12 + 1, 1, tzinfo=VIETNAM)
