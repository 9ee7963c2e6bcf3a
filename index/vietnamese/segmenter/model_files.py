"""The files of pyvi's model: the weights of its CRF, and its word list.

Both files come from pyvi 0.1.1 (MIT, see `model/LICENSE.txt`) and are in the folder `model`. The
weights are a CRFsuite file inside a pickle. The SHA-256 of each file is checked before anything is
read from it.
"""

import io
import pickle
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar, Self

MODEL_FOLDER = Path(__file__).parent / "model"

_CRF_FILE = "pyvi3.pkl"
_WORDS_FILE = "words.txt"
_SHA256 = {
    _CRF_FILE: "6cdd73aee04b6a4ad7320ca85d27d931a7ef870cfdd41beb148e86bdb8aca134",
    _WORDS_FILE: "517743d27e71d43343e4b8e9e89015cdc68d84ebe1d48106449e501d918ece4a",
}


class ModelError(RuntimeError):
    """A model file is missing or unreadable, or is not that of pyvi 0.1.1."""


def crf_file(folder: Path = MODEL_FOLDER) -> bytes:
    """Return pyvi's weights: the bytes of a CRFsuite model file.

    Raises `ModelError` if the file is missing or is not that of pyvi 0.1.1.
    """
    pickled = _checked(folder / _CRF_FILE)
    estimator = _ModelUnpickler(io.BytesIO(pickled)).load()
    content: bytes = vars(vars(estimator)["modelfile"])["__FILE_RESOURCE_DATA__"]
    return content


def words_file(folder: Path = MODEL_FOLDER) -> bytes:
    """Return pyvi's word list in UTF-8: one word per line, syllables separated by one space.

    Raises `ModelError` as `crf_file` does.
    """
    return _checked(folder / _WORDS_FILE)


def _checked(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(
            f"{path}: cannot read the segmenter's model ({error}); install the package again"
        ) from error
    if sha256(content).hexdigest() != _SHA256[path.name]:
        raise ModelError(
            f"{path}: not the model file of pyvi 0.1.1 that this program was made for; "
            "install the package again"
        )
    return content


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
