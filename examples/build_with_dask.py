"""Build an index in a cluster on the workers of Dask, a file of the corpus on each.

    python -m examples.build_with_dask tcp://scheduler:8786 opensearch://node:9200/news *.jsonl

Only `build` is Dask's; any scheduler that runs functions elsewhere takes its place. Workers need
the package, the files under the same paths, and the cluster. A worker may die: its files are
written again, and what it had written is replaced, never doubled.
"""

import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import cast

from distributed import Client

from index.analysis import analyse_all
from index.article import Article
from index.corpus import Corpus
from index.history import WriteReport
from index.opensearch.partitions import (
    DistributedBuild,
    PartitionReport,
    abandon,
    begin,
    finish,
    write_partition,
)


def write_file(build: DistributedBuild, number: int, path: Path) -> PartitionReport:
    """Write the articles of a file, which always gives the same ones in the same order."""
    articles = (found for found in Corpus([path]) if isinstance(found, Article))
    with closing(analyse_all(articles, 1, build.schema)) as batches:
        return write_partition(build, number, batches)


def build(client: Client, location: str, paths: Sequence[Path]) -> WriteReport:
    """Build the index from all files; readers keep the old one until the end."""
    build = begin(location)
    try:
        tasks = [
            # Not pure: with the same files as last time the work is not done yet.
            client.submit(write_file, build, number, path, pure=False)
            for number, path in enumerate(paths)
        ]
        return finish(build, cast("list[PartitionReport]", client.gather(tasks)))
    except BaseException:
        abandon(build)
        raise


def main(scheduler: str, location: str, *files: str) -> None:
    """Build an index by the workers of a scheduler."""
    with Client(scheduler) as client:
        report = build(client, location, [Path(name) for name in files])
    print(f"{location} holds {report.articles:,} articles")


if __name__ == "__main__":
    main(*sys.argv[1:])
