"""Syllables written as one word: hashtags, camel case, brands, host names.

"FPT Shop" and "FPTShop", "thế giới di động" and "theGioiDiDong", "Nghệ An ơi" and "#NgheAnOi".
Such words have neither marks nor spaces, and tokens are in lower case; so a query with spaces is
also searched as one unmarked word.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from index.vietnamese.equivalents import Equivalent
from index.vietnamese.forms import fold
from index.vietnamese.phonology import is_syllable

MAX_JOINED_SYLLABLES = 4
"""Syllables of a whole query that is also searched joined: longer hashtags are rare. Arbitrary."""


def joined_forms(syllables: Sequence[str]) -> list[Equivalent]:
    """Return the joined forms of parts of a sequence of canonical lower-case syllables.

    The parts are a short query as a whole, and in any query two neighbours that are not Vietnamese
    syllables. All have `certain=False`. Spans ascend, and may overlap.

    >>> [found.alternatives for found in joined_forms(["nghệ", "an"])]
    [(('nghean',),)]
    >>> [(found.start, found.end) for found in joined_forms("mua ở fpt shop hôm nay".split())]
    [(2, 4)]
    """
    return [
        Equivalent(start, end, ((fold("".join(syllables[start:end])),),), certain=False)
        for start, end in _spans(syllables)
        if all(map(str.isalpha, syllables[start:end]))
    ]


def _spans(syllables: Sequence[str]) -> Iterator[tuple[int, int]]:
    if 2 <= len(syllables) <= MAX_JOINED_SYLLABLES:
        yield 0, len(syllables)
        if len(syllables) == 2:
            return
    foreign = [not is_syllable(syllable) for syllable in syllables]
    for start, pair in enumerate(pairwise(foreign)):
        if all(pair) and all(len(text) > 1 for text in syllables[start : start + 2]):
            yield start, start + 2
