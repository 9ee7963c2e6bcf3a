"""Typos: the strings one edit away from what was typed, with their costs.

An edit is an extra, missing or replaced letter, or two transposed letters (Damerau 1964, "A
technique for computer detection and correction of spelling errors"). Costs are in nats.
"""

from functools import lru_cache
from string import ascii_lowercase

from index.vietnamese.phonology import folded_syllables

ONE_EDIT = 9.0
"""The cost of an adjacent key, typed instead of the right one or in addition, in a syllable that
occurs: queries with such typos keep 0.992 of nDCG@10 (docs/explanation/interpretation.md)."""
UNKNOWN_EDIT = 5.0
"""`ONE_EDIT` in a syllable that does not occur as typed."""
MISSING_OR_TRANSPOSED = -1.0
"""Added to `ONE_EDIT` or `UNKNOWN_EDIT` for a missing letter and for two transposed ones. There is
only one way to make such a typo at a letter, but a letter has several adjacent keys. With this and
`FAR_KEY`, short queries without marks and with a typo keep 0.945 of nDCG@10 instead of 0.935, those
with marks 0.984 instead of 0.976 (docs/benchmarks/effectiveness.md, 2026-11-30)."""
FAR_KEY = 2.0
"""Added likewise for a key that is not adjacent to the right one. Arbitrary."""

TELEX_KEYS = "sfrxjw"
"""Telex keys for tones and marks: an extra one is typed on purpose, with the input method off, so
it costs the same as a missing letter."""

_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
"""The rows of keys; each begins half a key to the right of the one above."""


def _adjacent_keys() -> dict[str, frozenset[str]]:
    """Return the adjacent keys of each key: in its row, and two in the rows above and below."""
    found: dict[str, set[str]] = {key: set() for key in ascii_lowercase}
    for row, keys in enumerate(_KEYBOARD):
        below = _KEYBOARD[row + 1] if row + 1 < len(_KEYBOARD) else ""
        for i, key in enumerate(keys):
            for other in (*keys[i + 1 : i + 2], *below[max(0, i - 1) : i + 1]):
                found[key].add(other)
                found[other].add(key)
    return {key: frozenset(others) for key, others in found.items()}


ADJACENT_KEYS = _adjacent_keys()
"""The adjacent keys of each key on a QWERTY keyboard."""


@lru_cache(maxsize=1 << 12)
def syllables_near(letters: str) -> dict[str, float]:
    """Return the unmarked Vietnamese syllables one edit away, about 30 of 400 strings.

    The values are what each edit adds to `ONE_EDIT`.

    >>> near = syllables_near("gan")
    >>> near["gian"], near["ban"], near["can"], "gqn" in near  # g is adjacent to b, not to c
    (-1.0, 0.0, 2.0, False)
    """
    return {text: cost for text, cost in edits(letters).items() if text in folded_syllables()}


def edits(letters: str) -> dict[str, float]:
    """Return the strings one edit away, sorted, with what the edit adds to `ONE_EDIT`.

    >>> found = edits("hn")
    >>> found["hon"], found["nh"], found["hm"], found["n"], found["ha"]
    (-1.0, -1.0, 0.0, 0.0, 2.0)
    """
    cuts = [(letters[:i], letters[i:]) for i in range(len(letters) + 1)]
    splits = [(head, tail[0], tail[1:]) for head, tail in cuts if tail]
    # A string that is reached by several edits keeps the cost of the last one, the cheapest.
    costs = dict.fromkeys((head + tail for head, _, tail in splits), FAR_KEY)
    costs |= dict.fromkeys(
        (head + key + tail for head, _, tail in splits for key in ascii_lowercase), FAR_KEY
    )
    costs |= dict.fromkeys(_with_key_corrected(letters), 0.0)
    missing = (head + key + tail for head, tail in cuts for key in ascii_lowercase)
    transposed = (head + tail[0] + key + tail[1:] for head, key, tail in splits if tail)
    telex = (head + tail for head, key, tail in splits if head and key in TELEX_KEYS)
    costs |= dict.fromkeys((*missing, *transposed, *telex), MISSING_OR_TRANSPOSED)
    for same in (letters, ""):
        costs.pop(same, None)
    # Sorted, so that all processes keep the same ones of several candidates with equal cost.
    return {text: costs[text] for text in sorted(costs)}


def _with_key_corrected(letters: str) -> set[str]:
    """Return the strings meant if an adjacent key was typed, instead or in addition."""
    meant = set()
    for i, key in enumerate(letters):
        head, tail = letters[:i], letters[i + 1 :]
        near = ADJACENT_KEYS.get(key, frozenset())
        meant |= {head + other + tail for other in near}
        if {head[-1:], tail[:1]} & {key, *near}:
            meant.add(head + tail)
    return meant
