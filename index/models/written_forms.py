"""A phrase as a title writes it: "tô lâm" is "Tô Lâm", "giá vàng" stays as it is."""

import re

from index.vietnamese.syllables import syllables

_PLAIN = re.compile(r"[\w .&/-]+")
_SENTENCE_END = re.compile(r"[.:!?|\"“”'‘’«»(\[-]\s*$")


def written_in(title: str, phrase: str) -> str:
    """Return a phrase of canonical syllables as it stands in a title, else as it is.

    At the beginning of a sentence one capital says nothing, and a title in capitals never does.

    >>> written_in("Chủ tịch nước Tô Lâm thăm Lào", "tô lâm")
    'Tô Lâm'
    >>> written_in("Giá vàng tăng: TP.HCM ra sao", "giá vàng"), written_in("TP.HCM", "tp hcm")
    ('giá vàng', 'TP.HCM')
    """
    wanted = phrase.split()
    tokens = list(syllables(title))
    starts = [
        at
        for at in range(len(tokens) - len(wanted) + 1)
        if [token.text for token in tokens[at : at + len(wanted)]] == wanted
    ]
    if not starts:
        return phrase
    at = next((at for at in starts if not _begins(title, tokens[at].start)), starts[0])
    first, last = tokens[at].start, tokens[at + len(wanted) - 1].end
    text = title[first:last]
    if not _PLAIN.fullmatch(text) or (title.isupper() and len(tokens) > len(wanted)):
        return phrase
    capitals = [title[token.start].isupper() for token in tokens[at : at + len(wanted)]]
    if _begins(title, first) and not all(capitals[1:] or [text.isupper() and len(text) > 1]):
        if not any(capitals[1:]):
            return phrase
        return text if capitals[1] else text[0].lower() + text[1:]  # "Quang Hải được ..."
    return text if any(map(str.isupper, text)) else phrase


def _begins(title: str, at: int) -> bool:
    """Return whether a sentence or a quotation begins at a place of a title."""
    return not title[:at].strip() or bool(_SENTENCE_END.search(title[:at]))
