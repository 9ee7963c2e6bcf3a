"""tantivy: tokens split at white space, the same fields, articles stored as JSON.

It runs under the most favourable conditions: enough memory for a single segment, and no counting
of matches, so that it can skip blocks. Our engine counts exactly within the measured time.
"""

import re
from collections.abc import Callable
from pathlib import Path

import tantivy

from benchmarks.engines.contest import Found, Kind, Query
from benchmarks.engines.corpora import ReadyTokens
from index.article_json import article_to_json

HEAP_BYTES = 1_500_000_000


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in ("text", "title", "author"):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    builder.add_text_field("words", tokenizer_name="whitespace", index_option="freq")
    for name in ("id", "source", "section"):
        builder.add_text_field(
            name, stored=name == "id", tokenizer_name="raw", index_option="basic"
        )
    builder.add_bytes_field("article", stored=True)
    return builder.build()


def build_index(tokens: ReadyTokens, directory: Path) -> None:
    """Build an index from tokens, with one thread."""
    directory.mkdir()
    writer = tantivy.Index(_schema(), str(directory)).writer(HEAP_BYTES, num_threads=1)
    for article, texts in tokens.texts():
        document = tantivy.Document()
        for name, text in texts.items():
            for part in text.split("\n"):
                document.add_text(name, part)
        for name in ("id", "source", "section"):
            document.add_text(name, getattr(article, name))
        document.add_bytes("article", article_to_json(article))
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()


class Tantivy:
    """A searcher of an index."""

    def __init__(self, directory: Path) -> None:
        index = tantivy.Index.open(str(directory))
        self._schema = index.schema
        self._searcher = index.searcher()

    def prepare(self, query: Query) -> Callable[[], object]:
        """Return a function that finds the best 10, without counting."""
        request, search = self._query(query), self._searcher.search
        return lambda: search(request, 10, count=False)

    def found(self, query: Query) -> Found:
        """Return the full results of a query."""
        result = self._searcher.search(self._query(query), 10)
        ids = tuple(self._searcher.doc(address)["id"][0] for _, address in result.hits)
        total: int = result.count
        return Found(total, ids, tuple(float(score) for score, _ in result.hits))

    def _query(self, query: Query) -> tantivy.Query:
        found = self._match(query)
        if not query.source:
            return found
        source = tantivy.Query.term_query(self._schema, "source", query.source, "basic")
        source = tantivy.Query.const_score_query(source, 0.0)
        must = tantivy.Occur.Must
        return tantivy.Query.boolean_query([(must, found), (must, source)])

    def _match(self, query: Query) -> tantivy.Query:
        if query.shape.kind is Kind.PREFIX:
            pattern = re.escape(query.terms[0]) + ".*"
            return tantivy.Query.regex_query(self._schema, "text", pattern)
        if query.shape.kind is Kind.PHRASE:
            return tantivy.Query.phrase_query(self._schema, "text", list(query.terms))
        occur = tantivy.Occur.Must if query.shape.kind is Kind.AND else tantivy.Occur.Should
        terms = [self._term(term) for term in query.terms]
        return tantivy.Query.boolean_query([(occur, term) for term in terms])

    def _term(self, term: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, "text", term, "freq")
