"""Completions of a query being typed: frequent phrases of titles, and titles.

Marks may be missing, and raw Telex or VNI keys are decoded; text before the completed words is
kept.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from index.models.mined_phrases import MAX_PHRASE_SYLLABLES
from index.models.typed_marks import may_become
from index.vietnamese.forms import fold
from index.vietnamese.input_methods import syllables_from_keys
from index.vietnamese.syllables import terms
from search.interpretation.context import Context
from search.plan import Phrase, Plan
from search.query.parser import parse
from search.query.plain_words import is_plain_words
from search.query.tree import plain_text

Syllables = tuple[str, ...]

MAX_TYPED_CHARACTERS = 200
"""Characters of a query that is completed; arbitrary."""

MIN_PHRASES = 3
"""With fewer phrases that continue the whole typed text, its last words alone are completed, too.
Arbitrary."""

MIN_TITLE_LETTERS = 4
"""Titles are offered from this many letters on: too many begin with fewer. Arbitrary."""

MAX_TITLES_AMONG_PHRASES = 2
"""The newest titles that are offered if phrases alone would fill the list; arbitrary."""

MAX_TITLE_CHARACTERS = 200
"""Longer titles are not offered: one of 160,000 characters returned 240 kB in 0.3 s per keystroke.
Arbitrary, the same as `MAX_TYPED_CHARACTERS`."""

MAX_TITLES_READ = 12
"""Articles whose title is fetched and compared with what was typed; arbitrary."""

MAX_FORMS = 40
"""Expansions of an unfinished last syllable; arbitrary."""

_WORDS = re.compile(
    r"(?P<head>(?:.*(?:[\"“”„«»():]|\b(?:AND|OR|NOT)\s|(?:^|(?<=\s))-))?)(?P<tail>.*)", re.DOTALL
)
"""The completed part is the run of plain words after the last operator or sign."""


def complete(context: Context, typed: str, size: int = 8) -> tuple[str, ...]:
    """Return at most `size` queries that begin with what was typed, likeliest first."""
    words = _WORDS.fullmatch(typed) if len(typed) <= MAX_TYPED_CHARACTERS else None
    if words is None:
        return ()
    found: dict[str, str] = {}
    if words["head"]:  # it may be the beginning of a title that contains such a sign
        beginning = _beginning_titles(context, " ".join(terms(typed)), size)
        titles = _as_queries(beginning.titles[:MAX_TITLES_AMONG_PHRASES], context)
        found = {" ".join(terms(title)): title for title in titles}
    syllables = tuple(terms(words["tail"]))
    # Words that are excluded ("giá vàng -s") are not completed.
    if not syllables or words["head"].rstrip().endswith(("-", "NOT")):
        return tuple(found.values())
    finished = syllables if words["tail"][-1].isspace() else syllables[:-1]
    plain = " ".join(syllables)
    for text in _completions(context, finished, " ".join(syllables[len(finished) :]), size):
        # Each once: interpretations may share a phrase, and a phrase may be a title as well.
        if (key := " ".join(terms(text))) != plain and key not in found:
            found[key] = words["head"] + text
        if len(found) == size:
            break
    return tuple(found.values())


def _completions(context: Context, finished: Syllables, last: str, size: int) -> Iterator[str]:
    """Yield completions of finished syllables and an unfinished `last` one, "" for none."""
    typed = (*finished, last) if last else finished
    titles = _beginning_titles(context, " ".join(typed), size)
    # All titles if there are few: then one of them is likely meant.
    title_count = len(titles.titles) if titles.total <= size else MAX_TITLES_AMONG_PHRASES
    as_typed = _phrases(context, finished, last, size)
    yield from as_typed[: size - title_count]
    yield from _as_queries(titles.titles[:title_count], context)
    yield from as_typed
    if len(as_typed) >= MIN_PHRASES:
        return
    interpreted = context.interpret(typed).best
    if interpreted != typed:  # Telex and VNI
        others = _beginning_titles(context, " ".join(interpreted), size).titles
        yield from _as_queries(others, context)
    meant = interpreted[: len(finished)]
    endings = dict.fromkeys((last, *syllables_from_keys(last), *interpreted[len(finished) :]))
    for start in (0, *range(max(1, len(meant) - MAX_PHRASE_SYLLABLES), len(meant))):
        before = "".join(syllable + " " for syllable in meant[:start])
        for ending in endings:
            for phrase in _phrases(context, meant[start:], ending, size):
                yield before + phrase
    if finished:
        yield from _titles(context, finished, interpreted, last)


def _phrases(context: Context, finished: Syllables, last: str, size: int) -> list[str]:
    models = context.reader.models
    return [
        models.written(phrase) for phrase, _ in models.phrases(" ".join((*finished, last)), size)
    ]


class _Titles(NamedTuple):
    """The newest titles that begin as typed, and about how many there are."""

    total: int = 0
    titles: Sequence[str] = ()


def _beginning_titles(context: Context, typed: str, size: int) -> _Titles:
    """Return titles that begin as typed; marks may be missing, but those typed must agree."""
    if len(typed.replace(" ", "")) < MIN_TITLE_LETTERS:
        return _Titles()
    found = context.reader.titles(fold(typed), size)
    short = [dated.title for dated in found.newest if len(dated.title) <= MAX_TITLE_CHARACTERS]
    titles = [title for title in short if may_become(typed, " ".join(terms(title)))]
    return _Titles(found.total, titles)


def _as_queries(titles: Iterable[str], context: Context) -> Iterator[str]:
    """Yield queries for all words of titles: the title, or only its words if it has operators.

    "Bão số 3 -nhiều nơi mất điện" would exclude words, "Mục: thể thao" would filter.
    """
    for title in titles:
        if is_plain_words(title):
            yield title
            continue
        words = terms(title)
        tree = parse(title, context.reader.schema).tree
        yield title if terms(plain_text(tree)) == words else " ".join(words)


def _titles(
    context: Context, finished: Syllables, interpreted: Syllables, last: str
) -> Iterator[str]:
    """Yield titles that contain the syllables as a phrase; the last one may be unfinished."""
    reader = context.reader
    typed = (*finished, last) if last else finished
    spelled = context.model.spelled([fold(syllable) for syllable in typed])
    slots = [
        (syllable, meant, *(forms if syllable.isascii() else ()))
        for syllable, meant, forms in zip(typed, interpreted, spelled, strict=True)
    ]
    if last:
        [expansions] = reader.term_statistics([], [("title", last)], MAX_FORMS).with_prefix
        slots[-1] = (*slots[-1], *(term for term, _ in expansions))
    phrase = Phrase("title", tuple(tuple(dict.fromkeys(forms)) for forms in slots))
    beginnings = tuple(f" {fold(' '.join(syllables))}" for syllables in (typed, interpreted))
    [matches] = reader.execute([Plan(phrase, limit=MAX_TITLES_READ)])
    for article in filter(None, reader.stored([match.id for match in matches.page])):
        title = article.title
        if len(title) > MAX_TITLE_CHARACTERS:
            continue
        letters = " " + fold(" ".join(terms(title)))
        if any(beginning in letters for beginning in beginnings):
            yield from _as_queries([title], context)
