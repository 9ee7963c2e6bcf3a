"""The weights of pyvi's CRF, as the difference between labels I and B."""

import struct
from functools import cache
from typing import NamedTuple

from index.vietnamese.segmenter.model_files import model


class Transitions(NamedTuple):
    """Weights of label pairs: `bi` is that of I after B. B begins a word, I continues it."""

    bb: float
    bi: float
    ib: float
    ii: float


class Weights(NamedTuple):
    """The weights of the model: of each attribute by CRFsuite's name, and of pairs of labels."""

    attributes: dict[str, float]
    transitions: Transitions

    def of_token(self, token: str) -> tuple[float, float, float]:
        """Return what a token, in lower case, adds to three scores; 0 for an unknown one.

        They are its own, that of the next token, and that of the previous one: "-1:" names an
        attribute of the previous token, so it is what a token adds to the next score.
        """
        weight = self.attributes.get
        name = f"word.lower():{token}"
        return weight(name, 0.0), weight(f"-1:{name}", 0.0), weight(f"+1:{name}", 0.0)


@cache
def weights() -> Weights:
    """Return the weights, built once per process. Raises `ModelError` as `model_files` does."""
    names = model().attributes
    values = struct.unpack(f"<{len(names)}d", model().weights)
    return Weights(dict(zip(names, values, strict=True)), Transitions(*model().transitions))
