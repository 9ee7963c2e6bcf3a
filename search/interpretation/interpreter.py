"""The interpreter: candidates of the syllables typed are decoded and weighted for the score."""

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
"""Candidates of a slot that are decoded: all marked forms of nearly every unmarked syllable.
Arbitrary otherwise; decoding time grows with its square."""
MAX_BIGRAMS = 1 << 14
"""Bigrams of candidates that are looked up for all runs of a query, about 3 ms; with more, fewer
candidates per slot are kept. A question of 40 syllables without marks has 8,000, one of syllables
with 30 forms each 60,000."""
MIN_BIGRAMS = 1 << 10
"""Minimum of this limit for one of many runs; arbitrary."""
MIN_BEAM_WIDTH = 8
"""Minimum number of candidates that are kept per slot; arbitrary."""
MIN_POSTERIOR = 0.01
"""Candidates below it do not score; 0.005 gains nothing (docs/benchmarks/effectiveness.md)."""
POSTERIOR_EXPONENT = 0.25
"""Weights are posteriors to this power, which flattens them in favour of recall: 0.25 keeps 0.994
of nDCG@10 without marks, and 0.2 is no better (docs/benchmarks/effectiveness.md)."""
MIN_POSTERIOR_TO_REPLACE = 0.7
"""Minimum posterior to replace a syllable that does not occur, in a query with marks."""
MIN_POSTERIOR_TO_REPLACE_KNOWN = 0.9
"""The same for a syllable that occurs. These two minimums reduced the share of correct syllables of
headlines that are replaced from 0.7 to 0.2 % (docs/benchmarks/effectiveness.md)."""
MIN_POSTERIOR_TO_REPLACE_SUSPECT = 0.5
"""The same for a suspect syllable with marks, unless a neighbour is also likely to be replaced: two
in a row are probably a name."""
MIN_POSTERIOR_TO_REPLACE_UNMARKED = 0.8
"""The same for a suspect syllable without marks. `benchmarks.misspellings`: 62 % of misspellings
are corrected instead of 49, and 0.2 % of other syllables changed."""
MAX_SHORT_SYLLABLES, MAX_SHORT_RUNS = 6, 2
"""Real-word errors are looked for in runs of at most this many syllables, in queries of at most
this many runs; about 1 ms per run. Arbitrary; longer queries find their articles anyway. Short
queries of the four collections without marks and with a typo keep 0.919 of nDCG@10, and 0.895
without; those of news with a typo 0.952 and 0.938 (docs/benchmarks/effectiveness.md,
2026-11-30)."""
MIN_WEIGHT_TYPED = 0.2
"""Minimum weight of a syllable typed with marks, which is usually meant. Arbitrary."""
MIN_WEIGHT_UNMARKED = 0.01
"""Minimum weight of a syllable typed without marks. Arbitrary: it must not be dropped."""


def interpret(
    typed: Sequence[str],
    model: LanguageModel,
    language: Language,
    max_misspelled: int = MAX_MISSPELLED_SYLLABLES,
    max_bigrams: int = MAX_BIGRAMS,
    chat_meanings: Sequence[str] = (),
    acronyms: frozenset[int] = frozenset(),
) -> Interpretation:
    """Interpret a run of syllables (canonical, lower case) by a language model.

    `chat_meanings`: what each syllable means in a chat message, empty if the run is not one
    (`Language.chat_meanings`). `acronyms`: the indices of acronyms, which are not taken for errors
    if an article contains them. Looks up the edits of at most `max_misspelled` syllables, and about
    `max_bigrams` bigrams. What was typed is always a candidate; with an empty index the only one.
    """
    if not typed:
        return as_typed(typed)
    suspect = [
        is_suspect and i not in acronyms
        for i, is_suspect in enumerate(suspects(typed, model, language))
    ]
    lattice, is_partial = candidates(typed, model, language, suspect, max_misspelled, chat_meanings)
    width = _beam_width(lattice, max_bigrams)
    is_partial |= width < min(BEAM_WIDTH, max(map(len, lattice)))
    decoded = decode(lattice, model, width)
    is_short = max_misspelled * MAX_SHORT_RUNS >= MAX_MISSPELLED_SYLLABLES
    if is_short:
        possible_errors = _possible_real_word_errors(typed, decoded.best, suspect, model)
        if positions := [i for i in possible_errors if i not in acronyms]:
            decoded = decode(with_syllables_near(lattice, positions, model), model, BEAM_WIDTH)
    best = _best(typed, decoded, suspect, model, language)
    findable = [
        posteriors if count else _findable(text, posteriors)
        for text, posteriors, count in zip(
            typed, decoded.posteriors, model.counts(typed).tolist(), strict=True
        )
    ]
    weighted = tuple(map(_weighted, typed, best, findable))
    return Interpretation(tuple(typed), best, weighted, is_partial or decoded.is_partial)


