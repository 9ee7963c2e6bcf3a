"""Five codecs for ascending doc ids; each term uses the one with the fewest bytes.

The codec is not stored: it is inferred from the size. `count` doc ids of a term in a segment of
`documents` documents take

    bits      a bit per document of the segment, lowest first: documents / 8 bytes, rounded up
    plain     the doc ids themselves: exactly 2, 3 or 4 bytes each, depending on `documents`
    long      gaps of 2 bytes: exactly 2 bytes each
    short     gaps of a byte: at least 1 byte each, never exactly 2
    nibbles   gaps of 4 bits, the low half of a byte first: less than 1 byte each

and a codec is used only if its size is unambiguous. Ties are broken in the order bits, plain, long.

A gap is the difference from the previous doc id, minus one (from -1 for the first). The highest
nibble (15) and the highest byte (255) stand for no doc id: they skip that many documents. An odd
number of nibbles is padded by a skip.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.storage.packed_ints import Int32Array, Int64Array, Uint8Array, nibbles

_BITS, _NIBBLES, _SHORT, _LONG, _PLAIN = range(5)
_NIBBLE_SKIP = 15
_BYTE_SKIP = 255
_LONG_BYTES = 2
_MAX_LONG_GAP = (1 << 8 * _LONG_BYTES) - 1
_THREE_BYTES = 3  # no NumPy dtype has this width


def encode_documents(
    doc_ids: Int32Array, counts: Int64Array, documents: int
) -> tuple[Uint8Array, Int64Array]:
    """Encode the doc ids of several terms, one term after another.

    `doc_ids`: int32, ascending within a term. `counts`: int64, the number of doc ids of each term,
    at least 1. `documents` is the size of the segment. Returns the bytes, uint8, and the number of
    bytes of each term, int64.

    >>> content, sizes = encode_documents(np.array([0, 3, 5], np.int32), np.array([2, 1]), 100)
    >>> content.tolist(), sizes.tolist()  # nibbles 0 and 2 in a byte, then a "short" 5
    ([32, 5], [1, 1])
    """
    starts = np.cumsum(counts) - counts
    gaps = np.empty(len(doc_ids), np.int32)
    np.subtract(doc_ids[1:], doc_ids[:-1], out=gaps[1:])
    gaps[1:] -= 1
    gaps[starts] = doc_ids[starts]
    sizes = _smallest(gaps, starts, counts, documents)
    codecs = _codecs(sizes, counts, documents)
    out = np.empty(int(sizes.sum()), np.uint8)
    for codec in range(5):
        chosen = codecs == codec
        if chosen.any():
            written = (doc_ids if codec in (_BITS, _PLAIN) else gaps)[np.repeat(chosen, counts)]
            out[np.repeat(chosen, sizes)] = _encode(codec, written, counts[chosen], documents)
    return out, sizes


def decode_documents(content: Uint8Array, count: int, documents: int) -> Int32Array:
    """Decode the `count` doc ids of one term.

    Raises ValueError or IndexError for bytes that are not a valid encoding.

    >>> decode_documents(np.array([32], np.uint8), 2, 100).tolist()
    [0, 3]
    """
    # A faster `_codecs` and `_decode` for a single term: 1 us instead of 24 for a rare one, 35
    # instead of 108 for 4,000 doc ids. test_doc_id_codecs compares both.
    if len(content) == _bytes_of_bits(documents):
        bits = np.unpackbits(content, bitorder="little")
        return np.flatnonzero(bits.view(np.bool_)).astype(np.int32)
    if len(content) == count * _width(documents):
        return _from_fixed(content, _width(documents))
    if len(content) in (count, count * _LONG_BYTES):  # without skips
        gaps = _from_fixed(content, len(content) // count)
        gaps += 1
        gaps[0] -= 1
        summed: Int32Array = np.cumsum(gaps, dtype=np.int32)
        return summed
    steps, skip = content, _BYTE_SKIP
    if len(content) < count:
        steps, skip = nibbles(content), _NIBBLE_SKIP
    posting = steps != skip
    doc_ids: Int32Array = np.cumsum(steps, dtype=np.int32)
    doc_ids += np.cumsum(posting, dtype=np.int32)
    doc_ids -= 1
    kept: Int32Array = doc_ids[posting]
    return kept


def decode_many(
    content: Uint8Array, sizes: Int64Array, counts: Int64Array, documents: int
) -> Int32Array:
    """Decode the doc ids of several terms; raises like `decode_documents`."""
    if (counts > sizes * 8).any():
        raise ValueError("there are more postings than bits")
    codecs = _codecs(sizes, counts, documents)
    doc_ids = np.empty(int(counts.sum()), np.int32)
    for codec, terms in enumerate(np.bincount(codecs).tolist()):
        if terms == len(codecs):
            return _decode(codec, content, sizes, counts, documents)
        if terms:
            chosen = codecs == codec
            own = content[np.repeat(chosen, sizes)]
            decoded = _decode(codec, own, sizes[chosen], counts[chosen], documents)
            doc_ids[np.repeat(chosen, counts)] = decoded
    return doc_ids


def _width(documents: int) -> int:
    """Return the number of bytes of a plain doc id."""
    return 2 if documents <= 1 << 16 else 3 if documents <= 1 << 24 else 4


def _bytes_of_bits(documents: int) -> int:
    return -(-documents // 8)


def _smallest(
    gaps: Int32Array, starts: Int64Array, counts: Int64Array, documents: int
) -> Int64Array:
    """Return for each term the size in bytes of its smallest unambiguous encoding."""
    short = np.add.reduceat(gaps // _BYTE_SKIP, starts, dtype=np.int64) + counts
    steps = np.add.reduceat(gaps // _NIBBLE_SKIP, starts, dtype=np.int64) + counts
    long, plain = counts * _LONG_BYTES, counts * _width(documents)
    fits = np.maximum.reduceat(gaps, starts) <= _MAX_LONG_GAP
    sizes = np.where(fits, np.minimum(long, plain), plain)
    # A "short" of exactly 2 bytes each would be decoded as "long".
    sizes = np.where((short < sizes) & (short != long), short, sizes)
    nibble_bytes = (steps + 1) // 2
    sizes = np.where((nibble_bytes < sizes) & (nibble_bytes < counts), nibble_bytes, sizes)
    return np.minimum(sizes, _bytes_of_bits(documents))


def _codecs(sizes: Int64Array, counts: Int64Array, documents: int) -> NDArray[np.int8]:
    """Return the codec of each term, inferred from its size."""
    codecs = np.full(len(sizes), _SHORT, np.int8)
    codecs[sizes < counts] = _NIBBLES
    codecs[sizes == counts * _LONG_BYTES] = _LONG
    codecs[sizes == counts * _width(documents)] = _PLAIN
    codecs[sizes == _bytes_of_bits(documents)] = _BITS
    return codecs


def _encode(codec: int, values: Int32Array, counts: Int64Array, documents: int) -> Uint8Array:
    """Encode several terms by one codec; `values` are doc ids (bits, plain) or gaps."""
    if codec == _BITS:
        bits = np.zeros((len(counts), 8 * _bytes_of_bits(documents)), np.bool_)
        bits[np.repeat(np.arange(len(counts)), counts), values] = True
        return np.packbits(bits, bitorder="little")
    if codec == _NIBBLES:
        steps = _to_steps(values, counts, _NIBBLE_SKIP, multiple=2)
        return steps[::2] | steps[1::2] << np.uint8(4)
    if codec == _SHORT:
        return _to_steps(values, counts, _BYTE_SKIP, multiple=1)
    width = _LONG_BYTES if codec == _LONG else _width(documents)
    return values.astype("<u4").view(np.uint8).reshape(-1, 4)[:, :width].ravel()


def _to_steps(gaps: Int32Array, counts: Int64Array, skip: int, multiple: int) -> Uint8Array:
    """Split gaps into steps of at most `skip`; pad each term to a multiple of `multiple` steps."""
    skips = gaps // skip
    ends = np.cumsum(skips + 1, dtype=np.int64)
    padding = -np.diff(ends[np.cumsum(counts) - 1], prepend=0) % multiple
    steps = np.full(int(ends[-1] + padding.sum()), skip, np.uint8)
    ends += np.repeat(np.cumsum(padding) - padding, counts)
    steps[ends - 1] = gaps - skips * skip
    return steps


def _decode(
    codec: int, content: Uint8Array, sizes: Int64Array, counts: Int64Array, documents: int
) -> Int32Array:
    """Decode several terms that were encoded by one codec."""
    if codec == _BITS:
        bits = np.flatnonzero(np.unpackbits(content, bitorder="little"))
        first_bits = np.arange(len(counts), dtype=np.int64) * 8 * _bytes_of_bits(documents)
        return _rebased(bits, np.repeat(first_bits, counts))
    if codec == _NIBBLES:
        steps = nibbles(content)
        return _cumulated(steps, steps != _NIBBLE_SKIP, sizes * 2, counts)
    if codec == _SHORT:
        return _cumulated(content, content != _BYTE_SKIP, sizes, counts)
    if codec == _LONG:
        gaps = _from_fixed(content, _LONG_BYTES)
        return _cumulated(gaps, np.ones(len(gaps), np.bool_), counts, counts)
    return _from_fixed(content, _width(documents))


def _cumulated(
    steps: NDArray[np.integer[Any]],
    posting: NDArray[np.bool_],
    sizes: Int64Array,
    counts: Int64Array,
) -> Int32Array:
    """Return each term's doc ids: the running sums of its `sizes` steps at each `posting`.

    Other steps are skips, which only increase the sum.
    """
    running = np.cumsum(steps, dtype=np.int64) + np.cumsum(posting)
    starts = np.cumsum(sizes) - sizes
    before = running[starts] - steps[starts] - posting[starts]
    return _rebased(running[posting], np.repeat(before + 1, counts))


def _rebased(doc_ids: Int64Array, bases: Int64Array) -> Int32Array:
    """Subtract each term's base from its doc ids. Raises ValueError for a wrong number of them."""
    if len(doc_ids) != len(bases):
        raise ValueError(f"{len(doc_ids)} documents instead of {len(bases)}")
    return (doc_ids - bases).astype(np.int32)


def _from_fixed(content: Uint8Array, width: int) -> Int32Array:
    """Read unsigned integers of `width` bytes each."""
    if width != _THREE_BYTES:
        whole: Int32Array = content.view(f"<u{width}").astype(np.int32)
        return whole
    wide = np.zeros((len(content) // width, 4), np.uint8)
    wide[:, :width] = content.reshape(-1, width)
    numbers: Int32Array = wide.ravel().view("<i4")
    return numbers
