"""Phrases that somebody may be typing, mined from titles and words.

A phrase is a frequent run of syllables in titles, unless it is a piece of one nearly as frequent
("hồ chí" of "hồ chí minh"), begins or ends with half a word ("xuất khẩu nông") or with a stop
syllable, or ends as no title does ("Hà Nội dự kiến"); or it is a frequent word of several
syllables. Phrases are mined once per part, from the part itself.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.models.frequent_runs import RunLevel, TitleTokens, frequent_runs

MAX_PHRASE_SYLLABLES = 7
"""Syllables of a phrase. Arbitrary: the names of laws and offices have five or six."""

MAX_TITLE_SYLLABLES = 50
"""Syllables of a title, from its beginning, that are mined: what is longer is a text in the wrong
field. Arbitrary."""

MAX_MINED_TITLES = 100_000
"""Articles of a part, those added last, whose titles are mined: it takes 130 MB."""

MAX_CONTINUED_SHARE = 0.5
"""A phrase that one longer run continues in more than this share of its occurrences is a piece of
that run. Arbitrary: half."""

MIN_END_RATE = 0.6
"""The rate at which a phrase ends the titles that have it, as a multiple of the mean rate, at least
where its last word rarely ends titles: "Hà Nội dự kiến" never does, "bóng đá nữ" now and then. By
eye."""

MAX_DEVIATIONS_BELOW = 1
"""A word may end a phrase if the number of titles that it ends is below the expected one by at most
this many standard deviations (of a Poisson distribution): of rare words chance would decide. With 2
"hội kiến", which ends none of 27 titles, may."""

END_RATE_PSEUDO_COUNT = 10
"""Occurrences with the expected rate of ends that are added to those of a run, which may be few.
Arbitrary."""

MIN_TITLES = 2
"""Titles that a run needs to be a phrase: one that a single title has tells nothing."""

TITLES_PER_REQUIRED_TITLE = 40_000
"""`MIN_TITLES` titles must have a run, and one more for each time there are this many titles, which
bounds the table. Arbitrary."""

TITLES_PER_REQUIRED_ARTICLE = 4_000
"""The same of a word and the articles that hold it."""

MIN_WORD_ARTICLES = 2
"""Articles that hold a word of several syllables before it counts as a word: one that the segmenter
joined only once may be a mistake."""

MIN_ALONE_SHARE = 0.3
"""A syllable is a word of its own where the segmenter left it alone in this share of its articles.
Arbitrary."""

ARTICLES_PER_WEIGHT = 8
"""Articles that hold a word for each unit of its weight; of a phrase of titles it is one title.
Arbitrary."""

SYLLABLE_TITLES_PER_WEIGHT = 4
"""The same of a single syllable and the titles that have it: to complete it saves few keys.
Arbitrary."""


class MinedPhrases(NamedTuple):
    """Phrases with their weights, and for each that titles have an article with it in its title.

    If possible one whose title does not begin with it: there every phrase has a capital.
    """

    weights: dict[str, int]
    examples: dict[str, int]


def compounds_and_lone_syllables(
    words: Iterable[tuple[str, int]],
    text: Iterable[tuple[str, int]],
    syllables: Collection[str],
) -> tuple[dict[str, int], frozenset[str]]:
    """Return the frequent compounds with their articles, and which syllables stand alone.

    `words` and `text` have each term of these fields, and how many articles hold it. There may be
    millions: of the single syllables only those in `syllables`, those of the titles, are kept.

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
    """Return phrases with their weights: about the number of titles that have each of them.

    `words` are the compounds of the articles' text, syllables joined by "_", and how many articles
    hold each; `alone` are the syllables that are words themselves; `stops` those with which no
    phrase of titles begins or ends.
    """
    count = len(np.unique(titles.articles))
    min_count = MIN_TITLES + count // TITLES_PER_REQUIRED_TITLE
    found: dict[str, int] = {}
    examples: dict[str, int] = {}
    incomplete: set[str] = set()
    for run in _runs(titles, vocabulary, min_count, words):
        phrase, ends = " ".join(run.syllables), (run.syllables[0], run.syllables[-1])
        is_listed = "_".join(run.syllables) in words
        if is_listed and not run.is_complete:
            incomplete.add(phrase)
        is_phrase = run.is_complete and not run.is_piece and stops.isdisjoint(ends)
        is_phrase = is_phrase and _is_whole(run.syllables, words, alone)
        if is_phrase:
            is_longer = len(run.syllables) > 1
            found[phrase] = run.occurrences // (1 if is_longer else SYLLABLE_TITLES_PER_WEIGHT)
        if is_phrase or is_listed:
            examples[phrase] = run.article
    for word, articles in words.items():
        phrase = word.replace("_", " ")
        if articles >= 2 + count // TITLES_PER_REQUIRED_ARTICLE and phrase not in incomplete:
            found[phrase] = max(found.get(phrase, 1), articles // ARTICLES_PER_WEIGHT)
    weights = {phrase: weight for phrase, weight in found.items() if weight}
    return MinedPhrases(weights, {name: at for name, at in examples.items() if name in weights})


class _Run(NamedTuple):
    """A frequent run of syllables: how often titles have it, and the article of one of these.

    `is_piece`: one longer run continues it, mostly. `is_complete`: it is a word, or ends as titles
    do.
    """

    syllables: list[str]
    occurrences: int
    article: int
    is_piece: bool
    is_complete: bool


def _runs(
    titles: TitleTokens, vocabulary: Sequence[str], min_count: int, words: Mapping[str, int]
) -> Iterator[_Run]:
    """Yield the frequent runs of titles."""
    levels = frequent_runs(titles, len(vocabulary), min_count, MAX_PHRASE_SYLLABLES + 1)
    mean_rate = len(np.unique(titles.articles)) / max(len(titles.terms), 1)
    endings: _Endings | None = None
    for level, longer in pairwise(levels):
        pairs = zip(_syllables(level, vocabulary), level.counts.tolist(), strict=True)
        is_word = np.fromiter((_is_word(run, words, times) for run, times in pairs), np.bool_)
        endings = _endings(level, is_word, mean_rate, shorter=endings)
        is_complete = is_word | endings.may_end
        continued = np.zeros(len(level.counts), np.int64)
        for pieces in (longer.heads, longer.tails):
            np.maximum.at(continued, pieces, longer.counts)
        is_piece = continued > MAX_CONTINUED_SHARE * level.counts
        columns = (level.counts, level.articles, is_piece, is_complete)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        for run, values in zip(_syllables(level, vocabulary), rows, strict=True):
            if _is_meaningful(run):
                yield _Run(run, *values)


def _syllables(level: RunLevel, vocabulary: Sequence[str]) -> Iterator[list[str]]:
    """Yield the syllables of each run; all at once would take as much as all titles."""
    for run in level.runs:
        ordinals: list[int] = run.tolist()
        yield [vocabulary[ordinal] for ordinal in ordinals]


class _Endings(NamedTuple):
    """For each run of a level: how its last word ends titles, and whether the run may end a phrase.

    `word_rate`: the share of the word's occurrences that end a title, smoothed. `word_may_end`:
    whether it ends titles about as often as other words do.
    """

    word_rate: NDArray[np.float64]
    word_may_end: NDArray[np.bool_]
    may_end: NDArray[np.bool_]


def _endings(
    level: RunLevel, is_word: NDArray[np.bool_], mean_rate: float, shorter: _Endings | None
) -> _Endings:
    """Return how the runs of a level end titles; `mean_rate` is the share of syllables that do.

    A run that is not one word has the last word of its tail, the run without its first syllable,
    which is in the `shorter` level.
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


def _is_word(run: Sequence[str], words: Mapping[str, int], titles: int) -> bool:
    """Return whether a run that some titles have is one word.

    The segmenter joined it by mistake if it did so in fewer articles than these titles, or if what
    comes before its last syllable is a word in more articles: mostly a name ("Tô_Lâm_ký").
    """
    articles = words.get("_".join(run), 0)
    return len(run) == 1 or (
        articles >= titles and (len(run) == 2 or words.get("_".join(run[:-1]), 0) <= articles)
    )


def _is_meaningful(syllables: Sequence[str]) -> bool:
    """Return whether a run is more than numbers or a letter."""
    return len("".join(syllables)) > 1 and not all(syllable.isdecimal() for syllable in syllables)


def _is_whole(syllables: Sequence[str], words: Mapping[str, int], alone: Collection[str]) -> bool:
    """Return whether a run begins and ends with a word."""
    parts = range(2, len(syllables) + 1)
    begins = syllables[0] in alone or any("_".join(syllables[:n]) in words for n in parts)
    return begins and (
        syllables[-1] in alone or any("_".join(syllables[-n:]) in words for n in parts)
    )
