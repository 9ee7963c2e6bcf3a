"""A batch is cut where `lexer.CHUNK` cuts its texts, and a key stands for one chunk only."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from index.vietnamese.segmenter.chunks import END_KEY, chunks_of, has_key
from index.vietnamese.segmenter.lexer import CHUNK
from tests.index.vietnamese.strange_text import texts


@given(st.lists(texts, max_size=4))
def test_pieces_are_the_lexers(batch: list[str]) -> None:
    expected = [(0, 1)]
    offset = 1
    for text in batch:
        spans = [chunk.span() for chunk in CHUNK.finditer(text)]
        expected += [(offset + start, offset + end) for start, end in spans]
        offset += len(text) + 1
        expected.append((offset - 1, offset))
    found = chunks_of(batch)
    assert list(zip(found.starts.tolist(), found.ends.tolist(), strict=True)) == expected
    ends = [0]
    for text in batch:
        ends.append(ends[-1] + len(text) + 1)
    assert found.starts[found.keys == END_KEY].tolist() == ends


@given(texts, texts)
def test_a_key_tells_one_piece(one: str, two: str) -> None:
    found = chunks_of([one, two])
    chunks = [found.joined[s:e] for s, e in zip(found.starts, found.ends, strict=True)]
    meant: dict[int, str] = {}
    keyed = zip(chunks, found.keys.tolist(), has_key(found.keys).tolist(), strict=True)
    for chunk, key, is_keyed in keyed:
        if is_keyed and key != END_KEY:
            assert meant.setdefault(key, chunk) == chunk
            assert len(chunk) <= 8
        assert key != 0


def test_vietnamese_has_keys() -> None:
    text = "Nghiêng, “ƯỜNG” 1.234,5 (HĐND) đỗ; ặ! Ỹ?"
    assert has_key(chunks_of([text]).keys).all()
    assert has_key(chunks_of([unicodedata.normalize("NFD", "Ngã đỗ")]).keys).all()
    assert has_key(chunks_of(["nghiêng,, 한국 👍"]).keys).tolist() == [
        True,
        False,
        False,
        False,
        True,
    ]
