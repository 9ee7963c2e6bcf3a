"""What did pyvi learn? Its weights and word lists, read from the installed package's own files.

pyvi is found but never imported (that takes a second, scikit-learn, scipy and crfsuite). Its
model is a pickle around a binary file of CRFsuite (format: CRFsuite 0.12, `crf1d_model.c` and
`cqdb.c`). Both files must be the known ones, to the byte, before anything is read.
"""

import io
import pickle
import struct
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Self

_CRF_FILE = "pyvi3.pkl"
_WORDS_FILE = "words.txt"
_KNOWN_FILES = {
    _CRF_FILE: "6cdd73aee04b6a4ad7320ca85d27d931a7ef870cfdd41beb148e86bdb8aca134",
    _WORDS_FILE: "517743d27e71d43343e4b8e9e89015cdc68d84ebe1d48106449e501d918ece4a",
}


class ModelError(RuntimeError):
    """pyvi is not installed, or its model is not the one that this segmenter can decode."""


class Transitions(NamedTuple):
    """Weights of one label after another; B begins a word, I continues it."""

    bb: float
    bi: float
    ib: float
    ii: float


@dataclass(frozen=True, slots=True)
class Model:
    """The weights as differences: how much more an attribute speaks for I than for B."""

    attributes: dict[str, float]
    transitions: Transitions
    bigrams: frozenset[str]
    trigrams: frozenset[str]


@cache
def model() -> Model:
    """Read the model, once a process.

    Raises `ModelError` where pyvi is missing or its files are not those of pyvi 0.1.1.
    """
    folder = _models_folder()
    crf = _crf_bytes(_checked(folder / _CRF_FILE))
    words = _checked(folder / _WORDS_FILE).decode().split("\n")
    attributes, transitions = _read_crf(crf)
    return Model(
        attributes,
        transitions,
        frozenset(word for word in words if word.count(" ") == 1),
        frozenset(word for word in words if word.count(" ") == 2),
    )


def _models_folder() -> Path:
    spec = find_spec("pyvi")
    if spec is None or spec.origin is None:
        raise ModelError("pyvi is not installed; its model is needed: pip install pyvi==0.1.1")
    return Path(spec.origin).parent / "models"


def _checked(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: cannot read pyvi's model ({error}); reinstall pyvi") from error
    if sha256(content).hexdigest() != _KNOWN_FILES[path.name]:
        raise ModelError(
            f"{path}: not the model file of pyvi 0.1.1; pip install --force-reinstall pyvi==0.1.1"
        )
    return content


class _Inert:
    """Stands in the pickle for every class that it names; keeps attributes and does nothing."""

    def __new__(cls, *_arguments: object) -> Self:
        return super().__new__(cls)

    def __setstate__(self, state: object) -> None:
        if isinstance(state, dict):
            vars(self).update(state)


def _latin1(text: str, encoding: str) -> bytes:
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"bytes in the encoding {encoding!r}")
    return text.encode("latin1")


class _ModelUnpickler(pickle.Unpickler):
    """Builds inert objects and byte strings only; refuses every other name."""

    _NAMES: ClassVar[dict[tuple[str, str], Any]] = {
        ("sklearn_crfsuite.estimator", "CRF"): _Inert,
        ("sklearn_crfsuite._fileresource", "FileResource"): _Inert,
        ("pycrfsuite._logparser", "TrainLogParser"): _Inert,
        ("numpy.core.multiarray", "scalar"): _Inert,
        ("numpy", "dtype"): _Inert,
        ("_codecs", "encode"): _latin1,
    }

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401 - as the base class says
        try:
            return self._NAMES[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"pyvi's model names {module}.{name}") from None


def _crf_bytes(pickled: bytes) -> bytes:
    """Take the CRFsuite file out of the pickle."""
    estimator = _ModelUnpickler(io.BytesIO(pickled)).load()
    content: bytes = vars(vars(estimator)["modelfile"])["__FILE_RESOURCE_DATA__"]
    return content


_HEADER = struct.Struct("<4sI4sIIIIIIIII")
_FEATURE = struct.Struct("<IIId")  # kind, from, to (a label), weight
_STATE = 0  # the kind of a feature that leads from an attribute; others lead from a label


def _read_crf(crf: bytes) -> tuple[dict[str, float], Transitions]:
    """Read the attributes' weights (I minus B) and the transitions' from a CRFsuite file."""
    _, _, _, _, _, _, attribute_count, features_at, labels_at, attributes_at, _, _ = (
        _HEADER.unpack_from(crf)
    )
    labels = [_string(crf, labels_at, number) for number in range(2)]
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
    names = (_string(crf, attributes_at, number) for number in range(attribute_count))
    return dict(zip(names, weights, strict=True)), Transitions(
        transitions[0, 0], transitions[0, 1], transitions[1, 0], transitions[1, 1]
    )


def _string(crf: bytes, database_at: int, number: int) -> str:
    """Read the string with this number from a CQDB, CRFsuite's constant database."""
    (backward_at,) = struct.unpack_from("<I", crf, database_at + 20)
    (record,) = struct.unpack_from("<I", crf, database_at + backward_at + 4 * number)
    _, size = struct.unpack_from("<II", crf, database_at + record)
    start = database_at + record + 8
    return crf[start : start + size - 1].decode()
