"""Batch tokenization: the syllables and search words of many texts, as arrays of term numbers."""

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
"""Characters of a text that are tokenized at a time: the length of a short novel.

Memory grows with them, by about 100 bytes per character if no word is repeated. Only longer texts
are split: around a split, words may be segmented differently than in the whole text.
"""

Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a batch of texts in reading order, as two int32 arrays of the same length.

    `terms`: indices into the vocabulary of the batch. `texts`: indices of the texts, ascending.
    """

    terms: Ints
    texts: Ints


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """The results of `syllables.terms` and `words.search_words` for each text of a batch."""

    vocabulary: tuple[str, ...]
    syllables: Tokens
    words: Tokens


def tokenize_batch(texts: Sequence[str], segmented: NDArray[np.bool_]) -> TokenBatch:
    """Return the syllables of all texts, and the search words of those in the mask `segmented`.

    Fastest with batches of about 100,000 characters. Thread-safe: each thread has a bounded memo of
    chunks. The result depends on the texts only.

    >>> batch = tokenize_batch(["Xã hội.", "Xã"], np.array([True, False]))
    >>> batch.vocabulary, batch.syllables.terms.tolist(), batch.syllables.texts.tolist()
    (('xã', 'hội', 'xã_hội'), [0, 1, 0], [0, 0, 1])
    >>> batch.words.terms.tolist(), batch.words.texts.tolist()
    ([2], [0])
    """
    memo = _take_memo()
    segmentation = segment([with_line_feeds(text) for text in texts], memo.chunks)
    memo.learn(segmentation.new)
    syllables = _syllables(segmentation, memo)
    words = _words(segmentation, memo, segmented)
    vocabulary, (syllable_terms, word_terms) = compacted(
        [syllables.terms, words.terms], memo.vocabulary
    )
    if not memo.is_full:
        _threads.memo = memo
    return TokenBatch(
        vocabulary, Tokens(syllable_terms, syllables.texts), Tokens(word_terms, words.texts)
    )


def tokenize_long(
    texts: Sequence[str],
    segmented: NDArray[np.bool_],
    max_characters: int = MAX_CHARACTERS_TOGETHER,
) -> TokenBatch:
    """Return the same as `tokenize_batch`, in bounded memory for texts of any length.

    A text longer than `max_characters` is split after a line, else after a sentence, else between
    two words.

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
    """Yield the pieces of a text, of at most `max_characters` each unless a word is longer."""
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
    """Return the end of the last match in the second half of text[start:end], 0 if none."""
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


class _ThreadMemo:
    """The chunks that one thread has seen, with their syllables and search tokens.

    `syllables` has a row of term numbers for each chunk. For each token of a chunk, `token_terms`
    has its term number or `NO_TERM`; `token_ends_word` and `token_extras` have the fields of its
    `SearchToken`.
    """

    def __init__(self) -> None:
        self.chunks = ChunkMemo(prepare=plain)
        self.vocabulary = Vocabulary()
        self.syllables = JaggedArray()
        self.token_terms = GrowableArray(np.int32)
        self.token_ends_word = GrowableArray(np.bool_)
        self.token_extras = JaggedArray()
        self.has_extras = GrowableArray(np.bool_)
        self._add([()], [_NOTHING])

    @property
    def is_full(self) -> bool:
        """Whether the memo has reached its memory limit."""
        return self.chunks.is_full or self.vocabulary.characters > MAX_CHARACTERS

    def learn(self, new: Sequence[NewChunk]) -> None:
        """Analyse the chunks that are new to the memo."""
        forms = _forms([chunk for chunk, _, is_word in new if is_word])
        syllables: list[Sequence[str]] = []
        found: list[SearchToken] = []
        for chunk, tokens, is_word in new:
            if is_word:
                syllables.append((forms[chunk],))
                found.append(SearchToken(forms[chunk], ends_word=False, extras=()))
            else:
                syllables.append(terms(chunk))
                found += search_tokens(chunk, tokens)
        self._add(syllables, found)

    def _add(self, syllables: Sequence[Sequence[str]], tokens: Sequence[SearchToken]) -> None:
        number = self.vocabulary.__getitem__
        self.syllables.extend([list(map(number, row)) for row in syllables])
        self.token_terms.extend(NO_TERM if t.term is None else number(t.term) for t in tokens)
        self.token_ends_word.extend(token.ends_word for token in tokens)
        self.token_extras.extend([tuple(map(number, token.extras)) for token in tokens])
        self.has_extras.extend(bool(token.extras) for token in tokens)


def _forms(words: Sequence[str]) -> dict[str, str]:
    """Return the canonical form of each word; all in one call, whose overhead dominates."""
    together = canonical("\n".join(words).lower())  # no mark moves across a line feed
    return dict(zip(words, together.split("\n"), strict=True)) if words else {}


NO_TERM = -1
"""The term number of a token that belongs to no word."""

_NOTHING = SearchToken(None, ends_word=True, extras=())  # the search token of END

_threads = local()


def _take_memo() -> _ThreadMemo:
    """Take the thread's memo; it is put back on success only, so an error cannot corrupt it."""
    memo: _ThreadMemo | None = vars(_threads).pop("memo", None)
    return memo or _ThreadMemo()


def _syllables(segmentation: Segmentation, memo: _ThreadMemo) -> Tokens:
    found, counts = memo.syllables.take(segmentation.chunks)
    texts = np.cumsum(segmentation.chunks == END, dtype=np.int32)
    return Tokens(found, np.repeat(texts, counts))


def _words(segmentation: Segmentation, memo: _ThreadMemo, segmented: NDArray[np.bool_]) -> Tokens:
    is_end = segmentation.texts == END
    texts = np.cumsum(is_end, dtype=np.int32)
    texts -= is_end  # an END belongs to the text before it
    chosen = segmented[texts]
    tokens, texts = segmentation.tokens[chosen], texts[chosen]
    joined = segmentation.joined[chosen]
    parts = memo.token_terms.array()[tokens]
    has_term = parts != NO_TERM
    # A word begins at each token that has a term and is not joined to an open word.
    begins = has_term.copy()
    begins[1:] &= ~joined[1:] | memo.token_ends_word.array()[tokens[:-1]]
    firsts = np.cumsum(has_term)[begins] - 1
    words = number_words(parts[has_term], firsts, memo.vocabulary)
    with_extras = np.flatnonzero(memo.has_extras.array()[tokens])
    extras, counts = memo.token_extras.take(tokens[with_extras])
    after = np.repeat(np.cumsum(begins)[with_extras], counts)
    return Tokens(
        np.insert(words, after, extras),
        np.insert(texts[begins], after, np.repeat(texts[with_extras], counts)),
    )
