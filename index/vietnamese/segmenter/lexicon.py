"""Which pieces of text were met so far? Numbered, with what the decoder asks of them as arrays."""

from itertools import accumulate, chain, pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.vietnamese.segmenter import decoder
from index.vietnamese.segmenter.features import Token, tokens_of
from index.vietnamese.segmenter.growing import Growing, Rows

END = 0
"""The number of the piece that stands after every text of a batch, and of its only cut."""


class Cuts(NamedTuple):
    """The fields of `Token` and its `Features` for every cut of a lexicon, aligned."""

    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    own: NDArray[np.float64]
    before: NDArray[np.float64]
    after: NDArray[np.float64]
    syllables: NDArray[np.int32]
    blocked: NDArray[np.bool_]
    title: NDArray[np.bool_]


class Lexicon(dict[str, int]):
    """Gives every piece a number when it is first asked for, and remembers the pieces' tokens.

    A *cut* is one token of one piece; `rows` has the numbers of each piece's cuts, and
    `texts[n]` is cut n's text. The arrays know a piece once `learn` was called. A lexicon
    belongs to one thread, and whoever owns it takes a new one when it `is_full`.
    """

    MOST_PIECES = 1 << 18
    MOST_CHARACTERS = 1 << 22

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.texts: list[str] = []
        self.rows = Rows()
        self._cuts: list[Growing[Any]] = [Growing(dtype) for dtype in _DTYPES]
        self._characters = 0
        self._new: list[tuple[Token, ...]] = []
        self._add("", (_end_of_text(),))

    def __missing__(self, piece: str) -> int:
        return self._add(piece, tokens_of(piece))

    def _add(self, piece: str, tokens: tuple[Token, ...]) -> int:
        number = self[piece] = len(self.pieces)
        self.pieces.append(piece)
        self._characters += len(piece)
        self._new.append(tokens)
        return number

    @property
    def is_full(self) -> bool:
        """Say whether this lexicon has taken as much memory as it should."""
        return len(self.pieces) > self.MOST_PIECES or self._characters > self.MOST_CHARACTERS

    def learn(self) -> Cuts:
        """Take the pieces asked for since last time into the arrays, and give all cuts."""
        if self._new:
            texts, starts, ends, features = zip(*chain.from_iterable(self._new), strict=True)
            columns = (starts, ends, *zip(*features, strict=True))
            bounds = accumulate(map(len, self._new), initial=len(self.texts))
            self.rows.extend([range(start, end) for start, end in pairwise(bounds)])
            self.texts += texts
            for growing, column in zip(self._cuts, columns, strict=True):
                growing.extend(column)
            self._new.clear()
        return Cuts(*(growing.array() for growing in self._cuts))


_DTYPES = (np.int32, np.int32, np.float64, np.float64, np.float64, np.int32, np.bool_, np.bool_)


def _end_of_text() -> Token:
    """Give a token that is certainly B and takes from its neighbours what they cannot have.

    With it between them, the texts of a batch are decoded as one.
    """
    never = float("-inf")
    return ("", 0, 0, (never, decoder.chain().first, decoder.chain().last, 0, True, False))
