"""Many texts at a time: their syllables and search words, as numbers fit for an index."""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import local

import numpy as np
from numpy.typing import NDArray

from index.vietnamese.segmenter.chunk_memo import END, Lexicon, Met
from index.vietnamese.segmenter.crf_batch import Segmentation, segment
from index.vietnamese.segmenter.growable_array import Growing, Rows
from index.vietnamese.segmenter.vocabulary import Vocabulary, compacted, number_words
from index.vietnamese.syllables import terms
from index.vietnamese.words import SearchCut, search_cuts, with_line_feeds

Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a batch of texts in reading order; int32 and aligned.

    `terms`: index into the batch's vocabulary. `texts`: index of the text, ascending.
    """

    terms: Ints
    texts: Ints


@dataclass(frozen=True, slots=True)
class Reading:
    """What `syllables.terms` and `words.search_words` give for each text of a batch."""

    vocabulary: tuple[str, ...]
    syllables: Tokens
    words: Tokens


def read(texts: Sequence[str], segmented: NDArray[np.bool_]) -> Reading:
    """Give the syllables of many texts, and the search words of those that are to be segmented.

    Fastest with some 100,000 characters at a time. May be called from many threads, each of
    which remembers the pieces of text it met, up to a bound; the result depends on the texts only.
    """
    memory = _taken()
    segmentation = segment([with_line_feeds(text) for text in texts], memory.lexicon)
    memory.learn(segmentation.met)
    syllables = _syllables(segmentation, memory)
    words = _words(segmentation, memory, segmented)
    vocabulary, (syllable_terms, word_terms) = compacted(
        [syllables.terms, words.terms], memory.vocabulary
    )
    _threads.memory = memory
    return Reading(
        vocabulary, Tokens(syllable_terms, syllables.texts), Tokens(word_terms, words.texts)
    )


class _Memory:
    """What one thread has met so far: pieces, and what they are to search."""

    def __init__(self) -> None:
        self.lexicon = Lexicon()
        self.vocabulary = Vocabulary()
        self.syllables = Rows()  # the terms of each piece
        self.cut_terms = Growing(np.int32)  # the term of each cut, or SILENT
        self.cut_closes = Growing(np.bool_)
        self.cut_extras = Rows()  # the terms that follow the word with the cut
        self.has_extras = Growing(np.bool_)
        self._add([""], [_NOTHING])

    @property
    def is_full(self) -> bool:
        """Say whether this has taken as much memory as it should."""
        return self.lexicon.is_full or self.vocabulary.characters > Lexicon.MOST_CHARACTERS

    def learn(self, met: Sequence[Met]) -> None:
        """Look at the pieces that the lexicon has met."""
        cuts = [cut for piece, tokens in met for cut in search_cuts(piece, tokens)]
        self._add([piece for piece, _ in met], cuts)

    def _add(self, pieces: Sequence[str], cuts: Sequence[SearchCut]) -> None:
        number = self.vocabulary.__getitem__
        self.syllables.extend([tuple(map(number, terms(piece))) for piece in pieces])
        self.cut_terms.extend(SILENT if cut.term is None else number(cut.term) for cut in cuts)
        self.cut_closes.extend(cut.closes for cut in cuts)
        self.cut_extras.extend([tuple(map(number, cut.extras)) for cut in cuts])
        self.has_extras.extend(bool(cut.extras) for cut in cuts)


SILENT = -1
_NOTHING = SearchCut(None, closes=True, extras=())  # what the END of a text is to search

_threads = local()


def _taken() -> _Memory:
    """Take this thread's memory, to be given back when all went well: none is left half taught."""
    memory: _Memory | None = vars(_threads).pop("memory", None)
    return _Memory() if memory is None or memory.is_full else memory


def _syllables(segmentation: Segmentation, memory: _Memory) -> Tokens:
    found, counts = memory.syllables.take(segmentation.pieces)
    texts = np.cumsum(segmentation.pieces == END, dtype=np.int32)
    return Tokens(found, np.repeat(texts, counts))


def _words(segmentation: Segmentation, memory: _Memory, segmented: NDArray[np.bool_]) -> Tokens:
    texts = np.cumsum(segmentation.tokens == END, dtype=np.int32)
    texts -= segmentation.tokens == END  # an END belongs to the text before it
    chosen = segmented[texts]
    cuts, texts = segmentation.cuts[chosen], texts[chosen]
    joined = segmentation.joined[chosen]
    parts = memory.cut_terms.array()[cuts]
    spoken = parts != SILENT
    begins = spoken.copy()
    begins[1:] &= ~joined[1:] | memory.cut_closes.array()[cuts[:-1]]
    firsts = np.cumsum(spoken)[begins] - 1
    words = number_words(parts[spoken], firsts, memory.vocabulary)
    with_extras = np.flatnonzero(memory.has_extras.array()[cuts])
    extras, counts = memory.cut_extras.take(cuts[with_extras])
    behind = np.repeat(np.cumsum(begins)[with_extras], counts)
    return Tokens(
        np.insert(words, behind, extras),
        np.insert(texts[begins], behind, np.repeat(texts[with_extras], counts)),
    )
