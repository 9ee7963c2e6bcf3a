"""`Models`: the language model and completions of an index, independent of its engine."""

from collections.abc import Sequence

from index.models.completions import best_phrases
from index.models.language_model import CountedLanguage
from index.models.part import ModelPart


class Models:
    """The models of one commit of an index: sums over its parts. Thread-safe.

    They are read from files without an engine: those of an embedded index are in its segments
    (`index.embedded.models_of`), those of any other in part files (`open_part`).
    """

    def __init__(self, parts: Sequence[ModelPart]) -> None:
        """Take the parts; each article must be counted in one part only."""
        self._parts = tuple(parts)
        self.language = CountedLanguage(self._parts)
        """The language model, for the decoder of queries."""

    def phrases(self, typed: str, size: int) -> list[tuple[str, int]]:
        """Return at most `size` frequent phrases that begin with `typed`, with their weights.

        The heaviest come first. `typed` is canonical and lower case; a phrase may add marks to it.
        Phrases that occur only in deleted articles are left out.
        """
        return best_phrases(self._parts, typed, size)

    def written(self, phrase: str) -> str:
        """Return a phrase with the capitals and punctuation that titles write it with."""
        forms = (part.written(phrase) for part in self._parts)
        return next((form for form in forms if form != phrase), phrase)
