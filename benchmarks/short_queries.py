"""Short queries (3.5 syllables on average, like those of real users), cut from long ones."""

from collections.abc import Mapping, Sequence
from random import Random

from index.vietnamese import Language
from index.vietnamese.syllables import syllables
from search.engines.contract import IndexReader
from search.ranking import idf


def shortened(queries: Mapping[str, str], reader: IndexReader) -> dict[str, str]:
    """Return for each query its 3 or 4 consecutive syllables with the highest sum of idf.

    Stop syllables and question phrases count 0; of equal windows the first is taken.
    """
    return {qid: _shortened(text, Random(f"short {qid}"), reader) for qid, text in queries.items()}


def _shortened(text: str, chance: Random, reader: IndexReader) -> str:
    tokens = syllables(text)
    size = chance.choice((3, 4))
    if len(tokens) <= size:
        return text
    weights = _idfs([token.text for token in tokens], reader)
    starts = range(len(tokens) - size + 1)
    start = max(starts, key=lambda at: (sum(weights[at : at + size]), -at))
    return text[tokens[start].start : tokens[start + size - 1].end]


def _idfs(terms: Sequence[str], reader: IndexReader) -> list[float]:
    """Return the idf of each content syllable, 0 of others and of unknown ones."""
    language = Language.default()
    frequencies = reader.term_statistics([("text", term) for term in terms]).document_frequencies
    asked = language.question_syllables(terms)
    return [
        0.0
        if term in language.stop_syllables or is_asked or not frequency
        else idf(reader.article_count, frequency)
        for term, is_asked, frequency in zip(terms, asked, frequencies, strict=True)
    ]
