"""Language statistics of the articles: an artefact beside any index.

`Models` sums up parts; each of the modules below has counting, layout, reader and merging of one
table: bigrams, trigrams, spellings, completions.
"""

from index.models.language_model import LanguageModel
from index.models.models import Models
from index.models.part import ModelPart

__all__ = ["LanguageModel", "ModelPart", "Models"]
