"""Building a part of the models from analysed articles, for an index that is not in a folder.

Articles are counted in flushes of a few million tokens, whose counts are merged and pruned by
the rules of `index.embedded.writer`: the same articles get the same models in a folder and in a
cluster.
"""

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from tempfile import TemporaryFile
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from index.models.completions import completion_arrays
from index.models.counting import Arrays, count_language
from index.models.frequent_ngrams import TitleTokens
from index.models.mined_phrases import (
    MAX_MINED_TITLES,
    MAX_TITLE_SYLLABLES,
    MinedPhrases,
    compounds_and_lone_syllables,
    mine_phrases,
)
from index.models.part_file import PartFile, merge_parts, vocabulary_arrays
from index.models.tokens import Tokens
from index.models.written_forms import form_arrays, written_by_pieces, written_in
from index.native import kernels
from index.storage.radix_sort import stable_order

MAX_COUNTED_WORDS = 1 << 21
"""Words whose document frequencies are counted, about 250 MB. Beyond this number, words with a
frequency of 1 are dropped."""

Numbers = NDArray[np.integer[Any]]


class FlushLimits(Protocol):
    """The size of a flush; see `index.embedded.limits.WriteLimits`."""

    @property
    def flush_tokens(self) -> int:
        """Tokens, of all fields, at which a flush ends."""
        ...

    @property
    def flush_articles(self) -> int:
        """Articles at which a flush ends."""
        ...

    @property
    def merged_flushes(self) -> int:
        """Flushes that are merged into one."""
        ...


class PartBuilder:
    """Counts the tokens of analysed articles into one part.

    It buffers 12 bytes per syllable until a flush. `stops` are the syllables with which no
    completion may begin or end.
    """

    def __init__(self, stops: frozenset[str], limits: FlushLimits) -> None:
        self._stops = stops
        self._limits = limits
        self._buffer = _Buffer()
        self._flushed: list[PartFile] = []
        self._merged: list[PartFile] = []
        self._titles = _Titles()
        self._words: dict[str, int] = {}

    def add(
        self, vocabulary: Sequence[str], fields: Mapping[str, Tokens], titles: Sequence[str]
    ) -> None:
        """Add a batch of articles with these titles; `fields` has "text", "title" and "words"."""
        self._buffer.add(vocabulary, fields, len(titles))
        self._titles.add(vocabulary, fields["title"], titles)
        buffer, limits = self._buffer, self._limits
        if buffer.tokens >= limits.flush_tokens or buffer.articles >= limits.flush_articles:
            self._flush()
            if len(self._flushed) == limits.merged_flushes:
                merged = merge_parts(self._flushed, is_last=False)
                self._merged.append(PartFile(_spilled(merged)))
                self._flushed.clear()

    def arrays(self, *, pruned: bool = True) -> Arrays:
        """Return the sections of the part's file. The builder must not be used afterwards.

        Without `pruned`, rare items are kept, for a part that is merged before it is read.
        """
        if self._buffer.articles or not (self._flushed or self._merged):
            self._flush()
        counted = merge_parts([*self._merged, *self._flushed], pruned=pruned)
        mined = self._phrases(PartFile(counted))
        return counted | completion_arrays(mined.weights) | form_arrays(self._forms(mined))

    def _flush(self) -> None:
        for word, articles in self._buffer.article_counts("words").items():
            self._words[word] = self._words.get(word, 0) + articles
        if len(self._words) > MAX_COUNTED_WORDS:
            self._words = {word: count for word, count in self._words.items() if count > 1}
        self._flushed.append(PartFile(_spilled(self._buffer.arrays())))
        self._buffer = _Buffer()

    def _phrases(self, part: PartFile) -> MinedPhrases:
        text = zip(part.vocabulary, part.sections()["term_articles"].tolist(), strict=True)
        titles, vocabulary = self._titles.newest()
        compounds, alone = compounds_and_lone_syllables(
            self._words.items(), text, frozenset(vocabulary)
        )
        return mine_phrases(titles, vocabulary, compounds, alone, self._stops)

    def _forms(self, mined: MinedPhrases) -> Iterator[str]:
        """Yield the written forms of the phrases that titles do not write in plain lower case."""
        titles = self._titles.texts()

        @cache
        def in_example(phrase: str) -> str:
            example = mined.examples.get(phrase)
            return phrase if example is None else written_in(titles[example], phrase)

        for phrase in mined.weights:
            form = written_by_pieces(phrase, in_example)
            if form != phrase:
                yield form


