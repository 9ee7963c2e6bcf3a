"""Splitting of a token into the syllables that it was typed from ("hanoi", "giavangthegioi").

The likeliest way to cut it, by a bigram model of the articles (Viterbi); what the articles do not
know costs some nats a letter. A token stays whole where it is likelier as one word.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np

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

_UNIT = re.compile(r"[^\W\d_]{1,6}\d+|\d+[^\W\d_]{1,6}")
"""Letters beside digits ("u23", "10km"), which `joined.other_groupings` parts."""

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


@dataclass(frozen=True, slots=True)
class _Part:
    """A part that a token may be cut into: where, its forms in the articles, and what it costs.

    `count` is how often the forms occur; 0 for what the articles do not know.
    """

    start: int
    end: int
    forms: Syllables
    count: int
    cost: float


def split_joined(token: str, model: LanguageModel) -> Syllables:
    """Return the syllables that a token is made of; itself where it is one word.

    The token is canonical and lower case; the parts are as typed, their marks may be missing.
    """
    if not (token.isalnum() and MIN_JOINED_LETTERS <= len(token) <= MAX_JOINED_LETTERS):
        return (token,)
    if token.isdecimal() or _UNIT.fullmatch(token):
        return (token,)
    if is_syllable(token) or (token.isascii() and token in folded_syllables()):
        return (token,)
    keyed = syllables_from_keys(token)
    if keyed and model.counts(keyed).any():
        return (token,)  # "nhaan" is "nhân" in Telex rather than "nha an"
    split = _cheapest(token, model)
    [itself] = model.counts([token]).tolist()
    whole = -math.log(itself / model.tokens) if itself else _unknown_cost(token)
    whole = min(whole, _typo_cost(token, model))
    return split.parts if split.cost + SPLIT_COST < whole else (token,)


def _typo_cost(token: str, model: LanguageModel) -> float:
    """Return the cost of a token as one mistyped syllable: "nguyệng" is not "nguy ệng"."""
    if len(token) > MAX_SYLLABLE_LETTERS + 1:
        return math.inf
    near = [edit for edit in one_edit(fold(token)) if edit in folded_syllables()]
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
            text = token[part.start : part.end]
            best[part] = min(
                _Split(best[a].cost + _step(a, part, together), (*best[a].parts, text))
                for a in before
            )
    return min(
        (best[part] for part in ending[-1] if part in best), default=_Split(math.inf, (token,))
    )


def _step(before: _Part, part: _Part, together: dict[tuple[_Part, _Part], int]) -> float:
    """Return the cost of a part behind another one."""
    seen = together.get((before, part), 0)
    if not seen:
        return part.cost - math.log(BACKOFF)
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
    """Return how often the forms of each two parts stand side by side."""
    known = [(a, b) for a, b in pairs if a.forms and b.forms]
    # One call for all: every second grid is that of a pair, those between are of two strangers.
    grids = model.bigram_counts([part.forms for pair in known for part in pair])[::2]
    return {pair: int(np.sum(grid)) for pair, grid in zip(known, grids, strict=True)}
