"""Forms of writing: one for Unicode and tone placement (`canonical`), one unmarked (`fold`).

Vietnamese text reaches us composed (NFC), decomposed (NFD), with its combining marks in any
order, with Ð (U+00D0, eth) for Đ (U+0110), with the tone on either of two vowels (hòa, hoà), in
styled or full-width letters, and with invisible characters inside of words.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice

from index.vietnamese.characters import composed, decomposed, plain
from index.vietnamese.memo import Memo

_TONES = "\u0300\u0301\u0303\u0309\u0323"  # grave, acute, tilde, hook above, dot below
_HATS = "\u0302\u0306"  # circumflex, breve: of the tones' own combining class, so NFC keeps order
_TWINS = str.maketrans("ÐðƉɖ", "ĐđĐđ")
_UNMARKED = str.maketrans(
    {
        **dict(zip("đłøħıŧɨʉƀɓɗɠƙƥƭƴƶ", "dlohitiubbdgkptyz", strict=True)),
        "æ": "ae",
        "œ": "oe",
        "ß": "ss",
        "þ": "th",
        "ŋ": "ng",
        "ĸ": "k",
    }
)
"""Letters that Unicode does not decompose, as they are written without marks."""

UNMARKED_VIETNAMESE = str.maketrans(
    {
        unicodedata.normalize("NFC", vowel + hat + tone): vowel
        for vowel in "aeiouy"
        for hat in ("", "\u0302", "\u0306", "\u031b")
        for tone in ("", *_TONES)
        if len(unicodedata.normalize("NFC", vowel + hat + tone)) == 1
    }
    | {"đ": "d"}
)
"""The composed lower-case letters of Vietnamese without their marks."""

_MIXED_MARKS = re.compile(f"[{_TONES}{_HATS}]{{2,}}")
_DIACRITICS = re.compile("[\u0300-\u036f]+")
_LETTERS = re.compile(  # a whole run of them, beside no mark that would not compose
    r"(?<![^\W\d_])(?<![\u0300-\u036f])[^\W\d_]{2,}+(?![\u0300-\u036f])"
)

_SYLLABLE = re.compile(
    r"(?P<onset>gi(?=[aăâeêoôơuư])|qu(?=[aăâeêioôơy])"
    r"|ngh|ng|nh|ch|gh|kh|ph|th|tr|[bcdđghklmnprstvx])?"
    r"(?P<nucleus>iêu|yêu|oai|oao|oay|oeo|uây|uôi|uya|uyê|uyu|ươi|ươu|uêu"
    r"|ai|ao|au|ay|âu|ây|eo|êu|ia|iê|iu|oa|oă|oe|oi|oo|ôi|ôô|ơi"
    r"|ua|uâ|uê|ui|uô|uơ|uy|ưa|ưi|ươ|ưu|yê|[aăâeêioôơuưy])"
    r"(?P<coda>ch|ng|nh|[cmnpt])?"
)


def canonical(text: str) -> str:
    """Return the text in NFC with one spelling for what Vietnamese writes in several ways.

    Marks compose in whatever order they came (base + tone + circumflex as well), eth becomes Đ,
    and the tone of a syllable stands where the traditional rule of Vietnamese schools and papers
    puts it: hòa, khỏe, thủy; toàn, quý, giá, gìn. A tone put on another letter (hoà, nứơc, tòan,
    qúy) moves there. Letters that are no Vietnamese syllable keep their marks. What
    `characters.plain` changes is changed. Case is kept, as are all other signs. Idempotent.

    >>> canonical("hoà Ðà qúy ＵＳＢ")
    'hòa Đà quý USB'
    """
    text = plain(text)
    if text.isascii():
        return text
    text = composed(text).translate(_TWINS)
    if "\u0302" in text or "\u0306" in text:  # a hat that NFC could not compose
        text = decomposed(text)
        text = _MIXED_MARKS.sub(lambda marks: _hats_first(marks[0]), text)
        text = composed(text)
    return _LETTERS.sub(lambda letters: _tone_placed(letters[0]), text)


def fold(text: str) -> str:
    """Return the text in lower case without tones, hats and other diacritics; đ becomes d.

    Two texts with the same `fold` differ in marks, case or form only. Idempotent.

    >>> fold("Đắk Lắk, Łódź, Nesbø")
    'dak lak, lodz, nesbo'
    """
    usual = text.lower().translate(UNMARKED_VIETNAMESE)
    if usual.isascii():  # nothing but Vietnamese letters had marks: a third of the time
        return usual
    text = plain(text).lower()
    bare = _DIACRITICS.sub("", decomposed(text)).translate(_TWINS)
    return composed(bare.translate(_UNMARKED))


def fold_all(texts: Iterable[str]) -> list[str]:
    """Return the `fold` of each text, in a fifth of the time where there are many short ones."""
    each = list(texts)
    folded = fold("\n".join(each)).split("\n")  # nothing composes with a line end
    return folded if len(folded) == len(each) else list(map(fold, each))


MAX_FOLDED_TOGETHER = 1 << 14
"""Texts that `fold_each` keeps in memory at a time; arbitrary, no slower than all of them."""


def fold_each(texts: Iterable[str], max_together: int = MAX_FOLDED_TOGETHER) -> Iterator[str]:
    """Yield the `fold` of each text; of millions only some are in memory.

    >>> list(fold_each(["Hà", "Nội"]))
    ['ha', 'noi']
    """
    rest = iter(texts)
    while some := list(islice(rest, max_together)):
        yield from fold_all(some)


def _hats_first(marks: str) -> str:
    return "".join(sorted(marks, key=lambda mark: mark not in _HATS))


def _with_tone_placed(letters: str) -> str:
    """Move the one tone of a syllable to its place; anything else comes back as it was."""
    if letters.isascii():
        return letters
    apart = decomposed(letters)
    tones = [mark for mark in apart if mark in _TONES]
    if len(tones) != 1:
        return letters
    bare = composed(apart.replace(tones[0], ""))
    syllable = _SYLLABLE.fullmatch(bare.lower())
    if syllable is None:
        return letters
    after = syllable.start("nucleus") + _toned_vowel(syllable["nucleus"], syllable["coda"]) + 1
    return composed(bare[:after] + tones[0] + bare[after:])


_tone_placed = Memo(_with_tone_placed).__getitem__


def _toned_vowel(nucleus: str, coda: str | None) -> int:
    """Return the place of the letter of the nucleus that carries the tone."""
    for hatted in ("ăâêôơ", "ư"):
        places = [place for place, vowel in enumerate(nucleus) if vowel in hatted]
        if places:
            return places[-1]
    if coda:
        return len(nucleus) - 1
    return 1 if len(nucleus) == 3 else 0
