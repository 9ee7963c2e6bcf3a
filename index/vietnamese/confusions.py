"""Confusions: what of a syllable people write for what, and how often.

Counted in misspellings that were marked by hand; `lexicon/confusions.txt` holds the counts. It is
made by `python -m index.vietnamese.confusions PAIRS`, where PAIRS has a misspelling a line: wrong,
a tab, right.
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

import click

from index.vietnamese.forms import canonical
from index.vietnamese.lexicon import LexiconFile, package_file
from index.vietnamese.syllables import terms

UNSEEN = 0.25
"""The count of a confusion that was never seen, beside the counts of those that were; arbitrary."""

HEARD_ALIKE = {
    "onset": (("ch", "tr"), ("s", "x"), ("d", "gi", "r"), ("l", "n"), ("v", "d", "gi")),
    "coda": (("n", "ng"), ("t", "c")),
    "tone": (("\u0303", "\u0309"),),
}
"""Parts that are one sound in some part of Vietnam (Đoàn Thiện Thuật, "Ngữ âm tiếng Việt")."""
HEARD_COUNT = 8
"""The least count of what is heard alike: misspellings from a few writers lack most dialects. Short
queries with one first consonant by ear keep .954 of nDCG@10 without it."""

MAX_DIFFERING_PARTS = 2
"""Parts that a misspelling changes; what changes more is another word than the one meant."""

_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_CUT = re.compile(
    r"(?P<onset>qu(?=[aăâeêiouôơưy])|gi(?=[aăâeêouôơư])|[b-df-hj-np-tv-xzđ]*)"
    r"(?P<nucleus>[aăâeêioôơuưy]+)(?P<coda>[b-df-hj-np-tv-xzđ]*)"
)
NUCLEUS = re.compile(r"(?P<nucleus>[aăâeêioôơuưy]+)")
"""The vowels of a rhyme."""


class Parts(NamedTuple):
    """A syllable, or what somebody wrote for one, in parts; `tone` is a combining mark or "".

    >>> parts("nghiêng")
    Parts(onset='ngh', nucleus='iê', coda='ng', tone='')
    """

    onset: str
    nucleus: str
    coda: str
    tone: str


class Confusion(NamedTuple):
    """A part as it was written, and as it was meant; `kind` is a field of `Parts`."""

    kind: str
    written: str
    meant: str


@lru_cache(maxsize=1 << 14)
def parts(text: str) -> Parts | None:
    """Return the parts of a lower-case text; None where it is not cut like a syllable."""
    apart = unicodedata.normalize("NFD", text)
    tones = "".join(mark for mark in apart if mark in _TONES)
    bare = unicodedata.normalize("NFC", "".join(mark for mark in apart if mark not in _TONES))
    found = _CUT.fullmatch(bare)
    if found is None or len(tones) > 1:
        return None
    return Parts(found["onset"], found["nucleus"], found["coda"], tones)


def confusions(written: str, meant: str) -> tuple[Confusion, ...] | None:
    """Return the parts in which two texts differ; None where they cannot be compared.

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
    """Counts of confusions, and what each costs. Never changes."""

    def __init__(self, counts: Mapping[Confusion, int], misspellings: int) -> None:
        """Hold the counts of as many misspellings."""
        self.counts = counts
        self.misspellings = misspellings
        believed = dict(counts)
        for one in _heard_alike():
            believed[one] = max(HEARD_COUNT, counts.get(one, 0))
        total = misspellings + HEARD_COUNT
        self._costs = {one: -math.log(count / total) for one, count in believed.items()}
        self.heard_cost = -math.log(HEARD_COUNT / total)
        """Nats of what is heard alike and was hardly seen."""
        self.unseen_cost = -math.log(UNSEEN / total)
        """Nats of a confusion that was never seen."""
        self._meant: dict[tuple[str, str], tuple[str, ...]] = {}
        for kind, written, meant in believed:
            self._meant[kind, written] = (*self._meant.get((kind, written), ()), meant)

    @classmethod
    def read(cls, file: LexiconFile) -> Self:
        """Read a file of counts. Raises LexiconError for a line that is none."""
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
        """Count the confusions of misspellings: what was written, what was meant."""
        counts: Counter[Confusion] = Counter()
        total = 0
        for written, meant in pairs:
            found = confusions(written, meant)
            if found and len(found) <= MAX_DIFFERING_PARTS:
                total += 1
                counts.update(found)
        return cls(counts, total)

    def cost(self, one: Confusion) -> float:
        """Return the nats of a confusion: the negative logarithm of its share."""
        return self._costs.get(one, self.unseen_cost)

    def meant(self, kind: str, written: str) -> tuple[str, ...]:
        """Return the parts for which this one was written."""
        return self._meant.get((kind, written), ())

    def lines(self) -> Iterator[str]:
        """Yield the lines of a file that `read` understands."""
        yield f"of all misspellings {self.misspellings}"
        ordered = sorted(self.counts.items(), key=lambda item: (item[0].kind, -item[1], item[0]))
        for _, group in groupby(ordered, key=lambda item: item[0].kind):
            for (kind, written, meant), count in group:
                yield f"{kind} {_shown(written)} {_shown(meant)} {count}"


def _heard_alike() -> Iterator[Confusion]:
    """Yield the confusions of what is heard alike."""
    for kind, groups in HEARD_ALIKE.items():
        for group in groups:
            yield from (Confusion(kind, *pair) for pair in permutations(group, 2))


def read_pairs(path: Path) -> list[tuple[str, str]]:
    """Return the misspellings of one token in a file, with the first of their right forms."""
    found = []
    for line in path.read_text("utf-8").splitlines():
        wrong, _, right = line.partition("\t")
        written, meant = terms(wrong), terms(right.split("|")[0])
        if len(written) == len(meant) == 1 and written != meant:
            found.append((canonical(written[0]), canonical(meant[0])))
    return found


@lru_cache(maxsize=1)
def default_confusions() -> Confusions:
    """Return the counts that come with the package."""
    return Confusions.read(package_file("confusions.txt"))


_NAMES = {"": "-", "\u0300": "huyền", "\u0301": "sắc", "\u0303": "ngã", "\u0309": "hỏi"}
_NAMES["\u0323"] = "nặng"
_OF_NAME = {name: part for part, name in _NAMES.items()}


def _shown(part: str) -> str:
    return _NAMES.get(part, part)


def _part(shown: str) -> str:
    return _OF_NAME.get(shown, shown)


@click.command()
@click.argument("pairs", type=click.Path(path_type=Path, exists=True))
def main(pairs: Path) -> None:
    """Count the confusions of the misspellings in PAIRS, and print the file of counts."""
    counted = Confusions.of(read_pairs(pairs))
    click.echo("# What people write for what in Vietnamese syllables: part, written, meant, count.")
    click.echo("# Counts only, of misspellings in real text that were marked by hand.")
    click.echo(f"# Made by: python -m index.vietnamese.confusions {pairs}")
    for line in counted.lines():
        click.echo(line)


if __name__ == "__main__":
    main()
