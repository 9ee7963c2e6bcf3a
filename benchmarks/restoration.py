"""The shares of marks that the decoder restores, and of right syllables that it keeps."""

import gzip
import json
from random import Random

from index.models.language_model import LanguageModel
from index.vietnamese import Language
from index.vietnamese.forms import fold
from index.vietnamese.syllables import terms
from search.interpretation.interpreter import interpret
from tests.shared_data import SHARED

HEADLINES = SHARED / "data/headlines.jsonl.gz"
SAMPLE = 5000
SEED = 5


def restoration(model: LanguageModel) -> dict[str, float]:
    """Return shares of syllables in recent headlines, decoded with a model of older news.

    "marks restored": decoded correctly when typed without marks. "clean kept": left unchanged when
    typed correctly.
    """
    with gzip.open(HEADLINES, "rt", encoding="utf-8") as file:
        titles = [json.loads(line)["title"] for line in file]
    language = Language.default()
    total = restored = kept = 0
    for title in Random(SEED).sample(titles, SAMPLE):
        right = terms(title)
        bare = interpret([fold(term) for term in right], model, language).best
        clean = interpret(right, model, language).best
        total += len(right)
        restored += sum(read == term for read, term in zip(bare, right, strict=True))
        kept += sum(read == term for read, term in zip(clean, right, strict=True))
    return {"marks restored": restored / total, "clean kept": kept / total}
