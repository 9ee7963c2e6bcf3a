"""One text at a time, without NumPy: pyvi's words as a string, or with their places."""

from itertools import chain, pairwise
from typing import NamedTuple

from index.vietnamese.segmenter.decoder import joined
from index.vietnamese.segmenter.features import Token, tokens_of
from index.vietnamese.segmenter.lexer import PIECE


class Word(NamedTuple):
    """A word of one or more tokens ("syllables"), [start, end) in code points of the raw text.

    `text` is the word as pyvi writes it: in NFC, its syllables joined by "_".
    """

    text: str
    start: int
    end: int
    syllables: tuple[str, ...]


def tokenize(text: str) -> str:
    """Give the words of a text separated by spaces, exactly as `pyvi.ViTokenizer.tokenize`."""
    pieces = PIECE.findall(text) if "\n" in text else text.split()
    tokens = list(chain.from_iterable(map(tokens_of, pieces)))
    if not tokens:
        return text
    marks = [" "] * len(tokens)
    for position in joined(tokens):
        marks[position] = "_"
    marks[0] = ""
    parts = marks * 2
    parts[::2] = marks
    parts[1::2] = [token[0] for token in tokens]
    return "".join(parts)


def words(text: str) -> list[Word]:
    """Give the words of a text, punctuation included, with their places in the text as given."""
    tokens: list[Token] = []
    offsets: list[int] = []
    for piece in PIECE.finditer(text):
        more = tokens_of(piece[0])
        tokens += more
        offsets += [piece.start()] * len(more)
    joins = joined(tokens)
    found = []
    starts = sorted(set(range(len(tokens))).difference(joins))
    for first, following in pairwise([*starts, len(tokens)]):
        last = following - 1
        start, end = tokens[first][1] + offsets[first], tokens[last][2] + offsets[last]
        if first == last:
            text = tokens[first][0]
            found.append(Word(text, start, end, (text,)))
        else:
            syllables = tuple(token[0] for token in tokens[first:following])
            found.append(Word("_".join(syllables), start, end, syllables))
    return found
