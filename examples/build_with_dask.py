"""Build an index in OpenSearch on Dask workers, one task for each file of the corpus.

    python -m examples.build_with_dask tcp://scheduler:8786 opensearch://node:9200/news *.jsonl

Only `build` and `main` use Dask; any scheduler that runs functions on other machines can replace
it. Workers need the package, the files under the same paths, and access to the cluster. If a worker
dies, its files are written again: that replaces what it had written, and indexes nothing twice.
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
    """Write the articles of a file. Reading it again gives the same articles in the same order."""
    articles = (found for found in Corpus([path]) if isinstance(found, Article))
    with closing(analyse_all(articles, 1, build.schema)) as batches:
        return write_partition(build, number, batches)


def build(client: Client, location: str, paths: Sequence[Path]) -> WriteReport:
    """Build the index from all files; searches use the old index until it is finished."""
    build = begin(location)
    try:
        tasks = [
            # Otherwise Dask returns the result of an earlier build of the same files.
            client.submit(write_file, build, number, path, pure=False)
            for number, path in enumerate(paths)
        ]
        return finish(build, cast("list[PartitionReport]", client.gather(tasks)))
    except BaseException:
        abandon(build)
        raise


def main(scheduler: str, location: str, *files: str) -> None:
    """Build an index on the workers of a scheduler, and print how many articles it contains."""
    with Client(scheduler) as client:
        report = build(client, location, [Path(name) for name in files])
    print(f"{location} contains {report.articles:,} articles")


if __name__ == "__main__":
    main(*sys.argv[1:])
