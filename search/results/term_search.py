"""The occurrences of a query's terms in a stored text, found without tokenising the text.

Substring search in the lower-case text takes a tenth of the time: 40 us instead of 420 for an
article of 2,500 characters and ten terms. Text that may spell a term in another way (decomposed,
with eth for Đ, with invisible characters) is tokenised after all.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

from index.native import kernels
from index.vietnamese.characters import UNUSUAL
from index.vietnamese.forms import canonical
from index.vietnamese.syllables import Occurrence, occurrences

MAX_FORMS = 45
"""Forms searched for one by one; with more, looking up each word is faster."""

_WORD = re.compile(r"\w+")
"""A token of a text without anything `UNUSUAL`."""

TermSpan = tuple[int, int, str]
"""Start and end of a term in a text, and the term."""

_NOT_PLAIN = re.compile(
    r"[^\x00-\x5e\x60-\x7f\xa0\xab\xb0\xb7\xbb\xc0-\xcf\xd1-\xef\xf1-\xfd"
    r"\u0102\u0103\u0110\u0111\u0128\u0129\u0168\u0169\u01a0\u01a1\u01af\u01b0"
    r"\u1ea0-\u1ef9\u2013\u2014\u2018\u2019\u201c\u201d\u2026]"
)
"""A character that is neither ASCII, a Vietnamese letter nor common punctuation: a check of 8 us
before `UNUSUAL`, which is exact and takes 76 us on the same text."""

_TONES = "\u0300\u0301\u0303\u0309\u0323"


def term_occurrences(
    text: str,
    terms: Collection[str],
    *,
    exact_positions: bool = False,
    spans: Sequence[TermSpan] | None = None,
) -> list[Occurrence]:
    """Return the occurrences of canonical lower-case terms, in reading order.

    Adjacent tokens have consecutive positions; the distance between others is exact only with
    `exact_positions`, which tokenises the text. `spans` are those of `plain_spans`, if known.

    >>> [(found.text, found.start) for found in term_occurrences("Giá lúa, giá gạo", ["giá"])]
    [('giá', 0), ('giá', 9)]
    """
    if spans is None and not exact_positions:
        spans = plain_spans(text, terms)
    if spans is None or exact_positions:
        return occurrences(text, frozenset(terms))
    return _numbered(text, spans)


def plain_spans(text: str, terms: Collection[str]) -> list[TermSpan] | None:
    r"""Return the spans of terms found in the lower-case text; None if it may spell some otherwise.

    >>> plain_spans("Giá lúa, giá gạo", ["giá"]), plain_spans("gia\u0301", ["giá"])
    ([(0, 3, 'giá'), (9, 12, 'giá')], None)
    """
    if kernels:
        spans = kernels.find_terms(text, _terms_of_forms(frozenset(terms)))
        if spans is not None:
            return spans
    lower, forms = text.lower(), _forms_of(frozenset(terms))
    if len(lower) != len(text) or is_unusual(text):
        return None
    if len(forms) > MAX_FORMS:
        term_of = _terms_of_forms(frozenset(terms))
        words = _WORD.finditer(lower)
        return [(*word.span(), term_of[word[0]]) for word in words if word[0] in term_of]
    found: list[TermSpan] = []
    for form, length, term in forms:
        start = lower.find(form)
        while start >= 0:
            end = start + length
            if not (lower[start - 1 : start].isalnum() or lower[end : end + 1].isalnum()):
                found.append((start, end, term))
            start = lower.find(form, end)
    found.sort()
    return found


def _numbered(text: str, found: Iterable[TermSpan]) -> list[Occurrence]:
    """Return occurrences numbered consecutively where only punctuation is between them."""
    numbered: list[Occurrence] = []
    position, last = -1, 0
    for start, end, term in found:
        # A word in between takes three characters at least, with its spaces.
        is_adjacent = start - last < 3 or not any(map(str.isalnum, text[last:start]))
        position += 1 if is_adjacent and numbered else 2
        numbered.append(Occurrence(position, term, start, end))
        last = end
    return numbered


def is_unusual(text: str) -> bool:
    r"""Return whether a text may spell a term in a way that lowering its case does not normalise.

    >>> is_unusual("Giá gạo “tăng”"), is_unusual("gia\u0301")
    (False, True)
    """
    return bool(_NOT_PLAIN.search(text)) and bool(UNUSUAL.search(text))


@lru_cache(maxsize=256)
def _forms_of(terms: frozenset[str]) -> list[tuple[str, int, str]]:
    """Return all spellings of terms with their lengths; cached for all fields of all hits."""
    return [(form, len(form), term) for term in terms for form in _written_forms(term)]


@lru_cache(maxsize=16)
def _terms_of_forms(terms: frozenset[str]) -> dict[str, str]:
    """Return the term of each of the spellings of some terms; cached for all hits."""
    return {form: term for form, _, term in _forms_of(terms)}


@lru_cache(maxsize=1 << 14)
def _written_forms(term: str) -> tuple[str, ...]:
    """Return the lower-case, composed spellings whose canonical form is this term.

    >>> sorted(_written_forms("hòa"))
    ['hoà', 'hòa']
    """
    decomposed = unicodedata.normalize("NFD", term)
    tones = [mark for mark in decomposed if mark in _TONES]
    if len(tones) != 1:
        return (term,)
    bare = unicodedata.normalize("NFC", decomposed.replace(tones[0], ""))
    moved = (
        unicodedata.normalize("NFC", bare[:i] + tones[0] + bare[i:])
        for i in range(1, len(bare) + 1)
    )
    return tuple({term, *(form for form in moved if canonical(form) == term)})
