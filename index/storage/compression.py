"""Compression of blocks of articles by Zstandard, with dictionaries trained on the articles.

Articles of a corpus resemble each other: a dictionary makes blocks smaller by a seventh. A frame
has the number of its dictionary, 0 for none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import local

import zstandard

MAX_BLOCK_BYTES = 1 << 28
"""Bytes of the largest article that is stored or read back; arbitrary."""

SAMPLE_BYTES = 4 << 20
"""Bytes of articles that a dictionary is trained on, which takes 0.1 s and 50 MB."""

RETRAIN_BYTES = 128 << 20
"""Bytes of articles after which a new dictionary is trained; arbitrary."""

_DICTIONARY_BYTES = 256 << 10
"""Blocks are 3 % smaller than with 112 kB, the default of `zstd --train`; with 512 kB no smaller,
as the dictionaries are counted too."""

_MAX_SAMPLED_BYTES = 1 << 16  # of one article, so that none fills the sample alone

_K, _D = 200, 8
"""Parameters k and d of zstd's COVER algorithm: lengths of segments and of counted substrings.
Arbitrary; letting zstd choose them takes longer."""

_LEVEL = 6
"""Compresses blocks by 7 % more than level 3, which is 2.5 % of an index, and takes 4 % of the CPU
of a build; level 9 takes as much again for another 3 %. Reading takes the same time."""


class Dictionary:
    """A Zstandard dictionary with its number; safe for many threads."""

    def __init__(self, content: bytes) -> None:
        """Raise ValueError for bytes that are not a dictionary."""
        self.content = content
        self.data = zstandard.ZstdCompressionDict(content, dict_type=zstandard.DICT_TYPE_FULLDICT)
        self.number = self.data.dict_id()
        if not self.number:
            raise ValueError("a dictionary without a number")
        self._of_thread = local()

    @property
    def decompressor(self) -> zstandard.ZstdDecompressor:
        """The decompressor of this thread, created once: a block takes 28 us instead of 46."""
        decompressor: zstandard.ZstdDecompressor | None = getattr(
            self._of_thread, "decompressor", None
        )
        if decompressor is None:
            decompressor = self._of_thread.decompressor = zstandard.ZstdDecompressor(self.data)
        return decompressor


@dataclass(frozen=True, slots=True)
class Frame:
    """A compressed block of lines, and the dictionary that it needs."""

    content: bytes
    dictionary: Dictionary | None

    def lines(self) -> list[bytes]:
        """Return the lines. Raises ValueError for a damaged frame."""
        try:
            if zstandard.frame_content_size(self.content) not in range(MAX_BLOCK_BYTES + 1):
                raise ValueError("its size is inconsistent")
            known = self.dictionary
            decompressor = known.decompressor if known else zstandard.ZstdDecompressor()
            return decompressor.decompress(self.content).split(b"\n")
        except zstandard.ZstdError as error:
            raise ValueError(str(error)) from error


def dictionary_number(content: bytes) -> int:
    """Return the number of the dictionary that a frame needs. Raises ValueError for no frame."""
    try:
        return zstandard.get_frame_parameters(content).dict_id
    except zstandard.ZstdError as error:
        raise ValueError(str(error)) from error


class Compression:
    """Compresses a sequence of blocks; all segments of one write share their dictionaries."""

    def __init__(self) -> None:
        self._dictionary: Dictionary | None = None
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL)
        self._left = 0

    @property
    def should_train(self) -> bool:
        """Whether a new dictionary should be trained on the next `SAMPLE_BYTES` bytes."""
        return self._left <= 0

    def train(self, lines: Sequence[bytes]) -> None:
        """Train a dictionary on these lines; keep the old one if that fails."""
        self._left = RETRAIN_BYTES
        samples: list[bytes | bytearray | memoryview] = [
            line[:_MAX_SAMPLED_BYTES] for line in lines
        ]
        try:
            trained = zstandard.train_dictionary(
                _DICTIONARY_BYTES, samples, k=_K, d=_D, level=_LEVEL
            )
        except zstandard.ZstdError:  # too few lines, or all the same
            return
        self.use(Dictionary(trained.as_bytes()))

    def use(self, dictionary: Dictionary | None) -> None:
        """Compress with this dictionary from now on."""
        if dictionary is not self._dictionary:
            self._dictionary = dictionary
            data = dictionary.data if dictionary else None
            self._compressor = zstandard.ZstdCompressor(level=_LEVEL, dict_data=data)

    def compress(self, lines: Sequence[bytes]) -> Frame:
        """Compress a block."""
        block = b"\n".join(lines)
        self._left -= len(block)
        return Frame(self._compressor.compress(block), self._dictionary)
