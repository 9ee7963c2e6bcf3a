"""Splitting of tokens typed without spaces ("hanoi", "giavangthegioi") into syllables.

The likeliest split by a bigram model of the articles (Viterbi); unknown parts cost some nats per
letter. A token is not split if it is likelier as one word. An unknown token is first split where
capitals and digits begin ("SonyXperiaZ1").
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import NamedTuple

import numpy as np

from index.models.language_model import LanguageModel
from index.vietnamese.forms import canonical, fold
from index.vietnamese.input_methods import syllables_from_keys
from index.vietnamese.phonology import folded_syllables, is_syllable
from search.interpretation.typos import edits

Syllables = tuple[str, ...]

MIN_JOINED_LETTERS = 4
"""Minimum length of a token that is split; shorter ones are usually a syllable ("toan")."""
MAX_JOINED_LETTERS = 120
"""Letters of a query that are examined for joined words: a long headline without spaces, about 15
ms (`benchmarks.worst_queries`)."""
MIN_JOINED_LETTERS_OF_A_QUERY = 40
"""Letters that are examined at least, also of a query with many runs; arbitrary."""
LETTERS_PER_RUN = 10
"""Fewer letters are examined for each run after the first, since interpreting a run costs as much.
Users who type operators usually type spaces as well."""
MAX_SYLLABLE_LETTERS = 7
"""Letters of the longest Vietnamese syllable, "nghiêng"."""
MIN_NAME_LETTERS, MAX_NAME_LETTERS = 3, 12
"""Letters of parts of a split that are not syllables: names, foreign words. Arbitrary."""

MAX_TYPO_LETTERS = 16
"""Maximum length of a token that may be a typo of one word rather than joined words: that of long
names ("Jacksonville"). A token of 16 letters has 850 edits, looked up in about 2 ms."""

_UNIT = re.compile(r"[^\W\d_]{1,6}\d+|\d+[^\W\d_]{1,6}")
"""Letters next to digits ("u23", "10km"), which `joined.other_groupings` splits."""
_DOUBLED = re.compile(r"(\w)\1+")
_LETTERS = re.compile(rf"[^\W\d_]{{{MIN_JOINED_LETTERS},}}")
_LETTERS_THEN_DIGITS = re.compile(rf"(?<=[^\W\d_]{{{MIN_JOINED_LETTERS}}})(?=\d)")

LETTER_COST = 2.7
"""Nats per letter of an unknown part. log(26) is 3.3, but letters of a word predict each other.
With 2.3, 2.7 and 3.3 short queries of news topics without any spaces keep 0.81, 0.87 and 0.92, and
157, 246 and 364 of 3,000 foreign words of recent headlines are split, with an index of older news
(`benchmarks.misspellings`)."""
UNKNOWN_COST = 3.0
"""Nats of an unknown part, in addition to its letters; arbitrary."""
NAME_COST = 2.0
"""Nats of a part that is not a syllable, in addition; arbitrary."""
SPLIT_COST = 1.0
"""Nats of splitting a token, since people usually type spaces; arbitrary."""
TYPO_COST = 6.0
"""Nats of a typo in a single word, somewhat more than `typos.UNKNOWN_EDIT`; arbitrary."""
DISCOUNT = 0.9
"""Subtracted from the count of every bigram, as in the decoder."""
BACKOFF = 0.4
"""Backoff weight of bigrams that do not occur; arbitrary."""
MAX_FORMS = 6
"""The most frequent marked forms of an unmarked part, whose bigrams are looked up. Arbitrary."""


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """A possible part of a token: its span, its forms that occur, and its cost.

    `count` is the number of occurrences of the forms, 0 for an unknown part. Compared by identity:
    there is one for each span, and hashing its values took a third of the time of a split.
    """

    start: int
    end: int
    forms: Syllables
    count: int
    cost: float


def split_joined(token: str, model: LanguageModel) -> Syllables:
    """Return the syllables that a token consists of; the token itself if it is one word.

    The token is canonical, in the case typed; the parts are in lower case, perhaps without marks.
    """
    lower = token.lower()
    if not (token.isalnum() and MIN_JOINED_LETTERS <= len(token) <= MAX_JOINED_LETTERS):
        return (lower,)
    if token.isdecimal():
        return (lower,)
    if is_syllable(lower) or (lower.isascii() and lower in folded_syllables()):
        return (lower,)
    keyed = syllables_from_keys(lower)
    if keyed and model.counts(keyed).any():
        return (lower,)  # "nhaan" is "nhân" in Telex rather than "nha an"
    count = _count_of_spelling(lower, model)
    pieces = (lower,) if count else _split_unknown(token, model)
    if len(pieces) > 1:
        return tuple(chain(*(split_joined(piece, model) for piece in pieces)))
    if _UNIT.fullmatch(lower):
        return (lower,)
    split = _cheapest(lower, model)
    whole_cost = -math.log(count / model.tokens) if count else _unknown_cost(lower)
    if split.cost + SPLIT_COST >= min(whole_cost, _typo_cost(lower, split.parts, model)):
        return (lower,)
    return split.parts


def _count_of_spelling(token: str, model: LanguageModel) -> int:
    """Return the count of the most frequent form of a token, which may lack its marks."""
    forms = model.spelled([token])[0] if token.isascii() else ()
    return int(model.counts([token, *forms]).max())


def _split_unknown(token: str, model: LanguageModel) -> Syllables:
    """Return the parts of an unknown token, split at capitals and digits.

    "U21VNthắng" is split; "29A12345", "iphone17" and "TThủ" are not: a number plate, a known word,
    and a doubled key.
    """
    lower = token.lower()
    if not _LETTERS.search(token) or fold(_DOUBLED.sub(r"\1", lower)) in folded_syllables():
        return (token,)
    apart = _LETTERS_THEN_DIGITS.sub(" ", _split_at_capitals(token)).split()
    if _UNIT.fullmatch(lower) and _count_of_spelling(apart[0].lower(), model):
        return (token,)
    return tuple(apart)


def _split_at_capitals(token: str) -> str:
    """Return a token with spaces before the words that begin with a capital.

    A single lower-case letter before a capital is a typo, or belongs to a name.

    >>> [_split_at_capitals(token) for token in ("SonyXperiaZ1", "DHNamCan", "aPris")]
    ['Sony Xperia Z1', 'DH Nam Can', 'aPris']
    """
    spaced = token[:2]
    for before, char, after in zip(token[1:], token[2:], token[3:] + " ", strict=False):
        begins = char.isupper() and (before.islower() or (before.isdecimal() and after.islower()))
        spaced += f" {char}" if begins else char
    return " ".join(map(_split_acronym, spaced.split()))


def _split_acronym(text: str) -> str:
    """Separate an acronym from the lower-case word after it, which may include the last capital.

    >>> _split_acronym("DHHanoi"), _split_acronym("HCDcuta"), _split_acronym("VN")
    ('DH Hanoi', 'HCD cuta', 'VN')
    """
    count = next((i for i, char in enumerate(text) if not char.isupper()), len(text))
    if count < 2 or not text[count:].isalpha():
        return text
    if fold(text[count]) in "aeiouy" or fold(text[count - 1 :]) in folded_syllables():
        count -= 1
    return f"{text[:count]} {text[count:]}"


def _typo_cost(token: str, parts: Syllables, model: LanguageModel) -> float:
    """Return the cost of a token as one word with a typo: "nguyệng" is not "nguy ệng".

    If all parts are syllables only syllables count as such a word (else "jackson viplle").
    """
    near = list(edits(fold(token))) if len(token) <= MAX_TYPO_LETTERS else []
    if all(fold(part) in folded_syllables() for part in parts):
        near = [edit for edit in near if edit in folded_syllables()]
    counts = model.counts([*chain(*model.spelled(near))])
    count = int(counts.max(initial=0))
    return TYPO_COST - math.log(count / model.tokens) if count else math.inf


def _unknown_cost(text: str) -> float:
    return UNKNOWN_COST + LETTER_COST * len(text)


class _Split(NamedTuple):
    """A split of the beginning of a token, and its cost."""

    cost: float
    parts: Syllables


def _cheapest(token: str, model: LanguageModel) -> _Split:
    """Return the likeliest split of a token."""
    ending: list[list[_Part]] = [[] for _ in range(len(token) + 1)]
    starting: list[list[_Part]] = [[] for _ in range(len(token) + 1)]
    for part in _parts(token, model):
        starting[part.start].append(part)
        ending[part.end].append(part)
    cuts = [cut for cut in range(1, len(token)) if ending[cut] and starting[cut]]
    bigrams = _bigram_counts([(ending[cut], starting[cut]) for cut in cuts], model)
    best = {part: _Split(part.cost, (token[: part.end],)) for part in starting[0]}
    for cut in cuts:
        before = [part for part in ending[cut] if part in best]
        for part in starting[cut] if before else ():
            unseen = part.cost - math.log(BACKOFF)
            costs = [
                best[a].cost
                + (_transition_cost(a, part, bigrams[a, part]) if (a, part) in bigrams else unseen)
                for a in before
            ]
            lowest = min(costs)
            cheapest = (
                best[a].parts for a, cost in zip(before, costs, strict=True) if cost == lowest
            )
            best[part] = _Split(lowest, (*min(cheapest), token[part.start : part.end]))
    return min(
        (best[part] for part in ending[-1] if part in best), default=_Split(math.inf, (token,))
    )


def _transition_cost(before: _Part, part: _Part, seen: int) -> float:
    """Return the cost of a part after another, given their bigram count."""
    share = max(seen - DISCOUNT, 0.0) / before.count + BACKOFF * math.exp(-part.cost)
    return -math.log(min(share, 1.0))


def _parts(token: str, model: LanguageModel) -> Iterator[_Part]:
    """Yield the possible parts of a token: syllables, numbers, and words of enough letters."""
    spans = [
        (start, end)
        for start in range(len(token))
        for end in range(start + 1, min(start + MAX_NAME_LETTERS, len(token)) + 1)
        if token[start:end].isalpha() or token[start:end].isdecimal()
        if not _cuts_number(token, start) and not _cuts_number(token, end)
    ]
    pieces = dict.fromkeys(token[start:end] for start, end in spans)
    known_forms = dict(zip(pieces, _known_forms(list(pieces), model), strict=True))
    tokens = max(model.tokens, 1)
    for start, end in spans:
        piece = token[start:end]
        forms, count, extra = known_forms[piece]
        if count:
            yield _Part(start, end, forms, count, extra - math.log(count / tokens))
        elif _may_be_name(piece):
            yield _Part(start, end, (), 0, _unknown_cost(piece))


def _cuts_number(token: str, cut: int) -> bool:
    return 0 < cut < len(token) and token[cut - 1].isdecimal() and token[cut].isdecimal()


def _known_forms(
    pieces: Sequence[str], model: LanguageModel
) -> Iterator[tuple[Syllables, int, float]]:
    """Yield for each piece its forms, their number of occurrences, and an additional cost."""
    may_be = [len(p) <= MAX_SYLLABLE_LETTERS and fold(p) in folded_syllables() for p in pieces]
    spelled = iter(model.spelled([fold(p) for p, may in zip(pieces, may_be, strict=True) if may]))
    forms = [
        tuple(
            form
            for form in next(spelled)
            if is_syllable(form) and (piece.isascii() or form == canonical(piece))
        )
        if may
        else ()
        for piece, may in zip(pieces, may_be, strict=True)
    ]
    counts = iter(model.counts([*chain(*forms)]).tolist())
    names = [p for p, f in zip(pieces, forms, strict=True) if not f and _may_be_name(p)]
    as_typed = dict(zip(names, model.counts(names).tolist(), strict=True))
    for piece, piece_forms in zip(pieces, forms, strict=True):
        if piece_forms:
            counted = sorted(((next(counts), form) for form in piece_forms), reverse=True)
            top = tuple(form for _, form in counted[:MAX_FORMS])
            yield top, sum(count for count, _ in counted), 0.0
        else:
            count = as_typed.get(piece, 0)
            yield (piece,) if count else (), count, NAME_COST


def _may_be_name(piece: str) -> bool:
    """Return whether a part may be a number, a name or a foreign word."""
    return piece.isdecimal() or len(piece) >= MIN_NAME_LETTERS


def _bigram_counts(
    cuts: Sequence[tuple[Sequence[_Part], Sequence[_Part]]], model: LanguageModel
) -> dict[tuple[_Part, _Part], int]:
    """Return the bigram counts of parts before a cut and after it, for pairs that occur."""
    known = [
        ([part for part in before if part.forms], [part for part in after if part.forms])
        for before, after in cuts
    ]
    known = [(before, after) for before, after in known if before and after]
    # One call for all cuts, separated by empty slots, so that nothing is counted across cuts.
    slots = [[_forms_of(before), _forms_of(after), []] for before, after in known]
    grids = model.bigram_counts([*chain(*slots)])[::3]
    counted: dict[tuple[_Part, _Part], int] = {}
    for (before, after), grid in zip(known, grids, strict=True):
        rows = np.add.reduceat(grid, _starts(before), axis=0)
        sums = np.add.reduceat(rows, _starts(after), axis=1)
        for pair, seen in zip(np.argwhere(sums).tolist(), sums[sums > 0].tolist(), strict=True):
            counted[before[pair[0]], after[pair[1]]] = seen
    return counted


def _forms_of(parts: Sequence[_Part]) -> list[str]:
    return [form for part in parts for form in part.forms]


def _starts(parts: Sequence[_Part]) -> list[int]:
    """Return the index of each part's first form among the forms of all parts."""
    return [0, *accumulate(len(part.forms) for part in parts[:-1])]
