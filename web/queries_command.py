"""`timtin queries`: what people searched for, from the query log."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from index.console import print_result
from index.location import index_option
from web.state.database import state_folder
from web.state.query_log import FOLDER, MAX_DAYS, Counted, QueryLog
from web.state_option import state_option


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--days",
    type=click.IntRange(1, MAX_DAYS),
    default=7,
    show_default=True,
    envvar="TIMTIN_DAYS",
    help="How many days to look back.",
)
@click.option("--json", "as_json", is_flag=True, envvar="TIMTIN_JSON", help="Print a JSON object.")
@index_option
@state_option
def main(index: str, state: Path | None, days: int, *, as_json: bool) -> None:
    """Show the most frequent queries, those without hits and those without clicks."""
    folder = state or state_folder(index)
    if folder is None or not (folder / FOLDER).is_dir():
        raise click.ClickException(f"there is no query log in {folder}; timtin serve writes it")
    report = QueryLog(folder).report(days)
    if as_json:
        print_result(json.dumps(asdict(report), ensure_ascii=False))
        return
    lines = [f"{report.searches:,} searches in {days} days"]
    for heading, queries in (
        ("searched most", report.most),
        ("found nothing", report.without_hits),
        ("found, but nothing was opened", report.without_clicks),
    ):
        lines += (f"\n{heading}:", *map(_line, queries))
    print_result("\n".join(lines))


def _line(counted: Counted) -> str:
    query = "".join(char if char.isprintable() else " " for char in counted.query)
    return f"{counted.searches:8,}  {query}  ({counted.total:,} found, {counted.clicks:,} opened)"
