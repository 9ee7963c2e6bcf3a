"""A batch is cut by NumPy where `lexer.PIECE` cuts its texts, and a key tells one piece only."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from index.vietnamese.segmenter.chunks import END_KEY, cut, is_told
from index.vietnamese.segmenter.lexer import PIECE
from tests.index.vietnamese.strange_text import texts


@given(st.lists(texts, max_size=4))
def test_pieces_are_the_lexers(batch: list[str]) -> None:
    expected = [(0, 1)]
    offset = 1
    for text in batch:
        spans = [piece.span() for piece in PIECE.finditer(text)]
        expected += [(offset + start, offset + end) for start, end in spans]
        offset += len(text) + 1
        expected.append((offset - 1, offset))
    found = cut(batch)
    assert list(zip(found.starts.tolist(), found.ends.tolist(), strict=True)) == expected
    ends = [0]
    for text in batch:
        ends.append(ends[-1] + len(text) + 1)
    assert found.starts[found.keys == END_KEY].tolist() == ends


@given(texts, texts)
def test_a_key_tells_one_piece(one: str, two: str) -> None:
    found = cut([one, two])
    pieces = [found.joined[s:e] for s, e in zip(found.starts, found.ends, strict=True)]
    meant: dict[int, str] = {}
    told = zip(pieces, found.keys.tolist(), is_told(found.keys).tolist(), strict=True)
    for piece, key, is_told_by_it in told:
        if is_told_by_it and key != END_KEY:
            assert meant.setdefault(key, piece) == piece
            assert len(piece) <= 8
        assert key != 0


def test_vietnamese_is_told() -> None:
    text = "Nghiêng, “ƯỜNG” 1.234,5 (HĐND) đỗ; ặ! Ỹ?"
    assert is_told(cut([text]).keys).all()
    assert is_told(cut([unicodedata.normalize("NFD", "Ngã đỗ")]).keys).all()
    assert is_told(cut(["nghiêng,, 한국 👍"]).keys).tolist() == [True, False, False, False, True]
