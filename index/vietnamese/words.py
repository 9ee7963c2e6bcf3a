"""What does a reader search for? The segmented words of a text, made findable.

On top of pyvi's segmentation: words are canonical and in lower case; punctuation and the full
stop of an acronym fall off; a word that was glued over punctuation or a line break is cut there;
a date, a model number, an address or another token held together by `-/.'&@_` is there as a whole
after its parts ("covid", "19", "covid-19"); of a URL stay the host and the path.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from index.vietnamese.forms import canonical
from index.vietnamese.memo import Remembered
from index.vietnamese.segmenter.crf import decode
from index.vietnamese.segmenter.features import Token, as_part
from index.vietnamese.segmenter.lexer import PIECE, Cut
from index.vietnamese.syllables import Syllable, syllables, terms

LONGEST_WHOLE = 64
"""Raw code points of the longest connected token that is a word as a whole."""

_CONNECTORS = frozenset("-‐‑/.'’ʼ&@_")
_CONNECTORS_OF_DIGITS = frozenset(",:–")
_PLAIN_CONNECTORS = str.maketrans("‐‑’ʼ–", "--''-")
_URL = re.compile(r"\w+://(?:www\.)?(?P<address>(?P<host>[^\s/?#]*)[^\s?#]*)", re.IGNORECASE)
_AFTER_URL = "/.,;:!?)]}>\"'”’…"


class SearchCut(NamedTuple):
    """What one of pyvi's tokens is to search.

    `term` is its part of a word; None ends the word before it. No word goes on after a token
    that `closes` it, by the full stop in it. `extras` are words of their own, which follow the
    word that the token is in.
    """

    term: str | None
    closes: bool
    extras: tuple[str, ...]


def search_words(text: str) -> list[str]:
    """Give the words in reading order: canonical, lower case, their syllables joined by "_"."""
    text = with_line_feeds(text)
    pieces = PIECE.findall(text)
    cuts = [cut for piece in pieces for cut in search_cuts(piece, as_part(piece)[1])]
    joins = set(decode(text)[1])
    found: list[str] = []
    word: list[str] = []
    extras: list[str] = []
    closed = True
    for position, (term, closes, more) in enumerate(cuts):
        if closed or term is None or position not in joins:
            found += ["_".join(word)] if word else []
            found += extras
            word, extras = [], []
        if term is not None:
            word.append(term)
        extras += more
        closed = closes
    found += ["_".join(word)] if word else []
    return found + extras


def with_line_feeds(text: str) -> str:
    """Give the text with a line feed for every kind of line break; no word reaches over these."""
    lines = text.splitlines()
    return text if len(lines) < 2 else "\n".join(lines)


def search_cuts(piece: str, tokens: Sequence[Cut | Token]) -> list[SearchCut]:
    """Say what the tokens of a piece (see `segmenter.lexer.PIECE`) are to search, in order."""
    found = [_cut(token[0]) for token in tokens]
    spoken = [cut for cut in found if cut.term is not None or cut.extras]
    if len(spoken) > 1 or (spoken and spoken[0].extras):
        url_at = (token[1] for token in tokens if _URL.match(token[0]))
        for end, whole in _wholes(piece[: next(url_at, None)]):
            last = next(number for number, token in enumerate(tokens) if token[2] >= end)
            found[last] = found[last]._replace(extras=(*found[last].extras, whole))
    return found


def _cut_of(token: str) -> SearchCut:
    if url := _URL.match(token):
        return SearchCut(None, closes=True, extras=_words_of_url(url["host"], url["address"]))
    parts = terms(token)
    if len(parts) == 1:
        return SearchCut(parts[0], closes=not token[-1].isalnum(), extras=())
    return SearchCut(None, closes=True, extras=tuple(parts))


_cut = Remembered(_cut_of).__getitem__


def _wholes(piece: str) -> Iterator[tuple[int, str]]:
    """Give the syllables that are connected, as one word, and the offset where they end."""
    run: list[Syllable] = []
    for syllable in syllables(piece):
        if run and not _connects(piece[run[-1].end : syllable.start], run[-1], syllable):
            yield from _whole(piece, run)
            run = []
        run.append(syllable)
    yield from _whole(piece, run)


def _whole(piece: str, run: list[Syllable]) -> Iterator[tuple[int, str]]:
    if len(run) > 1 and run[-1].end - run[0].start <= LONGEST_WHOLE:
        whole = canonical(piece[run[0].start : run[-1].end].lower())
        yield run[-1].end, whole.translate(_PLAIN_CONNECTORS)


def _connects(between: str, left: Syllable, right: Syllable) -> bool:
    return between in _CONNECTORS or (
        between in _CONNECTORS_OF_DIGITS and left.text[-1].isdigit() and right.text[0].isdigit()
    )


def _words_of_url(host: str, address: str) -> tuple[str, ...]:
    """Give the syllables of an address without its scheme, its host, and the address itself."""
    address = canonical(address.lower().rstrip(_AFTER_URL))
    host = canonical(host.lower().rstrip(_AFTER_URL))
    wholes = dict.fromkeys(whole for whole in (host, address) if 0 < len(whole) <= LONGEST_WHOLE)
    return (*terms(address), *wholes)
