"""All syllables that the rules of Vietnamese spelling allow."""

from collections.abc import Iterator

from index.vietnamese.phonology import (
    ONSETS,
    RHYMES,
    RHYMES_AFTER_QU,
    RHYMES_IN_Y,
    Parts,
    Tone,
    written,
)


def every_syllable() -> Iterator[str]:
    """Yield all syllables that the rules allow (17,683; about 7,500 are in use)."""
    for onset in ("", *sorted(ONSETS)):
        for rhyme in sorted(RHYMES | RHYMES_IN_Y | RHYMES_AFTER_QU):
            for tone in Tone:
                if syllable := written(Parts(onset, rhyme, tone)):
                    yield syllable
