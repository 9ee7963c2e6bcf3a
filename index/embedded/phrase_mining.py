"""The phrases of a finished segment: mined from its own fields, written to a file beside them."""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.embedded.limits import LIMITS, WriteLimits
from index.embedded.postings import PostingsField
from index.embedded.segment import COMPLETIONS, OpenSegment, Segment
from index.embedded.term_dictionary import to_text
from index.embedded.term_ranges import common_term_ranges, live_document_frequencies
from index.models.completions import completion_arrays
from index.models.frequent_ngrams import TitleTokens
from index.models.mined_phrases import (
    MAX_MINED_TITLES,
    MAX_TITLE_SYLLABLES,
    compounds_and_lone_syllables,
    mine_phrases,
)
from index.models.titles import title_arrays
from index.storage.array_writer import write_arrays
from index.vietnamese import Language


def write_phrases(directory: Path, segment: Segment, limits: WriteLimits = LIMITS) -> Segment:
    """Mine a segment whose other files are complete; return it with the new file, synced.

    Raises OSError if that fails.
    """
    opened = OpenSegment(directory, segment)
    dictionary = [to_text(term) for term in opened.fields["title"].dictionary]
    titles = _titles(opened, limits.mined_postings)
    arrays = _mined(opened, titles, dictionary, limits) | title_arrays(titles, dictionary)
    path = segment.path(directory, COMPLETIONS)
    return segment.with_file(COMPLETIONS, write_arrays(path, arrays))


def mined_again(segment: OpenSegment, limits: WriteLimits = LIMITS) -> dict[str, NDArray[Any]]:
    """Return the sections of the phrases that a build of the live documents would mine."""
    dictionary = [to_text(term) for term in segment.fields["title"].dictionary]
    return _mined(segment, _titles(segment, limits.mined_postings), dictionary, limits)


def first_mined(live: NDArray[np.bool_]) -> int:
    """Return the first document whose title is mined: there is a limit, the newest count."""
    newest = np.flatnonzero(live)[-MAX_MINED_TITLES:]
    return int(newest[0]) if len(newest) else 0


def _mined(
    segment: OpenSegment, titles: TitleTokens, dictionary: Sequence[str], limits: WriteLimits
) -> dict[str, NDArray[Any]]:
    live, at_once = segment.live(), limits.mined_postings
    words, text = (
        _article_counts(segment.fields[name], live, at_once) for name in ("words", "text")
    )
    compounds, lone_syllables = compounds_and_lone_syllables(words, text, frozenset(dictionary))
    segment.release_pages()
    mined = mine_phrases(titles, dictionary, compounds, lone_syllables, _stop_syllables())
    return completion_arrays(*mined)


@cache
def _stop_syllables() -> frozenset[str]:
    """Return the package's stop syllables, cached for frequent small writes."""
    return Language.default().stop_syllables


def _titles(segment: OpenSegment, at_once: int) -> TitleTokens:
    """Return the tokens of the newest titles, which are stored by term, in reading order."""
    field = segment.fields["title"]
    is_mined = segment.live()
    is_mined[: first_mined(is_mined)] = False
    terms, articles, positions = [], [], []
    for [(first, last)] in common_term_ranges([field], at_once):
        postings = field.span(first, last)
        assert postings.positions is not None  # noqa: S101 - titles have positions
        ordinals = np.repeat(np.arange(first, last, dtype=np.int32), postings.counts)
        kept = np.repeat(is_mined[postings.doc_ids], postings.frequencies)
        kept &= postings.positions < MAX_TITLE_SYLLABLES
        terms.append(np.repeat(ordinals, postings.frequencies)[kept])
        articles.append(np.repeat(postings.doc_ids, postings.frequencies)[kept])
        positions.append(postings.positions[kept])
    nothing = np.empty(0, np.int32)
    all_terms, all_articles, all_positions = (
        np.concatenate([nothing, *arrays]) for arrays in (terms, articles, positions)
    )
    order = np.lexsort((all_positions, all_articles))
    return TitleTokens(all_terms[order], all_articles[order], all_positions[order])


def _article_counts(
    field: PostingsField, live: NDArray[np.bool_], at_once: int
) -> Iterator[tuple[str, int]]:
    """Yield each term of a field that live documents have, and how many of them do."""
    if live.all():
        counts = field.document_frequencies()
    else:
        every = range(len(field.dictionary))
        counts = live_document_frequencies(field, every, live, at_once)
    for term, count in zip(field.dictionary, counts.tolist(), strict=True):
        if count:
            yield to_text(term), count
