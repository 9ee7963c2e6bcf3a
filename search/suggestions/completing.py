"""Completions of a query being typed: phrases that titles repeat, and titles.

Marks may be missing, and raw Telex or VNI keys are read; what stands before the words that are
completed is kept.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from index.models.completions import MAX_PHRASE_SYLLABLES
from index.models.typed_marks import may_become
from index.vietnamese.forms import fold
from index.vietnamese.input_methods import syllables_from_keys
from index.vietnamese.syllables import terms
from search.interpretation.context import Context
from search.plan import Phrase, Plan

Syllables = tuple[str, ...]

MAX_TYPED_CHARACTERS = 200
"""Characters of a query that is completed; arbitrary."""

MIN_PHRASES = 3
"""With fewer phrases that begin with all that was typed, its last words are completed alone."""

MIN_TITLE_LETTERS = 4
"""Letters typed from which on whole titles are offered; a few begin too many. Arbitrary."""

SLOTS_OF_TITLES = 2
"""Places of the list that the newest titles take while phrases still fill it; arbitrary."""

MAX_TITLES_READ = 12
"""Titles that are read for one that goes on as typed; arbitrary."""
MAX_FORMS = 40
"""Syllables of titles that begin with the letters of the last one; arbitrary."""

_WORDS = re.compile(
    r"(?P<head>(?:.*(?:[\"“”„«»():]|\b(?:AND|OR|NOT)\s|(?:^|(?<=\s))-))?)(?P<tail>.*)", re.DOTALL
)
"""What is completed is the run of plain words behind the last sign of the query language."""


def complete(context: Context, typed: str, size: int = 8) -> tuple[str, ...]:
    """Return at most `size` queries that begin with what was typed, likeliest first."""
    words = _WORDS.fullmatch(typed) if len(typed) <= MAX_TYPED_CHARACTERS else None
    if words is None:
        return ()
    found: dict[str, str] = {}
    if words["head"]:  # or is it the beginning of a title that has such a sign?
        whole = _beginning_titles(context, " ".join(terms(typed)), size)
        found = {" ".join(terms(title)): title for title in whole.titles[:SLOTS_OF_TITLES]}
    syllables = tuple(terms(words["tail"]))
    if not syllables:
        return tuple(found.values())
    done = syllables if words["tail"][-1].isspace() else syllables[:-1]
    asked = " ".join(syllables)
    for text in _continued(context, done, " ".join(syllables[len(done) :]), size):
        # One form of each: a phrase may be read in several ways, and be a title as well.
        if (key := " ".join(terms(text))) != asked and key not in found:
            found[key] = words["head"] + text
        if len(found) == size:
            break
    return tuple(found.values())


def _continued(context: Context, done: Syllables, last: str, size: int) -> Iterator[str]:
    """Complete syllables, and `last` that is still being typed; "" where none is begun."""
    typed = (*done, last) if last else done
    titles = _beginning_titles(context, " ".join(typed), size)
    # Where few titles begin so, all are offered: what was typed tells them from the others.
    slots = len(titles.titles) if titles.total <= size else SLOTS_OF_TITLES
    as_typed = _phrases(context, done, last, size)
    yield from as_typed[: size - slots]
    yield from titles.titles[:slots]
    yield from as_typed
    if len(as_typed) >= MIN_PHRASES:
        return
    read = context.interpret(typed).best
    if read != typed:  # Telex and VNI
        yield from _beginning_titles(context, " ".join(read), size).titles
    meant = read[: len(done)]
    lasts = dict.fromkeys((last, *syllables_from_keys(last), *read[len(done) :]))
    for start in (0, *range(max(1, len(meant) - MAX_PHRASE_SYLLABLES), len(meant))):
        before = "".join(syllable + " " for syllable in meant[:start])
        for ending in lasts:
            for phrase in _phrases(context, meant[start:], ending, size):
                yield before + phrase
    if done:
        yield from _titles(context, done, read, last)


def _phrases(context: Context, done: Syllables, last: str, size: int) -> list[str]:
    models = context.reader.models
    return [models.written(phrase) for phrase, _ in models.phrases(" ".join((*done, last)), size)]


class _Titles(NamedTuple):
    """Titles that go on from what was typed, newest first, and how many there are about."""

    total: int = 0
    titles: Sequence[str] = ()


def _beginning_titles(context: Context, typed: str, size: int) -> _Titles:
    """Return whole titles that begin as typed; marks that were typed must be right."""
    if len(typed.replace(" ", "")) < MIN_TITLE_LETTERS:
        return _Titles()
    found = context.reader.models.titles(fold(typed), size)
    titles = [one.title for one in found.newest if may_become(typed, " ".join(terms(one.title)))]
    return _Titles(found.total, titles)


def _titles(context: Context, done: Syllables, read: Syllables, last: str) -> Iterator[str]:
    """Yield titles that have the syllables in a row; the last one may be unfinished."""
    reader = context.reader
    typed = (*done, last) if last else done
    spelled = context.model.spelled([fold(syllable) for syllable in typed])
    slots = [
        (syllable, meant, *(forms if syllable.isascii() else ()))
        for syllable, meant, forms in zip(typed, read, spelled, strict=True)
    ]
    if last:
        [begun] = reader.term_statistics([], [("title", last)], MAX_FORMS).with_prefix
        slots[-1] = (*slots[-1], *(term for term, _ in begun))
    phrase = Phrase("title", tuple(tuple(dict.fromkeys(forms)) for forms in slots))
    wanted = tuple(f" {fold(' '.join(syllables))}" for syllables in (typed, read))
    [matches] = reader.execute([Plan(phrase, limit=MAX_TITLES_READ)])
    for article in filter(None, reader.stored([match.id for match in matches.page])):
        title = article.title
        letters = " " + fold(" ".join(terms(title)))
        if any(beginning in letters for beginning in wanted):
            yield title
