"""The weights of pyvi's CRF, as the difference between labels I and B.

Reads CRFsuite's binary format (CRFsuite 0.12: `crf1d_model.c`, `cqdb.c`).
"""

import struct
from functools import cache
from typing import NamedTuple

from index.vietnamese.segmenter.model_files import ModelError, crf_file


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
    """Read the weights, once per process. Raises `ModelError` as `crf_file` does."""
    return _read(crf_file())


_HEADER = struct.Struct("<4sI4sIIIIIIIII")
_FEATURE = struct.Struct("<IIId")  # kind, from, to (a label), weight
_SIZE = struct.Struct("<I")
_STATE = 0  # the kind of state features (attribute to label); others are transitions


def _read(crf: bytes) -> Weights:
    """Return the weight of each attribute (I minus B) and the transitions of a CRFsuite file."""
    _, _, _, _, _, _, attribute_count, features_at, labels_at, attributes_at, _, _ = (
        _HEADER.unpack_from(crf)
    )
    labels = _strings(crf, labels_at, 2)
    if labels != ["B_W", "I_W"]:
        raise ModelError(f"pyvi's model has the labels {labels}, not B_W and I_W")
    (count,) = struct.unpack_from("<I", crf, features_at + 8)
    start = features_at + 12
    weights = [0.0] * attribute_count
    transitions = {}
    for kind, source, label, weight in _FEATURE.iter_unpack(
        crf[start : start + count * _FEATURE.size]
    ):
        if kind == _STATE:
            weights[source] += weight if label else -weight
        else:
            transitions[source, label] = weight
    names = _strings(crf, attributes_at, attribute_count)
    return Weights(
        dict(zip(names, weights, strict=True)),
        Transitions(transitions[0, 0], transitions[0, 1], transitions[1, 0], transitions[1, 1]),
    )


def _strings(crf: bytes, database_at: int, count: int) -> list[str]:
    """Return the strings of a CQDB (CRFsuite's constant database) in the order of their ids."""
    (backward_at,) = struct.unpack_from("<I", crf, database_at + 20)
    records = struct.unpack_from(f"<{count}I", crf, database_at + backward_at)
    strings = []
    for record in records:
        start = database_at + record + 8
        (size,) = _SIZE.unpack_from(crf, start - 4)
        strings.append(crf[start : start + size - 1].decode())
    return strings
