"""The Vietnamese language: normalisation, syllables, word segmentation, input methods.

`Language` contains the word lists (abbreviations, names, synonyms, stop syllables).
"""

from index.vietnamese.language import Additions, Language
from index.vietnamese.lexicon import LexiconError

__all__ = ["Additions", "Language", "LexiconError"]
