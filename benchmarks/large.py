"""`python -m benchmarks.large`: peak memory of a build, which should not grow with the corpus.

Indexes several copies of all news, and of all headlines, from raw text; takes about five minutes.
"""

import gzip
import json
import tempfile
from pathlib import Path

import click

from benchmarks.engines.measured import cost_of
from benchmarks.engines.report import table
from tests.shared_data import SHARED


def copy_records(source: Path, target: Path, copies: int) -> int:
    """Write several copies of a corpus with distinct ids; return the number of records."""
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    with gzip.open(target, "wt", encoding="utf-8", compresslevel=1) as file:
        for copy in range(copies):
            for record in records:
                copied = {**record, "id": f"{record['id']}-{copy}"}
                file.write(json.dumps(copied, ensure_ascii=False) + "\n")
    return copies * len(records)


@click.command()
@click.option("--copies", default=6, show_default=True, help="Copies of each corpus.")
def main(copies: int) -> None:
    """Index several copies of each corpus and print the cost."""
    rows = []
    for name in ("news", "headlines"):
        with tempfile.TemporaryDirectory() as folder:
            corpus = Path(folder) / f"{name}.jsonl.gz"
            count = copy_records(SHARED / "data" / corpus.name, corpus, copies)
            index = Path(folder) / "index"
            cost = cost_of("-m", "index", "build", corpus, "--index", index, "--workers", "1")
        peak, rate = cost.peak_memory / 1e6, count / cost.cpu_seconds
        rows.append([f"{copies} x {name}", f"{count:,}", f"{rate:,.0f}", f"{peak:.0f} MB"])
    head = ["from raw text", "articles", "articles per CPU second", "peak memory"]
    click.echo(table(head, rows))


if __name__ == "__main__":
    main()
