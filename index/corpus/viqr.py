"""VIQR, Vietnamese in ASCII: "Vie^.t Nam" (RFC 1456).

>>> convert_viqr("Vie^.t Nam ddo+n gia?n.")
'Việt Nam đơn giản.'
"""

import re
import unicodedata

from index.vietnamese.forms import canonical
from index.vietnamese.phonology import is_syllable

_LIKELY = re.compile(r"[aeouAEOU][(^+]|[dD][dD]|[aeiouyAEIOUY][`~]")


def may_be_viqr(text: str, min_marks: int) -> bool:
    """Return whether a text has `min_marks` marks of VIQR or more that other ASCII rarely has.

    >>> may_be_viqr("Co^.ng ho`a xa~ ho^.i chu? nghi~a", 5), may_be_viqr("Is it? Yes.", 1)
    (True, False)
    """
    return len(_LIKELY.findall(text)) >= min_marks


_HATS = {"(": "\u0306", "^": "\u0302", "+": "\u031b", "*": "\u031b"}
_TONES = {"'": "\u0301", "`": "\u0300", "?": "\u0309", "~": "\u0303", ".": "\u0323"}
_LETTER = re.compile(
    r"\\(?P<escaped>[\\(^+*'`?~.dD])|(?P<d>[dD])[dD]"
    r"|(?P<vowel>[aeiouyAEIOUY])(?:(?P<hat>[(^+*])(?P<toned>['`?~.]?)|(?P<tone>['`?~.]))"
)


def convert_viqr(text: str) -> str:
    r"""Convert VIQR ("Vie^.t Nam"), whose tones "." and "?" also end sentences.

    Careful writers escape punctuation ("nha\\."). In texts without escapes, a mark after a vowel
    that cannot have the tone ("ai?"), or at the end of a sentence, is punctuation.
    """
    escapes = "\\." in text or "\\?" in text

    def letter(found: re.Match[str]) -> str:
        if found["escaped"]:
            return found["escaped"]
        if found["d"]:
            return "Đ" if found["d"] == "D" else "đ"
        vowel = found["vowel"] + _HATS.get(found["hat"] or "", "")
        tone = found["toned"] or found["tone"] or ""
        kept = ""
        if tone in (".", "?") and not escapes and _ends_sentence(found, vowel, tone):
            tone, kept = "", tone
        composed = unicodedata.normalize("NFC", vowel + _TONES.get(tone, ""))
        # A diacritic that the vowel cannot have is punctuation: "i(" stays as it is.
        return composed + kept if len(composed) == 1 else found[0]

    return _LETTER.sub(letter, text)


_BEFORE = 12
"""Characters read before the last vowel of a syllable: the longest such part, "nghie^" in
"nghie^u", has six, and anything longer is not a syllable."""

_AFTER = 3
"""Characters after a mark that show whether the word or the sentence continues."""


def _ends_sentence(found: re.Match[str], vowel: str, tone: str) -> bool:
    """Return whether "." or "?" after a vowel is punctuation rather than a tone."""
    text = found.string
    after = text[found.end() : found.end() + _AFTER]
    if re.match(r"[A-Za-z(^+]", after):
        return False
    if not re.match(r"\Z|[\"')]|\s+(?![a-z])", after):
        return False
    word = re.search(r"[A-Za-z(^+*'`~?.]*\Z", text[max(0, found.start() - _BEFORE) : found.start()])
    before = _from_viqr_word(word[0]) if word else ""
    toned = unicodedata.normalize("NFC", (before + vowel + _TONES[tone]).lower())
    if not is_syllable(toned) or canonical(toned) != toned:
        return True
    return not (before[:1].isupper() or (tone == "?" and after.strip()[:1].isupper()))


def _from_viqr_word(word: str) -> str:
    """Convert the letters of a word before its last vowel, which contain no punctuation."""
    return unicodedata.normalize(
        "NFC",
        re.sub(
            r"[dD][dD]|[(^+*'`~?.]",
            lambda mark: "đ" if len(mark[0]) == 2 else (_HATS | _TONES)[mark[0]],
            word,
        ),
    )
