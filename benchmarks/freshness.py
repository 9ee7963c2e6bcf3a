"""`python -m benchmarks.freshness`: the effect of freshness on news queries and on all others.

Over all real articles: the age of the first five hits of news queries, with freshness and without;
and the ranks of articles for parts of their titles, which do not ask for news.
"""

import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from statistics import fmean, median

import click

from benchmarks.engines.report import table
from index.article import Article
from index.vietnamese import Language
from search import Searcher, open_searcher
from search.engines.contract import IndexReader
from search.engines.embedded.engine import open_engine
from search.finding import search
from search.interpretation.context import Context
from search.plan import Everything, Freshness, Plan
from search.request import SearchRequest
from tests.shared_data import SHARED

CORPORA = (SHARED / "data/news.jsonl.gz", SHARED / "data/headlines.jsonl.gz")
SEED = 20261129
SYLLABLES = range(2, 7)
"""Lengths of the parts of titles."""

NEWS_QUERIES = (
    "giá vàng hôm nay", "gia vang hom nay", "giá xăng dầu hôm nay", "tỷ giá usd hôm nay",
    "thời tiết hôm nay", "bóng đá hôm nay", "kết quả xổ số hôm nay", "tin bão mới nhất",
    "tin tức ukraine mới nhất", "lãi suất ngân hàng mới nhất", "lương cơ sở 2026",
    "điểm chuẩn đại học 2026", "world cup 2026", "chứng khoán tuần này", "giá cà phê hôm nay",
    "dịch sốt xuất huyết hiện nay", "giá nhà hà nội hiện nay", "bầu cử mỹ mới nhất",
    "lịch thi đấu hôm nay", "cháy chung cư mới đây",
)  # fmt: skip


def build(directory: Path) -> None:
    """Index all articles of the shared data."""
    command = [sys.executable, "-m", "index", "build", *map(str, CORPORA)]
    subprocess.run([*command, "--index", str(directory)], check=True)


def ages(searcher: Searcher, query: str, newest: datetime, *, freshness: bool) -> list[float]:
    """Return the ages in days, relative to the newest article, of the first five dated hits."""
    hits = searcher.answer(SearchRequest(query, size=5, freshness=freshness)).hits
    dated = [datetime.fromisoformat(hit.published) for hit in hits if hit.published]
    return [(newest - day).total_seconds() / 86_400 for day in dated]


def news_table(searcher: Searcher) -> str:
    """Return a table of the ages of the first hits of news queries."""
    [latest] = searcher.search("", sort="newest", size=1).hits
    newest = datetime.fromisoformat(latest.published)
    rows = []
    for query in NEWS_QUERIES:
        cells = [query]
        for freshness in (False, True):
            days = ages(searcher, query, newest, freshness=freshness)
            cells += [str(len(days)), f"{median(days):.0f}" if days else "-"]
        rows.append(cells)
    return table(["query", "dated of 5, without", "days", "dated of 5, with", "days"], rows)


def title_parts(reader: IndexReader, count: int) -> Iterator[tuple[str, Article]]:
    """Yield parts of titles of articles with a date, each with its article."""
    rng = random.Random(SEED)
    ids = [match.id for match in reader.iterate(Plan(Everything()))]
    articles = reader.stored(rng.sample(ids, min(3 * count, len(ids))))
    dated = [one for one in articles if one and one.published and len(one.title.split()) >= 6]
    for article in dated[:count]:
        words = article.title.split()
        length = rng.choice(SYLLABLES)
        start = rng.randrange(len(words) - length + 1)
        yield " ".join(words[start : start + length]), article


def known_item_table(reader: IndexReader, count: int) -> str:
    """Return a table of the mean reciprocal rank of articles by parts of their titles."""
    context = Context(reader, Language.default())
    ranks: dict[tuple[bool, bool], list[float]] = {}
    cost: dict[bool, list[float]] = {False: [], True: []}
    rng, has_feature = random.Random(SEED), False
    for query, article in title_parts(reader, count):
        found = {}
        for freshness in rng.sample((False, True), 2):  # the second one finds warm caches
            request = SearchRequest(query, size=10, freshness=freshness)
            start = time.thread_time()
            outcome = search(request, context)
            cost[freshness].append((time.thread_time() - start) * 1000)
            page = [match.id for match in outcome.retrieval.matches.page]
            found[freshness] = 1 / (page.index(article.id) + 1) if article.id in page else 0.0
            if freshness:
                has_feature = any(isinstance(one, Freshness) for one in outcome.planned.features)
        for freshness, rank in found.items():
            ranks.setdefault((has_feature, freshness), []).append(rank)
    rows = [
        _row(name, ranks, has_feature)
        for has_feature, name in ((False, "freshness does not score"), (True, "freshness scores"))
    ]
    costs = ", ".join(
        f"{'with' if on else 'without'} {median(times):.2f} / {fmean(times):.2f}"
        for on, times in cost.items()
    )
    header = ["parts of titles", "number", "MRR@10 without", "with"]
    return f"{table(header, rows)}\n\nCPU ms per query, median / mean: {costs}"


def _row(
    name: str,
    ranks: dict[tuple[bool, bool], list[float]],
    has_feature: bool,  # noqa: FBT001
) -> Sequence[str]:
    without, with_it = ranks.get((has_feature, False), []), ranks.get((has_feature, True), [])
    if not without:
        return [name, "0", "-", "-"]
    return [name, str(len(without)), f"{fmean(without):.4f}", f"{fmean(with_it):.4f}"]


@click.command()
@click.option("--index", "directory", type=Path, help="Use an index of these articles.")
@click.option(
    "--titles", default=600, show_default=True, help="Number of titles whose parts are queries."
)
def main(directory: Path | None, titles: int) -> None:
    """Print both tables."""
    with tempfile.TemporaryDirectory() as folder:
        if directory is None:
            directory = Path(folder) / "index"
            build(directory)
        click.echo(news_table(open_searcher(directory)))
        click.echo()
        click.echo(known_item_table(open_engine(directory).reader(), titles))


if __name__ == "__main__":
    main()
