"""Near-duplicates among articles: signatures at indexing time, groups at search time.

Two signatures of 64 bytes estimate the Jaccard similarity of the texts' shingles of three
syllables. Every shingle is hashed once and the least hash in each of 64 bins is kept (one
permutation hashing: Li, Owen and Zhang, 2012); an empty bin takes that of the next full one
(densification: Shrivastava and Li, 2014); one byte of each hash is stored (b-bit minwise hashing:
Li and König, 2010). Candidate pairs agree in one of twelve bands of five bytes (locality-sensitive
hashing).

    >>> import numpy as np
    >>> terms = np.array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9] * 2, np.int32)
    >>> documents = np.repeat(np.arange(2, dtype=np.int32), 10)
    >>> found = signatures(terms, documents, [str(n) for n in range(10)], 2)
    >>> groups(found).tolist()
    [0, 0]
"""

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.native import kernels

BINS = 64
"""Bytes of a signature: the estimate of a similarity of 0.8 has a standard error of 0.05."""

SHINGLE_SYLLABLES = 3
"""Syllables of a shingle: shingles of two are too common, and an edit changes more of the shingles
of four. Arbitrary."""

MIN_SHINGLES = 8
"""Shingles that a text needs for a signature; shorter texts would agree by chance. Arbitrary."""

MIN_SHARE = 0.75
"""The share of equal bytes from which two articles are near-duplicates: then about 0.75 of their
shingles are equal, as in reprints with another lead. Arbitrary (docs/decisions/near-duplicates.md).
"""

_BANDS, _ROWS = 12, 5  # P(candidate pair) = 1 - (1 - s^5)^12: 0.96 for s = 0.75, 0.31 for s = 0.5
_MAX_SLOT_BITS = 20
"""Band keys are counted in at most 2 ** 20 slots (8 MB). Most keys are alone in their slot and need
no sorting: of 188,687 articles, a tenth is sorted. Few articles get fewer slots, at least sixteen
per key."""
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_ODD = (np.uint64(0xD1B54A32D192ED03), np.uint64(0x8CB92BA72F3D8DD7))
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))  # of splitmix64

MAX_TOGETHER = 1 << 18
"""Shingles, or terms, that are hashed at a time, at about 60 bytes each; a long article has
millions. Arbitrary."""

Signatures = NDArray[np.uint8]
"""A row of `BINS` bytes for each article; all zero for one without a signature."""


def signatures(
    terms: NDArray[np.int32],
    documents: NDArray[np.int32],
    vocabulary: Sequence[str],
    count: int,
    max_together: int = MAX_TOGETHER,
) -> Signatures:
    """Return the signatures of `count` articles: uint8, one row per article.

    `terms` are the syllables of the texts in reading order, as ordinals of the vocabulary, and
    `documents` the article of each, ascending. A signature depends on the text only, not on the
    vocabulary or the batch.
    """
    found = np.zeros((count, BINS), np.uint8)
    if len(terms) < SHINGLE_SYLLABLES:
        return found
    term_hashes = _term_hashes(vocabulary, max_together)
    if kernels:
        flat, counts = kernels.min_hashes(terms, documents, term_hashes, count)
    else:
        flat, counts = _least_hashes(terms, documents, term_hashes, count, max_together)
    least, enough = flat.reshape(count, BINS), counts >= MIN_SHINGLES
    stored = (_filled(least[enough]) >> np.uint64(20)).astype(np.uint8)
    stored[~stored.any(axis=1), 0] = 1  # all zero means none
    found[enough] = stored
    return found


