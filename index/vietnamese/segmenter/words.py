"""One text at a time, without NumPy: pyvi's words as a string, or with their places."""

from collections.abc import Callable
from functools import partial
from itertools import chain
from typing import NamedTuple

from index.vietnamese.segmenter.decoder import joined, runs
from index.vietnamese.segmenter.features import Token, tokens_of


class Word(NamedTuple):
    """A word of one or more tokens ("syllables"), [start, end) in code points of the raw text.

    `text` is the word as pyvi writes it: in NFC, its syllables joined by "_".
    """

    text: str
    start: int
    end: int
    syllables: tuple[str, ...]


_Fields = tuple[str, int, int, tuple[str, ...]]
_word: Callable[[_Fields], Word] = partial(tuple.__new__, Word)  # half the time of calling `Word`


def tokenize(text: str) -> str:
    """Give the words of a text separated by spaces, exactly as `pyvi.ViTokenizer.tokenize`."""
    tokens = list(chain.from_iterable(map(tokens_of, text.split(" "))))
    if not tokens:
        return text
    texts = [token[0] for token in tokens]
    for position in joined(tokens):
        texts[position] = " " + texts[position]
    return " ".join(texts).replace("  ", "_")  # no token holds a space


def words(text: str) -> list[Word]:
    """Give the words of a text, punctuation included, with their places in the text as given."""
    tokens: list[Token] = []
    single: list[_Fields] = []
    offset = 0
    for part in text.split(" "):
        found = tokens_of(part)
        tokens += found
        for token, start, end, alone, *_ in found:
            single.append((token, offset + start, offset + end, alone))
        offset += len(part) + 1
    words: list[_Fields] = []
    done = 0
    for second, following in runs(joined(tokens)):
        words += single[done : second - 1]
        compound = single[second - 1 : following]
        syllables = tuple([fields[0] for fields in compound])
        words.append(("_".join(syllables), compound[0][1], compound[-1][2], syllables))
        done = following
    words += single[done:]
    return list(map(_word, words))
