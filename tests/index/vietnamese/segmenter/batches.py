"""The words of a batch of texts, assembled from the segmenter's arrays."""

from collections.abc import Sequence

import numpy as np

from index.vietnamese.segmenter.chunk_memo import END, ChunkMemo
from index.vietnamese.segmenter.crf_batch import MAX_CHARACTERS_AT_ONCE, segment
from index.vietnamese.segmenter.vocabulary import number_words


def words_of_batch(
    texts: Sequence[str], memo: ChunkMemo, max_characters: int = MAX_CHARACTERS_AT_ONCE
) -> list[list[str]]:
    """Return the words of each text, punctuation included, as pyvi writes them."""
    found = segment(texts, memo, max_characters)
    words = number_words(found.texts, np.flatnonzero(~found.joined), memo.texts)
    split: list[list[str]] = [[]]
    for word in words.tolist():
        if word == END:
            split.append([])
        else:
            split[-1].append(memo.texts.texts[word])
    return split[:-1]
