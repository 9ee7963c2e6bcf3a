"""`Models`: all that the articles of an index tell of their language, beside any engine."""

from collections.abc import Sequence

from index.models.completions import best_phrases
from index.models.language_model import CountedLanguage
from index.models.part import ModelPart


class Models:
    """The models of one commit of an index: the sums over its parts.

    They are files beside the index, read without an engine: those of an embedded index come from
    its segments (`index.embedded.models_of`), those of any other from part files (`open_part`).
    Safe for many threads.
    """

    def __init__(self, parts: Sequence[ModelPart]) -> None:
        """Take the parts, of articles that no other part counts."""
        self._parts = tuple(parts)
        self.language = CountedLanguage(self._parts)
        """The language model, for the decoder of queries."""

    def phrases(self, typed: str, size: int) -> list[tuple[str, int]]:
        """Return frequent phrases that begin with `typed`, best first, with their weights.

        `typed` is canonical and lower case; marks that it lacks are added. Phrases that only
        deleted articles have are left out.
        """
        return best_phrases(self._parts, typed, size)

    def written(self, phrase: str) -> str:
        """Return a phrase in the capitals and signs that titles write it with."""
        forms = (part.written(phrase) for part in self._parts)
        return next((form for form in forms if form != phrase), phrase)
