"""Where is pyvi's model, and is it the one we know? The bytes of its weights and word lists.

pyvi is found but never imported: that takes a second, scikit-learn, scipy and crfsuite. Its
weights are a binary file of CRFsuite inside a pickle. Both files must be the known ones, to the
byte, before anything is read from them.
"""

import io
import pickle
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar, Self

_CRF_FILE = "pyvi3.pkl"
_WORDS_FILE = "words.txt"
_KNOWN_FILES = {
    _CRF_FILE: "6cdd73aee04b6a4ad7320ca85d27d931a7ef870cfdd41beb148e86bdb8aca134",
    _WORDS_FILE: "517743d27e71d43343e4b8e9e89015cdc68d84ebe1d48106449e501d918ece4a",
}


class ModelError(RuntimeError):
    """pyvi is not installed, or its model is not the one that this segmenter can decode."""


def crf_file() -> bytes:
    """Read pyvi's weights: a file of CRFsuite.

    Raises `ModelError` where pyvi is missing or its files are not those of pyvi 0.1.1.
    """
    pickled = _checked(_models_folder() / _CRF_FILE)
    estimator = _ModelUnpickler(io.BytesIO(pickled)).load()
    content: bytes = vars(vars(estimator)["modelfile"])["__FILE_RESOURCE_DATA__"]
    return content


def words_file() -> bytes:
    """Read pyvi's list of words, one a line, its syllables separated by one space, in UTF-8.

    Raises `ModelError` as `crf_file` does.
    """
    return _checked(_models_folder() / _WORDS_FILE)


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