def _least_hashes(
    terms: NDArray[np.int32],
    documents: NDArray[np.int32],
    term_hashes: NDArray[np.uint64],
    count: int,
    max_together: int,
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return the least hash of a shingle in each bin of each article, and its shingles."""
    flat = np.full(count * BINS, np.iinfo(np.uint64).max, np.uint64)
    counts = np.zeros(count, np.int64)
    for start in range(0, len(terms) - 2, max_together):
        part = slice(start, start + max_together + SHINGLE_SYLLABLES - 1)
        hashes, owners = term_hashes[terms[part]], documents[part]
        # Odd multiples keep the hashes uniform and make the order of the syllables matter.
        shingles = hashes[:-2] * _ODD[0] + hashes[1:-1] * _ODD[1] + hashes[2:]
        within = owners[:-2] == owners[2:]
        shingles, owners = shingles[within], owners[:-2][within].astype(np.int64)
        bins = owners * BINS + (shingles >> np.uint64(58)).astype(np.int64)
        np.minimum.at(flat, bins, shingles)
        counts += np.bincount(owners, minlength=count)
    return flat, counts


def _term_hashes(vocabulary: Sequence[str], max_together: int) -> NDArray[np.uint64]:
    hashes = np.empty(len(vocabulary), np.uint64)
    for start in range(0, len(vocabulary), max_together):
        part = vocabulary[start : start + max_together]
        # No term contains a NUL, so all can be encoded in one call.
        encoded = "\0".join(part).encode("utf-8", "surrogatepass").split(b"\0")
        found = np.fromiter(map(zlib.crc32, encoded), np.uint64, len(part))
        hashes[start : start + len(part)] = _mixed(found)
    return hashes


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the values hashed by the finaliser of splitmix64."""
    mixed = values + _GOLDEN
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _MIX[0]
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _MIX[1]
    return mixed ^ (mixed >> np.uint64(31))


def _filled(least: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the least hashes with empty bins filled: the next full bin's value, rehashed."""
    empty = least == np.iinfo(np.uint64).max
    # Two copies side by side, so that the search for the next full bin wraps around.
    twice = np.concatenate([empty, empty], axis=1)
    full = np.where(twice, 2 * BINS, np.arange(2 * BINS))
    following = np.minimum.accumulate(full[:, ::-1], axis=1)[:, ::-1][:, :BINS]
    steps = (following - np.arange(BINS)).astype(np.uint64)
    values = np.take_along_axis(least, following % BINS, axis=1)
    return np.where(empty, _mixed(values + steps), values)


def groups(found: Signatures) -> NDArray[np.int32]:
    """Return for each article the number of the first one in its group, its own if it has none.

    Groups are transitive: a chain of near-duplicates is one group. 188,687 articles take 0.13 s of
    CPU (0.33 s if all keys of a band are sorted).
    """
    group = np.arange(len(found), dtype=np.int32)
    known = np.flatnonzero(found.any(axis=1))
    if len(known) < 2:
        return group
    signed = found[known]
    for band in range(_BANDS):
        keys = _band_keys(signed, band)
        shared = _maybe_shared(keys)
        if not len(shared):
            continue
        keys, sharing = keys[shared], known[shared]
        order = np.argsort(keys, kind="stable")
        ordered, members = keys[order], sharing[order]
        starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
        firsts = np.repeat(members[starts], np.diff(np.append(starts, len(members))))
        # Compare each article with the first of its bucket, and with its predecessor in it.
        before = np.concatenate([members[:1], members[:-1]])
        same_bucket = np.concatenate([[False], ordered[1:] == ordered[:-1]])
        for others in (firsts, np.where(same_bucket & (before != firsts), before, members)):
            _unite(group, members, others, found)
    return _roots(group)


def _band_keys(found: Signatures, band: int) -> NDArray[np.uint64]:
    """Return the bytes of one band of each signature as an integer."""
    keys = np.zeros(len(found), np.uint64)
    for row in range(band * _ROWS, (band + 1) * _ROWS):
        keys = keys << np.uint64(8) | found[:, row]
    return keys


def _maybe_shared(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the indices of keys that may occur more than once; the others need no sorting."""
    bits = min(_MAX_SLOT_BITS, len(keys).bit_length() + 4)
    slots = (keys * _GOLDEN) >> np.uint64(64 - bits)
    return np.flatnonzero(np.bincount(slots.astype(np.int64), minlength=1)[slots] > 1)


def _unite(
    group: NDArray[np.int32],
    members: NDArray[np.int64],
    others: NDArray[np.int64],
    found: Signatures,
) -> None:
    """Unite the groups of each (member, other) that are similar enough (union-find), in place."""
    pairs = group[members] != group[others]  # otherwise the same article, or already united
    members, others = members[pairs], others[pairs]
    similar = (found[members] == found[others]).sum(axis=1) >= MIN_SHARE * BINS
    for member, other in zip(members[similar].tolist(), others[similar].tolist(), strict=True):
        one, two = _root(group, member), _root(group, other)
        if one != two:
            group[max(one, two)] = min(one, two)


def _root(group: NDArray[np.int32], member: int) -> int:
    """Return the root of a member's group, and compress the path to it."""
    root = member
    while (above := int(group[root])) != root:
        root = above
    while int(group[member]) != root:
        group[member], member = root, int(group[member])
    return root


def _roots(group: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the root of every member."""
    while not np.array_equal(above := group[group], group):
        group = above
    return group
