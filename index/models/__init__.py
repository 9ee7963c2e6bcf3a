"""Language statistics of the indexed articles, stored beside the index of any engine.

`Models` sums over parts. `bigrams`, `trigrams`, `spellings` and `completions` are modules for one
table of a part each: how it is counted, laid out, read and merged.
"""

from index.models.language_model import LanguageModel
from index.models.models import Models
from index.models.part import ModelPart

__all__ = ["LanguageModel", "ModelPart", "Models"]
