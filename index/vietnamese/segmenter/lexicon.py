"""Which pieces of text were met so far? Numbered, with what the decoder asks of them as arrays."""

import numpy as np

from index.vietnamese.segmenter.decoder import chain
from index.vietnamese.segmenter.features import Token, tokens_of
from index.vietnamese.segmenter.growing import Growing, Rows

END = 0
"""The number of the piece that stands after every text of a batch, and of its only cut."""


class Lexicon(dict[str, int]):
    """Gives every piece a number when it is first asked for, and remembers the pieces' tokens.

    A *cut* is one token of one piece: cut n is `cuts[n]`, and `rows` has the cuts of each piece.
    The arrays are aligned with `cuts`. A lexicon belongs to one thread, and whoever owns it takes
    a new one when it `is_full`.
    """

    MOST_PIECES = 1 << 17
    MOST_CHARACTERS = 1 << 21

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.cuts: list[Token] = []
        self.rows = Rows()
        self.own, self.before, self.after = (Growing(np.float64) for _ in range(3))
        self.starts, self.ends, self.syllables = (Growing(np.int32) for _ in range(3))
        self.blocked, self.title = Growing(np.bool_), Growing(np.bool_)
        self._characters = 0
        self._add("", (_end_of_text(),))

    def __missing__(self, piece: str) -> int:
        return self._add(piece, tokens_of(piece))

    @property
    def is_full(self) -> bool:
        """Say whether this lexicon has taken as much memory as it should."""
        return len(self.pieces) > self.MOST_PIECES or self._characters > self.MOST_CHARACTERS

    def _add(self, piece: str, tokens: tuple[Token, ...]) -> int:
        number = self[piece] = len(self.pieces)
        self.rows.add(range(len(self.cuts), len(self.cuts) + len(tokens)))
        self.pieces.append(piece)
        self.cuts += tokens
        self._characters += len(piece)
        _, starts, ends, own, before, after, syllables, blocked, title = zip(*tokens, strict=True)
        self.starts.extend(starts)
        self.ends.extend(ends)
        self.own.extend(own)
        self.before.extend(before)
        self.after.extend(after)
        self.syllables.extend(syllables)
        self.blocked.extend(blocked)
        self.title.extend(title)
        return number


def _end_of_text() -> Token:
    """Give a token that is certainly B and takes from its neighbours what they cannot have.

    With it between them, the texts of a batch are decoded as one.
    """
    return Token(
        text="",
        start=0,
        end=0,
        own=float("-inf"),
        before=chain().first,
        after=chain().last,
        syllable=0,
        blocked=True,
        title=False,
    )
