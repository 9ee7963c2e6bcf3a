"""Words written together that others write apart, and the reverse.

Two kinds: syllables typed without the space between them ("hanoi", "thutuong"), which are split
where the articles know the parts as neighbours; and letters beside digits or groups of digits
("iphone17", "10 km", "0912345678"), of which every way of writing is searched.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from index.models.language_model import LanguageModel
from index.vietnamese.equivalents import Equivalent
from index.vietnamese.forms import canonical, fold
from index.vietnamese.input_methods import syllables_from_keys
from index.vietnamese.phonology import is_syllable
from index.vietnamese.syllables import syllables
from search.query import tree as q

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
NAME_COST = 2.0
"""Nats by which such a part is rather no word of its own; arbitrary."""
MIN_PARTS_OF_SENTENCE = 4
"""Parts from which on not every one has to stand beside its neighbour in the articles."""
MAX_SPLITS = 8
"""Splits of a token that are kept, by their single syllables, to be compared by their bigrams."""
MIN_BIGRAM_COUNT = 3
"""How often neighbouring parts of a split must stand side by side in the articles."""
MIN_ADVANTAGE = 2.0
"""How much more often than the token itself; "obama" is a word though "ô", "ba" and "má" are."""

MAX_DAY, MAX_MONTH = 31, 12
_UNIT = re.compile(r"[^\W\d_]{1,6}\d+|\d+[^\W\d_]{1,6}")
"""Letters beside digits ("u23", "10km"), which `other_groupings` parts."""
_PARTS = re.compile(r"[^\W\d_]+|\d+")
_PHONE_GROUPS = ((4, 3, 3), (3, 3, 4), (3, 4, 3), (4, 2, 2, 2), (4, 6))
"""Ways to group the ten digits of a phone number in Vietnam."""


def split_joined(token: str, model: LanguageModel) -> Syllables:
    """Return the syllables that a token is made of; itself where it is one word.

    The token is canonical and lower case; the parts are as typed, their marks may be missing.
    """
    if not (token.isalnum() and MIN_JOINED_LETTERS <= len(token) <= MAX_JOINED_LETTERS):
        return (token,)
    if token.isdecimal() or _UNIT.fullmatch(token):
        return (token,)
    if len(token) <= MAX_SYLLABLE_LETTERS and _forms([token], model)[0]:
        return (token,)
    keyed = syllables_from_keys(token)
    if keyed and model.counts(keyed).any():
        return (token,)  # "nhaan" is "nhân" in Telex rather than "nha an"
    [itself] = model.counts([token]).tolist()
    best: Syllables = (token,)
    weakest = max(MIN_BIGRAM_COUNT - 1, MIN_ADVANTAGE * itself)
    best_score = -math.inf
    splits = _splits(token, model)
    beside = _bigram_counts({pair for parts in splits for pair in pairwise(parts)}, model)
    for parts in splits:
        counts = [beside[pair] for pair in pairwise(parts)]
        score = sum(math.log(count + 0.1) for count in counts) / len(counts)
        known = sum(count > weakest for count in counts)
        # Of many parts some may be names or numbers that stand beside these words here only.
        required = len(counts) if len(parts) < MIN_PARTS_OF_SENTENCE else len(counts) // 2 + 1
        if known >= required and score > best_score:
            best, best_score = parts, score
    return best


def _splits(token: str, model: LanguageModel) -> list[Syllables]:
    """Return the likeliest ways to cut a token into syllables that occur, by single counts."""
    pieces = {
        token[start:end]
        for start in range(len(token))
        for end in range(start + 1, min(start + MAX_NAME_LETTERS, len(token)) + 1)
    }
    known = _costs(sorted(pieces), model)
    ways: list[list[tuple[float, Syllables]]] = [[(0.0, ())]]
    for end in range(1, len(token) + 1):
        longer = [
            (cost + known[token[start:end]], (*parts, token[start:end]))
            for start in range(max(0, end - MAX_NAME_LETTERS), end)
            if token[start:end] in known
            for cost, parts in ways[start]
        ]
        ways.append(sorted(longer)[:MAX_SPLITS])
    return [parts for _, parts in ways[-1] if len(parts) > 1]


def _costs(pieces: Sequence[str], model: LanguageModel) -> dict[str, float]:
    """Return the costs in nats of the pieces that occur, in any marks where they have none."""
    costs = {}
    tokens = max(model.tokens, 1)
    every = _forms(pieces, model)
    counted = iter(model.counts([form for forms in every for form in forms]).tolist())
    as_typed = model.counts(pieces).tolist()
    for piece, forms, itself in zip(pieces, every, as_typed, strict=True):
        count = sum(next(counted) for _ in forms)
        if count:
            costs[piece] = -math.log(count / tokens)
        elif piece.isdecimal() or (itself and len(piece) >= MIN_NAME_LETTERS):
            costs[piece] = NAME_COST - math.log((itself + 0.5) / tokens)
    return costs


def _forms(pieces: Iterable[str], model: LanguageModel) -> list[tuple[str, ...]]:
    """Return the Vietnamese syllables that pieces may be; in any marks where they have none."""
    listed = list(pieces)
    spelled = model.spelled([fold(piece) for piece in listed])
    return [
        tuple(
            form
            for form in forms
            if len(piece) <= MAX_SYLLABLE_LETTERS
            and is_syllable(form)
            and (piece.isascii() or form == piece)
        )
        for piece, forms in zip(listed, spelled, strict=True)
    ]


def _bigram_counts(
    pairs: Iterable[tuple[str, str]], model: LanguageModel
) -> dict[tuple[str, str], int]:
    """Return how often the most frequent forms of each two neighbours stand side by side.

    All at once: asked pair by pair, this was half the time of a query of joined words.
    """
    listed = list(pairs)
    pieces = [piece for pair in listed for piece in pair]
    places = [forms or (piece,) for piece, forms in zip(pieces, _forms(pieces, model), strict=True)]
    grids = model.bigram_counts(places)[::2]  # the others join one pair to the next
    return {pair: int(grid.max(initial=0)) for pair, grid in zip(listed, grids, strict=True)}


def split_words(tree: q.Query, split: Callable[[str], Syllables]) -> q.Query:
    """Return a tree with the joined words of its plain runs split; each keeps what was typed.

    `split` is `split_joined` with the model of an index.
    """
    left = MAX_JOINED_LETTERS

    def split_within_limit(word: str) -> Syllables:
        nonlocal left
        left -= len(word) if len(word) > MAX_SYLLABLE_LETTERS else 0
        return split(word) if left >= 0 else (word,)

    return q.map_words(tree, lambda run: _split_run(run, split_within_limit))


def _split_run(run: q.Words, split: Callable[[str], Syllables]) -> q.Words:
    if run.literal or run.field not in (q.TEXT, "title"):
        return run
    parts: list[str] = []
    joined: list[q.Joined] = []
    at, count = 0, 0
    for token in syllables(run.text):
        word = canonical(run.text[token.start : token.end].lower())
        pieces = split(word)
        if len(pieces) > 1:
            joined.append(q.Joined(count, count + len(pieces), token.text))
            parts += (run.text[at : token.start], " ".join(pieces))
            at = token.end
        count += len(pieces)
    if not joined:
        return run
    return replace(run, text="".join((*parts, run.text[at:])), joined=tuple(joined))


def typed_joined(run: q.Words) -> list[Equivalent]:
    """Return the joined words of a run as they were typed, to be searched as well."""
    return [Equivalent(j.start, j.end, ((j.typed,),), certain=True) for j in run.joined]


def other_groupings(typed: Sequence[str]) -> list[Equivalent]:
    """Return the other ways to write letters beside digits, and numbers, of a run of syllables.

    >>> other_groupings(["iphone17"])[0].alternatives
    (('iphone', '17'),)
    >>> [other.alternatives for other in other_groupings(["giá", "500", "000"])]
    [(('500000',),)]
    """
    found: list[Equivalent] = []
    at = 0
    while at < len(typed):
        end = _end_of_group(typed, at)
        alternatives = tuple(dict.fromkeys(_regrouped(tuple(typed[at:end]))))
        if alternatives:
            found.append(Equivalent(at, end, alternatives, certain=True))
        at = end
    return found


def _end_of_group(typed: Sequence[str], start: int) -> int:
    """Return the end of the syllables from `start` on that may be written as one."""
    end = start + 1
    if _is_date(typed[start : start + 3]):
        return start + 3
    if typed[start].isdecimal():
        while end < len(typed) and typed[end].isdecimal() and len(typed[end]) >= 2:
            end += 1
        if end == start + 1 and end < len(typed) and _is_unit(typed[end]):
            end += 1
    elif _is_unit(typed[start]) and end < len(typed) and typed[end].isdecimal():
        end += 1
    return end


def _is_date(group: Sequence[str]) -> bool:
    """Return whether three syllables are a day, a month and a year in numbers."""
    if len(group) != 3 or not all(part.isdecimal() for part in group):
        return False
    day, month, year = group
    return len(year) == 4 and int(day) <= MAX_DAY and int(month) <= MAX_MONTH


def _is_unit(syllable: str) -> bool:
    """Return whether letters may be glued to a number: "km", "iphone", not "năm"."""
    return syllable.isascii() and syllable.isalpha() and not is_syllable(syllable)


def _regrouped(group: Syllables) -> Iterator[Syllables]:
    """Yield the other ways to write what may be written as one."""
    if _is_date(group):
        yield from _dates(group)
        return
    joined = "".join(group)
    parts = tuple(_PARTS.findall(joined))
    if len(group) > 1:
        yield (joined,)
    elif len(parts) > 1:
        yield parts
        if parts[-1].isdecimal() and len(parts[-1]) == 5:  # the number plate 29A-123.45
            yield ("".join(parts[:-1]), parts[-1][:3], parts[-1][3:])
            yield ("".join(parts[:-1]), parts[-1])
    if joined.isdecimal() and len(joined) > 4:
        for grouped in _grouped_digits(joined):
            if grouped != group:
                yield grouped


def _dates(group: Syllables) -> Iterator[Syllables]:
    """Yield a date with and without the zeros before day and month."""
    day, month, year = group
    for zeros in (False, True):
        written = tuple(part.zfill(2) if zeros else part.lstrip("0") for part in (day, month))
        if (*written, year) != group:
            yield (*written, year)


def _grouped_digits(digits: str) -> Iterator[Syllables]:
    """Yield a number in thousands, and one of ten digits as phone numbers are written."""
    if digits[0] != "0":
        first = len(digits) % 3
        groups = ([digits[:first]] if first else []) + re.findall("...", digits[first:])
        yield tuple(groups)
    elif len(digits) == 10:
        for lengths in _PHONE_GROUPS:
            ends = [sum(lengths[: at + 1]) for at in range(len(lengths))]
            yield tuple(digits[end - n : end] for end, n in zip(ends, lengths, strict=True))