def _beam_width(lattice: Lattice, max_bigrams: int) -> int:
    """Return the number of candidates to keep per slot."""
    counts = [len(slot) for slot in lattice]
    for width in range(BEAM_WIDTH, MIN_BEAM_WIDTH, -2):
        if sum(min(a, width) * min(b, width) for a, b in pairwise(counts)) <= max_bigrams:
            return width
    return MIN_BEAM_WIDTH


def _possible_real_word_errors(
    typed: Sequence[str], best: Sequence[str], suspect: Sequence[bool], model: LanguageModel
) -> list[int]:
    """Return the indices of syllables of a short query that may be typos although they occur.

    If the query has no marks, those whose best candidate does not go with a neighbour; else
    suspects without marks that are not Vietnamese syllables ("đánh bm Moscow"). Most of these are
    acronyms, and are replaced only if the neighbours leave little doubt.
    """
    if not 1 < len(typed) <= MAX_SHORT_SYLLABLES:
        return []
    if all(text.isascii() for text in typed):
        return doubtful(best, model)
    return [
        i
        for i, (text, is_suspect) in enumerate(zip(typed, suspect, strict=True))
        if is_suspect and text == best[i] and text.isascii() and text.isalpha()
        if text not in folded_syllables()
    ]


def _best(
    typed: Sequence[str],
    decoded: Decoded,
    suspect: Sequence[bool],
    model: LanguageModel,
    language: Language,
) -> tuple[str, ...]:
    """Return the best path; in a query with marks, replace only if the posterior is high enough.

    Another spelling of the same syllable ("kỳ" for "kì") is not a replacement; it scores anyway.
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
    neighbour_likely = map(any, zip((False, *likely[:-1]), (*likely[1:], False), strict=True))
    changes = zip(certain, likely, neighbour_likely, strict=True)
    return tuple(
        best if sure or (probable and not neighbour) else text
        for text, best, (sure, probable, neighbour) in zip(
            typed, decoded.best, changes, strict=True
        )
    )


def _min_posterior(count: int) -> float:
    """Return the minimum posterior to replace a syllable with this count."""
    return MIN_POSTERIOR_TO_REPLACE_KNOWN if count else MIN_POSTERIOR_TO_REPLACE


def _min_posterior_of_suspect(typed: str) -> float:
    if typed.isascii():
        return MIN_POSTERIOR_TO_REPLACE_UNMARKED
    return MIN_POSTERIOR_TO_REPLACE_SUSPECT


def _as_spelled(typed: str, best: str, posteriors: dict[str, float], language: Language) -> str:
    """Return the variant with the letters typed: "tỉ" for "ti", even if "tỷ" is more frequent."""
    if fold(best) == typed:
        return best
    spellings = (other for other in language.variants(best) if other in posteriors)
    return next((other for other in spellings if fold(other) == typed), best)


def _weighted(typed: str, best: str, posteriors: dict[str, float]) -> tuple[Candidate, ...]:
    """Return the candidates that score: likely ones, the best one and what was typed."""
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
    """Return the posteriors under the condition that the syllable typed was not meant.

    For a syllable that does not occur: in a small index "ittoman" is more likely a new name than a
    typo, but only "Ottoman" can be found. Candidates below `MIN_POSTERIOR` are not raised.
    """
    others = 1.0 - posteriors[typed]
    if others < MIN_POSTERIOR:
        return posteriors
    return {
        term: posterior / others if term != typed and posterior > MIN_POSTERIOR else posterior
        for term, posterior in posteriors.items()
    }
