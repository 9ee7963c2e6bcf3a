"""Word segmentation: exactly pyvi's output, faster, and with offsets.

`tokenize` and `words` take one text and do not import NumPy; `crf_batch.segment` takes many texts
at a time. All are thread-safe and fork-safe, and memoise tokens in bounded memory. The weights and
word lists are the files of pyvi 0.1.1, in the folder `model`. Dependencies: the standard library,
NumPy and `index.native` (for batches), `index.vietnamese.characters`, `forms` and `memo`.
"""

from index.vietnamese.segmenter.model_files import ModelError
from index.vietnamese.segmenter.words import Word, tokenize, words

__all__ = ["ModelError", "Word", "tokenize", "words"]
