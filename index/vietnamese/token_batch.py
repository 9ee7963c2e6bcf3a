"""Many texts at a time: their syllables and search words, as numbers fit for an index."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import local

import numpy as np
from numpy.typing import NDArray

from index.vietnamese.characters import plain
from index.vietnamese.forms import canonical
from index.vietnamese.segmenter.chunk_memo import END, MAX_CHARACTERS, ChunkMemo, NewChunk
from index.vietnamese.segmenter.crf_batch import Segmentation, segment
from index.vietnamese.segmenter.growable_array import GrowableArray, JaggedArray
from index.vietnamese.segmenter.vocabulary import Vocabulary, compacted, number_words
from index.vietnamese.syllables import terms
from index.vietnamese.words import SearchToken, search_tokens, with_line_feeds

MAX_CHARACTERS_TOGETHER = 1 << 19
"""Characters of a long text that are tokenized together: a short novel has as many.

Memory grows with them, some 100 bytes each where no word is repeated. Only texts that are longer
are cut: what stands around a cut may be joined to other words than in the whole.
"""

Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a batch of texts in reading order; int32 and aligned.

    `terms`: index into the batch's vocabulary. `texts`: index of the text, ascending.
    """

    terms: Ints
    texts: Ints


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """What `syllables.terms` and `words.search_words` return for each text of a batch."""

    vocabulary: tuple[str, ...]
    syllables: Tokens
    words: Tokens


def tokenize_batch(texts: Sequence[str], segmented: NDArray[np.bool_]) -> TokenBatch:
    """Return the syllables of many texts, and the search words of those to be segmented.

    Fastest with some 100,000 characters at a time. May be called from many threads, each of
    which keeps a memo of the chunks it met, up to a bound; the result depends on the texts only.

    >>> batch = tokenize_batch(["Xã hội.", "Xã"], np.array([True, False]))
    >>> batch.vocabulary, batch.syllables.terms.tolist(), batch.syllables.texts.tolist()
    (('xã', 'hội', 'xã_hội'), [0, 1, 0], [0, 0, 1])
    >>> batch.words.terms.tolist(), batch.words.texts.tolist()
    ([2], [0])
    """
    memory = _taken()
    segmentation = segment([with_line_feeds(text) for text in texts], memory.memo)
    memory.learn(segmentation.new)
    syllables = _syllables(segmentation, memory)
    words = _words(segmentation, memory, segmented)
    vocabulary, (syllable_terms, word_terms) = compacted(
        [syllables.terms, words.terms], memory.vocabulary
    )
    if not memory.is_full:
        _threads.memory = memory
    return TokenBatch(
        vocabulary, Tokens(syllable_terms, syllables.texts), Tokens(word_terms, words.texts)
    )


def tokenize_long(
    texts: Sequence[str],
    segmented: NDArray[np.bool_],
    max_characters: int = MAX_CHARACTERS_TOGETHER,
) -> TokenBatch:
    """Return what `tokenize_batch` does, in memory that is bounded for a text of any length.

    A long text is cut after a line, else after a sentence, else between two words.

    >>> tokenize_long(["Xã hội. Xã hội."], np.array([True]), 9).words.terms.tolist()
    [2, 2]
    """
    if max(map(len, texts), default=0) <= max_characters:
        return tokenize_batch(texts, segmented)
    vocabulary: dict[str, int] = {}
    found: list[tuple[Tokens, Tokens]] = []
    for number, text in enumerate(texts):
        for piece in _pieces(text, max_characters):
            batch = tokenize_batch([piece], segmented[number : number + 1])
            names = [vocabulary.setdefault(term, len(vocabulary)) for term in batch.vocabulary]
            numbers = np.array(names, np.int32)
            found.append(
                (
                    _renamed(batch.syllables, numbers, number),
                    _renamed(batch.words, numbers, number),
                )
            )
    syllables, words = zip(*found, strict=True)
    return TokenBatch(tuple(vocabulary), _concatenated(syllables), _concatenated(words))


_LINE, _SENTENCE, _SPACE = re.compile(r"\n"), re.compile(r"[.!?…]\s"), re.compile(r"\s")


def _pieces(text: str, max_characters: int) -> Iterator[str]:
    """Cut a text into pieces of at most that many characters, if its words are not longer."""
    start = 0
    while len(text) - start > max_characters:
        end = start + max_characters
        places = (_last_end(kind, text, start, end) for kind in (_LINE, _SENTENCE, _SPACE))
        cut = next((place for place in places if place), 0)
        if not cut:
            space = _SPACE.search(text, end)
            cut = space.end() if space else len(text)
        yield text[start:cut]
        start = cut
    yield text[start:]


