"""Finds the newest titles that begin with some letters in a cluster."""

from index.models.titles import (
    LETTERS,
    READ_FOR_EACH,
    DatedTitle,
    TitlesFound,
    begins_with,
    first_letters,
)
from index.opensearch.documents import title_start
from index.opensearch.mapping import ARTICLE, SEQUENCE, TITLE_START
from search.engines.opensearch.queries import Json

_NO_DATE = -(1 << 63)


def titles_body(letters: str, size: int) -> Json:
    """Return the search for the newest titles that begin with some folded letters."""
    start = title_start(letters)
    # Only the first letters are indexed; the rest is compared here, so more titles are read.
    is_whole = len(first_letters(letters)) < LETTERS
    prefix_query = (
        {"prefix": {TITLE_START: {"value": start}}} if is_whole else {"term": {TITLE_START: start}}
    )
    return {
        "query": {"bool": {"filter": [prefix_query]}},
        "size": size if is_whole else READ_FOR_EACH * size,
        # It only matters whether there are more titles than are shown.
        "track_total_hits": size + 1,
        "sort": [
            {"published": {"order": "desc", "missing": "_last"}},
            {SEQUENCE: {"order": "asc"}},
        ],
        "_source": [f"{ARTICLE}.title", "published"],
    }


def titles_found(answer: Json, letters: str, size: int) -> TitlesFound:
    """Return the titles of a response to `titles_body`."""
    sources = [hit["_source"] for hit in answer["hits"]["hits"]]
    titles = [
        DatedTitle(int(source.get("published", _NO_DATE)), source[ARTICLE]["title"])
        for source in sources
    ]
    newest = [
        title for title in titles if len(letters) < LETTERS or begins_with(title.title, letters)
    ]
    return TitlesFound(int(answer["hits"]["total"]["value"]), tuple(newest[:size]))
