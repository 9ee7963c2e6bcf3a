"""The store of passage vectors: written vectors are found, interrupted embedding continues."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from index.article import Article
from index.semantic import ModelError, VectorStore, drop_unused, embed, passage_key, passage_of
from index.semantic.models import Vectors
from index.semantic.vectors import PASSAGES_PER_FILE, quantised
from index.storage.array_file import Array, ArrayFileError
from index.storage.array_writer import write_arrays

ARTICLES = [Article(id=str(n), title=f"Tin {n}", body=f"Chuyện số {n}.") for n in range(600)]


class Counting:
    """A model that counts its inputs; its vectors encode the length of the text."""

    def __init__(self, name: str = "counting", fail_after: int = 10**9) -> None:
        self.name = name
        self.embedded_count = 0
        self._fail_after = fail_after

    def queries(self, texts: Sequence[str]) -> Vectors:
        return self.passages(texts)

    def passages(self, texts: Sequence[str]) -> Vectors:
        self.embedded_count += len(texts)
        if self.embedded_count > self._fail_after:
            raise KeyboardInterrupt
        rows = [[1.0, len(text), hash(text) % 97] for text in texts]
        vectors = np.array(rows, np.float32)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def keys(articles: Sequence[Article], model: str = "counting") -> list[int]:
    return [passage_key(passage_of(article), model) for article in articles]


def test_embedded_passages_are_found(tmp_path: Path) -> None:
    model = Counting()
    assert sum(embed(ARTICLES, model, tmp_path)) == len(ARTICLES)
    known, vectors = VectorStore.open(tmp_path).find(keys(ARTICLES))
    assert known.all()
    expected = model.passages([passage_of(article) for article in ARTICLES])
    np.testing.assert_allclose(vectors, expected, atol=1 / 127)


def test_an_interruption_loses_at_most_one_file(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        list(embed(ARTICLES, Counting(fail_after=PASSAGES_PER_FILE), tmp_path))
    again = Counting()
    list(embed(ARTICLES, again, tmp_path))
    assert again.embedded_count == len(ARTICLES) - PASSAGES_PER_FILE
    assert len(VectorStore.open(tmp_path)) == len(ARTICLES)


def test_changed_passages_are_embedded_again_and_unused_vectors_removed(tmp_path: Path) -> None:
    list(embed(ARTICLES[:5], Counting(), tmp_path))
    now = [*ARTICLES[:3], replace(ARTICLES[3], title="Khác")]
    again = Counting()
    list(embed(now, again, tmp_path))
    assert again.embedded_count == 1
    assert drop_unused(now, "counting", tmp_path) == 4
    known, _ = VectorStore.open(tmp_path).find(keys([*now, ARTICLES[3], ARTICLES[4]]))
    assert known.tolist() == [True] * 4 + [False] * 2
    data = b"".join(path.read_bytes() for path in tmp_path.glob("*.vectors"))
    assert keys(ARTICLES[4:5])[0].to_bytes(8, "little") not in data


def test_vectors_of_two_models_are_not_mixed(tmp_path: Path) -> None:
    list(embed(ARTICLES[:2], Counting(), tmp_path))
    with pytest.raises(ModelError, match="has vectors of counting"):
        list(embed(ARTICLES[:2], Counting("other"), tmp_path))


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    list(embed(ARTICLES[:9], Counting(), tmp_path))
    [path] = tmp_path.glob("*.vectors")
    damaged = bytearray(path.read_bytes())
    damaged[-3] ^= 0x40
    path.write_bytes(damaged)
    with pytest.raises(ArrayFileError, match=path.name):
        VectorStore.open(tmp_path)


def test_files_with_vectors_of_different_lengths_are_refused(tmp_path: Path) -> None:
    for at, length in enumerate((3, 4)):
        columns: dict[str, Array] = {
            "keys": np.array([at], np.uint64),
            "scales": np.ones(1, np.float32),
            "values": np.ones(length, np.int8),
        }
        write_arrays(tmp_path / f"{at:08x}.vectors", columns)
    with pytest.raises(ArrayFileError, match="several lengths"):
        VectorStore.open(tmp_path)


def test_a_lone_surrogate_is_embedded_without_an_error(tmp_path: Path) -> None:
    article = Article(id="1", title="Cười \ud83d", body="Vui \ude00 quá.")
    assert passage_of(article) == "Cười ? Vui ? quá."
    assert sum(embed([article], Counting(), tmp_path)) == 1
    assert VectorStore.open(tmp_path).find(keys([article]))[0].all()


def test_a_store_without_files_finds_nothing(tmp_path: Path) -> None:
    known, _ = VectorStore.open(tmp_path / "none").find([1, 2])
    assert known.tolist() == [False, False]


@given(arrays(np.float32, (3, 8), elements=st.floats(-1, 1, width=32)))
def test_a_quantised_vector_is_off_by_half_a_step(vectors: Vectors) -> None:
    scales, values = quantised(vectors)
    assert (np.abs(values * scales[:, None] - vectors) <= scales[:, None] * 0.51).all()
