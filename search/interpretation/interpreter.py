"""From syllables typed to syllables meant: candidates, decoded, weighted for the score."""

from collections.abc import Sequence
from itertools import pairwise

from index.models.language_model import LanguageModel
from index.vietnamese import Language
from index.vietnamese.forms import fold
from index.vietnamese.phonology import folded_syllables
from search.interpretation.candidates import (
    MAX_MISSPELLED_SYLLABLES,
    candidates,
    with_syllables_near,
)
from search.interpretation.decoder import Decoded, Lattice, decode
from search.interpretation.error_model import doubtful, suspects
from search.interpretation.interpretation import Candidate, Interpretation, as_typed

BEAM_WIDTH = 32
"""Candidates of a slot that are weighed against each other: all spellings of nearly every
unmarked syllable. Arbitrary beyond that; decoding time grows with its square."""
MAX_BIGRAMS = 1 << 14
"""Bigrams of candidates of the runs of a query that are looked up, some 3 ms; where there would be
more, fewer candidates of a slot are kept. A question of 40 syllables without marks has 8,000, one
of syllables with 30 forms each 60,000."""
MIN_BIGRAMS = 1 << 10
"""Bigrams of one run that are looked up at least."""
MIN_BEAM_WIDTH = 8
"""Candidates of a slot that are kept at least; arbitrary."""
MIN_POSTERIOR = 0.01
"""Candidates below do not score; with .005 nothing is gained (docs/benchmarks/effectiveness.md)."""
POSTERIOR_EXPONENT = 0.25
"""Weights are posteriors to this power, which flattens them: recall matters more here;
.25 keeps .994 of nDCG@10 without marks; .2 wins and loses the same
(docs/benchmarks/effectiveness.md)."""
MIN_POSTERIOR_TO_REPLACE = 0.7
"""The least posterior of a syllable that replaces one that no article holds, where marks are
typed."""
MIN_POSTERIOR_TO_REPLACE_KNOWN = 0.9
"""The same of one that occurs in the articles. Together they brought the clean syllables changed on
headlines from .7 to .2 % (docs/benchmarks/effectiveness.md)."""
MIN_POSTERIOR_TO_REPLACE_SUSPECT = 0.5
"""The same of one that occurs and goes with neither neighbour, where no neighbour is suspect, too:
two in a row are rather a name. That people mostly mean what they type is in the costs."""
MIN_POSTERIOR_TO_REPLACE_UNMARKED = 0.8
"""The same of one typed without marks. `benchmarks.misspellings`: 62 % of misspellings are
corrected instead of 49, and .2 % of the syllables beside them changed."""
MAX_SHORT_SYLLABLES = 6
"""Syllables of the longest query in which typos that are words themselves are looked for, some
1 ms; arbitrary: a longer one tells enough to be found. Short queries of the four collections
without marks and with a typo keep .919 of nDCG@10 with it, .895 without; those of news with a typo
.952 and .938 (docs/benchmarks/effectiveness.md, 2026-11-30)."""
MIN_WEIGHT_TYPED = 0.2
"""The least weight of a syllable typed with marks: whoever typed them mostly meant them."""
MIN_WEIGHT_UNMARKED = 0.01
"""The least weight of a syllable typed without marks; arbitrary, so that it is never dropped."""


def interpret(
    typed: Sequence[str],
    model: LanguageModel,
    language: Language,
    max_misspelled: int = MAX_MISSPELLED_SYLLABLES,
    max_bigrams: int = MAX_BIGRAMS,
) -> Interpretation:
    """Interpret a run of syllables (canonical, lower case) by a language model.

    The edits of `max_misspelled` syllables are looked up, and about `max_bigrams` bigrams. What was
    typed always stays a candidate; with an empty index it is the only one.
    """
    if not typed:
        return as_typed(typed)
    suspect = suspects(typed, model, language)
    lattice = candidates(typed, model, language, suspect, max_misspelled)
    decoded = decode(lattice, model, _beam_width(lattice, max_bigrams))
    if places := _possible_real_word_errors(typed, decoded.best, suspect, model):
        decoded = decode(with_syllables_near(lattice, places, model), model, BEAM_WIDTH)
    best = _best(typed, decoded, suspect, model, language)
    findable = [
        posteriors if count else _findable(text, posteriors)
        for text, posteriors, count in zip(
            typed, decoded.posteriors, model.counts(typed).tolist(), strict=True
        )
    ]
    return Interpretation(tuple(typed), best, tuple(map(_weighted, typed, best, findable)))


def _beam_width(lattice: Lattice, max_bigrams: int) -> int:
    """Return how many candidates of a slot are kept."""
    counts = [len(slot) for slot in lattice]
    for width in range(BEAM_WIDTH, MIN_BEAM_WIDTH, -2):
        if sum(min(a, width) * min(b, width) for a, b in pairwise(counts)) <= max_bigrams:
            return width
    return MIN_BEAM_WIDTH


