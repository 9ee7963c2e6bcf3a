"""`python -m search QUERY`: ask an index from the shell."""

import gc
import html
import json
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from index.console import hold_standard_streams, print_result
from index.language_options import language_from, language_options
from index.location import index_option
from index.vietnamese.dates import VIETNAM
from index.vietnamese.segmenter import ModelError
from search import IndexUnavailableError, open_searcher
from search.request import Operator, Sort
from search.results.records import Explanation, Hit, Results
from search.warnings import english

_MARK = re.compile("</?mark>")

FACETS = ("source", "section", "year")
"""The built-in facets that the command offers; from Python and over HTTP there are all others."""


class Day(click.ParamType[date]):
    """A day such as 2024-01-31."""

    name = "YYYY-MM-DD"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        """Parse an ISO 8601 date; fail with a usage error for anything else."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a date such as 2024-01-31", param, ctx)


@click.command(
    context_settings={"auto_envvar_prefix": "TIMTIN", "help_option_names": ["-h", "--help"]}
)
@click.argument("query")
@index_option
@click.option("--page", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--size", type=click.IntRange(1, 100), default=10, show_default=True)
@click.option(
    "--sort",
    type=click.Choice([s.value for s in Sort]),
    default=Sort.RELEVANCE.value,
    show_default=True,
)
@click.option("--source", multiple=True, help="Only this source; may be repeated.")
@click.option("--section", multiple=True, help="Only this section; may be repeated.")
@click.option("--since", type=Day(), help="Only articles of this day or later.")
@click.option("--until", type=Day(), help="Only articles of this day or earlier.")
@click.option("--facet", "facets", multiple=True, type=click.Choice(FACETS))
@click.option(
    "--operator",
    type=click.Choice([o.value for o in Operator]),
    help="Require all words, or any; by default, enough of them.",
)
@click.option("--literal", is_flag=True, help="Search for exactly what was typed.")
@click.option(
    "--freshness/--no-freshness",
    default=True,
    help="For queries about news, rank articles of that time higher (default), or do not.",
)
@click.option(
    "--collapse/--no-collapse",
    default=True,
    help="Show one of several near-duplicates (default), or all of them.",
)
@language_options
@click.option("--explain", metavar="ID", help="Explain the score of this article.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    envvar="TIMTIN_JSON",
    help="Print the JSON object of the API.",
)
def main(
    query: str,
    index: str,
    explain: str | None,
    since: date | None,
    until: date | None,
    synonyms: Path | None,
    stop_words: Path | None,
    *,
    literal: bool,
    freshness: bool,
    as_json: bool,
    **options: Any,  # noqa: ANN401 - those of `Searcher.search`, which click has checked
) -> None:
    """Search the index for QUERY and print the hits.

    Write two dashes before a QUERY that begins with a dash: python -m search -- -word
    """
    if since and until and since > until:
        raise click.BadParameter(f"{since} is later than --until {until}", param_hint="--since")
    answer: Results | Explanation | None
    try:
        searcher = open_searcher(index, language_from(synonyms, stop_words))
        if explain:
            answer = searcher.explain(query, explain, literal=literal, freshness=freshness)
        else:
            options |= {"since": since, "until": until, "literal": literal, "freshness": freshness}
            answer = searcher.search(query, **options)
    except (IndexUnavailableError, ModelError) as error:
        raise click.ClickException(str(error)) from error
    if answer is None:
        raise click.ClickException(f"there is no article {explain!r} in {index}")
    if as_json:
        print_result(json.dumps(answer.as_dict(), ensure_ascii=False))
    else:
        print_result(
            _results_text(answer) if isinstance(answer, Results) else _explanation_text(answer)
        )


def _results_text(results: Results) -> str:
    """Return results as text for a terminal."""
    first = (results.page - 1) * results.size + 1
    hidden = results.total - results.shown_total
    duplicates = f" ({hidden:,} as near-duplicates of others)" if hidden else ""
    lines = [f"{results.total:,} articles{duplicates}, {results.took_ms:.1f} ms"]
    if results.interpretation.changed:
        lines.append(f"Searching for: {results.interpretation.read}")
    lines += map(english, results.warnings)
    if results.corrections:
        meant = ", ".join(
            f"{correction.query} ({correction.total:,})" for correction in results.corrections
        )
        lines.append(f"Did you mean: {meant}")
    hits = [_hit_text(number, hit) for number, hit in enumerate(results.hits, first)]
    counted = [
        _printable(f"{name}: " + ", ".join(f"{v.value} ({v.count:,})" for v in values))
        for name, values in results.facets.items()
    ]
    return "\n".join([*map(_printable, lines), *hits, *counted])


def _explanation_text(explanation: Explanation) -> str:
    """Return an explanation as text for a terminal: the score and its summands."""
    lines = [f"{explanation.score:.3f} for {explanation.read}"]
    lines += [f"  {p.score:8.3f}  {p.kind:6} {p.text}" for p in explanation.contributions]
    return "\n".join(map(_printable, lines))


def _hit_text(number: int, hit: Hit) -> str:
    """Return a hit as text: title, source and date, the snippet with matches in bold."""
    when = _day(hit.published, hit.published_precision)
    others = f"and {hit.similar:,} like it" if hit.similar else ""
    origin = " · ".join(filter(None, (hit.source, hit.section, when, hit.url, others)))
    parts = [_printable(html.unescape(part)) for part in _MARK.split(hit.snippet)]
    parts[1::2] = [click.style(marked, bold=True) for marked in parts[1::2]]
    passage = "".join(parts)
    title = click.style(_printable(hit.title or hit.id), bold=True)
    return f"\n{number}. {title}\n   {_printable(origin)}\n   {passage}"


def _day(published: str, precision: str) -> str:
    """Return the day in Vietnam, or the month or year if the article's date is no more precise.

    >>> _day("2024-12-31T20:00:00+00:00", ""), _day("2026-03-01T00:00:00+07:00", "month")
    ('2025-01-01', '2026-03')
    """
    if not published:
        return ""
    day = datetime.fromisoformat(published).astimezone(VIETNAM).date().isoformat()
    return day[: _PRECISIONS.get(precision, len(day))]


_PRECISIONS = {"year": len("2026"), "month": len("2026-03")}


def _printable(text: str) -> str:
    """Return a text on one line, without control characters that a terminal would act on."""
    return "".join(char if char.isprintable() else " " for char in text)


if __name__ == "__main__":
    hold_standard_streams()
    gc.freeze()  # imported modules are never freed: the garbage collector need not visit them
    main()
