"""Phrases that somebody may be typing, mined from titles and words.

A phrase is a frequent run of syllables in titles, unless it is a piece of one nearly as frequent
("hồ chí" of "hồ chí minh"), begins or ends with half a word ("xuất khẩu nông") or with a stop
syllable, or stops where no title stops ("Hà Nội dự kiến"); or it is a frequent word of several
syllables. Phrases are mined once a part, from the part itself.
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

MIN_ENDS_SHARE = 0.6
"""A phrase that does not end with a word that titles end with ends them itself, at least this times
as often as any word does: "Hà Nội dự kiến" never, "bóng đá nữ" now and then. By eye."""

ENDS_DEVIATIONS = 1
"""A word is one that titles do not end with where it ends fewer of them than a word does in the
mean, by this many standard deviations: of rare words chance would decide. With 2 "hội kiến", which
ends none of 27 titles, is one that may."""

ENDS_EXPECTED_OF = 10
"""Titles for which the expected share of ends stands where a run has few of its own. Arbitrary."""

TITLES_PER_TITLE = 40_000
"""A phrase must stand in one more title with each of these titles, which bounds the table.
Arbitrary."""

TITLES_PER_ARTICLE = 4_000
"""A word must stand in one more article with each of these titles, for the same reason."""

MIN_WORD_ARTICLES = 2
"""Articles in which a word of several syllables stands before it counts as a word: what the
segmenter joined once may be a mistake of its."""

MIN_ALONE_SHARE = 0.3
"""A syllable is a word of its own where the segmenter left it alone in this share of its articles.
Arbitrary."""

WORD_ARTICLES = 8
"""Articles with a word in their text that weigh as much as one with it in the title. Arbitrary."""

SYLLABLE_TITLES = 4
"""Titles with a single syllable that weigh as much as one with a longer phrase: whoever types a
syllable wants to be spared more than its end. Arbitrary."""


class MinedPhrases(NamedTuple):
    """Phrases with their weights, and of those in titles an article that has it in its title.

    Not at the beginning of the title, if there is such a one: there every phrase is in capitals.
    """

    weights: dict[str, int]
    examples: dict[str, int]


def compounds_and_lone_syllables(
    words: Iterable[tuple[str, int]],
    text: Iterable[tuple[str, int]],
    syllables: Collection[str],
) -> tuple[dict[str, int], frozenset[str]]:
    """Return the frequent compounds with their articles, and which syllables stand alone.

    `words` and `text` have each term of these fields, and how many articles hold it; a long article
    has millions of them, so that only `syllables`, those of the titles, are looked at.

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
    """Return phrases with their weights: about the number of titles that each stands in.

    `words` are the compounds of the articles' text, syllables joined by "_", and in how many
    articles each stands; `alone` are the syllables that are words themselves; `stops` those with
    which no phrase of titles begins or ends.
    """
    count = len(np.unique(titles.articles))
    min_count = 2 + count // TITLES_PER_TITLE
    found: dict[str, int] = {}
    examples: dict[str, int] = {}
    unfinished: set[str] = set()
    for run in _runs(titles, vocabulary, min_count, words):
        phrase, ends = " ".join(run.syllables), (run.syllables[0], run.syllables[-1])
        if "_".join(run.syllables) in words:
            examples[phrase] = run.article
            if not run.is_closed:
                unfinished.add(phrase)
        whole = run.is_closed and not run.is_piece and _is_whole(run.syllables, words, alone)
        if whole and stops.isdisjoint(ends):
            examples[phrase] = run.article
            found[phrase] = run.titles if len(run.syllables) > 1 else run.titles // SYLLABLE_TITLES
    for word, articles in words.items():
        phrase = word.replace("_", " ")
        if articles >= 2 + count // TITLES_PER_ARTICLE and phrase not in unfinished:
            found[phrase] = max(found.get(phrase, 1), articles // WORD_ARTICLES)
    weights = {phrase: weight for phrase, weight in found.items() if weight}
    return MinedPhrases(weights, {name: at for name, at in examples.items() if name in weights})


class _Run(NamedTuple):
    """A run of syllables that is frequent in titles: in how many, and an article with one of them.

    `is_piece`: one longer run continues it, mostly. `is_closed`: it is a word, or ends where titles
    may end.
    """

    syllables: list[str]
    titles: int
    article: int
    is_piece: bool
    is_closed: bool


def _runs(
    titles: TitleTokens, vocabulary: Sequence[str], min_count: int, words: Mapping[str, int]
) -> Iterator[_Run]:
    """Yield the frequent runs of titles."""
    levels = frequent_runs(titles, len(vocabulary), min_count, MAX_PHRASE_SYLLABLES + 1)
    mean = len(np.unique(titles.articles)) / max(len(titles.terms), 1)
    before: _Endings | None = None
    for level, longer in pairwise(levels):
        pairs = zip(_syllables(level, vocabulary), level.counts.tolist(), strict=True)
        is_word = np.fromiter((_is_word(run, words, times) for run, times in pairs), np.bool_)
        endings = _endings(level, is_word, mean, before)
        is_closed, before = is_word | endings.may_end, endings
        continued = np.zeros(len(level.counts), np.int64)
        for pieces in (longer.heads, longer.tails):
            np.maximum.at(continued, pieces, longer.counts)
        is_piece = continued > MAX_CONTINUED_SHARE * level.counts
        columns = (level.counts, level.articles, is_piece, is_closed)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        for run, values in zip(_syllables(level, vocabulary), rows, strict=True):
            if _is_meaningful(run):
                yield _Run(run, *values)


def _syllables(level: RunLevel, vocabulary: Sequence[str]) -> Iterator[list[str]]:
    """Yield the syllables of each run; all at once would take as much as all titles."""
    for run in level.runs:
        yield [vocabulary[term] for term in run.tolist()]


class _Endings(NamedTuple):
    """For each run of a level: the share of titles that its last word ends, and whether it may."""

    word_share: NDArray[np.float64]
    word_may_end: NDArray[np.bool_]
    may_end: NDArray[np.bool_]


def _endings(
    level: RunLevel, is_word: NDArray[np.bool_], mean: float, shorter: _Endings | None
) -> _Endings:
    """Return how the runs of a level end titles; `mean` is the share that any word ends.

    The last word of a run that is none is that of the run without its first syllable, which is in
    the level before.
    """
    expected = mean * level.counts
    word_may_end = level.ends >= expected - ENDS_DEVIATIONS * np.sqrt(expected)
    likely = np.full(len(level.counts), mean)
    if shorter:
        word_may_end = np.where(is_word, word_may_end, shorter.word_may_end[level.tails])
        likely = np.where(is_word, mean, shorter.word_share[level.tails])
    share = (level.ends + ENDS_EXPECTED_OF * likely) / (level.counts + ENDS_EXPECTED_OF)
    may_end = word_may_end | (share >= MIN_ENDS_SHARE * mean)
    return _Endings(np.where(is_word, share, likely), word_may_end, may_end)


def _is_word(run: Sequence[str], words: Mapping[str, int], titles: int) -> bool:
    """Return whether a run in some titles is one word.

    What the segmenter joined in fewer articles than that was joined by mistake; so was what begins
    with a word that stands in more articles: mostly a name and a verb ("Tô_Lâm_ký").
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
