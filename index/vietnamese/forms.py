"""Normal forms: `canonical` unifies Unicode and tone placement, `fold` also removes the marks.

Vietnamese text comes composed (NFC) or decomposed (NFD), with combining marks in any order, with
Ð (U+00D0, eth) for Đ (U+0110), with the tone on either of two vowels (hòa, hoà), in styled or
full-width letters, and with invisible characters inside words.
"""

import codecs
import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice

from index.vietnamese.characters import composed, decomposed, plain
from index.vietnamese.memo import Memo

_TONES = "\u0300\u0301\u0303\u0309\u0323"  # grave, acute, tilde, hook above, dot below
# Circumflex and breve have the combining class of the tone marks above, so NFC does not reorder
# them.
_HATS = "\u0302\u0306"
_LOOKALIKES_OF_D = str.maketrans("ÐðƉɖ", "ĐđĐđ")
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
"""Letters that Unicode does not decompose, and their forms without marks."""

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
"""Translation table from the composed lower-case letters of Vietnamese to unmarked ones."""

# A character set of ASCII and these letters, and the unmarked letter of each of its bytes: with
# both the codec does without a lookup in a dictionary for each character.
_CHARACTER_SET = "".join(map(chr, [*range(128), *(set(UNMARKED_VIETNAMESE) - set(range(128)))]))
_TO_CHARACTER_SET = codecs.charmap_build(_CHARACTER_SET.ljust(256, "\ufffe"))  # U+FFFE: no letter
_UNMARKED_BYTES = _CHARACTER_SET.translate(UNMARKED_VIETNAMESE).encode().ljust(256)

_MIXED_MARKS = re.compile(f"[{_TONES}{_HATS}]{{2,}}")
_DIACRITICS = re.compile("[\u0300-\u036f]+")
_LETTERS = re.compile(  # a maximal run of letters, with no uncomposed mark on either side
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
    """Return the text in NFC, with each syllable in its one canonical spelling.

    Marks are composed whatever their order (base + tone + circumflex too), eth becomes Đ, and the
    tone mark is placed by the traditional rule of Vietnamese schools and newspapers: hòa, khỏe,
    thủy; toàn, quý, giá, gìn. A tone mark on another letter (hoà, nứơc, tòan, qúy) is moved. Runs
    of letters that are not Vietnamese syllables keep their marks where they are. `characters.plain`
    is applied. Case and all other characters are kept. Idempotent.

    >>> canonical("hoà Ðà qúy ＵＳＢ")
    'hòa Đà quý USB'
    """
    text = plain(text)
    if text.isascii():
        return text
    text = composed(text).translate(_LOOKALIKES_OF_D)
    if "\u0302" in text or "\u0306" in text:  # a circumflex or breve that NFC could not compose
        text = decomposed(text)
        text = _MIXED_MARKS.sub(lambda marks: _hats_first(marks[0]), text)
        text = composed(text)
    return _LETTERS.sub(lambda letters: _tone_placed(letters[0]), text)


def fold(text: str) -> str:
    """Return the text in lower case without tone marks and other diacritics; đ becomes d.

    Two texts with the same `fold` differ in marks, case or Unicode form only. Idempotent.

    >>> fold("Đắk Lắk, Łódź, Nesbø")
    'dak lak, lodz, nesbo'
    """
    usual = _usual_fold(text)
    return _any_fold(text) if usual is None else usual


def _usual_fold(text: str) -> str | None:
    """Return the `fold` of a text of ASCII and Vietnamese letters, of another None."""
    try:
        encoded, _ = codecs.charmap_encode(text.lower(), "strict", _TO_CHARACTER_SET)
    except UnicodeEncodeError:
        return None
    return encoded.translate(_UNMARKED_BYTES).decode("ascii")


def _any_fold(text: str) -> str:
    text = plain(text).lower()
    bare = _DIACRITICS.sub("", decomposed(text)).translate(_LOOKALIKES_OF_D)
    return composed(bare.translate(_UNMARKED))


def fold_all(texts: Iterable[str]) -> list[str]:
    """Return the `fold` of each text; five times as fast as one by one for many short texts."""
    each = list(texts)
    together = _usual_fold("\n".join(each))  # nothing composes across a line feed
    if together is not None:
        folded = together.split("\n")
        return folded if len(folded) == len(each) else list(map(fold, each))
    usual = list(map(_usual_fold, each))
    others = [text for text, folded in zip(each, usual, strict=True) if folded is None]
    rest = _any_fold("\n".join(others)).split("\n")
    if len(rest) != len(others):
        return list(map(fold, each))
    following = iter(rest)
    return [next(following) if folded is None else folded for folded in usual]


MAX_FOLDED_TOGETHER = 1 << 14
"""Texts that `fold_each` folds at a time. Arbitrary; as fast as folding all at once."""


def fold_each(texts: Iterable[str], max_together: int = MAX_FOLDED_TOGETHER) -> Iterator[str]:
    """Yield the `fold` of each text, with at most `max_together` of them in memory.

    >>> list(fold_each(["Hà", "Nội"]))
    ['ha', 'noi']
    """
    rest = iter(texts)
    while some := list(islice(rest, max_together)):
        yield from fold_all(some)


def _hats_first(marks: str) -> str:
    return "".join(sorted(marks, key=lambda mark: mark not in _HATS))


def _with_tone_placed(letters: str) -> str:
    """Return a syllable with its one tone mark in the canonical place; other texts unchanged."""
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
    """Return the index of the letter of the nucleus that carries the tone mark."""
    for hatted in ("ăâêôơ", "ư"):
        places = [place for place, vowel in enumerate(nucleus) if vowel in hatted]
        if places:
            return places[-1]
    if coda:
        return len(nucleus) - 1
    return 1 if len(nucleus) == 3 else 0
