"""Segmentation of one text, without NumPy: pyvi's words as a string, or with their spans."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from index.vietnamese.segmenter.crf import decode
from index.vietnamese.segmenter.features import TokenSpan


class Word(NamedTuple):
    """A word of one or more tokens ("syllables"), with its span in code points of the raw text.

    `text` is pyvi's output: in NFC, the syllables joined by "_".
    """

    text: str
    start: int
    end: int
    syllables: tuple[str, ...]


_new: Callable[[type[Word], TokenSpan], Word] = tuple.__new__  # twice as fast as calling `Word`


def tokenize(text: str) -> str:
    """Return the words of a text separated by spaces, exactly as `pyvi.ViTokenizer.tokenize` does.

    >>> tokenize("Trường đại học, xã hội.")
    'Trường đại_học , xã_hội .'
    """
    tokens, joins = decode(text)
    if not tokens:
        return text
    texts = [token[0] for token in tokens]
    for position in joins:
        texts[position] = " " + texts[position]
    return " ".join(texts).replace("  ", "_")  # no token contains a space


def words(text: str) -> list[Word]:
    """Return the words of a text, including punctuation, with their spans in the raw text.

    >>> [(word.text, word.start, word.end) for word in words("học xã hội")]
    [('học', 0, 3), ('xã_hội', 4, 10)]
    """
    tokens, joins = decode(text)
    found: list[TokenSpan | None] = [*tokens]  # a word takes the position of its first token
    longer: dict[int, int] = {}  # first to last token, of words of three or more tokens
    first = last = -1
    for second in joins:
        if second == last + 1:
            longer[first] = second
        else:
            first = second - 1
            left, start, _, _ = tokens[first]
            right, _, end, _ = tokens[second]
            found[first] = (f"{left}_{right}", start, end, (left, right))
        found[second] = None
        last = second
    for first, last in longer.items():
        found[first] = _compound(tokens[first : last + 1])
    return [_new(Word, fields) for fields in found if fields]


def _compound(tokens: Sequence[TokenSpan]) -> TokenSpan:
    syllables = tuple([token[0] for token in tokens])
    return "_".join(syllables), tokens[0][1], tokens[-1][2], syllables
