"""Queries as short as people type them: 3.5 syllables on average, cut out of long ones."""

from collections.abc import Mapping, Sequence
from random import Random

from index.vietnamese import Language
from index.vietnamese.syllables import syllables
from search.engines.contract import IndexReader
from search.ranking import idf


def shortened(queries: Mapping[str, str], reader: IndexReader) -> dict[str, str]:
    """Cut 3 or 4 syllables that stand side by side out of each query: those that say most.

    That is the window with the highest sum of idf, where stop syllables and question phrases
    count nothing; the first of equals.
    """
    return {qid: _shortened(text, Random(f"short {qid}"), reader) for qid, text in queries.items()}


def _shortened(text: str, chance: Random, reader: IndexReader) -> str:
    places = syllables(text)
    size = chance.choice((3, 4))
    if len(places) <= size:
        return text
    told = _told([place.text for place in places], reader)
    starts = range(len(places) - size + 1)
    start = max(starts, key=lambda at: (sum(told[at : at + size]), -at))
    return text[places[start].start : places[start + size - 1].end]


def _told(terms: Sequence[str], reader: IndexReader) -> list[float]:
    language = Language.default()
    frequencies = reader.term_statistics([("text", term) for term in terms]).document_frequencies
    asking = language.question_syllables(terms)
    return [
        0.0
        if term in language.stop_syllables or asks or not frequency
        else idf(reader.article_count, frequency)
        for term, asks, frequency in zip(terms, asking, frequencies, strict=True)
    ]
