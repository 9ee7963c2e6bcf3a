"""Mining phrases for completions from titles and words.

A phrase is a frequent n-gram of syllables in titles, unless it is part of a longer one that is
nearly as frequent ("hồ chí" of "hồ chí minh"), begins or ends with half a word ("xuất khẩu nông")
or with a stop syllable, or ends with a word that rarely ends titles ("Hà Nội dự kiến"). Frequent
words of several syllables are phrases too. Phrases are mined once per part, from the part itself.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.models.frequent_ngrams import NgramLevel, TitleTokens, frequent_ngrams

MAX_PHRASE_SYLLABLES = 7
"""Syllables of the longest phrase: the names of laws and offices have five or six. Arbitrary."""

MAX_TITLE_SYLLABLES = 50
"""Syllables of a title that are mined, from its beginning: a longer one is probably body text in
the wrong field. Arbitrary."""

MAX_MINED_TITLES = 100_000
"""Titles of a part that are mined, those added last: this takes 130 MB."""

MAX_CONTINUED_SHARE = 0.5
"""An n-gram is part of a longer one if that has more than this share of its occurrences.
Arbitrary: half."""

MIN_END_RATE = 0.6
"""If the last word of an n-gram rarely ends titles, the n-gram must end them at this multiple of
the mean rate at least: "Hà Nội dự kiến" never does, "bóng đá nữ" sometimes does. Set by eye."""

MAX_DEVIATIONS_BELOW = 1
"""A word may end a phrase if the number of titles that it ends is at most this many standard
deviations (of a Poisson distribution) below the expected one; a fixed rate would leave rare words
to chance. With 2, "hội kiến" may, which ends none of 27 titles."""

END_RATE_PSEUDO_COUNT = 10
"""Pseudo-occurrences at the expected rate that are added to those of an n-gram, to smooth its rate
of ending titles. Arbitrary."""

MIN_TITLES = 2
"""Titles in which an n-gram must occur to be a phrase: a single occurrence is not evidence."""

TITLES_PER_REQUIRED_TITLE = 40_000
"""The minimum grows by one title each time the part has this many titles more, which bounds the
table. Arbitrary."""

TITLES_PER_REQUIRED_ARTICLE = 4_000
"""The minimum document frequency of a word, which is 2, grows by one for each this many titles.
Arbitrary."""

MIN_WORD_ARTICLES = 2
"""Document frequency from which a compound counts as a word: if the segmenter joined it only once,
it may be a mistake."""

MIN_ALONE_SHARE = 0.3
"""A syllable is a word of its own if the segmenter left it alone in at least this share of its
articles. Arbitrary."""

ARTICLES_PER_WEIGHT = 8
"""A word gets one unit of weight for each this many articles; a phrase of titles, one for each
title. Arbitrary."""

SYLLABLE_TITLES_PER_WEIGHT = 4
"""A single syllable gets one unit of weight for each this many titles, since completing it saves
few keystrokes. Arbitrary."""


class MinedPhrases(NamedTuple):
    """Phrases with their weights, and an example for each phrase that titles have.

    The example is an article with the phrase in its title, if possible not at the beginning, where
    every phrase has a capital.
    """

    weights: dict[str, int]
    examples: dict[str, int]


def compounds_and_lone_syllables(
    words: Iterable[tuple[str, int]],
    text: Iterable[tuple[str, int]],
    syllables: Collection[str],
) -> tuple[dict[str, int], frozenset[str]]:
    """Return the frequent compounds with their document frequencies, and the lone syllables.

    A lone syllable is one that is a word of its own. `words` and `text` yield the terms of these
    fields with their document frequencies. There may be millions, so only the syllables in
    `syllables`, which are those of the titles, are considered.

    >>> words, text = [("hà_nội", 9), ("a_b", 1), ("gạo", 4)], [("hà", 9), ("nội", 9), ("gạo", 4)]
    >>> compounds_and_lone_syllables(words, text, {"hà", "gạo"})
    ({'hà_nội': 9}, frozenset({'gạo'}))
    """
    compounds: dict[str, int] = {}
    articles: dict[str, int] = {}
    for word, count in words:
        if "_" in word and count >= MIN_WORD_ARTICLES:
            compounds[word] = count
        elif word in syllables:
            articles[word] = count
    alone = frozenset(
        syllable
        for syllable, count in text
        if syllable in syllables and articles.get(syllable, 0) >= MIN_ALONE_SHARE * count
    )
    return compounds, alone


def mine_phrases(
    titles: TitleTokens,
    vocabulary: Sequence[str],
    words: Mapping[str, int],
    alone: Collection[str],
    stops: frozenset[str],
) -> MinedPhrases:
    """Return phrases with their weights, which are about the number of titles with the phrase.

    `words` maps the compounds of the articles' text, syllables joined by "_", to their document
    frequencies; `alone` are the syllables that are words of their own; with `stops`, no phrase of
    titles begins or ends.
    """
    count = len(np.unique(titles.articles))
    min_count = MIN_TITLES + count // TITLES_PER_REQUIRED_TITLE
    found: dict[str, int] = {}
    examples: dict[str, int] = {}
    incomplete: set[str] = set()
    for ngram in _ngrams(titles, vocabulary, min_count, words):
        phrase, ends = " ".join(ngram.syllables), (ngram.syllables[0], ngram.syllables[-1])
        is_listed = "_".join(ngram.syllables) in words
        if is_listed and not ngram.is_complete:
            incomplete.add(phrase)
        is_phrase = ngram.is_complete and not ngram.is_fragment and stops.isdisjoint(ends)
        is_phrase = is_phrase and _has_whole_words(ngram.syllables, words, alone)
        if is_phrase:
            is_longer = len(ngram.syllables) > 1
            found[phrase] = ngram.occurrences // (1 if is_longer else SYLLABLE_TITLES_PER_WEIGHT)
        if is_phrase or is_listed:
            examples[phrase] = ngram.article
    for word, articles in words.items():
        phrase = word.replace("_", " ")
        if articles >= 2 + count // TITLES_PER_REQUIRED_ARTICLE and phrase not in incomplete:
            found[phrase] = max(found.get(phrase, 1), articles // ARTICLES_PER_WEIGHT)
    weights = {phrase: weight for phrase, weight in found.items() if weight}
    return MinedPhrases(
        weights, {name: article for name, article in examples.items() if name in weights}
    )


class _Ngram(NamedTuple):
    """A frequent n-gram of titles: its occurrences, and an article with it in its title.

    `is_fragment`: most of its occurrences are in one longer n-gram. `is_complete`: it is a word, or
    ends in one that may end a phrase.
    """

    syllables: list[str]
    occurrences: int
    article: int
    is_fragment: bool
    is_complete: bool


def _ngrams(
    titles: TitleTokens, vocabulary: Sequence[str], min_count: int, words: Mapping[str, int]
) -> Iterator[_Ngram]:
    """Yield the frequent n-grams of titles."""
    levels = frequent_ngrams(titles, len(vocabulary), min_count, MAX_PHRASE_SYLLABLES + 1)
    mean_rate = len(np.unique(titles.articles)) / max(len(titles.terms), 1)
    endings: _Endings | None = None
    for level, longer in pairwise(levels):
        pairs = zip(_syllables(level, vocabulary), level.counts.tolist(), strict=True)
        is_word = np.fromiter((_is_word(ngram, words, times) for ngram, times in pairs), np.bool_)
        endings = _endings(level, is_word, mean_rate, shorter=endings)
        is_complete = is_word | endings.may_end
        continued = np.zeros(len(level.counts), np.int64)
        for parts in (longer.heads, longer.tails):
            np.maximum.at(continued, parts, longer.counts)
        is_fragment = continued > MAX_CONTINUED_SHARE * level.counts
        columns = (level.counts, level.articles, is_fragment, is_complete)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        for ngram, values in zip(_syllables(level, vocabulary), rows, strict=True):
            if _is_meaningful(ngram):
                yield _Ngram(ngram, *values)


def _syllables(level: NgramLevel, vocabulary: Sequence[str]) -> Iterator[list[str]]:
    """Yield the syllables of each n-gram; a list of all would take as much memory as all titles."""
    for start in range(0, len(level.ngrams), _NGRAMS_AT_ONCE):
        ngrams: list[list[int]] = level.ngrams[start : start + _NGRAMS_AT_ONCE].tolist()
        for ordinals in ngrams:
            yield [vocabulary[ordinal] for ordinal in ordinals]


_NGRAMS_AT_ONCE = 1 << 10


class _Endings(NamedTuple):
    """The endings of the n-grams of a level: arrays with one entry per n-gram.

    `word_rate`: the share of the last word's occurrences that end a title, smoothed.
    `word_may_end`: whether the last word ends titles about as often as other words do. `may_end`:
    whether a phrase may end with the n-gram.
    """

    word_rate: NDArray[np.float64]
    word_may_end: NDArray[np.bool_]
    may_end: NDArray[np.bool_]


def _endings(
    level: NgramLevel, is_word: NDArray[np.bool_], mean_rate: float, shorter: _Endings | None
) -> _Endings:
    """Return the endings of a level; `mean_rate` is the share of syllables that end a title.

    The last word of an n-gram that is not itself a word is that of its tail (the n-gram without its
    first syllable), which is in the level before, `shorter`.
    """
    expected = mean_rate * level.counts
    word_may_end = level.ends >= expected - MAX_DEVIATIONS_BELOW * np.sqrt(expected)
    prior = np.full(len(level.counts), mean_rate)
    if shorter:
        word_may_end = np.where(is_word, word_may_end, shorter.word_may_end[level.tails])
        prior = np.where(is_word, mean_rate, shorter.word_rate[level.tails])
    rate = (level.ends + END_RATE_PSEUDO_COUNT * prior) / (level.counts + END_RATE_PSEUDO_COUNT)
    may_end = word_may_end | (rate >= MIN_END_RATE * mean_rate)
    return _Endings(np.where(is_word, rate, prior), word_may_end, may_end)


def _is_word(ngram: Sequence[str], words: Mapping[str, int], titles: int) -> bool:
    """Return whether an n-gram that occurs in this many titles is a single word.

    If the segmenter joined it in fewer articles than that, it did so by mistake; also if the n-gram
    without its last syllable is a word in more articles, which is mostly a name ("Tô_Lâm_ký").
    """
    articles = words.get("_".join(ngram), 0)
    return len(ngram) == 1 or (
        articles >= titles and (len(ngram) == 2 or words.get("_".join(ngram[:-1]), 0) <= articles)
    )


def _is_meaningful(syllables: Sequence[str]) -> bool:
    """Return whether an n-gram is neither a single character nor all numbers."""
    text = "".join(syllables)
    return len(text) > 1 and not text.isdecimal()


def _has_whole_words(
    syllables: Sequence[str], words: Mapping[str, int], alone: Collection[str]
) -> bool:
    """Return whether an n-gram begins and ends with a whole word."""
    parts = range(2, len(syllables) + 1)
    begins = syllables[0] in alone or any("_".join(syllables[:n]) in words for n in parts)
    return begins and (
        syllables[-1] in alone or any("_".join(syllables[-n:]) in words for n in parts)
    )
