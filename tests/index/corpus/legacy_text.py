"""Texts in encodings from before Unicode: the inverse of `index.corpus.legacy`."""

import unicodedata
from collections.abc import Callable, Mapping

from index.corpus.resources import read_resource_lines

_HATS = {"\u0306": "(", "\u0302": "^", "\u031b": "+"}
_TONES = {"\u0301": "'", "\u0300": "`", "\u0309": "?", "\u0303": "~", "\u0323": "."}
PLAIN_PUNCTUATION = str.maketrans(
    {"–": "-", "—": "-", "Ð": "Đ", "“": '"', "”": '"', "…": "...", "’": "'", "‘": "'"}
)


def _table(name: str) -> dict[str, int]:
    pairs = (
        pair.split("=") for line in read_resource_lines(f"{name}.txt") for pair in line.split()
    )
    return {letter: int(byte, 16) for byte, letter in pairs if not letter.startswith("U+")}


def _by_table(name: str) -> Callable[[str], bytes]:
    table = _table(name)
    return lambda text: b"".join(
        bytes([table[letter]]) if letter in table else letter.encode("cp1252", "replace")
        for letter in text
    )


def _vni(text: str) -> bytes:
    pairs = (pair.split("=") for line in read_resource_lines("vni.txt") for pair in line.split())
    table = dict(pairs)
    table |= {letter.upper(): written.upper() for letter, written in table.items()}
    return "".join(table.get(letter, letter) for letter in text).encode("cp1252", "replace")


def _cp1258(text: str) -> bytes:
    written = bytearray()
    for letter in text:
        marks = unicodedata.normalize("NFD", letter)
        tone = next((mark for mark in marks if mark in _TONES), "")
        base = unicodedata.normalize("NFC", marks.replace(tone, "") if tone else marks)
        try:
            written += letter.encode("cp1258")
        except UnicodeEncodeError:
            written += (base + tone).encode("cp1258", "replace")
    return bytes(written)


def _viqr(text: str) -> bytes:
    written, before = "", ""
    for letter in text.translate(PLAIN_PUNCTUATION):
        marks = unicodedata.normalize("NFD", letter)
        base = "".join(mark for mark in marks if mark not in _HATS and mark not in _TONES)
        open_vowel = before[:1].lower() in tuple("aeiouy") and not set(before) & _TONES.keys()
        escaped = letter in ".?" and open_vowel
        before = marks
        written += ("\\" if escaped else "") + {"đ": "dd", "Đ": "DD"}.get(letter, base)
        written += "".join(_HATS.get(mark, "") for mark in marks)
        written += "".join(_TONES.get(mark, "") for mark in marks)
    return written.encode("ascii", "replace")


WRITERS: Mapping[str, Callable[[str], bytes]] = {
    "tcvn3": _by_table("tcvn3"),
    "viscii": _by_table("viscii"),
    "vni": _vni,
    "viqr": _viqr,
    "cp1258": _cp1258,
    "utf-8 twice": str.encode,
}
"""Encoders of NFC text to each legacy encoding."""


def as_cp1252(raw: bytes) -> str:
    """Decode bytes as Windows-1252, as a Western Windows would."""
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in raw)
