"""Per-commit state for understanding queries: language model, rarities, values of fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from index.models.language_model import LanguageModel
from index.vietnamese import Language
from index.vietnamese.forms import fold
from index.vietnamese.syllables import terms
from search.engines.contract import Snapshot
from search.ranking import idf

COLUMNS = ("source", "section")
MAX_RARITIES = 1 << 15
"""Terms whose idf is kept: some 5 MB."""


@dataclass(frozen=True, slots=True)
class Context:
    """A snapshot as the understanding of queries sees it; made once a commit.

    `values`: for each column, its values by their syllables without marks and case. `rarities`:
    the idf of terms that were asked for lately.
    """

    snapshot: Snapshot
    language: Language
    values: Mapping[str, Mapping[str, tuple[str, ...]]]
    rarities: dict[str, float] = field(default_factory=dict)

    @property
    def model(self) -> LanguageModel:
        """What the articles tell of the language."""
        return self.snapshot.language

    def rarity(self, term: str) -> float:
        """Give the idf of a term in the articles' text."""
        rarity = self.rarities.get(term)
        if rarity is None:
            if len(self.rarities) > MAX_RARITIES:
                self.rarities.clear()
            frequency = self.snapshot.document_frequency("text", term)
            rarity = self.rarities[term] = idf(self.snapshot.articles, frequency)
        return rarity

    def values_of(self, column: str, text: str) -> tuple[str, ...]:
        """Give the values that are written so, whatever their case, marks and signs."""
        return self.values[column].get(_key(text), ())

    def unmarked(self, syllable: str) -> list[str]:
        """Give the marked forms of a syllable that was typed without marks."""
        if not syllable.isascii():
            return []
        [forms] = self.model.spelled([syllable])
        return [form for form in forms if form != syllable]


def context_of(snapshot: Snapshot, language: Language) -> Context:
    """Gather what queries to a snapshot are understood with."""
    values: dict[str, dict[str, tuple[str, ...]]] = {}
    for column in COLUMNS:
        grouped = values.setdefault(column, {})
        for value in snapshot.values(column):
            grouped[_key(value)] = (*grouped.get(_key(value), ()), value)
    return Context(snapshot, language, values)


def _key(text: str) -> str:
    return " ".join(terms(fold(text)))