def _possible_real_word_errors(
    typed: Sequence[str], best: Sequence[str], suspect: Sequence[bool], model: LanguageModel
) -> list[int]:
    """Return the indices of syllables of a short query that may be typos though articles hold them.

    Where nothing has marks, those whose best candidate does not go with a neighbour; else suspects
    without marks that are no Vietnamese syllables ("đánh bm Moscow"). Most of these are acronyms:
    they are replaced only where the neighbours leave little doubt.
    """
    if not 1 < len(typed) <= MAX_SHORT_SYLLABLES:
        return []
    if all(text.isascii() for text in typed):
        return doubtful(best, model)
    return [
        at
        for at, (text, is_suspect) in enumerate(zip(typed, suspect, strict=True))
        if is_suspect and text == best[at] and text.isascii() and text.isalpha()
        if text not in folded_syllables()
    ]


def _best(
    typed: Sequence[str],
    decoded: Decoded,
    suspect: Sequence[bool],
    model: LanguageModel,
    language: Language,
) -> tuple[str, ...]:
    """Return the best path; where marks are typed, replace only what is likely enough.

    Another spelling of the same syllable ("kỳ" for "kì") is no correction; it scores anyway.
    """
    if all(text.isascii() for text in typed):
        slots = zip(typed, decoded.best, decoded.posteriors, strict=True)
        return tuple(_as_spelled(*slot, language) for slot in slots)
    counts = model.counts(typed).tolist()
    posteriors = [
        0.0 if best == text or (count and best in language.variants(text)) else shares[best]
        for text, best, shares, count in zip(
            typed, decoded.best, decoded.posteriors, counts, strict=True
        )
    ]
    certain = [
        posterior >= _min_posterior(count)
        for posterior, count in zip(posteriors, counts, strict=True)
    ]
    likely = [
        is_suspect and posterior >= _min_posterior_of_suspect(text)
        for text, posterior, is_suspect in zip(typed, posteriors, suspect, strict=True)
    ]
    beside = map(any, zip((False, *likely[:-1]), (*likely[1:], False), strict=True))
    changes = zip(certain, likely, beside, strict=True)
    return tuple(
        best if sure or (maybe and not two) else text
        for text, best, (sure, maybe, two) in zip(typed, decoded.best, changes, strict=True)
    )


def _min_posterior(count: int) -> float:
    """Return the posterior that a syllable needs to replace the one typed, by its count."""
    return MIN_POSTERIOR_TO_REPLACE_KNOWN if count else MIN_POSTERIOR_TO_REPLACE


def _min_posterior_of_suspect(typed: str) -> float:
    if typed.isascii():
        return MIN_POSTERIOR_TO_REPLACE_UNMARKED
    return MIN_POSTERIOR_TO_REPLACE_SUSPECT


def _as_spelled(typed: str, best: str, posteriors: dict[str, float], language: Language) -> str:
    """Return the spelling with the letters typed: "tỉ" for "ti", even if "tỷ" is more frequent."""
    if fold(best) == typed:
        return best
    spellings = (other for other in language.variants(best) if other in posteriors)
    return next((other for other in spellings if fold(other) == typed), best)


def _weighted(typed: str, best: str, posteriors: dict[str, float]) -> tuple[Candidate, ...]:
    """Return the candidates that score: the likely ones, the best one and what was typed."""
    min_weight = MIN_WEIGHT_UNMARKED if typed.isascii() else MIN_WEIGHT_TYPED
    weights = {
        term: posterior**POSTERIOR_EXPONENT
        for term, posterior in posteriors.items()
        if posterior > MIN_POSTERIOR
    }
    weights[best] = max(MIN_WEIGHT_UNMARKED, posteriors[best] ** POSTERIOR_EXPONENT)
    weights[typed] = max(min_weight, posteriors[typed] ** POSTERIOR_EXPONENT)
    likely = [Candidate(term, min(1.0, weight)) for term, weight in weights.items()]
    return tuple(sorted(likely, key=lambda candidate: -candidate.weight))


def _findable(typed: str, posteriors: dict[str, float]) -> dict[str, float]:
    """Return the posteriors given that the syllable is another one than that typed.

    For one that no article holds: in a small index "ittoman" is likelier a new name than a typo,
    and still only "Ottoman" can be found. Candidates below `MIN_POSTERIOR` stay there.
    """
    others = 1.0 - posteriors[typed]
    if others < MIN_POSTERIOR:
        return posteriors
    return {
        term: posterior / others if term != typed and posterior > MIN_POSTERIOR else posterior
        for term, posterior in posteriors.items()
    }
