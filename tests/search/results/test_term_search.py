"""Terms are found at the tokens' spans without tokenizing the text."""

import unicodedata
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from index.vietnamese.characters import UNUSUAL
from index.vietnamese.syllables import occurrences, syllables
from search.results.term_search import MAX_FORMS, is_unusual, plain_spans, term_occurrences

WORDS = st.sampled_from(
    "giá gía hòa hoà Hoà HÒA a á ạ gạo Đà Ðà đà quý qúy thuở toàn tòan I İ ı ß vn VN x2 2 tp.hcm"
    " hội_nghị ngh\u00adiệp CO₂ ﬁ 東京 ℌ m² 37ºC x\u200by".split()
)
GAPS = st.sampled_from([" ", ", ", "-", "_", ".", "\n", "  ", "…", "\u0301 ", "🎉"])
TEXTS = st.lists(st.tuples(WORDS, GAPS), max_size=12).map(
    lambda parts: "".join(word + gap for word, gap in parts)
)


@given(
    text=TEXTS | st.text(max_size=40),
    decomposed=st.booleans(),
    many=st.booleans(),
    data=st.data(),
)
def test_occurrences_equal_those_of_the_tokenizer(
    text: str, *, decomposed: bool, many: bool, data: st.DataObject
) -> None:
    if decomposed:
        text = unicodedata.normalize("NFD", text)
    tokens = sorted({token.text for token in syllables(text)} | {"giá", "hòa", "a"})
    terms = data.draw(st.sets(st.sampled_from(tokens)))
    if many:  # which another algorithm finds
        terms |= {f"zzz{number}" for number in range(MAX_FORMS)}
    found = term_occurrences(text, terms)
    expected = occurrences(text, terms)
    spans = plain_spans(text, terms)
    assert spans in (None, [(o.start, o.end, o.text) for o in expected])
    assert (spans is None) == (len(text.lower()) != len(text) or is_unusual(text))
    assert term_occurrences(text, terms, spans=spans) == found
    assert [o[1:] for o in found] == [o[1:] for o in expected]
    beside = [
        [following.token_index - token.token_index == 1 for token, following in pairwise(listed)]
        for listed in (found, expected)
    ]
    assert beside[0] == beside[1]


def test_every_unusual_character_is_detected() -> None:
    for code in range(0x3000):
        assert is_unusual(chr(code)) == bool(UNUSUAL.search(chr(code)))


def test_more_terms_than_one_expression_holds_are_found() -> None:
    terms = {f"t{number}" for number in range(MAX_FORMS + 5)}
    text = " ".join(sorted(terms))
    assert {found.text for found in term_occurrences(text, terms)} == terms


def test_exact_positions_count_the_words_between() -> None:
    first, second = term_occurrences("giá bán lẻ gạo", ["giá", "gạo"], exact_positions=True)
    assert second.token_index - first.token_index == 3
