"""Word segmentation: pyvi's answer to the letter, fast, with offsets.

`tokenize` and `words` take one text and start without NumPy; `crf_batch.segment` takes many texts
at a time. Both may be used from many threads and after a fork, and keep memos of what they met up
to a bound. Besides the standard library, NumPy (for batches) and `index.vietnamese.memo`, nothing
outside this folder is needed; the weights are pyvi's own files (0.1.1), in the folder `model`.
"""

from index.vietnamese.segmenter.model_files import ModelError
from index.vietnamese.segmenter.words import Word, tokenize, words

__all__ = ["ModelError", "Word", "tokenize", "words"]
