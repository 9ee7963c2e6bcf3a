"""The ids of articles by doc id, and doc ids by id."""

from bisect import bisect_right
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from index.embedded.segment import OpenSegment
from search.engines.embedded.docsets import DocIds
from search.engines.embedded.postings_reader import PostingsReader

FIELD = "id"

MAX_CACHED_IDS = 1 << 15
"""Ids that are cached with their doc ids: about 6 MB.

The articles of a page are fetched right after the search, and popular ones recur: with this cache
the ids of ten hits take 1 us instead of 20.
"""

MAX_READ_SINGLY = 50
"""Ids that are read from the stored articles before the table of all ids is built, which would add
10 to 20 ms to the first search of a process. Five pages; their articles are mostly fetched next."""


class ArticleIds:
    """Maps ids to doc ids and doc ids to ids in one commit; thread-safe."""

    def __init__(self, reader: PostingsReader) -> None:
        self._reader = reader
        # Two caches of the same pairs, cleared together when they are full.
        self._doc_ids: dict[str, int] = {}
        self._ids: dict[int, str] = {}
        self._read_singly = 0

    @cached_property
    def _ordinals(self) -> list[NDArray[np.int32]]:
        """For each segment the ordinal of each document's id in the field's terms."""
        return list(map(_ordinals_by_document, self._reader.segments))

    def of(self, doc_ids: DocIds) -> list[str]:
        """Return the ids of articles."""
        cached = self._ids
        return [cached.get(doc_id) or self._read(doc_id) for doc_id in doc_ids.tolist()]

    def _read(self, doc_id: int) -> str:
        bases = self._reader.bases
        i = bisect_right(bases, doc_id) - 1
        segment, document = self._reader.segments[i], doc_id - bases[i]
        if self._read_singly < MAX_READ_SINGLY:
            self._read_singly += 1
            article_id = segment.stored.article(document).id
        else:
            ordinal = int(self._ordinals[i][document])
            article_id = segment.fields[FIELD].dictionary.term(ordinal)
        if len(self._ids) >= MAX_CACHED_IDS:
            self._ids, self._doc_ids = {}, {}
        self._ids[doc_id], self._doc_ids[article_id] = article_id, doc_id
        return article_id

    def doc_id(self, article_id: str) -> int:
        """Return the doc id of the article with this id, -1 if there is none."""
        doc_id = self._doc_ids.get(article_id)
        if doc_id is None:
            doc_ids = self._reader.decode(FIELD, article_id)[0]
            live = doc_ids[self._reader.live[doc_ids]] if self._reader.has_deleted else doc_ids
            doc_id = int(live[-1]) if len(live) else -1
        return doc_id


def _ordinals_by_document(segment: OpenSegment) -> NDArray[np.int32]:
    field = segment.fields[FIELD]
    documents = field.span_doc_ids(0, len(field.dictionary))
    ordinals = np.zeros(segment.documents, np.int32)
    ordinals[documents] = np.repeat(
        np.arange(len(field.dictionary), dtype=np.int32), field.document_frequencies()
    )
    return ordinals
