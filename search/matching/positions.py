"""Where do terms stand? Phrases, and pairs of neighbours, by sorted integer keys.

A key is `document << 32 | position`, so the token after one has the key plus 1, and differences
of keys across documents are larger than any slop.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.postings.fields import Field
from index.postings.merging import spread
from index.postings.packing import Numbers

Keys = NDArray[np.int64]


def keys_of(field: Field, ordinal: int, among: Numbers | None = None) -> Keys:
    """Give the keys of a term in a segment, ascending; only of the documents `among`, ascending."""
    documents = field.documents(ordinal)
    frequencies = field.frequencies(ordinal)
    if among is None:
        positions = field.positions(ordinal)
        return (np.repeat(documents.astype(np.int64), frequencies) << 32) | positions
    places = np.searchsorted(documents, among)
    places[places == len(documents)] = 0
    places = places[documents[places] == among]
    ends = np.cumsum(frequencies, dtype=np.int64)
    chosen = frequencies[places]
    at = spread(ends[places] - chosen, chosen)
    return (np.repeat(documents[places].astype(np.int64), chosen) << 32) | field.positions_at(
        ordinal, at
    )


def phrase_documents(field: Field, phrase: Sequence[Sequence[str]], slop: int) -> Numbers:
    """Give the documents of a segment with a phrase, ascending; some may be deleted.

    Each place lists the terms that may stand there. The places follow each other in this order,
    stretched by `slop` positions at most in all.
    """
    places = []
    for terms in phrase:
        ordinals = [at for term in dict.fromkeys(terms) if (at := field.lexicon.ordinal(term)) >= 0]
        places.append(ordinals)
    if not places or not all(places):
        return np.empty(0, np.int32)
    among = _documents(field, places[0])
    for ordinals in places[1:]:
        among = np.intersect1d(among, _documents(field, ordinals), assume_unique=True)
    if not len(among) or len(places) == 1:
        return among
    starts = ends = _keys(field, places[0], among)
    for ordinals in places[1:]:
        # The next token after the earliest end so far: it leaves the most room.
        keys = _keys(field, ordinals, among)
        following = np.searchsorted(keys, ends, side="right")
        there = following < len(keys)
        starts, ends = starts[there], keys[following[there]]
    stretched = ends - starts - (len(places) - 1)
    return np.unique(starts[stretched <= slop] >> 32).astype(np.int32)


def _documents(field: Field, ordinals: Sequence[int]) -> Numbers:
    every = [field.documents(ordinal) for ordinal in ordinals]
    return every[0] if len(every) == 1 else np.unique(np.concatenate(every))


def _keys(field: Field, ordinals: Sequence[int], among: Numbers) -> Keys:
    every = [keys_of(field, ordinal, among) for ordinal in ordinals]
    return every[0] if len(every) == 1 else np.unique(np.concatenate(every))


def pair_frequencies(first: Keys, second: Keys) -> tuple[Numbers, Numbers]:
    """Give the documents where a key of `second` follows one of `first` directly, and how often."""
    at = np.searchsorted(second, first + 1)
    there = at < len(second)
    there[there] = second[at[there]] == first[there] + 1
    documents, counts = np.unique(first[there] >> 32, return_counts=True)
    return documents.astype(np.int32), counts.astype(np.int32)
