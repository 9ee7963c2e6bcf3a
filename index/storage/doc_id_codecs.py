"""Which articles hold a term? Their numbers, in the smallest of five ways.

Document numbers of a term ascend. The number of bytes tells the way that they are kept in:

    bits      a bit for each document of the segment, lowest first
    nibbles   gaps of 4 bits, the low half of a byte first, fewer bytes than documents
    short     gaps of a byte
    long      gaps of 2 bytes, where plain numbers are longer
    plain     the numbers themselves

A gap is one less than the step from the document before (the first counts from -1). The highest
nibble and the highest byte are no document, but skip as many as they say; an odd number of nibbles
is followed by a skip. What takes the bytes of two ways is bits, or else plain, or else long.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.storage.packed_ints import Bytes, Numbers, Sizes, halves

_BITS, _NIBBLES, _SHORT, _LONG, _PLAIN = range(5)
_NIBBLE_SKIP = 15
_BYTE_SKIP = 255
_LONG_BYTES = 2
_LONGEST_GAP = (1 << 8 * _LONG_BYTES) - 1
_ODD_WIDTH = 3


def encode_documents(numbers: Numbers, counts: Sizes, documents: int) -> tuple[Bytes, Sizes]:
    """Encode the documents of several terms, one term after another.

    `counts` says how many of the segment's `documents` each term has (at least 1). Gives the bytes
    and how many of them each term has.
    """
    starts = np.cumsum(counts) - counts
    gaps = np.empty(len(numbers), np.int32)
    np.subtract(numbers[1:], numbers[:-1], out=gaps[1:])
    gaps[1:] -= 1
    gaps[starts] = numbers[starts]
    sizes = _smallest(gaps, starts, counts, documents)
    ways = _ways(sizes, counts, documents)
    out = np.empty(int(sizes.sum()), np.uint8)
    for way in range(5):
        chosen = ways == way
        if chosen.any():
            written = (numbers if way in (_BITS, _PLAIN) else gaps)[np.repeat(chosen, counts)]
            out[np.repeat(chosen, sizes)] = _encode(way, written, counts[chosen], documents)
    return out, sizes


def decode_documents(content: Bytes, count: int, documents: int) -> Numbers:
    """Decode the `count` documents of one term. Raises ValueError or IndexError for nonsense."""
    if len(content) == _bytes_of_bits(documents):
        bits = np.unpackbits(content, bitorder="little")
        return np.flatnonzero(bits.view(np.bool_)).astype(np.int32)
    if len(content) == count * _width(documents):
        return _from_fixed(content, _width(documents))
    if len(content) in (count, count * _LONG_BYTES):  # no byte of these is a skip
        gaps = _from_fixed(content, len(content) // count)
        gaps += 1
        gaps[0] -= 1
        even: Numbers = np.cumsum(gaps, dtype=np.int32)
        return even
    steps, skip = content, _BYTE_SKIP
    if len(content) < count:
        steps, skip = halves(content), _NIBBLE_SKIP
    posting = steps != skip
    numbers: Numbers = np.cumsum(steps, dtype=np.int32)
    numbers += np.cumsum(posting, dtype=np.int32)
    numbers -= 1
    kept: Numbers = numbers[posting]
    return kept


def decode_many(content: Bytes, sizes: Sizes, counts: Sizes, documents: int) -> Numbers:
    """Decode the documents of several terms, one term after another. Raises as for one."""
    if (counts > sizes * 8).any():
        raise ValueError("a document takes a bit at least")
    ways = _ways(sizes, counts, documents)
    numbers = np.empty(int(counts.sum()), np.int32)
    for way, terms in enumerate(np.bincount(ways).tolist()):
        if terms == len(ways):
            return _decode(way, content, sizes, counts, documents)
        if terms:
            chosen = ways == way
            written = content[np.repeat(chosen, sizes)]
            decoded = _decode(way, written, sizes[chosen], counts[chosen], documents)
            numbers[np.repeat(chosen, counts)] = decoded
    return numbers


def _width(documents: int) -> int:
    """Give the bytes of a plain number."""
    return 2 if documents <= 1 << 16 else 3 if documents <= 1 << 24 else 4


def _bytes_of_bits(documents: int) -> int:
    return -(-documents // 8)


def _smallest(gaps: Numbers, starts: Sizes, counts: Sizes, documents: int) -> Sizes:
    """Give the bytes of each term in the way that needs the fewest of them."""
    short = np.add.reduceat(gaps // _BYTE_SKIP, starts, dtype=np.int64) + counts
    steps = np.add.reduceat(gaps // _NIBBLE_SKIP, starts, dtype=np.int64) + counts
    long, plain = counts * _LONG_BYTES, counts * _width(documents)
    fits = np.maximum.reduceat(gaps, starts) <= _LONGEST_GAP
    sizes = np.where(fits, np.minimum(long, plain), plain)
    sizes = np.where((short < sizes) & (short != long), short, sizes)  # it would be read as long
    nibbles = (steps + 1) // 2
    sizes = np.where((nibbles < sizes) & (nibbles < counts), nibbles, sizes)
    return np.minimum(sizes, _bytes_of_bits(documents))


def _ways(sizes: Sizes, counts: Sizes, documents: int) -> NDArray[np.int8]:
    """Tell the way of each term by the number of its bytes."""
    ways = np.full(len(sizes), _SHORT, np.int8)
    ways[sizes < counts] = _NIBBLES
    ways[sizes == counts * _LONG_BYTES] = _LONG
    ways[sizes == counts * _width(documents)] = _PLAIN
    ways[sizes == _bytes_of_bits(documents)] = _BITS
    return ways


def _encode(way: int, written: Numbers, counts: Sizes, documents: int) -> Bytes:
    """Encode several terms in one way, from their documents or their gaps."""
    if way == _BITS:
        bits = np.zeros((len(counts), 8 * _bytes_of_bits(documents)), np.bool_)
        bits[np.repeat(np.arange(len(counts)), counts), written] = True
        return np.packbits(bits, bitorder="little")
    if way == _NIBBLES:
        nibbles = _to_steps(written, counts, _NIBBLE_SKIP, multiple=2)
        return nibbles[::2] | nibbles[1::2] << np.uint8(4)
    if way == _SHORT:
        return _to_steps(written, counts, _BYTE_SKIP, multiple=1)
    width = _LONG_BYTES if way == _LONG else _width(documents)
    return written.astype("<u4").view(np.uint8).reshape(-1, 4)[:, :width].ravel()


def _to_steps(gaps: Numbers, counts: Sizes, skip: int, multiple: int) -> Bytes:
    """Give gaps in steps of at most `skip`, each term filled up to a multiple of so many steps."""
    skips = gaps // skip
    ends = np.cumsum(skips + 1, dtype=np.int64)
    padding = -np.diff(ends[np.cumsum(counts) - 1], prepend=0) % multiple
    steps = np.full(int(ends[-1] + padding.sum()), skip, np.uint8)
    ends += np.repeat(np.cumsum(padding) - padding, counts)
    steps[ends - 1] = gaps - skips * skip
    return steps


def _decode(way: int, written: Bytes, sizes: Sizes, counts: Sizes, documents: int) -> Numbers:
    """Decode several terms that were encoded in one way."""
    if way == _BITS:
        bits = np.flatnonzero(np.unpackbits(written, bitorder="little"))
        first_bits = np.arange(len(counts), dtype=np.int64) * 8 * _bytes_of_bits(documents)
        return _aligned(bits, np.repeat(first_bits, counts))
    if way == _NIBBLES:
        steps = halves(written)
        return _running(steps, steps != _NIBBLE_SKIP, sizes * 2, counts)
    if way == _SHORT:
        return _running(written, written != _BYTE_SKIP, sizes, counts)
    if way == _LONG:
        gaps = _from_fixed(written, _LONG_BYTES)
        return _running(gaps, np.ones(len(gaps), np.bool_), counts, counts)
    return _from_fixed(written, _width(documents))


def _running(
    steps: NDArray[np.integer[Any]], posting: NDArray[np.bool_], sizes: Sizes, counts: Sizes
) -> Numbers:
    """Add up the steps of each term, `sizes` of them; give the sums where there is a `posting`."""
    running = np.cumsum(steps, dtype=np.int64) + np.cumsum(posting)
    starts = np.cumsum(sizes) - sizes
    before = running[starts] - steps[starts] - posting[starts]
    return _aligned(running[posting], np.repeat(before + 1, counts))


def _aligned(numbers: Sizes, bases: Sizes) -> Numbers:
    if len(numbers) != len(bases):
        raise ValueError(f"{len(numbers)} documents instead of {len(bases)}")
    return (numbers - bases).astype(np.int32)


def _from_fixed(content: Bytes, width: int) -> Numbers:
    """Read unsigned integers of so many bytes each."""
    if width != _ODD_WIDTH:
        whole: Numbers = content.view(f"<u{width}").astype(np.int32)
        return whole
    wide = np.zeros((len(content) // width, 4), np.uint8)
    wide[:, :width] = content.reshape(-1, width)
    numbers: Numbers = wide.ravel().view("<i4")
    return numbers
