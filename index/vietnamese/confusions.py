"""Confusion counts: which onset, nucleus, coda or tone is written for which other one, how often.

They were counted in hand-annotated misspellings and are stored in `lexicon/confusions.txt`, which
`python -m index.vietnamese.count_confusions PAIRS` prints. PAIRS has one misspelling per line: the
wrong form, a tab, the right form.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import groupby, permutations
from pathlib import Path
from typing import NamedTuple, Self

from index.vietnamese.forms import canonical
from index.vietnamese.lexicon import LexiconFile, package_file
from index.vietnamese.syllables import terms

UNSEEN = 0.25
"""The count assumed for a confusion that never occurred (additive smoothing); arbitrary."""

SOUND_ALIKE = {
    "onset": (("ch", "tr"), ("s", "x"), ("d", "gi", "r"), ("l", "n"), ("v", "d", "gi")),
    "coda": (("n", "ng"), ("t", "c")),
    "tone": (("\u0303", "\u0309"),),
}
"""Parts that are pronounced alike in some dialect (Đoàn Thiện Thuật, "Ngữ âm tiếng Việt")."""
MIN_SOUND_ALIKE_COUNT = 8
"""The least count of parts that sound alike: the annotated misspellings come from a few writers and
cover few dialects. Without it, short queries with one onset misspelled by ear keep 0.954 of their
nDCG@10."""

MAX_DIFFERING_PARTS = 2
"""Parts in which a misspelling may differ from the right form; with more, the pair is taken for two
different words and not counted."""

_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_CUT = re.compile(
    r"(?P<onset>qu(?=[aăâeêiouôơưy])|gi(?=[aăâeêouôơư])|[b-df-hj-np-tv-xzđ]*)"
    r"(?P<nucleus>[aăâeêioôơuưy]+)(?P<coda>[b-df-hj-np-tv-xzđ]*)"
)
NUCLEUS = re.compile(r"(?P<nucleus>[aăâeêioôơuưy]+)")
"""The vowels of a rhyme."""


class Parts(NamedTuple):
    """The parts of a syllable or of a misspelled one; `tone` is a combining mark or "".

    >>> parts("nghiêng")
    Parts(onset='ngh', nucleus='iê', coda='ng', tone='')
    """

    onset: str
    nucleus: str
    coda: str
    tone: str


class Confusion(NamedTuple):
    """A part as it was written and as it was meant; `kind` names a field of `Parts`."""

    kind: str
    written: str
    meant: str


@lru_cache(maxsize=1 << 14)
def parts(text: str) -> Parts | None:
    """Return the parts of a lower-case text; None if it does not have the shape of a syllable."""
    apart = unicodedata.normalize("NFD", text)
    tones = "".join(mark for mark in apart if mark in _TONES)
    bare = unicodedata.normalize("NFC", "".join(mark for mark in apart if mark not in _TONES))
    found = _CUT.fullmatch(bare)
    if found is None or len(tones) > 1:
        return None
    return Parts(found["onset"], found["nucleus"], found["coda"], tones)


def confusions(written: str, meant: str) -> tuple[Confusion, ...] | None:
    """Return the parts in which two texts differ; None if `parts` of either is None.

    >>> confusions("sử", "xử")
    (Confusion(kind='onset', written='s', meant='x'),)
    """
    one, other = parts(written), parts(meant)
    if one is None or other is None:
        return None
    return tuple(
        Confusion(kind, a, b)
        for kind, a, b in zip(Parts._fields, one, other, strict=True)
        if a != b
    )


class Confusions:
    """Confusion counts and the cost of each confusion. Immutable."""

    def __init__(self, counts: Mapping[Confusion, int], misspellings: int) -> None:
        """Take the counts and the number of misspellings in which they were counted."""
        self.counts = counts
        self.misspellings = misspellings
        smoothed = dict(counts)
        for one in _sound_alike():
            smoothed[one] = max(MIN_SOUND_ALIKE_COUNT, counts.get(one, 0))
        total = misspellings + MIN_SOUND_ALIKE_COUNT
        self._costs = {one: -math.log(count / total) for one, count in smoothed.items()}
        self.sound_alike_cost = -math.log(MIN_SOUND_ALIKE_COUNT / total)
        """Cost in nats of parts that sound alike and have the least count."""
        self.unseen_cost = -math.log(UNSEEN / total)
        """Cost in nats of a confusion that never occurred."""
        self._meant: dict[tuple[str, str], tuple[str, ...]] = {}
        for kind, written, meant in smoothed:
            self._meant[kind, written] = (*self._meant.get((kind, written), ()), meant)

    @classmethod
    def read(cls, file: LexiconFile) -> Self:
        """Read a file of counts. Raises LexiconError for a malformed line."""
        counts: dict[Confusion, int] = {}
        for line in file.lines():
            kind, written, meant, number = (line.text.split() + [""] * 4)[:4]
            if kind not in ("of", *Parts._fields) or not number.isdecimal():
                raise line.error('a confusion is written as "onset s x 17"')
            counts[Confusion(kind, _part(written), _part(meant))] = int(number)
        total = counts.pop(Confusion("of", "all", "misspellings"), 1)
        return cls(counts, total)

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Self:
        """Count the confusions in (written, meant) pairs."""
        counts: Counter[Confusion] = Counter()
        total = 0
        for written, meant in pairs:
            found = confusions(written, meant)
            if found and len(found) <= MAX_DIFFERING_PARTS:
                total += 1
                counts.update(found)
        return cls(counts, total)

    def cost(self, one: Confusion) -> float:
        """Return the cost in nats: minus the logarithm of the share of misspellings with it."""
        return self._costs.get(one, self.unseen_cost)

    def meant(self, kind: str, written: str) -> tuple[str, ...]:
        """Return the parts that may have been meant by a written one; `kind` as in `Confusion`."""
        return self._meant.get((kind, written), ())

    def lines(self) -> Iterator[str]:
        """Yield the lines of the file that `read` reads."""
        yield f"of all misspellings {self.misspellings}"
        ordered = sorted(self.counts.items(), key=lambda item: (item[0].kind, -item[1], item[0]))
        for _, group in groupby(ordered, key=lambda item: item[0].kind):
            for (kind, written, meant), count in group:
                yield f"{kind} {_shown(written)} {_shown(meant)} {count}"


def _sound_alike() -> Iterator[Confusion]:
    """Yield all confusions of `SOUND_ALIKE`, in both directions."""
    for kind, groups in SOUND_ALIKE.items():
        for group in groups:
            yield from (Confusion(kind, *pair) for pair in permutations(group, 2))


def read_pairs(path: Path) -> list[tuple[str, str]]:
    """Return the (wrong, right) pairs of a file in which both are a single token.

    Where a line gives several right forms ("a|b"), the first is taken.
    """
    found = []
    for line in path.read_text("utf-8").splitlines():
        wrong, _, right = line.partition("\t")
        written, meant = terms(wrong), terms(right.split("|")[0])
        if len(written) == len(meant) == 1 and written != meant:
            found.append((canonical(written[0]), canonical(meant[0])))
    return found


@lru_cache(maxsize=1)
def default_confusions() -> Confusions:
    """Return the counts that ship with the package."""
    return Confusions.read(package_file("confusions.txt"))


_NAMES = {"": "-", "\u0300": "huyền", "\u0301": "sắc", "\u0303": "ngã", "\u0309": "hỏi"}
_NAMES["\u0323"] = "nặng"
_OF_NAME = {name: part for part, name in _NAMES.items()}


def _shown(part: str) -> str:
    return _NAMES.get(part, part)


def _part(shown: str) -> str:
    return _OF_NAME.get(shown, shown)
