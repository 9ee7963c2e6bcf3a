"""The interpretation of a run of typed syllables: weighted candidates, and the best path."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """A syllable that may have been meant, and the weight, in (0, 1], with which it scores."""

    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Interpretation:
    """Three aligned sequences: the syllables typed, the best path, and the candidates of each.

    Every syllable is canonical and lower case. The candidates of a slot come best first, and
    what was typed is among them. `is_partial`: a limit of work left out candidates, so that another
    interpretation may have been better.
    """

    typed: tuple[str, ...]
    best: tuple[str, ...]
    candidates: tuple[tuple[Candidate, ...], ...]
    is_partial: bool = False

    @property
    def changed(self) -> bool:
        """Whether the best path differs from what was typed."""
        return self.best != self.typed


def as_typed(typed: Sequence[str], *, is_partial: bool = False) -> Interpretation:
    """Return the interpretation that changes nothing.

    >>> as_typed(["giá", "gạo"]).changed
    False
    """
    syllables = tuple(typed)
    candidates = tuple((Candidate(text, 1.0),) for text in syllables)
    return Interpretation(syllables, syllables, candidates, is_partial)
