"""Splitting into chunks changes no token, and no two chunks share a key."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.vietnamese.characters import plain
from index.vietnamese.forms import canonical
from index.vietnamese.segmenter.chunks import END_KEY, are_words, chunks_of, has_key
from index.vietnamese.segmenter.lexer import CHUNK, lex
from index.vietnamese.syllables import terms
from tests.index.vietnamese.strange_text import texts

_WORDS = "Nội TP HCM Tp Mr Ms Mrs Dr ThS p s rs 5 1.234,5 http://a.vn a@b.vn : / // a Đ ² Ｔｐ ﬁ"
_MARKS = "\u200b\u00ad\u0301\u0302.,;:?!)(]['\"“”‘’…%«»-=>_"
marked = st.lists(
    st.sampled_from(_WORDS.split()) | st.sampled_from(_MARKS) | st.just(" "), max_size=9
).map("".join)
"""Words among punctuation that affects the splitting."""


def spans(text: str) -> list[tuple[int, int]]:
    """Return the spans of the chunks of a text, without its END."""
    found = chunks_of([text])
    return list(zip((found.starts - 1).tolist(), (found.ends - 1).tolist(), strict=True))[1:-1]


@given(texts | marked)
def test_cutting_changes_no_token(text: str) -> None:
    chunk_spans = spans(text)
    for chunk in CHUNK.finditer(text):
        within = [text[a:b] for a, b in chunk_spans if chunk.start() <= a and b <= chunk.end()]
        assert "".join(within) == chunk[0]
        assert [token for part in within for token in lexed(part)] == lexed(chunk[0])
    assert all(a < b and CHUNK.fullmatch(text[a:b]) for a, b in chunk_spans)


def lexed(chunk: str) -> list[str]:
    prepared = plain(chunk)
    return [token.text for token in lex(prepared)] if prepared else []


@given(st.lists(texts | marked, max_size=4))
def test_a_batch_is_cut_as_its_texts_are(batch: list[str]) -> None:
    found = chunks_of(batch)
    expected, ends = [(0, 1)], [0]
    for text in batch:
        expected += [(ends[-1] + 1 + a, ends[-1] + 1 + b) for a, b in spans(text)]
        ends.append(ends[-1] + len(text) + 1)
        expected.append((ends[-1], ends[-1] + 1))
    assert list(zip(found.starts.tolist(), found.ends.tolist(), strict=True)) == expected
    assert found.starts[found.keys == END_KEY].tolist() == ends


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“Hà Nội”, (2017).", "“|Hà|Nội|”|,|(|2017|)|."),
        ("TP. HCM. ThS. Mrs. Tp. pr. 5.", "TP.|HCM.|ThS.|Mrs.|Tp.|pr|.|5|."),
        ("chờ... Mỹ... A.B. A..", "chờ...|Mỹ...|A.B.|A.."),
        ("(http://a.vn/x). a:b, a://b,", "(|http://a.vn/x).|a:b|,|a://b,"),
        ("a:\u200b//b, T\u200bp. ＨＣＭ. Mr\u200bs.", "a:\u200b//b,|T\u200bp.|ＨＣＭ.|Mr\u200bs."),
        ('""""a?!?!?', '"|"|"|"a?!|?|!|?'),
    ],
)
def test_marks_are_chunks_of_their_own(text: str, expected: str) -> None:
    assert "|".join(text[a:b] for a, b in spans(text)) == expected


@given(texts | marked)
def test_words_are_tokens_unchanged(text: str) -> None:
    found = chunks_of([text])
    chosen = are_words(found.keys) & has_key(found.keys)
    for a, b in zip(found.starts[chosen].tolist(), found.ends[chosen].tolist(), strict=True):
        word = found.joined[a:b]
        assert lexed(word) == [word]
        assert terms(word) == [canonical(word.lower())]


@given(texts, texts)
def test_a_key_identifies_one_chunk(one: str, two: str) -> None:
    found = chunks_of([one, two])
    chunks = [found.joined[s:e] for s, e in zip(found.starts, found.ends, strict=True)]
    meant: dict[int, str] = {}
    keyed = zip(chunks, found.keys.tolist(), has_key(found.keys).tolist(), strict=True)
    for chunk, key, is_keyed in keyed:
        if is_keyed and key != END_KEY:
            assert meant.setdefault(key, chunk) == chunk
            assert len(chunk) <= 8
        assert key != 0


def test_vietnamese_chunks_have_keys() -> None:
    text = "Nghiêng, “ƯỜNG” 1.234,5 (HĐND) đỗ; ặ! Ỹ?"
    assert has_key(chunks_of([text]).keys).all()
    assert has_key(chunks_of([unicodedata.normalize("NFD", "Ngã đỗ")]).keys).all()
    keyed = has_key(chunks_of(["nghiêng123, 한국 👍"]).keys).tolist()
    assert keyed == [True, False, True, False, False, True]  # 10 characters, ",", 한국, 👍
