"""The files of pyvi's model: the weights of its CRF, and its word list.

Both files come from pyvi 0.1.1 (MIT, see `model/LICENSE.txt`) and are in the folder `model`. The
weights are a CRFsuite file inside a pickle. The SHA-256 of each file is checked before anything is
read from it. Only `index.vietnamese.prepare` reads them; the program itself reads `model_files`.
"""

import io
import json
import pickle
import struct
from base64 import b64encode
from collections import defaultdict
from pathlib import Path
from typing import Any, ClassVar, Self

from index.vietnamese.forms import canonical
from index.vietnamese.segmenter.model_files import MODEL_FOLDER, ModelError, checked
from index.vietnamese.segmenter.weights import Transitions, Weights

_CRF_FILE, _CRF_SHA256 = (
    "pyvi3.pkl",
    "6cdd73aee04b6a4ad7320ca85d27d931a7ef870cfdd41beb148e86bdb8aca134",
)
_WORDS_FILE, _WORDS_SHA256 = (
    "words.txt",
    "517743d27e71d43343e4b8e9e89015cdc68d84ebe1d48106449e501d918ece4a",
)


def prepared(folder: Path = MODEL_FOLDER) -> str:
    """Return pyvi's model as the JSON that `model_files` reads.

    Raises `ModelError` as `crf_file` does.
    """
    attributes, transitions = weights_of(crf_file(folder))
    content = words_file(folder).decode()
    syllables = list(dict.fromkeys(content.split()))
    rests: dict[str, list[str]] = defaultdict(list)
    for first, *rest in (line.split(" ") for line in sorted(content.split("\n"))):
        if 1 <= len(rest) <= 2:  # longer words have no weight in the model
            rests[first].append(" ".join(rest))
    others: dict[str, list[str]] = defaultdict(list)
    for syllable in syllables:
        if (form := canonical(syllable.lower())) != syllable:
            others[form].append(syllable)
    fields = {
        "attributes": list(attributes),
        "weights": b64encode(struct.pack(f"<{len(attributes)}d", *attributes.values())).decode(),
        "transitions": transitions,
        "syllables": " ".join(syllables),
        "words": ";".join("|".join((first, *rest)) for first, rest in rests.items()),
        "other_spellings": others,
    }
    return json.dumps(fields, ensure_ascii=False, indent=0) + "\n"


def crf_file(folder: Path = MODEL_FOLDER) -> bytes:
    """Return pyvi's weights: the bytes of a CRFsuite model file.

    Raises `ModelError` if the file is missing or is not that of pyvi 0.1.1.
    """
    pickled = checked(folder / _CRF_FILE, _CRF_SHA256)
    estimator = _ModelUnpickler(io.BytesIO(pickled)).load()
    content: bytes = vars(vars(estimator)["modelfile"])["__FILE_RESOURCE_DATA__"]
    return content


def words_file(folder: Path = MODEL_FOLDER) -> bytes:
    """Return pyvi's word list in UTF-8: one word per line, syllables separated by one space.

    Raises `ModelError` as `crf_file` does.
    """
    return checked(folder / _WORDS_FILE, _WORDS_SHA256)


_HEADER = struct.Struct("<4sI4sIIIIIIIII")
_FEATURE = struct.Struct("<IIId")  # kind, from, to (a label), weight
_SIZE = struct.Struct("<I")
_STATE = 0  # the kind of state features (attribute to label); others are transitions


def weights_of(crf: bytes) -> Weights:
    """Return the weight of each attribute (I minus B) and the transitions of a CRFsuite file.

    CRFsuite 0.12: `crf1d_model.c`, `cqdb.c`.
    """
    _, _, _, _, _, _, attribute_count, features_offset, labels_offset, attributes_offset, _, _ = (
        _HEADER.unpack_from(crf)
    )
    labels = _strings(crf, labels_offset, 2)
    if labels != ["B_W", "I_W"]:
        raise ModelError(f"pyvi's model has the labels {labels}, not B_W and I_W")
    (count,) = struct.unpack_from("<I", crf, features_offset + 8)
    start = features_offset + 12
    weights = [0.0] * attribute_count
    transitions = {}
    for kind, source, label, weight in _FEATURE.iter_unpack(
        crf[start : start + count * _FEATURE.size]
    ):
        if kind == _STATE:
            weights[source] += weight if label else -weight
        else:
            transitions[source, label] = weight
    names = _strings(crf, attributes_offset, attribute_count)
    return Weights(
        dict(zip(names, weights, strict=True)),
        Transitions(transitions[0, 0], transitions[0, 1], transitions[1, 0], transitions[1, 1]),
    )


def _strings(crf: bytes, database_offset: int, count: int) -> list[str]:
    """Return the strings of a CQDB (CRFsuite's constant database) in the order of their ids."""
    (backward_offset,) = struct.unpack_from("<I", crf, database_offset + 20)
    records = struct.unpack_from(f"<{count}I", crf, database_offset + backward_offset)
    strings = []
    for record in records:
        start = database_offset + record + 8
        (size,) = _SIZE.unpack_from(crf, start - 4)
        strings.append(crf[start : start + size - 1].decode())
    return strings


class _Inert:
    """A stand-in for the classes that the pickle names: it has attributes and no behaviour."""

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
    """Builds inert objects and byte strings only, and refuses all other names.

    A pickle may call any function that it names. The hash of the file has been checked, so this is
    a second defence, for when somebody replaces the file and its hash.
    """

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
            raise pickle.UnpicklingError(f"the model names {module}.{name}") from None
