"""Block checksums of arrays: a CRC-32 per 4 kB, verified when a block is first read."""

from zlib import crc32

import numpy as np
from numpy.typing import NDArray

BLOCK = 1 << 12
"""Bytes per checksum: reading a rare term verifies a few blocks, and files grow by 0.1 %."""


class BlockSums:
    """The checksums of a stream of bytes."""

    def __init__(self) -> None:
        self._sums: list[int] = []
        self._last = self._filled = 0

    def add(self, content: memoryview) -> None:
        """Append bytes to the stream."""
        # `filling` bytes complete the last block.
        filling = min(-self._filled % BLOCK, len(content))
        if self._filled:
            self._last = crc32(content[:filling], self._last)
            self._filled += filling
            if self._filled < BLOCK:
                return
            self._sums.append(self._last)
        whole = filling + (len(content) - filling) // BLOCK * BLOCK
        self._sums += [
            crc32(content[start : start + BLOCK]) for start in range(filling, whole, BLOCK)
        ]
        self._last, self._filled = crc32(content[whole:]), len(content) - whole

    def sums(self) -> NDArray[np.uint32]:
        """Return the checksum of each block; the last one may be short."""
        return np.array([*self._sums, *([self._last] if self._filled else [])], np.uint32)


def blocks_of(size: int) -> int:
    """Return the number of blocks in `size` bytes."""
    return -(-size // BLOCK)


class Checked:
    """Bytes whose blocks are verified by their checksums, each once; safe for many threads."""

    def __init__(self, content: memoryview, sums: NDArray[np.uint32]) -> None:
        self._content = content
        self._sums = sums
        self._unverified = bytearray(b"\1") * len(sums)

    def are_sound(self, start: int, stop: int) -> bool:
        """Return whether the blocks of the bytes [start, stop) are undamaged; verify each once."""
        end = blocks_of(stop)
        block = self._unverified.find(1, start // BLOCK, end)
        while block >= 0:
            if crc32(self._content[block * BLOCK : (block + 1) * BLOCK]) != self._sums[block]:
                return False
            self._unverified[block] = 0
            block = self._unverified.find(1, block + 1, end)
        return True

    def reset(self) -> None:
        """Forget which blocks were verified."""
        self._unverified = bytearray(b"\1") * len(self._sums)
