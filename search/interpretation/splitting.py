"""Splitting of a token into the syllables that it was typed from ("hanoi", "giavangthegioi").

The likeliest way to cut it, by a bigram model of the articles (Viterbi); what the articles do not
know costs some nats a letter. A token stays whole where it is likelier as one word. Where the
articles do not know it, it is cut first where capitals and digits begin ("SonyXperiaZ1").
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from index.models.language_model import LanguageModel
from index.vietnamese.forms import canonical, fold
from index.vietnamese.input_methods import syllables_from_keys
from index.vietnamese.phonology import folded_syllables, is_syllable
from search.interpretation.error_model import one_edit

Syllables = tuple[str, ...]

MIN_JOINED_LETTERS = 4
"""Letters of the shortest token that is split; what is shorter is mostly a syllable ("toan")."""
MAX_JOINED_LETTERS = 120
"""Letters of a query that are looked through for joined words: a long headline without spaces, and
some 15 ms (`benchmarks.worst_queries`)."""
MAX_SYLLABLE_LETTERS = 7
"""Letters of the longest Vietnamese syllable, "nghiêng"."""
MIN_NAME_LETTERS, MAX_NAME_LETTERS = 3, 12
"""Letters of other words that a split may have as parts: names, foreign words."""

MAX_TYPO_LETTERS = 16
"""Letters of the longest token that may be a typo of one word rather than joined words: names
("Jacksonville") have as many. A token of 16 letters has 850 edits, looked up in some 2 ms."""

_UNIT = re.compile(r"[^\W\d_]{1,6}\d+|\d+[^\W\d_]{1,6}")
"""Letters beside digits ("u23", "10km"), which `joined.other_groupings` parts."""
_DOUBLED = re.compile(r"(\w)\1+")
_LETTERS = re.compile(rf"[^\W\d_]{{{MIN_JOINED_LETTERS},}}")
_LETTERS_THEN_DIGITS = re.compile(rf"(?<=[^\W\d_]{{{MIN_JOINED_LETTERS}}})(?=\d)")

LETTER_COST = 2.7
"""Nats of a letter of what the articles do not know; log(26) is 3.3, letters of foreign words tell
of each other. With 2.3, 2.7 and 3.3 short queries of news topics all joined keep .81, .87 and .92,
and 157, 246 and 364 of 3,000 foreign words of recent headlines are split, with the index of older
news (`benchmarks.misspellings`)."""
UNKNOWN_COST = 3.0
"""Nats of a word that the articles do not know, beside its letters."""
NAME_COST = 2.0
"""Nats by which a part of a split is rather a syllable than a name; arbitrary."""
SPLIT_COST = 1.0
"""Nats by which a token is rather one word, since people mostly type spaces; arbitrary."""
TYPO_COST = 6.0
"""Nats of a typo in a syllable, somewhat more than `error_model.UNKNOWN_EDIT`; arbitrary."""
DISCOUNT = 0.9
"""Taken from the count of every bigram, as in the decoder."""
BACKOFF = 0.4
"""Share left for neighbours that the articles do not have side by side; arbitrary."""
MAX_FORMS = 6
"""Marked forms of an unmarked part whose neighbours are looked up, the most frequent ones."""


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """A part that a token may be cut into: where, its forms in the articles, and what it costs.

    `count` is how often the forms occur; 0 for what the articles do not know. Compared by identity:
    there is one for each place, and hashing its values took a third of the time of a split.
    """

    start: int
    end: int
    forms: Syllables
    count: int
    cost: float


def split_joined(token: str, model: LanguageModel) -> Syllables:
    """Return the syllables that a token is made of; itself where it is one word.

    The token is canonical, its capitals as typed; the parts are in lower case, their marks may be
    missing.
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
    itself = _count_of_spelling(lower, model)
    pieces = (lower,) if itself else _written_apart(token, model)
    if len(pieces) > 1:
        return tuple(chain(*(split_joined(piece, model) for piece in pieces)))
    if _UNIT.fullmatch(lower):
        return (lower,)
    split = _cheapest(lower, model)
    whole = -math.log(itself / model.tokens) if itself else _unknown_cost(lower)
    if split.cost + SPLIT_COST >= min(whole, _typo_cost(lower, split.parts, model)):
        return (lower,)
    return split.parts


def _count_of_spelling(token: str, model: LanguageModel) -> int:
    """Return how often the likeliest form of a token occurs; marks may be missing where none is."""
    forms = model.spelled([token])[0] if token.isascii() else ()
    return int(model.counts([token, *forms]).max())


def _written_apart(token: str, model: LanguageModel) -> Syllables:
    """Return the parts of an unknown token that capitals and digits set apart.

    "U21VNthắng" is parted; "29A12345", "iphone17" and "TThủ" are not: a number plate, a known word,
    and keys struck twice.
    """
    lower = token.lower()
    if not _LETTERS.search(token) or fold(_DOUBLED.sub(r"\1", lower)) in folded_syllables():
        return (token,)
    apart = _LETTERS_THEN_DIGITS.sub(" ", _capitals_apart(token)).split()
    if _UNIT.fullmatch(lower) and _count_of_spelling(apart[0].lower(), model):
        return (token,)
    return tuple(apart)


