"""Which syllables of a query say little about what is looked for?"""

from collections.abc import Sequence

from index.vietnamese import facts


def is_stop_syllable(syllable: str) -> bool:
    """Say whether a canonical lower-case syllable is one that nearly every text has."""
    return syllable in facts.stop_syllables()


def question_places(syllables: Sequence[str]) -> list[bool]:
    """Say for each canonical lower-case syllable whether it belongs to a question phrase.

    "thủ đô của Việt Nam là gì": only "là" and "gì" do. The longest phrase is taken.
    """
    phrases = facts.question_phrases()
    longest = max(map(len, phrases), default=0)
    places = [False] * len(syllables)
    start = 0
    while start < len(syllables):
        for end in range(min(start + longest, len(syllables)), start, -1):
            if tuple(syllables[start:end]) in phrases:
                places[start:end] = [True] * (end - start)
                break
        else:
            end = start + 1
        start = end
    return places