@dataclass(slots=True)
class _Buffer:
    """The tokens of the articles since the last flush, with terms numbered by first occurrence.

    `_text`: the (terms, articles, positions) of the field "text", batch by batch. `_counts`: for
    each counted field, the document frequency of each term.
    """

    tokens: int = 0
    articles: int = 0
    _numbers: dict[str, int] = field(default_factory=lambda: defaultdict(count().__next__))
    _text: list[tuple[Numbers, Numbers, Numbers]] = field(default_factory=list)
    _counts: dict[str, Numbers] = field(
        default_factory=lambda: {name: np.zeros(0, np.int64) for name in ("text", "words")}
    )

    def add(self, vocabulary: Sequence[str], fields: Mapping[str, Tokens], articles: int) -> None:
        """Add a batch of articles."""
        # A new term gets the next number.
        named = map(self._numbers.__getitem__, vocabulary)
        names = np.fromiter(named, np.int32, len(vocabulary))
        text = fields["text"]
        owners = text.articles + np.int32(self.articles)
        self._text.append((names[text.terms], owners, text.positions))
        for name, counts in self._counts.items():
            counts = self._counts[name] = np.pad(counts, (0, len(self._numbers) - len(counts)))
            counts[names] += article_counts(fields[name].terms, fields[name].articles, len(names))
        self.articles += articles
        self.tokens += sum(len(tokens.terms) for tokens in fields.values())

    def arrays(self) -> Arrays:
        """Return the sections of a part counted from the buffer, without completions."""
        nothing = (np.empty(0, np.int32),) * 3
        columns = zip(nothing, *self._text, strict=True)
        terms, articles, positions = (np.concatenate(column) for column in columns)
        vocabulary, used, ordinals = _vocabulary(list(self._numbers), terms)
        frequencies = np.bincount(ordinals, minlength=len(vocabulary)).astype(np.uint64)
        return {
            **vocabulary_arrays(vocabulary, frequencies, self._counts["text"][used]),
            **count_language(ordinals, articles, positions, vocabulary),
            **completion_arrays({}),
        }

    def article_counts(self, name: str) -> dict[str, int]:
        """Return the document frequency of each term of a field."""
        counts = self._counts[name].tolist()
        return {
            term: articles for term, articles in zip(self._numbers, counts, strict=True) if articles
        }


def _spilled(arrays: Arrays) -> Arrays:
    """Return the arrays of a flush with its trigrams, about 15 MB, in an unnamed temporary file."""
    with TemporaryFile() as file:
        columns = {name: arrays[name] for name in arrays if name.startswith("trigram_")}
        starts = np.cumsum([0, *(column.nbytes for column in columns.values())]).tolist()
        for column in columns.values():
            file.write(column.data)
        file.flush()
        return arrays | {
            name: np.memmap(file, column.dtype, "r", start, column.shape) if len(column) else column
            for start, (name, column) in zip(starts, columns.items(), strict=False)
        }


class _TitleBatch(NamedTuple):
    """The titles of a batch and their tokens.

    `terms`: for each token, the index of its term in `words`. `places` (2, tokens): its article and
    its position.
    """

    texts: list[str]
    words: list[str]
    terms: Numbers
    places: Numbers


class _Titles:
    """The most recently added titles and their tokens, in reading order."""

    def __init__(self) -> None:
        self._batches: deque[_TitleBatch] = deque()
        self._articles = 0

    def add(self, vocabulary: Sequence[str], titles: Tokens, texts: Sequence[str]) -> None:
        """Add the titles of a batch, and drop batches that are too old to be mined."""
        kept = titles.positions < MAX_TITLE_SYLLABLES
        used, terms = np.unique(titles.terms[kept], return_inverse=True)
        words = [vocabulary[int(number)] for number in used]
        owners = titles.articles[kept].astype(np.int64) + self._articles
        places = titles.positions[kept].astype(np.int64)
        batch = _TitleBatch(list(texts), words, terms.ravel(), np.stack([owners, places]))
        self._batches.append(batch)
        self._articles += len(texts)
        while self._articles - self._before - len(self._batches[0].texts) >= MAX_MINED_TITLES:
            self._batches.popleft()

    @property
    def _before(self) -> int:
        """The number of articles whose titles were dropped."""
        return self._articles - sum(len(batch.texts) for batch in self._batches)

    def texts(self) -> Mapping[int, str]:
        """Return the titles by article number, as in `newest`."""
        every = (text for batch in self._batches for text in batch.texts)
        return dict(enumerate(every, self._before))

    def newest(self) -> tuple[TitleTokens, list[str]]:
        """Return the tokens of the newest `MAX_MINED_TITLES` titles, and their vocabulary."""
        number: dict[str, int] = {}
        terms: list[Numbers] = [np.empty(0, np.int64)]
        places: list[Numbers] = [np.empty((2, 0), np.int64)]
        for batch in self._batches:
            names = [number.setdefault(word, len(number)) for word in batch.words]
            terms.append(np.array(names, np.int64)[batch.terms])
            places.append(batch.places)
        owners, positions = np.concatenate(places, axis=1)
        new = owners >= self._articles - MAX_MINED_TITLES
        vocabulary, _, ordinals = _vocabulary(list(number), np.concatenate(terms)[new])
        columns = (ordinals, owners[new], positions[new])
        return TitleTokens(*(column.astype(np.int32) for column in columns)), vocabulary


class _Vocabulary(NamedTuple):
    """The terms that occur, sorted by UTF-8 bytes; their old numbers; the ordinal of each token."""

    terms: list[str]
    numbers: list[int]
    ordinals: Numbers


def _vocabulary(every: Sequence[str], terms: Numbers) -> _Vocabulary:
    """Return the terms of `every` that occur in the tokens `terms`, renumbered in sorted order."""
    used: list[int] = np.flatnonzero(np.bincount(terms, minlength=len(every))).tolist()
    order = sorted(used, key=lambda number: every[number].encode("utf-8", "surrogatepass"))
    ordinals = np.full(len(every), -1, np.int64)
    ordinals[order] = np.arange(len(order))
    return _Vocabulary([every[number] for number in order], order, ordinals[terms])


def article_counts(terms: NDArray[np.int32], articles: NDArray[np.int32], count: int) -> Numbers:
    """Return the document frequency of each of `count` terms in the tokens of a batch."""
    if kernels:
        counts: Numbers = kernels.article_counts(terms, articles, count)
        return counts
    order = stable_order(terms)  # the articles of each term still ascend
    terms, articles = terms[order], articles[order]
    firsts = np.ones(len(terms), np.bool_)
    firsts[1:] = (terms[1:] != terms[:-1]) | (articles[1:] != articles[:-1])
    return np.bincount(terms[firsts], minlength=count)
