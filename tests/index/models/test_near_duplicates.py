import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.models.near_duplicates import BINS, MAX_TOGETHER, MIN_SHINGLES, groups, signatures
from index.models.near_duplicates import Signatures as Found

WORDS = [f"w{number}" for number in range(5000)]


def signed(texts: list[list[str]], max_together: int = MAX_TOGETHER) -> Found:
    vocabulary = sorted({word for text in texts for word in text})
    ordinals = {word: at for at, word in enumerate(vocabulary)}
    terms = np.array([ordinals[word] for text in texts for word in text], np.int32)
    documents = np.repeat(np.arange(len(texts), dtype=np.int32), list(map(len, texts)))
    return signatures(terms, documents, vocabulary, len(texts), max_together)


def text(seed: int, size: int = 300) -> list[str]:
    return random.Random(seed).choices(WORDS, k=size)


def edited(words: list[str], share: float, seed: int) -> list[str]:
    """Replace a range of words, as an editor would rewrite a paragraph."""
    size = round(len(words) * share)
    return [*text(seed, size), *words[size:]]


@pytest.mark.parametrize(("share", "same"), [(0.0, True), (0.05, True), (0.3, False), (1.0, False)])
def test_nearly_equal_texts_are_one_group(share: float, same: bool) -> None:  # noqa: FBT001
    pairs = [[text(seed), edited(text(seed), share, seed + 1000)] for seed in range(50)]
    found = groups(signed([one for pair in pairs for one in pair]))
    together = sum(int(found[at]) == int(found[at + 1]) for at in range(0, 100, 2))
    assert together >= 48 if same else together <= 2


def test_groups_are_named_by_their_first_article() -> None:
    other = text(2)
    found = groups(signed([text(1), other, text(3), other, text(1), edited(other, 0.04, 9)]))
    assert found.tolist() == [0, 1, 2, 1, 0, 1]


def test_short_texts_have_no_near_duplicates() -> None:
    short = WORDS[: MIN_SHINGLES + 1]
    assert groups(signed([short, short, [], []])).tolist() == [0, 1, 2, 3]
    assert groups(signed([])).tolist() == []


def test_a_signature_is_the_same_in_any_batch() -> None:
    texts = [text(seed) for seed in range(5)]
    together = signed(texts)
    for at, alone in enumerate(texts):
        assert np.array_equal(signed([alone])[0], together[at])
    assert together.shape == (5, BINS)


@pytest.mark.parametrize("max_together", [1, 2, 3, 7, 300, 1499, 1500])
def test_runs_may_be_hashed_in_batches(max_together: int) -> None:
    texts = [text(1), [], text(2, 9), text(3, 2), text(4, 900), text(5, MIN_SHINGLES + 1)]
    assert np.array_equal(signed(texts, max_together), signed(texts))


def test_the_share_of_equal_bytes_estimates_the_similarity() -> None:
    errors = []
    for seed in range(100):
        one, other = text(seed), edited(text(seed), 0.15, seed + 500)
        runs = [set(zip(words, words[1:], words[2:], strict=False)) for words in (one, other)]
        jaccard = len(runs[0] & runs[1]) / len(runs[0] | runs[1])
        found = signed([one, other])
        errors.append((found[0] == found[1]).mean() - jaccard)
    assert abs(np.mean(errors)) < 0.02
    assert np.std(errors) < 0.08


def test_many_articles_of_one_template_take_no_longer() -> None:
    template = text(1)
    found = groups(signed([edited(template, 0.02, seed) for seed in range(2000)]))
    assert np.count_nonzero(found == 0) >= 1990


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.sampled_from(WORDS[:20]), max_size=30), max_size=8))
def test_equal_texts_are_always_one_group(texts: list[list[str]]) -> None:
    found = groups(signed([*texts, *texts]))
    for at, words in enumerate(texts):
        if len(words) >= MIN_SHINGLES + 2:
            assert found[at] == found[at + len(texts)]
    assert np.array_equal(found[found], found)
