"""From tokens in reading order to the postings of a new segment: one sort by term."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import count
from pathlib import Path

import numpy as np

from index.analysis import AnalysedBatch
from index.article import Article
from index.embedded.columns import NO_DATE, write_dates, write_lengths
from index.embedded.postings import FIELDS, KEYWORDS, SCORED, FieldWriter, Postings
from index.embedded.segment import ARTICLES, PAIRS, TEXT, ArraySegment
from index.embedded.stored_articles import StoredWriter, article_to_json, slugs
from index.embedded.term_dictionary import all_to_bytes, to_text
from index.models.bigrams import Ordinals
from index.models.counting import count_language
from index.storage.array_writer import ArrayWriter, write_arrays
from index.storage.compression import Compression
from index.storage.packed_ints import Numbers
from index.storage.radix_sort import stable_order


class Inverter:
    """Collects analysed articles in memory and writes them as one segment.

    The articles' own text goes to the disk at once; what is kept are 12 bytes a token.
    """

    def __init__(self, directory: Path, compression: Compression) -> None:
        """Go on with the dictionaries that earlier segments of the same write learnt."""
        self.segment = ArraySegment()
        self.tokens = 0
        self._directory = directory
        self._vocabulary: dict[str, int] = defaultdict(count().__next__)
        self._columns: dict[str, list[tuple[Numbers, Numbers, Numbers]]] = {
            name: [] for name in FIELDS
        }
        self._published: list[int] = []
        self._articles = ArrayWriter(self.segment.path(directory, ARTICLES))
        self._stored = StoredWriter(self._articles, compression)

    @property
    def documents(self) -> int:
        """How many articles were added."""
        return len(self._published)

    def add(self, batch: AnalysedBatch) -> None:
        """Add the articles of a batch in their order.

        Raises ValueError for an article that cannot be stored, OSError where the disk is full.
        """
        base = self.documents
        self._stored.append(map(article_to_json, batch.articles, slugs(batch.articles)))
        numbers = self._number(batch.vocabulary)
        for name in SCORED:
            tokens = batch.fields[name]
            documents = tokens.articles + np.int32(base)
            self._columns[name].append((numbers[tokens.terms], documents, tokens.positions))
            self.tokens += len(documents)
        for name in KEYWORDS:
            self._columns[name].append(self._keywords(name, batch.articles, base))
        self._published += map(_seconds, batch.articles)

    def _number(self, terms: Iterable[str]) -> Numbers:
        return np.fromiter(map(self._vocabulary.__getitem__, terms), np.int32)

    def _keywords(
        self, name: str, articles: Sequence[Article], base: int
    ) -> tuple[Numbers, Numbers, Numbers]:
        found = [
            (at, value) for at, article in enumerate(articles) if (value := getattr(article, name))
        ]
        documents = np.array([base + at for at, _ in found], np.int32)
        return self._number(value for _, value in found), documents, np.zeros_like(documents)

    def write(self) -> ArraySegment:
        """Write the segment's files, synced to the disk; the inverter is used up."""
        with self._articles:
            self._stored.close()
        unsorted = all_to_bytes(self._vocabulary)
        self._vocabulary.clear()
        order = sorted(range(len(unsorted)), key=unsorted.__getitem__)
        terms = [unsorted[number] for number in order]
        ranks = np.empty(len(terms), np.int32)
        ranks[order] = np.arange(len(terms), dtype=np.int32)
        self.segment.documents = self.documents
        with ArrayWriter(self.segment.path(self._directory, TEXT)) as writer:
            write_dates(writer, "published", [np.array(self._published, np.int64)])
            for name in FIELDS:
                self._write_field(writer, name, terms, ranks)
        return self.segment

    def discard(self) -> None:
        """Let go of what was not written."""
        self._articles.discard()

    def _write_field(
        self, writer: ArrayWriter, name: str, terms: Sequence[bytes], ranks: Numbers
    ) -> None:
        numbers, documents, positions = _joined(self._columns.pop(name))
        used = np.zeros(len(terms), np.bool_)
        used[numbers] = True
        present = np.zeros(len(terms), np.bool_)
        present[ranks[used]] = True
        tokens = (np.cumsum(present, dtype=np.int32) - 1)[ranks][numbers]
        del numbers
        own = [terms[rank] for rank in np.flatnonzero(present).tolist()]
        field = FieldWriter(writer, name, self.documents)
        field.append(own, invert(tokens, documents, positions))
        field.close()
        if name in SCORED:
            lengths = np.bincount(documents, minlength=self.documents)
            write_lengths(writer, f"{name}.lengths", [lengths.astype(np.int32)])
        if name == "text":
            self._write_pairs(own, tokens, documents, positions)

    def _write_pairs(
        self, terms: Sequence[bytes], tokens: Ordinals, documents: Numbers, positions: Numbers
    ) -> None:
        """Write the models that are counted in the text."""
        vocabulary = [to_text(term) for term in terms]
        arrays = count_language(tokens, documents, positions, vocabulary)
        write_arrays(self.segment.path(self._directory, PAIRS), arrays)


def _joined(columns: Sequence[tuple[Numbers, ...]]) -> list[Numbers]:
    nothing = (np.empty(0, np.int32),) * 3
    return [np.concatenate(parts) for parts in zip(nothing, *columns, strict=True)]


def invert(terms: Numbers, documents: Numbers, positions: Numbers) -> Postings:
    """Sort tokens, given by document and position, into postings by term.

    `terms` are ordinals from 0 on, each used at least once; the arrays are aligned.
    """
    order = stable_order(terms)
    occurrences = np.bincount(terms)
    term_starts = np.cumsum(occurrences) - occurrences
    by_term = documents[order]
    first = np.empty(len(terms), np.bool_)
    np.not_equal(by_term[1:], by_term[:-1], out=first[1:])
    first[term_starts] = True
    starts = np.flatnonzero(first)
    counts = np.diff(np.searchsorted(starts, term_starts), append=len(starts))
    frequencies = np.diff(starts, append=len(terms)).astype(np.int32)
    return Postings(counts, by_term[starts], frequencies, positions[order])


def _seconds(article: Article) -> int:
    """Give the time of publication in seconds since 1970 UTC, rounded down."""
    if article.published is None:
        return int(NO_DATE)
    return int(article.published.timestamp() // 1)
