"""The Vietnamese language: forms of writing, syllables, words, ways of typing.

`Language` holds what has to be known by heart (abbreviations, names, synonyms, stop syllables).
"""

from index.vietnamese.language import Additions, Language
from index.vietnamese.lexicon import LexiconError

__all__ = ["Additions", "Language", "LexiconError"]
