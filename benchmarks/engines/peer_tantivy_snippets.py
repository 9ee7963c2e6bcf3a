"""tantivy with its own snippets: like `peer_tantivy`, with title and body also stored as text.

Snippets need the text in a field whose tokenizer yields the words of the query: "default", which
splits at punctuation and lower-cases.
"""

from collections.abc import Callable
from pathlib import Path

import tantivy

from benchmarks.engines.contest import Query
from benchmarks.engines.corpora import ReadyTokens
from benchmarks.engines.peer_tantivy import HEAP_BYTES, Tantivy
from search.results.snippets import SNIPPET_LENGTH

SHOWN = {"shown_title": 1000, "shown_body": SNIPPET_LENGTH}
"""The fields shown of a hit, and the length of each snippet in characters: titles are whole."""


def build_index(tokens: ReadyTokens, directory: Path) -> None:
    """Build an index from tokens, with one thread."""
    directory.mkdir()
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("text", tokenizer_name="whitespace", index_option="position")
    for name in SHOWN:
        builder.add_text_field(name, stored=True, index_option="basic")
    writer = tantivy.Index(builder.build(), str(directory)).writer(HEAP_BYTES, num_threads=1)
    for article, texts in tokens.texts():
        document = tantivy.Document()
        for part in texts["text"].split("\n"):
            document.add_text("text", part)
        document.add_text("shown_title", article.title)
        document.add_text("shown_body", f"{article.summary}\n{article.body}")
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()


class TantivySnippets(Tantivy):
    """A searcher of such an index."""

    def prepare_page(self, query: Query) -> Callable[[], object]:
        """Return a function that finds the best 10 for any word and highlights title and body."""
        wanted = self._query(query)
        any_word = {name: self._any_word(query, name) for name in SHOWN}

        def page() -> list[list[str]]:
            generators = []
            for name, length in SHOWN.items():
                made = tantivy.SnippetGenerator.create(
                    self._searcher, any_word[name], self._schema, name
                )
                made.set_max_num_chars(length)
                generators.append(made)
            found = self._searcher.search(wanted, 10, count=False)
            documents = [self._searcher.doc(address) for _, address in found.hits]
            return [
                [made.snippet_from_doc(document).to_html() for made in generators]
                for document in documents
            ]

        return page

    def _any_word(self, query: Query, field: str) -> tantivy.Query:
        return tantivy.Query.boolean_query(
            [
                (tantivy.Occur.Should, tantivy.Query.term_query(self._schema, field, term, "basic"))
                for term in query.terms
            ]
        )
