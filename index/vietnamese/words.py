"""Search words: the segmented words of a text, normalised for indexing.

On top of pyvi's segmentation: words are canonical and in lower case; punctuation and the full
stop of an acronym are removed; a word that pyvi joined across punctuation or a line break is split
there; a date, a model number, an address or another token connected by `-/.'&@_` is indexed as a
whole after its parts ("covid", "19", "covid-19"); of a URL, the host and the path are kept.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from index.vietnamese.characters import UNUSUAL, plain
from index.vietnamese.forms import canonical
from index.vietnamese.memo import Memo
from index.vietnamese.segmenter.crf import decode
from index.vietnamese.segmenter.features import Token, as_piece
from index.vietnamese.segmenter.lexer import CHUNK, RawToken
from index.vietnamese.syllables import Syllable, syllables, terms

MAX_WHOLE_CHARACTERS = 64
"""Code points of a connected token that is indexed as a whole: "15/2012/QH13" has 12, most URLs
have fewer than 64; longer ones are mostly random letters. Arbitrary."""

_CONNECTORS = frozenset("-‐‑/.'’ʼ&@_")
_CONNECTORS_OF_DIGITS = frozenset(",:–")
_BETWEEN_DIGITS = rf"(?<=\d)[{''.join(_CONNECTORS_OF_DIGITS)}](?=\d)"
_USUAL_CONNECTED = re.compile(
    rf"\w++(?:(?:[{re.escape(''.join(_CONNECTORS))}]|{_BETWEEN_DIGITS})\w++)++"
)
"""A connected token in a short chunk without anything `UNUSUAL`."""
_PLAIN_CONNECTORS = str.maketrans("‐‑’ʼ–", "--''-")
_URL = re.compile(r"\w+://(?:www\.)?(?P<address>(?P<host>[^\s/?#]*)[^\s?#]*)", re.IGNORECASE)
_AFTER_URL = "/.,;:!?)]}>\"'”’…"


class SearchToken(NamedTuple):
    """One of pyvi's tokens, normalised for indexing.

    `term`: its normalised text, None for punctuation and addresses, which end the current word.
    `ends_word`: True if no later token may join it, because it ends in a full stop. `extras`:
    further words, indexed after the word that the token belongs to.
    """

    term: str | None
    ends_word: bool
    extras: tuple[str, ...]


def search_words(text: str) -> list[str]:
    """Return the words in reading order: canonical, lower case, syllables joined by "_".

    >>> search_words("Covid-19 ở Hà Nội.")
    ['covid', '19', 'covid-19', 'ở', 'hà_nội']
    """
    text = with_line_feeds(plain(text))
    chunks = CHUNK.findall(text)
    tokens = [token for chunk in chunks for token in search_tokens(chunk, as_piece(chunk)[1])]
    joins = set(decode(text)[1])
    found: list[str] = []
    word: list[str] = []
    extras: list[str] = []
    closed = True
    for position, (term, ends_word, more) in enumerate(tokens):
        if closed or term is None or position not in joins:
            found += ["_".join(word)] if word else []
            found += extras
            word, extras = [], []
        if term is not None:
            word.append(term)
        extras += more
        closed = ends_word
    found += ["_".join(word)] if word else []
    return found + extras


def with_line_feeds(text: str) -> str:
    """Return the text with every line break replaced by a line feed, which no word spans."""
    lines = text.splitlines()
    return text if len(lines) < 2 else "\n".join(lines)


def search_tokens(chunk: str, tokens: Sequence[RawToken | Token]) -> list[SearchToken]:
    """Return the normalised tokens of a chunk (see `segmenter.lexer.CHUNK`), one per token."""
    found = [_search_token(token[0]) for token in tokens]
    non_empty = [token for token in found if token.term is not None or token.extras]
    if len(non_empty) > 1 or (non_empty and non_empty[0].extras):
        url_starts = (token[1] for token in tokens if "://" in token[0] and _URL.match(token[0]))
        for end, whole in _connected_tokens(chunk[: next(url_starts, None)]):
            last = next(number for number, token in enumerate(tokens) if token[2] >= end)
            found[last] = found[last]._replace(extras=(*found[last].extras, whole))
    return found


def _search_token_of(token: str) -> SearchToken:
    if url := _URL.match(token):
        return SearchToken(None, ends_word=True, extras=_words_of_url(url["host"], url["address"]))
    parts = terms(token)
    if len(parts) == 1:
        return SearchToken(parts[0], ends_word=not token[-1].isalnum(), extras=())
    return SearchToken(None, ends_word=True, extras=tuple(parts))


_search_token = Memo(_search_token_of).__getitem__


def _connected_tokens(chunk: str) -> Iterator[tuple[int, str]]:
    """Yield (end offset, word) for each connected token, such as "covid-19"."""
    if len(chunk) <= MAX_WHOLE_CHARACTERS and not UNUSUAL.search(chunk):
        for found in _USUAL_CONNECTED.finditer(chunk):
            yield found.end(), _whole_form(found[0])
        return
    run: list[Syllable] = []
    for syllable in syllables(chunk):
        if run and not _connects(chunk[run[-1].end : syllable.start], run[-1], syllable):
            yield from _whole(chunk, run)
            run = []
        run.append(syllable)
    yield from _whole(chunk, run)


def _whole(chunk: str, run: list[Syllable]) -> Iterator[tuple[int, str]]:
    if len(run) > 1 and run[-1].end - run[0].start <= MAX_WHOLE_CHARACTERS:
        yield run[-1].end, _whole_form(chunk[run[0].start : run[-1].end])


def _whole_form(connected: str) -> str:
    return canonical(connected.lower()).translate(_PLAIN_CONNECTORS)


def _connects(between: str, left: Syllable, right: Syllable) -> bool:
    return between in _CONNECTORS or (
        between in _CONNECTORS_OF_DIGITS and left.text[-1].isdigit() and right.text[0].isdigit()
    )


def _words_of_url(host: str, address: str) -> tuple[str, ...]:
    """Return the syllables of a URL without its scheme, then its host, then the whole URL."""
    address = canonical(address.lower().rstrip(_AFTER_URL))
    host = canonical(host.lower().rstrip(_AFTER_URL))
    wholes = dict.fromkeys(
        whole for whole in (host, address) if 0 < len(whole) <= MAX_WHOLE_CHARACTERS
    )
    return (*terms(address), *wholes)
