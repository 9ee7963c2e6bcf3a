"""Build an index in OpenSearch on Dask workers, one task for each file of the corpus.

    python -m examples.build_with_dask tcp://scheduler:8786 opensearch://node:9200/news *.jsonl

Only `build` and `main` use Dask; any scheduler that runs functions on other machines can replace
it. Workers need the package, the files under the same paths, and access to the cluster. If a worker
dies, its files are written again: that replaces what it had written, and indexes nothing twice.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple, cast

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

MAX_REPORTED = 20
"""Skipped records of a file that are reported one by one. Arbitrary."""


class FileReport(NamedTuple):
    """The report of a file's partition, how many records were skipped, and messages on the first.

    There are at most `MAX_REPORTED` messages.
    """

    partition: PartitionReport
    skipped: int
    messages: tuple[str, ...]


def write_file(build: DistributedBuild, number: int, path: Path) -> FileReport:
    """Write the articles of a file. Reading it again gives the same articles in the same order."""
    skipped = 0
    messages: list[str] = []

    def articles() -> Iterator[Article]:
        nonlocal skipped
        for found in Corpus([path]):
            if isinstance(found, Article):
                yield found
            else:
                skipped += 1
                messages.extend([str(found)] if skipped <= MAX_REPORTED else [])

    with closing(analyse_all(articles(), 1, build.schema)) as batches:
        partition = write_partition(build, number, batches)
    return FileReport(partition, skipped, tuple(messages))


def build(
    client: Client, location: str, paths: Sequence[Path]
) -> tuple[WriteReport, list[FileReport]]:
    """Build the index from all files; searches use the old index until it is finished."""
    build = begin(location)
    try:
        tasks = [
            # Otherwise Dask returns the result of an earlier build of the same files.
            client.submit(write_file, build, number, path, pure=False)
            for number, path in enumerate(paths)
        ]
        files = cast("list[FileReport]", client.gather(tasks))
        return finish(build, [file.partition for file in files]), files
    except BaseException:
        abandon(build)
        raise


def main(scheduler: str, location: str, *files: str) -> None:
    """Build an index on the workers of a scheduler, and print what it contains and lacks."""
    with Client(scheduler) as client:
        report, written = build(client, location, [Path(name) for name in files])
    for message in (message for file in written for message in file.messages):
        print(message, file=sys.stderr)
    for name, reason in report.refused:
        print(f"{name!r} was refused: {reason}", file=sys.stderr)
    skipped = sum(file.skipped for file in written)
    print(f"{location} contains {report.articles:,} articles; {skipped:,} records were skipped")


if __name__ == "__main__":
    main(*sys.argv[1:])
