"""Which words does a text consist of? pyvi's answer to the letter, fast, with offsets.

`tokenize` and `words` take one text and start without NumPy; `word_batches.words_batch` takes
many texts at a time.
"""

from index.vietnamese.segmenter.files import ModelError
from index.vietnamese.segmenter.words import Word, tokenize, words

__all__ = ["ModelError", "Word", "tokenize", "words"]
