"""Text in legacy Vietnamese encodings: recognised by its syllables, converted to Unicode.

Before Unicode, Vietnamese was written in TCVN3 (ABC fonts), VNI, VISCII, VIQR and Windows-1258.
Such text still occurs as bytes of a file, or as Latin-1 letters in a UTF-8 file ("ViÖt Nam",
"Vieät Nam"), as does UTF-8 that was encoded twice ("Viá»‡t Nam"). The words with marks show it: in
each of 300 real articles at least 0.927 of them are Vietnamese syllables, in text decoded with the
wrong table at most 0.71.

    >>> recognise("Vieät Nam coù nhieàu soâng nuùi.")
    'vni'
    >>> convert("Vieät Nam", "vni")
    'Việt Nam'
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple

from index.corpus.resources import read_resource_lines
from index.corpus.viqr import convert_viqr, may_be_viqr
from index.vietnamese.characters import composed
from index.vietnamese.phonology import is_syllable

MIN_SHARE = 0.85
"""Minimum share of syllables among the marked words of Vietnamese text.

No false alarm in 300 real articles; wrongly decoded text reached 0.71.
"""

MIN_GAIN = 0.1
"""Minimum increase of that share by a conversion; arbitrary."""

MIN_MARKED_WORDS = 5
"""Distinct marked words that a text needs to be converted; fewer may be foreign names.

