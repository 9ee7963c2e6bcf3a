"""Weighted thresholds: the articles in sets whose weights sum to a minimum or more."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.native import kernels
from search.engines.embedded.docsets import Bits, DocIds, DocSet, bits_of_mask, common, empty, union

_PRUNED_SHARE = 0.75
"""Articles that can no longer reach the minimum are dropped if fewer than this share remain:
copying takes about as long as looking them up in one more set."""

_MAX_SETS_BY_BITS = 9
"""Up to this many sets are combined as bitsets: the combinations double with each set. With 8 or 10
a match takes a tenth longer or the same, over 406 matches of 300 queries on 188,687 records."""

_MIN_ARTICLES_BY_BITS = 1000
"""From this many articles on, bitsets are faster; flat from 300 to 2,000."""

_ALL_SUMMED_ONE_IN = 2
"""If more than one article in this many is to be looked up, sums for all articles take less time:
for 40 sets of 188,687 articles 3 to 4 ms instead of 12 to 16."""


def at_least(docsets: Sequence[DocSet], weights: Sequence[float], minimum: float) -> DocSet:
    """Return the articles in sets whose weights sum to `minimum` or more.

    >>> sets = [DocSet(9, doc_ids=np.array(ids)) for ids in ([1, 2], [2, 3], [2, 5])]
    >>> at_least(sets, [2.0, 1.0, 1.0], 3.0).as_doc_ids().tolist()
    [2]
    """
    if kernels and minimum > 0:
        by_weight = sorted(range(len(docsets)), key=lambda i: -weights[i])
        bits, total = kernels.at_least(
            [docsets[i] for i in by_weight],
            [weights[i] for i in by_weight],
            minimum,
            docsets[0].size,
        )
        return DocSet(docsets[0].size, bits=bits, total=total)
    # Pivot as in WAND: outside these smallest sets an article reaches at most `rest`, the weights
    # of the others, which is less than the minimum.
    rest, needed = sum(weights), []
    for i in sorted(range(len(docsets)), key=lambda i: docsets[i].count()):
        if rest < minimum:
            break
        needed.append(docsets[i])
        rest -= weights[i]
    # Heaviest first, so that most articles fall below the minimum early.
    order = sorted(range(len(docsets)), key=lambda i: -weights[i])
    sorted_sets, sorted_weights = [docsets[i] for i in order], [weights[i] for i in order]
    many = sum(docset.count() for docset in needed) >= _MIN_ARTICLES_BY_BITS
    if many and len(docsets) <= _MAX_SETS_BY_BITS:
        return _by_bits(sorted_sets, sorted_weights, minimum)
    candidates = union(needed, docsets[0].size)
    if candidates.count() * _ALL_SUMMED_ONE_IN > candidates.size:
        return _by_sums_of_all(sorted_sets, sorted_weights, minimum)
    return _by_doc_ids(candidates, sorted_sets, sorted_weights, minimum)


def _by_doc_ids(
    candidates: DocSet, docsets: Sequence[DocSet], weights: Sequence[float], minimum: float
) -> DocSet:
    """Return what `at_least` does among some articles, looked up in each set, heaviest first."""
    doc_ids, rest = candidates.as_doc_ids(), sum(weights)
    sums = np.zeros(len(doc_ids))
    for docset, weight in zip(docsets, weights, strict=True):
        if docset.bits is None and docset.count() < len(doc_ids):  # look up the smaller set
            _, indices = common(docset.as_doc_ids(), doc_ids)
            sums[indices] += weight
        else:
            sums += docset.contains(doc_ids) * weight
        rest -= weight
        kept = sums >= minimum - rest
        if np.count_nonzero(kept) < _PRUNED_SHARE * len(doc_ids):
            doc_ids, sums = doc_ids[kept], sums[kept]
    return DocSet(candidates.size, doc_ids=doc_ids[sums >= minimum])


def _by_sums_of_all(docsets: Sequence[DocSet], weights: Sequence[float], minimum: float) -> DocSet:
    """Return what `at_least` does, by a sum for every article of the index."""
    size = docsets[0].size
    sums, scratch = np.zeros(size), np.empty(size)
    for docset, weight in zip(docsets, weights, strict=True):
        if docset.bits is None:
            sums[docset.as_doc_ids()] += weight
        else:
            mask = np.unpackbits(docset.bits.view(np.uint8), count=size, bitorder="little")
            sums += np.multiply(mask, weight, out=scratch)
    return DocSet(size, bits=bits_of_mask(sums >= minimum))


def _by_bits(docsets: Sequence[DocSet], weights: Sequence[float], minimum: float) -> DocSet:
    """Return what `at_least` does, by a decision diagram over bitsets, heaviest sets first.

    An article is in the first set or not; either way the other sets must supply the rest. With
    64 articles in each word a query takes 130 us instead of 250, and 0.24 ms instead of 0.75 at the
    95th percentile.
    """
    rests = np.cumsum([0.0, *reversed(weights)])[::-1].tolist()

    def reaching(i: int, total: float) -> Bits | bool:
        """Return what reaches the minimum by the sets from `at` on; True for all articles."""
        if total >= minimum:
            return True
        if total + rests[i] < minimum:
            return False
        inside = reaching(i + 1, total + weights[i])
        outside = reaching(i + 1, total)
        # If all articles outside the set reach the minimum, all inside do. If none inside does but
        # some outside do, that is a rounding error of sums in another order.
        if isinstance(outside, bool) and (outside or inside is False):
            return outside
        found = docsets[i].as_bits()
        if not isinstance(inside, bool):
            found = found & inside
        return found if isinstance(outside, bool) else found | outside

    size, bits = docsets[0].size, reaching(0, 0.0)
    return empty(size) if isinstance(bits, bool) else DocSet(size, bits=bits)


def weigh_sets(
    docsets: Sequence[DocSet], weights: Sequence[float], doc_ids: DocIds
) -> NDArray[np.float64]:
    """Return for each doc id the sum of the weights of the sets that it is in."""
    sums = np.zeros(len(doc_ids))
    for docset, weight in zip(docsets, weights, strict=True):
        sums += docset.contains(doc_ids) * weight
    return sums
