"""How a run of typed syllables was read: weighted candidates for each, and the best path."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """A syllable that may have been meant, and the weight, in (0, 1], of what it scores."""

    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Reading:
    """Three aligned sequences: what was typed, the best path, and all candidates.

    Every syllable is canonical and lower case. The candidates of a place come best first, and
    what was typed is among them.
    """

    typed: tuple[str, ...]
    best: tuple[str, ...]
    candidates: tuple[tuple[Candidate, ...], ...]

    @property
    def changed(self) -> bool:
        """Whether the best path is not what was typed."""
        return self.best != self.typed


def literally(typed: Sequence[str]) -> Reading:
    """Read syllables as typed."""
    syllables = tuple(typed)
    return Reading(syllables, syllables, tuple((Candidate(text, 1.0),) for text in syllables))
