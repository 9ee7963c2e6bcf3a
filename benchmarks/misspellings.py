"""`python -m benchmarks.misspellings --index DIR`: how many real misspellings are corrected.

Each misspelled syllable of the shared spelling pairs replaces the right one in a recent headline,
with two of its neighbours on each side as context. DIR is an index of older news
(`benchmarks.effectiveness --indexes` builds one).
"""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import click

from benchmarks.engines.report import table
from index.models.language_model import LanguageModel
from index.vietnamese import Language
from index.vietnamese.phonology import is_syllable
from index.vietnamese.syllables import terms
from search.engines.embedded.engine import open_engine
from search.interpretation.candidates import candidates
from search.interpretation.error_model import suspects
from search.interpretation.interpreter import interpret
from tests.shared_data import SHARED

PAIRS = SHARED / "data/spelling/pairs.tsv"
HEADLINES = SHARED / "data/headlines.jsonl.gz"
SIDE = 2
"""Syllables of context on each side."""
MAX_CONTEXTS = 200
"""Occurrences of a right syllable from which one is drawn; arbitrary."""
SEED = 11


@dataclass(frozen=True, slots=True)
class Misspelling:
    """A misspelling of the syllable at index `at`."""

    right: tuple[str, ...]
    at: int
    wrong: str

    @property
    def typed(self) -> tuple[str, ...]:
        """The syllables as they were typed."""
        return (*self.right[: self.at], self.wrong, *self.right[self.at + 1 :])


@dataclass(slots=True)
class Tally:
    """Counts of how misspellings, and the syllables beside them, were interpreted."""

    count: int = 0
    corrected: int = 0
    weighted: int = 0
    unreachable: int = 0
    beside: int = 0
    changed: int = 0

    def row(self, name: str) -> list[str]:
        """Return the shares, as a row of the table."""
        shares = (self.corrected, self.weighted, self.unreachable)
        cells = [f"{100 * share / max(self.count, 1):.1f} %" for share in shares]
        changed = f"{100 * self.changed / max(self.beside, 1):.2f} %"
        return [name, str(self.count), *cells, changed]


HEADER = ["misspelling", "number", "corrected", "weighted", "unreachable", "others changed"]


def pairs(path: Path = PAIRS) -> list[tuple[str, str]]:
    """Return the misspellings of single syllables, each with the first right form.

    Pairs of spellings that are both in use ("lí", "lý") are left out.
    """
    language = Language.default()
    found = []
    for line in path.read_text("utf-8").splitlines():
        wrong, _, right = line.partition("\t")
        typed, meant = terms(wrong), terms(right.split("|")[0])
        if (
            len(typed) == len(meant) == 1
            and typed != meant
            and is_syllable(meant[0])
            and typed[0] not in language.variants(meant[0])
        ):
            found.append((typed[0], meant[0]))
    return found


def misspellings(spelling_pairs: Sequence[tuple[str, str]]) -> Iterator[Misspelling]:
    """Yield a `Misspelling` for each pair whose right syllable occurs in a headline."""
    random = Random(SEED)
    contexts = _contexts({right for _, right in spelling_pairs})
    for wrong, right in spelling_pairs:
        if contexts[right]:
            syllables, at = random.choice(contexts[right])
            yield Misspelling(syllables, at, wrong)


def _contexts(syllables_sought: Iterable[str]) -> dict[str, list[tuple[tuple[str, ...], int]]]:
    """Return the contexts of each syllable in headlines, with `SIDE` syllables on each side."""
    found: dict[str, list[tuple[tuple[str, ...], int]]] = defaultdict(list)
    kept = set(syllables_sought)
    with gzip.open(HEADLINES, "rt", encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    Random(SEED).shuffle(records)
    for record in records:
        syllables = terms(record["title"])
        for at in range(SIDE, len(syllables) - SIDE):
            if syllables[at] in kept and len(found[syllables[at]]) < MAX_CONTEXTS:
                around = tuple(syllables[at - SIDE : at + SIDE + 1])
                found[syllables[at]].append((around, SIDE))
    return found


def measure(
    occurrences: Iterable[Misspelling], model: LanguageModel, language: Language
) -> dict[str, Tally]:
    """Return tallies of the misspellings that are known words, of the others, and of all."""
    tallies = {name: Tally() for name in ("a known word", "an unknown word", "all")}
    for misspelling in occurrences:
        read = interpret(misspelling.typed, model, language)
        right, at = misspelling.right[misspelling.at], misspelling.at
        known = bool(model.counts([misspelling.wrong])[0])
        accepted = {right, *language.variants(right)}
        weighted = any(candidate.text in accepted for candidate in read.candidates[at])
        reachable = weighted or not accepted.isdisjoint(
            reached(misspelling.typed, at, model, language)
        )
        for tally in (tallies["a known word" if known else "an unknown word"], tallies["all"]):
            tally.count += 1
            tally.corrected += read.best[at] in accepted
            tally.weighted += weighted
            tally.unreachable += not reachable
            tally.beside += len(misspelling.right) - 1
            tally.changed += sum(
                best != term
                for place, (best, term) in enumerate(zip(read.best, misspelling.right, strict=True))
                if place != at
            )
    return tallies


def reached(
    typed: Sequence[str], at: int, model: LanguageModel, language: Language
) -> Iterable[str]:
    """Return all candidates of a slot, whatever their weight."""
    return candidates(typed, model, language, suspects(typed, model, language)).lattice[at]


@click.command()
@click.option("--index", "directory", type=Path, required=True, help="An index of older news.")
def main(directory: Path) -> None:
    """Interpret the misspellings in their contexts, and print the counts."""
    model = open_engine(directory).reader().models.language
    tallies = measure(misspellings(pairs()), model, Language.default())
    click.echo(table(HEADER, [tally.row(name) for name, tally in tallies.items()]))


if __name__ == "__main__":
    main()