def _last_end(kind: re.Pattern[str], text: str, start: int, end: int) -> int:
    """Return the end of the last match in the second half of a stretch of text, 0 for none."""
    last = 0
    for match in kind.finditer(text, (start + end) // 2, end):
        last = match.end()
    return last


def _renamed(tokens: Tokens, numbers: Ints, text: int) -> Tokens:
    return Tokens(numbers[tokens.terms], np.full(len(tokens.texts), text, np.int32))


def _concatenated(parts: Sequence[Tokens]) -> Tokens:
    return Tokens(
        np.concatenate([part.terms for part in parts]),
        np.concatenate([part.texts for part in parts]),
    )


class _Memory:
    """The chunks that one thread has met, and what they are to search.

    `syllables` has a row of terms for each chunk. For each token of a chunk, `token_terms` has its
    term or `SILENT`, `token_closes` whether a word ends with it, and `token_extras` a row of the
    terms that follow the word it is in.
    """

    def __init__(self) -> None:
        self.memo = ChunkMemo(prepare=plain)
        self.vocabulary = Vocabulary()
        self.syllables = JaggedArray()
        self.token_terms = GrowableArray(np.int32)
        self.token_closes = GrowableArray(np.bool_)
        self.token_extras = JaggedArray()
        self.has_extras = GrowableArray(np.bool_)
        self._add([()], [_NOTHING])

    @property
    def is_full(self) -> bool:
        """Whether this has taken as much memory as it should."""
        return self.memo.is_full or self.vocabulary.characters > MAX_CHARACTERS

    def learn(self, new: Sequence[NewChunk]) -> None:
        """Analyse the chunks that are new to the memo."""
        forms = _forms([chunk for chunk, _, is_word in new if is_word])
        syllables: list[Sequence[str]] = []
        found: list[SearchToken] = []
        for chunk, tokens, is_word in new:
            if is_word:
                syllables.append((forms[chunk],))
                found.append(SearchToken(forms[chunk], closes=False, extras=()))
            else:
                syllables.append(terms(chunk))
                found += search_tokens(chunk, tokens)
        self._add(syllables, found)

    def _add(self, syllables: Sequence[Sequence[str]], tokens: Sequence[SearchToken]) -> None:
        number = self.vocabulary.__getitem__
        self.syllables.extend([list(map(number, row)) for row in syllables])
        self.token_terms.extend(SILENT if t.term is None else number(t.term) for t in tokens)
        self.token_closes.extend(token.closes for token in tokens)
        self.token_extras.extend([tuple(map(number, token.extras)) for token in tokens])
        self.has_extras.extend(bool(token.extras) for token in tokens)


def _forms(words: Sequence[str]) -> dict[str, str]:
    """Return the only term of each word; all at once, since one text takes most of its calls."""
    together = canonical("\n".join(words).lower())  # nothing is moved across a line feed
    return dict(zip(words, together.split("\n"), strict=True)) if words else {}


SILENT = -1
"""The term of a token that is no part of any word."""

_NOTHING = SearchToken(None, closes=True, extras=())  # what the END of a text is to search

_threads = local()


def _taken() -> _Memory:
    """Take the thread's memory; it is put back on success, so that none is left half taught."""
    memory: _Memory | None = vars(_threads).pop("memory", None)
    return memory or _Memory()


def _syllables(segmentation: Segmentation, memory: _Memory) -> Tokens:
    found, counts = memory.syllables.take(segmentation.chunks)
    texts = np.cumsum(segmentation.chunks == END, dtype=np.int32)
    return Tokens(found, np.repeat(texts, counts))


def _words(segmentation: Segmentation, memory: _Memory, segmented: NDArray[np.bool_]) -> Tokens:
    is_end = segmentation.texts == END
    texts = np.cumsum(is_end, dtype=np.int32)
    texts -= is_end  # an END belongs to the text before it
    chosen = segmented[texts]
    tokens, texts = segmentation.tokens[chosen], texts[chosen]
    joined = segmentation.joined[chosen]
    parts = memory.token_terms.array()[tokens]
    spoken = parts != SILENT
    # A word begins with each token that has a term and is not joined to an open word.
    begins = spoken.copy()
    begins[1:] &= ~joined[1:] | memory.token_closes.array()[tokens[:-1]]
    firsts = np.cumsum(spoken)[begins] - 1
    words = number_words(parts[spoken], firsts, memory.vocabulary)
    with_extras = np.flatnonzero(memory.has_extras.array()[tokens])
    extras, counts = memory.token_extras.take(tokens[with_extras])
    after = np.repeat(np.cumsum(begins)[with_extras], counts)
    return Tokens(
        np.insert(words, after, extras),
        np.insert(texts[begins], after, np.repeat(texts[with_extras], counts)),
    )