With 3, one in several hundred thousand texts of random letters was converted (a property test).
"""

MIN_MARKED_WORDS_TO_WARN = 8
"""Marked words that a text needs for a warning about its low share; arbitrary."""

MIN_VIQR_MARKED = 0.3
"""Minimum share of marked words in converted VIQR; Vietnamese has 0.6 to 0.8."""

SAMPLE_CHARACTERS = 2000
"""Characters of a text that are examined: about 400 words, 0.1 ms."""


SUSPECT_CHARACTERS = 1000
"""Characters that are searched for letters foreign to Vietnamese: 5 microseconds."""


class Share(NamedTuple):
    """The number of marked words, the fraction of them that are syllables, and of all words."""

    marked: int
    fraction: float
    words: int


_WORD = re.compile("[A-Za-z\u00aa-\u00ff\u0100-\u024f\u1e00-\u1eff\u0300-\u036f]+")


def syllable_share(text: str) -> Share:
    """Return the share of Vietnamese syllables among the marked words of a text.

    >>> syllable_share("Hà Nội có 12 quận; Besançon thì không")
    Share(marked=7, fraction=0.8571428571428571, words=7)
    """
    words = _WORD.findall(text[:SAMPLE_CHARACTERS])
    marked = [word for word in words if not word.isascii()]
    good = sum(is_syllable(word.lower()) for word in marked)
    return Share(len(marked), good / len(marked) if marked else 1.0, len(words))


# Windows-1252 has punctuation at most bytes from 80 to 9F, where Latin-1 has control codes.
_CP1252 = {byte: bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(256)}
_BYTE_OF = {character: byte for byte, character in _CP1252.items()} | {
    chr(byte): byte for byte in range(256)
}


def _latin(raw: bytes) -> str:
    return raw.decode("latin-1")


@cache
def _letters(name: str) -> Mapping[int, str]:
    """Read the table of an encoding: bytes and their letters."""
    pairs = (
        pair.split("=") for line in read_resource_lines(f"{name}.txt") for pair in line.split()
    )
    return {int(byte, 16): _escaped(letter) for byte, letter in pairs}


def _escaped(letter: str) -> str:
    code = letter.removeprefix("U+")
    return letter if code == letter else chr(int(code, 16))


def _by_table(name: str) -> Callable[[str], str]:
    """Return the conversion of a single-byte encoding, from text decoded as Latin-1.

    Bytes from 80 to A0 may also be punctuation of Windows-1252, typed between letters of the
    encoding: they are taken as letters only if that makes a syllable.
    """

    @cache
    def tables() -> tuple[dict[int, str], dict[int, str], re.Pattern[str]]:
        letters = _letters(name)
        everything = {code: letter for byte, letter in letters.items() for code in _codes(byte)}
        unambiguous = {
            code: letter for code, letter in everything.items() if code not in _AMBIGUOUS
        }
        ambiguous = "".join(map(chr, sorted(_AMBIGUOUS & everything.keys())))
        return (
            everything,
            unambiguous,
            re.compile(rf"\w*[{re.escape(ambiguous)}][\w{re.escape(ambiguous)}]*"),
        )

    def convert_text(text: str) -> str:
        everything, unambiguous, ambiguous = tables()

        def resolved(word: re.Match[str]) -> str:
            letters = word[0].translate(everything)
            if len(word[0]) > 1 and is_syllable(letters.lower()):
                return letters
            return "".join(_CP1252.get(ord(character), character) for character in word[0])

        return composed(ambiguous.sub(resolved, text).translate(unambiguous))

    return convert_text


def _codes(byte: int) -> set[int]:
    return {byte, ord(_CP1252[byte])}


_AMBIGUOUS = {code for byte in range(0x80, 0xA1) for code in _codes(byte)}


def _from_cp1258(text: str) -> str:
    """Convert Windows-1258 text that was decoded as Windows-1252 or Latin-1."""
    return composed(text.translate(_CP1258))


_CP1258 = {
    byte: bytes([byte]).decode("cp1258", "ignore") or chr(byte) for byte in range(0x80, 0x100)
}


@cache
def _vni_table() -> tuple[re.Pattern[str], dict[str, str]]:
    pairs = (pair.split("=") for line in read_resource_lines("vni.txt") for pair in line.split())
    table: dict[str, str] = {}
    for letter, written in pairs:
        table[written] = letter
        table[written.upper()] = table[written[0].upper() + written[1:]] = letter.upper()
    longest_first = sorted(table, key=len, reverse=True)
    return re.compile("|".join(longest_first)), table


def _from_vni(text: str) -> str:
    pattern, table = _vni_table()
    return pattern.sub(lambda found: table[found[0]], text)


_CONTINUATION = "".join({chr(code) for byte in range(0x80, 0xC0) for code in _codes(byte)})
_TWICE = re.compile(
    f"[\u00c2-\u00df][{re.escape(_CONTINUATION)} ]"
    f"|[\u00e0-\u00ef][{re.escape(_CONTINUATION)}]{{2}}|[\u00f0-\u00f4][{re.escape(_CONTINUATION)}]{{3}}"
)
_MAX_ROUNDS = 2  # text that was encoded three times has been seen, but none encoded more often


def _from_twice_encoded(text: str) -> str:
    """Convert UTF-8 that was decoded as Windows-1252 or Latin-1, once or twice."""

    def decoded(found: re.Match[str]) -> str:
        # The second byte of "à" is a no-break space, which often becomes a plain space.
        written = found[0].replace(" ", "\xa0") if found[0][0] == "Ã" else found[0]
        if " " in written:
            return found[0]
        try:
            return bytes(_BYTE_OF[character] for character in written).decode()
        except UnicodeDecodeError:
            return found[0]

    for _ in range(_MAX_ROUNDS):
        converted = _TWICE.sub(decoded, text)
        if converted == text:
            break
        text = converted
        if "Ã" not in text and "Ä" not in text and "á»" not in text:
            break
    return composed(text)


CONVERSIONS: Mapping[str, Callable[[str], str]] = {
    "tcvn3": _by_table("tcvn3"),
    "vni": _from_vni,
    "viscii": _by_table("viscii"),
    "viqr": convert_viqr,
    "cp1258": _from_cp1258,
    "utf-8 twice": _from_twice_encoded,
}
"""By encoding, the function that converts a text decoded as Latin-1 or Windows-1252."""

# Characters that Vietnamese text in Unicode hardly ever has.
_SUSPECT = re.compile(
    "[\x01-\x08\x0e-\x1f\x80-\x9f\u00a1-\u00aa\u00ac-\u00af\u00b1\u00b4-\u00ba\u00bc-\u00bf"
    "\u00c4-\u00c7\u00ce-\u00d1\u00d6-\u00d8\u00db\u00dc\u00de-\u00df"
    "\u00e4-\u00e7\u00eb\u00ee-\u00f1\u00f6-\u00f8\u00fb\u00fc\u00fe-\u0101\u0104-\u010f"
    "\u0112-\u0127\u012a-\u0167\u016a-\u019f\u01a2-\u01ae\u01b1-\u024f]"
)


def is_suspect(text: str) -> bool:
    """Return whether a text may be in a legacy encoding: it has letters foreign to Vietnamese.

    All the encodings here show such letters within a few words; this takes a tenth of the time of
    `recognise`.
    """
    sample = text[:SUSPECT_CHARACTERS]
    if sample.isascii():
        return may_be_viqr(sample, MIN_MARKED_WORDS)
    return _SUSPECT.search(sample) is not None


def recognise(text: str, share: Share | None = None) -> str | None:
    """Return the encoding whose conversion makes a text Vietnamese; None if none does.

    Also None if the text is already Vietnamese, or too short. `share` is the text's
    `syllable_share`, if it is known.
    """
    before = share or syllable_share(text)
    if before.fraction >= MIN_SHARE and before.marked >= MIN_MARKED_WORDS:
        return None
    return _best(text[:SAMPLE_CHARACTERS], before)


def recognise_bytes(raw: bytes) -> str | None:
    """Return the encoding of bytes that are not UTF-8; None if none makes them Vietnamese."""
    return _best(_latin(raw), Share(0, 0.0, 0))


def _best(sample: str, before: Share) -> str | None:
    best, best_share = None, max(MIN_SHARE, before.fraction + MIN_GAIN if before.marked else 0)
    for name, conversion in CONVERSIONS.items():
        converted = conversion(sample)
        if converted == sample:
            continue
        after = syllable_share(converted)
        if name == "viqr" and after.marked < MIN_VIQR_MARKED * after.words:
            continue
        if after.fraction >= best_share and _has_evidence(converted):
            best, best_share = name, after.fraction + 1e-9
    return best


def _has_evidence(text: str) -> bool:
    """Return whether a text has enough distinct marked syllables of two letters or more."""
    words = {word.lower() for word in _WORD.findall(text) if len(word) > 1 and not word.isascii()}
    return sum(map(is_syllable, words)) >= MIN_MARKED_WORDS


def convert(text: str, encoding: str) -> str:
    """Return a text in one of `CONVERSIONS`, decoded as Latin-1 or Windows-1252, in Unicode."""
    return CONVERSIONS[encoding](text)


def decode(raw: bytes, encoding: str) -> str:
    """Decode bytes in one of `CONVERSIONS`; every byte is valid."""
    text = CONVERSIONS[encoding](_latin(raw))
    # Control codes that the encoding did not convert are punctuation of Windows-1252.
    return text.translate(_PUNCTUATION)


_PUNCTUATION = {byte: _CP1252[byte] for byte in range(0x80, 0xA0)}