def _capitals_apart(token: str) -> str:
    """Return a token with blanks before the words that begin with a capital.

    A single small letter before a capital is a slip, or belongs to a name.

    >>> _capitals_apart("SonyXperiaZ1"), _capitals_apart("DHNamCan"), _capitals_apart("aPris")
    ('Sony Xperia Z1', 'DH Nam Can', 'aPris')
    """
    parted = token[:2]
    for before, char, after in zip(token[1:], token[2:], token[3:] + " ", strict=False):
        begins = char.isupper() and (before.islower() or (before.isdecimal() and after.islower()))
        parted += f" {char}" if begins else char
    return " ".join(map(_acronym_apart, parted.split()))


def _acronym_apart(text: str) -> str:
    """Part several capitals from the small letters after them, the last one theirs if it may be.

    >>> _acronym_apart("DHHanoi"), _acronym_apart("HCDcuta"), _acronym_apart("VN")
    ('DH Hanoi', 'HCD cuta', 'VN')
    """
    count = next((at for at, char in enumerate(text) if not char.isupper()), len(text))
    if count < 2 or not text[count:].isalpha():
        return text
    if fold(text[count]) in "aeiouy" or fold(text[count - 1 :]) in folded_syllables():
        count -= 1
    return f"{text[:count]} {text[count:]}"


def _typo_cost(token: str, parts: Syllables, model: LanguageModel) -> float:
    """Return the cost of a token as one mistyped word: "nguyệng" is not "nguy ệng".

    A word that is no syllable is looked for only where a part is none ("jackson viplle").
    """
    near = one_edit(fold(token)) if len(token) <= MAX_TYPO_LETTERS else []
    if all(fold(part) in folded_syllables() for part in parts):
        near = [edit for edit in near if edit in folded_syllables()]
    counts = model.counts([*chain(*model.spelled(near))])
    count = int(counts.max(initial=0))
    return TYPO_COST - math.log(count / model.tokens) if count else math.inf


def _unknown_cost(text: str) -> float:
    return UNKNOWN_COST + LETTER_COST * len(text)


class _Split(NamedTuple):
    """A way to cut the beginning of a token, and its cost."""

    cost: float
    parts: Syllables


def _cheapest(token: str, model: LanguageModel) -> _Split:
    """Return the likeliest cut of a token."""
    ending: list[list[_Part]] = [[] for _ in range(len(token) + 1)]
    starting: list[list[_Part]] = [[] for _ in range(len(token) + 1)]
    for part in _parts(token, model):
        starting[part.start].append(part)
        ending[part.end].append(part)
    cuts = [at for at in range(1, len(token)) if ending[at] and starting[at]]
    together = _bigram_counts(
        [(a, b) for at in cuts for a in ending[at] for b in starting[at]], model
    )
    best = {part: _Split(part.cost, (token[: part.end],)) for part in starting[0]}
    for at in cuts:
        before = [part for part in ending[at] if part in best]
        for part in starting[at] if before else ():
            unseen = part.cost - math.log(BACKOFF)
            costs = [
                best[a].cost
                + (_step(a, part, together[a, part]) if (a, part) in together else unseen)
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


def _step(before: _Part, part: _Part, seen: int) -> float:
    """Return the cost of a part after another one, with which it was seen so often."""
    share = max(seen - DISCOUNT, 0.0) / before.count + BACKOFF * math.exp(-part.cost)
    return -math.log(min(share, 1.0))


def _parts(token: str, model: LanguageModel) -> Iterator[_Part]:
    """Yield what a token may be cut into; few letters that are no syllable are nothing."""
    spans = [
        (start, end)
        for start in range(len(token))
        for end in range(start + 1, min(start + MAX_NAME_LETTERS, len(token)) + 1)
        if token[start:end].isalpha() or token[start:end].isdecimal()
        if not _cuts_number(token, start) and not _cuts_number(token, end)
    ]
    pieces = dict.fromkeys(token[start:end] for start, end in spans)
    known = dict(zip(pieces, _known(list(pieces), model), strict=True))
    tokens = max(model.tokens, 1)
    for start, end in spans:
        piece = token[start:end]
        forms, count, extra = known[piece]
        if count:
            yield _Part(start, end, forms, count, extra - math.log(count / tokens))
        elif _may_be_name(piece):
            yield _Part(start, end, (), 0, _unknown_cost(piece))


def _cuts_number(token: str, at: int) -> bool:
    return 0 < at < len(token) and token[at - 1].isdecimal() and token[at].isdecimal()


def _known(pieces: Sequence[str], model: LanguageModel) -> Iterator[tuple[Syllables, int, float]]:
    """Yield for each piece its forms, how often they occur, and what it costs beside that."""
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
    for piece, those in zip(pieces, forms, strict=True):
        if those:
            counted = sorted(((next(counts), form) for form in those), reverse=True)
            top = tuple(form for _, form in counted[:MAX_FORMS])
            yield top, sum(count for count, _ in counted), 0.0
        else:
            count = as_typed.get(piece, 0)
            yield (piece,) if count else (), count, NAME_COST


def _may_be_name(piece: str) -> bool:
    """Return whether a part may be a number, a name or a foreign word."""
    return piece.isdecimal() or len(piece) >= MIN_NAME_LETTERS


def _bigram_counts(
    pairs: Sequence[tuple[_Part, _Part]], model: LanguageModel
) -> dict[tuple[_Part, _Part], int]:
    """Return how often the forms of each two parts stand side by side, where they ever do."""
    known = [(a, b) for a, b in pairs if a.forms and b.forms]
    # One call for all: every second grid is that of a pair, those between are of two strangers.
    grids = model.bigram_counts([part.forms for pair in known for part in pair])[::2]
    counted = zip(known, grids, strict=True)
    return {pair: seen for pair, grid in counted if (seen := int(grid.sum()))}
