"""Texts of any length are tokenized in bounded memory: long ones are split."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from index.vietnamese.token_batch import Tokens, tokenize_batch, tokenize_long


@given(
    st.lists(st.sampled_from(["xã hội", "giá gạo", "Hà Nội.", "là", "\n", "x" * 30, "ở!"])),
    st.integers(1, 40),
)
def test_a_long_text_is_cut_between_words(parts: list[str], most: int) -> None:
    text = " ".join(parts)
    texts, segmented = ["giá", text, ""], np.array([True, True, False])
    uncut = tokenize_batch(texts, segmented)
    cut = tokenize_long(texts, segmented, most)
    for one in (uncut, cut):
        assert len(one.syllables.terms) == len(one.syllables.texts)
    assert _named(cut.vocabulary, cut.syllables) == _named(uncut.vocabulary, uncut.syllables)
    apart = "".join(sorted("".join(t for t, _ in _named(cut.vocabulary, cut.words))))
    together = "".join(sorted("".join(t for t, _ in _named(uncut.vocabulary, uncut.words))))
    assert apart.replace("_", "") == together.replace("_", "")


def test_a_text_cut_at_its_lines_has_the_words_of_the_whole() -> None:
    text = "\n".join(["Giá gạo xuất khẩu của Việt Nam tăng mạnh trong tháng."] * 50)
    texts, segmented = [text], np.array([True])
    uncut, cut = tokenize_batch(texts, segmented), tokenize_long(texts, segmented, 500)
    assert _named(cut.vocabulary, cut.words) == _named(uncut.vocabulary, uncut.words)


def _named(vocabulary: tuple[str, ...], tokens: Tokens) -> list[tuple[str, int]]:
    return [
        (vocabulary[term], text)
        for term, text in zip(tokens.terms.tolist(), tokens.texts.tolist(), strict=True)
    ]
