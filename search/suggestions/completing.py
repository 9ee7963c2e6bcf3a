"""How may a query go on that somebody is typing? By phrases that titles repeat, and by titles.

Marks may be missing, and raw Telex or VNI keys are read; what stands before the words that are
completed is kept.
"""

import re
from collections.abc import Iterator

from index.completions import LONGEST_PHRASE
from index.vietnamese.forms import fold
from index.vietnamese.keystrokes import readings
from index.vietnamese.syllables import terms
from search.engine import Snapshot
from search.interpretation.interpreter import interpret
from search.plan import Phrase, Plan

Syllables = tuple[str, ...]

LONGEST_TYPED = 200
"""Characters of a query that is completed; behind so many nobody needs it."""

ENOUGH = 3
"""Where the phrases that begin with all that was typed are fewer, its last words are completed."""

TITLE_SYLLABLES = 3
"""From so many complete syllables on, titles that have them are offered."""
TITLES_READ = 12

_WORDS = re.compile(
    r"(?P<head>(?:.*(?:[\"“”„«»():]|\b(?:AND|OR|NOT)\s|(?:^|(?<=\s))-))?)(?P<tail>.*)", re.DOTALL
)
"""What is completed is the run of plain words behind the last sign of the query language."""


def complete(snapshot: Snapshot, typed: str, size: int = 8) -> tuple[str, ...]:
    """Give at most `size` queries that go on from what was typed, likeliest first."""
    words = _WORDS.fullmatch(typed)
    syllables = tuple(terms(words["tail"])) if words and len(typed) <= LONGEST_TYPED else ()
    if words is None or not syllables:
        return ()
    done = syllables if words["tail"][-1].isspace() else syllables[:-1]
    asked = " ".join(syllables)
    found: dict[str, None] = {}
    for text in _continued(snapshot, done, " ".join(syllables[len(done) :]), size):
        if text != asked:
            found[words["head"] + text] = None
        if len(found) == size:
            break
    return tuple(found)


def _continued(snapshot: Snapshot, done: Syllables, last: str, size: int) -> Iterator[str]:
    """Complete syllables, and `last` that is still being typed; "" where none is begun."""
    as_typed = _phrases(snapshot, done, last, size)
    yield from as_typed
    if len(as_typed) >= ENOUGH:
        return
    read = interpret((*done, last) if last else done, snapshot.language).best
    meant = read[: len(done)]
    lasts = dict.fromkeys((last, *readings(last), *read[len(done) :]))
    for start in (0, *range(max(1, len(meant) - LONGEST_PHRASE), len(meant))):
        before = "".join(syllable + " " for syllable in meant[:start])
        for ending in lasts:
            for phrase in _phrases(snapshot, meant[start:], ending, size):
                yield before + phrase
    if len(done) >= TITLE_SYLLABLES:
        yield from _titles(snapshot, done, meant, last)


def _phrases(snapshot: Snapshot, done: Syllables, last: str, size: int) -> list[str]:
    return [phrase for phrase, _ in snapshot.phrases(" ".join((*done, last)), size)]


def _titles(snapshot: Snapshot, done: Syllables, meant: Syllables, last: str) -> Iterator[str]:
    """Give titles that have the complete syllables in a row, and go on with the last one."""
    places = tuple(tuple(dict.fromkeys(forms)) for forms in zip(done, meant, strict=True))
    matches = snapshot.execute(Plan(Phrase("title", places), limit=TITLES_READ))
    wanted = fold(" ".join((*meant, last)))
    for match in matches.page:
        title = snapshot.article(match.number).title
        if f" {wanted}" in " " + fold(" ".join(terms(title))):
            yield title
