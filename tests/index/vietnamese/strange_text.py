"""Hypothesis strategies: Vietnamese text as people type it, and arbitrary odd text."""

import unicodedata
from typing import Literal

from hypothesis import strategies as st

_VIETNAMESE = (
    "aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệghiìíỉĩịklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvxyỳýỷỹỵ"
)
_AWKWARD = (
    "\u0300\u0301\u0302\u0303\u0306\u0309\u0323\u031b\u00ad\u200b\u200d\ufeff"
    "\x00\r\n\t\xa0\u2028\x85İßﬁÐðƉΣςǅ①²½٣👍🇻🇳_.,-/:@'’“”…&#<>"
)
_ODD_PIECES = (
    "hoà khoẻ thuỷ tòan qúy quý quà gía gìn nứơc trửơng HOÀ Uỷ xã hội TP.HCM USD. 1/8/2014 3-1 "
    "F-16 COVID-19 H'Hen http://a.vn/x?y=1 a.b@c.vn 1.234,5 Tp. ThS. ==> -> ... >> v.v"
)

letters = st.sampled_from(_VIETNAMESE + _VIETNAMESE.upper())
chunks = st.text(letters, min_size=1, max_size=7) | st.sampled_from(_ODD_PIECES.split())
separators = st.sampled_from([" ", " ", " ", "\n", "\r\n", "\t", "\xa0", ".", ", ", "-", "_", ""])
_NormalForm = Literal["NFC", "NFD", "NFKC", "NFKD"]
normal_forms: st.SearchStrategy[_NormalForm] = st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"])


@st.composite
def vietnamese(draw: st.DrawFn) -> str:
    """Draw words, numbers, acronyms and their separators, in any normal form."""
    text = "".join(draw(st.lists(st.tuples(chunks, separators).map("".join), max_size=12)))
    return unicodedata.normalize(draw(normal_forms), text)


texts = vietnamese() | st.text(letters | st.sampled_from(_AWKWARD), max_size=30) | st.text()
