"""Which words does a text consist of? pyvi's answer to the letter, fast, with offsets.

`tokenize` and `words` take one text and start without NumPy; `word_batches.words_batch` takes
many texts at a time. Both may be used from many threads and after a fork, and remember what they
met up to a bound. Besides the standard library, NumPy (for batches) and `remembered`, a function
that remembers its answers, nothing outside this folder is needed; the weights come from pyvi's
own files (0.1.1), which must be installed.
"""

from index.vietnamese.segmenter.model_files import ModelError
from index.vietnamese.segmenter.words import Word, tokenize, words

__all__ = ["ModelError", "Word", "tokenize", "words"]
