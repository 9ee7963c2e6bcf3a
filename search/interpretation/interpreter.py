"""From syllables typed to syllables meant: candidates, decoded, weighted for the score."""

from collections.abc import Sequence

from index.models.language_model import LanguageModel
from index.vietnamese import Language
from index.vietnamese.forms import fold
from search.interpretation.candidates import candidates
from search.interpretation.decoded_query import Candidate, Reading, literally
from search.interpretation.decoder import Decoded, decode

WIDTH = 32
"""Candidates of a place that are weighed against each other."""
LEAST_POSTERIOR = 0.01
"""Candidates below are not asked for."""
FLATTENING = 0.25
"""The weight is the posterior to this power: a search had better ask too much than too little."""
LIKELY = 0.7
"""From this posterior on a syllable is read as another one in a query that has marks."""
SURE = 0.9
"""... where it has marks itself and occurs in the articles."""
AS_TYPED = 0.2
"""The least weight of a syllable typed with marks: whoever typed them mostly meant them."""
AS_TYPED_UNMARKED = 0.01


def interpret(typed: Sequence[str], model: LanguageModel, language: Language) -> Reading:
    """Read a run of syllables (canonical, lower case) in the light of the indexed articles.

    What was typed is never dropped, however unlikely; with an empty index it is all there is.
    """
    if not typed:
        return literally(typed)
    decoded = decode(candidates(typed, model, language), model, WIDTH)
    best = _best(typed, decoded, model, language)
    candidates_of = map(_weighted, typed, best, decoded.posteriors)
    return Reading(tuple(typed), best, tuple(candidates_of))


def _best(
    typed: Sequence[str], decoded: Decoded, model: LanguageModel, language: Language
) -> tuple[str, ...]:
    """Take the best path; where marks are typed, only what is likely enough of it.

    Another spelling of the same syllable ("kỳ" for "kì") corrects nothing; it is asked for anyway.
    """
    if all(text.isascii() for text in typed):
        places = zip(typed, decoded.best, decoded.posteriors, strict=True)
        return tuple(_as_spelled(*place, language) for place in places)
    return tuple(
        likeliest
        if posteriors[likeliest] >= (SURE if count and not text.isascii() else LIKELY)
        and not (count and likeliest in language.variants(text))
        else text
        for text, likeliest, posteriors, count in zip(
            typed, decoded.best, decoded.posteriors, model.counts(typed).tolist(), strict=True
        )
    )


def _as_spelled(typed: str, best: str, posteriors: dict[str, float], language: Language) -> str:
    """Take the spelling with the letters typed: "tỉ" for "ti", though "tỷ" be more frequent."""
    if fold(best) == typed:
        return best
    spellings = (other for other in language.variants(best) if other in posteriors)
    return next((other for other in spellings if fold(other) == typed), best)


def _weighted(typed: str, best: str, posteriors: dict[str, float]) -> tuple[Candidate, ...]:
    """Give what is asked for: the likely candidates, and what was typed and read in any case."""
    least = AS_TYPED_UNMARKED if typed.isascii() else AS_TYPED
    weights = {
        term: posterior**FLATTENING
        for term, posterior in posteriors.items()
        if posterior > LEAST_POSTERIOR
    }
    weights[best] = max(AS_TYPED_UNMARKED, posteriors[best] ** FLATTENING)
    weights[typed] = max(least, posteriors[typed] ** FLATTENING)
    likely = [Candidate(term, min(1.0, weight)) for term, weight in weights.items()]
    return tuple(sorted(likely, key=lambda candidate: -candidate.weight))
