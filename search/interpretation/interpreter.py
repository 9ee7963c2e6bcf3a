"""From syllables typed to syllables meant: candidates, decoded, weighted for the score."""

from collections.abc import Sequence

from search.interpretation.candidates import candidates
from search.interpretation.decoder import decode
from search.interpretation.model import LanguageModel
from search.interpretation.reading import Candidate, Reading, literally

WIDTH = 32
"""Candidates of a place that are weighed against each other."""
LEAST_POSTERIOR = 0.01
"""Candidates below are not asked for."""
FLATTENING = 0.25
"""The weight is the posterior to this power: a search had better ask too much than too little."""
AS_TYPED = 0.2
"""The least weight of a syllable typed with marks: whoever typed them mostly meant them."""
AS_TYPED_UNMARKED = 0.01


def interpret(typed: Sequence[str], model: LanguageModel) -> Reading:
    """Read a run of syllables (canonical, lower case) in the light of the indexed articles.

    What was typed is never dropped, however unlikely; with an empty index it is all there is.
    """
    if not typed:
        return literally(typed)
    decoded = decode(candidates(typed, model), model, WIDTH)
    return Reading(
        tuple(typed),
        decoded.best,
        tuple(
            _weighted(text, posteriors)
            for text, posteriors in zip(typed, decoded.posteriors, strict=True)
        ),
    )


def _weighted(typed: str, posteriors: dict[str, float]) -> tuple[Candidate, ...]:
    least = AS_TYPED_UNMARKED if typed.isascii() else AS_TYPED
    weights = {
        term: posterior**FLATTENING
        for term, posterior in posteriors.items()
        if posterior > LEAST_POSTERIOR
    }
    weights[typed] = max(least, posteriors[typed] ** FLATTENING)
    likely = [Candidate(term, min(1.0, weight)) for term, weight in weights.items()]
    return tuple(sorted(likely, key=lambda candidate: -candidate.weight))
