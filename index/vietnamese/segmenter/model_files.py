"""The segmenter's model: the weights of pyvi's CRF and its word list, prepared for loading.

`python -m index.vietnamese.prepare` makes `model/prepared.json` from the two files of pyvi 0.1.1
(see `pyvi_files`), which take five times as long to read. Its SHA-256 is checked before anything is
read from it.
"""

import json
from binascii import a2b_base64
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

MODEL_FOLDER = Path(__file__).parent / "model"
PREPARED = MODEL_FOLDER / "prepared.json"
PREPARED_SHA256 = "2607dc3265f041bfd1c0fe188297f5c84d8c05d9dcb07f644d5d75d1ee56be81"


class ModelError(RuntimeError):
    """A model file is missing or unreadable, or is not that of pyvi 0.1.1."""


class Model(NamedTuple):
    """The model as it is stored; `weights.weights` and `word_lists.word_lists` have it as tables.

    `attributes`: the names of CRFsuite's attributes. `weights`: the weight of each, I minus B, as
    little-endian float64. `transitions`: the weights of BB, BI, IB and II. `syllables`: those of
    the word list, separated by spaces. `words`: an entry for each first syllable, separated by
    ";": the syllable, then the rest of each of its words of two or three syllables, each after
    "|".
    `other_spellings`: for a canonical form, the listed syllables that are other spellings of it.
    """

    attributes: list[str]
    weights: bytes
    transitions: tuple[float, ...]
    syllables: str
    words: str
    other_spellings: dict[str, list[str]]


@cache
def model() -> Model:
    """Return the model of the package; see `read_model`."""
    return read_model()


def read_model(path: Path = PREPARED) -> Model:
    """Read a prepared model. Raises `ModelError` if it is missing or another one."""
    stored = json.loads(checked(path, PREPARED_SHA256))
    return Model(
        stored["attributes"],
        a2b_base64(stored["weights"]),
        tuple(stored["transitions"]),
        stored["syllables"],
        stored["words"],
        stored["other_spellings"],
    )


def checked(path: Path, expected_sha256: str) -> bytes:
    """Return the content of a file. Raises `ModelError` if it is missing or has another SHA-256."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(
            f"{path}: cannot read the segmenter's model ({error}); install the package again"
        ) from error
    if sha256(content).hexdigest() != expected_sha256:
        raise ModelError(
            f"{path}: not the model file of pyvi 0.1.1 that this program was made for; "
            "install the package again"
        )
    return content
