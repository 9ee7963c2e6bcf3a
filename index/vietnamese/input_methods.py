"""Input methods: the syllables that raw Telex or VNI keystrokes stand for.

Vietnamese is typed on Latin keyboards; an input method turns "tieengs" (Telex) or "tie6ng1" (VNI)
into "tiếng". If it is switched off, a search engine receives the raw keystrokes. As the input
methods do, this module accepts the keys of tones and marks anywhere after their vowel, and "uow"
for ươ.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from index.vietnamese.phonology import Tone, with_tone


@dataclass(frozen=True, slots=True)
class Method:
    """The keys of an input method: for tones, and for marks as (plain, marked letter) pairs."""

    tones: Mapping[str, Tone]
    marks: Mapping[str, tuple[tuple[str, str], ...]]


TELEX = Method(
    {"f": Tone.HUYEN, "s": Tone.SAC, "r": Tone.HOI, "x": Tone.NGA, "j": Tone.NANG},
    {
        "w": (("u", "ư"), ("o", "ơ"), ("a", "ă")),
        "a": (("a", "â"),),
        "e": (("e", "ê"),),
        "o": (("o", "ô"),),
        "d": (("d", "đ"),),
    },
)
VNI = Method(
    {"1": Tone.SAC, "2": Tone.HUYEN, "3": Tone.HOI, "4": Tone.NGA, "5": Tone.NANG},
    {
        "6": (("a", "â"), ("e", "ê"), ("o", "ô")),
        "7": (("u", "ư"), ("o", "ơ")),
        "8": (("a", "ă"),),
        "9": (("d", "đ"),),
    },
)
_VOWELS = frozenset("aăâeêioôơuưy")
_State = tuple[str, Tone]
"""The letters so far, marked but without the tone mark, and the tone."""

MAX_LETTERS = 7
"""Letters of the longest syllables, such as "nghiêng"."""

MAX_KEYS = 10
"""Keys of the longest syllables in either method ("nghie6ng2" has 9), and one to spare."""


@lru_cache(maxsize=1 << 14)
def syllables_from_keys(typed: str) -> tuple[str, ...]:
    """Return the syllables that a sequence of keys can stand for, canonical, Telex before VNI.

    "tieengs", "tieesng" and "tie61ng" give ("tiếng",). Empty if the keys make no syllable ("mp3",
    "text", "covid19") or have marks already. An unmarked syllable stands for itself ("nam").
    English words are converted too ("teen": "tên"): the caller decides by the vocabulary of the
    index.

    >>> syllables_from_keys("tieengs"), syllables_from_keys("tie61ng"), syllables_from_keys("mp3")
    (('tiếng',), ('tiếng',), ())
    """
    keys = typed.lower()
    if not keys.isascii() or len(keys) > MAX_KEYS:
        return ()
    methods = (TELEX, VNI) if keys.isalpha() else (VNI,)
    found = (
        with_tone(letters, tone) for method in methods for letters, tone in _states(keys, method)
    )
    return tuple(dict.fromkeys(syllable for syllable in found if syllable))


def _states(keys: str, method: Method) -> list[_State]:
    """Return the states after all keys; several if a key is ambiguous."""
    states: list[_State] = [("", Tone.NGANG)]
    for key in keys:
        struck = (after for state in states for after in _struck(*state, key, method))
        states = [state for state in dict.fromkeys(struck) if len(state[0]) <= MAX_LETTERS]
    return states


def _struck(letters: str, tone: Tone, key: str, method: Method) -> Iterator[_State]:
    """Yield the states that one more key leads to; none if the key is not allowed there."""
    vowel_seen = not _VOWELS.isdisjoint(letters)
    if key in method.tones and vowel_seen:
        if tone is Tone.NGANG:
            yield letters, method.tones[key]
    elif key == "o" and letters.endswith("ô"):
        yield letters[:-1] + "oo", tone  # a third o removes the circumflex again: "xooong"
    else:
        marked = list(_marked(letters, method.marks.get(key, ())))
        yield from ((after, tone) for after in marked)
        if key == "w" and not marked:
            yield letters + "ư", tone
        elif key.isalpha() and not (marked and letters.endswith(key)):
            yield letters + key, tone


def _marked(letters: str, marks: tuple[tuple[str, str], ...]) -> Iterator[str]:
    """Yield the letters with one of the marks added to one of them; "uo" may become "ươ"."""
    if ("u", "ư") in marks and "uo" in letters:
        yield letters.replace("uo", "ươ")
    for plain, marked in marks:
        for place, letter in enumerate(letters):
            if letter == plain:
                yield letters[:place] + marked + letters[place + 1 :]
