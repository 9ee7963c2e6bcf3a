"""All articles of an index in a folder, in the order of indexing."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from index.article import Article
from index.embedded.commits import read_commit
from index.embedded.segment import OpenSegment


def read_articles(directory: Path) -> Iterator[Article]:
    """Yield the articles of the newest commit as indexed, unaffected by later writes.

    All segments are opened first: open files stay readable even if a writer removes them. Raises
    IndexUnavailableError if there is no index, or it is damaged.
    """
    segments = [OpenSegment(directory, segment) for segment in read_commit(directory).segments]
    for segment in segments:
        for document in np.flatnonzero(segment.live()).tolist():
            yield segment.stored.article(document)
