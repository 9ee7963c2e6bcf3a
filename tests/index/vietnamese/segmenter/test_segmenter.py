"""The segmenter says what pyvi says, to the letter, and where in the raw text it stands."""

import gzip
import json
import subprocess
import sys
import unicodedata
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from index.vietnamese.memo import Remembered
from index.vietnamese.segmenter import (
    ModelError,
    Word,
    chunk_memo,
    crf_batch,
    model_files,
    tokenize,
    words,
)
from index.vietnamese.segmenter.chunk_memo import Lexicon
from index.vietnamese.segmenter.lexer import PIECE, Cut, lex
from index.vietnamese.segmenter.word_batches import words_batch
from tests.index.vietnamese.strange_text import texts
from tests.shared_data import SHARED

ODD = [
    "",
    " ",
    "\n",
    "\r\n",
    "a",
    "Trường đại học bách khoa hà nội",
    "TP.HCM, ngày 1/8/2014: giá 1.234,5 USD. Xem http://a.vn/x?y=1). Thư: a.b+c@d-e.vn!",
    "Tp. Hồ Chí Minh; ThS. Nguyễn Văn A. ==> -> ... >> .. >",
    "xã\nhội\r\nxã\u2028hội\x0bxã\x85hội\xa0xã\u3000hội\u200bxã",
    "xa\u0303 ho\u0323\u0302i n\u0309x e\u0301\u0302 \u0301a",
    "đại\0học \0 xã \0hội http://a\0b",
    "👍🏽 tổng 🇻🇳 thống İstanbul ΑΣ ǅ ﬁ ² ①② ٣٤ क़ 한국 각",
    "Ho\u0323c sinh ho\u0323\u0302i hoà" * 50,
    "X.@b.c@d.e A.b@c.vn x@y @z.vn a@b. a@b.c.",
    "a.b" * 3000 + "@c " + "đ" * 5000,
    "xã hội chủ nghĩa " * 1000,
    "ha ha ha ha ha ha Ha ha Ha Ha, ha ha. ha ha ha",
    "Nhà Nước Việt Nam NHÀ NƯỚC VIỆT NAM nhà Nước việt Nam",
    "_ __ a_b _c. Tân_Trào +84-912 50% $5 “ngoặc kép” ‘đơn’ – gạch… dài",
]


@pytest.fixture(scope="session")
def pyvi() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of invalid escapes in pyvi and old pickles in its model
        from pyvi import ViTokenizer

        ViTokenizer.tokenize("xã hội")
        return ViTokenizer.tokenize


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_tokenize_is_pyvis(text: str, pyvi: Any) -> None:
    assert tokenize(text) == pyvi(text)


@given(text=texts)
def test_tokenize_is_pyvis_for_any_text(text: str, pyvi: Any) -> None:
    assert tokenize(text) == pyvi(text)


def shared_texts() -> Iterator[str]:
    news, headlines = SHARED / "data/news.jsonl.gz", SHARED / "data/headlines.jsonl.gz"
    if not news.exists():
        pytest.skip("needs the shared data")
    for path, step, count in ((news, 400, 60), (headlines, 300, 300)):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in islice(lines, 0, step * count, step):
                record = json.loads(line)
                yield from (record.get(field, "") for field in ("title", "summary", "body"))


def test_tokenize_is_pyvis_for_real_articles(pyvi: Any) -> None:
    for text in shared_texts():
        assert tokenize(text) == pyvi(text)


def batch_rows(batch: list[str]) -> list[tuple[int, str, int, int]]:
    found = words_batch(batch)
    columns = (found.texts, found.words, found.starts, found.ends)
    return [
        (text, found.vocabulary[word], start, end)
        for text, word, start, end in zip(*(c.tolist() for c in columns), strict=True)
    ]


def single_rows(batch: list[str]) -> list[tuple[int, str, int, int]]:
    return [(n, w.text, w.start, w.end) for n, text in enumerate(batch) for w in words(text)]


def test_a_batch_has_the_words_of_its_texts() -> None:
    assert batch_rows(ODD) == single_rows(ODD)
    assert batch_rows([]) == []


def test_a_batch_has_the_words_of_real_articles() -> None:
    real = list(shared_texts())
    assert batch_rows(real) == single_rows(real)


@given(texts, texts, texts)
def test_texts_of_a_batch_do_not_touch(one: str, two: str, three: str) -> None:
    assert batch_rows([one, two, three]) == single_rows([one, two, three])


@given(texts, texts, texts, texts)
def test_a_batch_in_portions_is_the_same(one: str, two: str, three: str, four: str) -> None:
    batch = [one, two, three, four]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crf_batch, "MOST_CHARACTERS", 20)
        assert batch_rows(batch) == single_rows(batch)


def test_a_batch_that_fails_leaves_nothing_half_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(piece: str) -> tuple[Cut, ...]:
        if piece == "hỏng!":
            raise MemoryError
        return lex(piece)

    with monkeypatch.context() as patch:
        patch.setattr(chunk_memo, "lex", failing)
        with pytest.raises(MemoryError):
            words_batch(["mớ-này-mới xã hội hỏng! còn-nữa"])
    batch = ["còn-nữa mớ-này-mới", "hỏng! xã hội"]
    assert batch_rows(batch) == single_rows(batch)


@given(texts)
def test_words_lose_nothing_and_cut_whole_tokens(text: str) -> None:
    found = words(text)
    assert " ".join(word.text for word in found) == (tokenize(text) if found else "")
    end_before = 0
    for word in found:
        assert end_before <= word.start <= word.end
        assert not text[end_before : word.start].strip()
        assert "_".join(word.syllables) == word.text
        tokens = [
            cut.text for piece in PIECE.findall(text[word.start : word.end]) for cut in lex(piece)
        ]
        if word.start < word.end and unicodedata.is_normalized("NFC", text):
            assert tuple(tokens) == word.syllables
        end_before = word.end
    assert not text[end_before:].strip()


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_spans_refer_to_the_text_as_given(form: Any) -> None:
    text = unicodedata.normalize(form, "👍 Tổng thống\xa0Mỹ, xã hội")
    found = words(text)
    assert found[1].syllables == ("Tổng", "thống")
    for word in found:
        assert unicodedata.normalize("NFC", text[word.start : word.end]).split() == list(
            word.syllables
        )


def test_marks_out_of_order_stay_within_their_token() -> None:
    assert words("ho\u0302\u0323i va") == [
        Word("hội", 0, 5, ("hội",)),
        Word("va", 6, 8, ("va",)),
    ]


def test_hostile_texts_take_linear_time() -> None:
    word = "ha " * 100_000  # is one of 100,000 syllables
    for text in ("a." * 50_000 + "!x@y.vn", "a" * 300_000, "@a" * 50_000, "1_1a" * 50_000, word):
        assert len(tokenize(text)) >= len(text.strip())
        assert len(words_batch([text]).words) == len(words(text))


def run_python(program: str) -> str:
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_one_text_needs_neither_numpy_nor_pyvi() -> None:
    program = (
        "import sys\n"
        "from index.vietnamese.segmenter import tokenize\n"
        "print(tokenize('xã hội'), *(m in sys.modules for m in ('numpy', 'pyvi', 'sklearn')))"
    )
    assert run_python(program) == "xã_hội False False False"


def test_a_missing_pyvi_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_files, "find_spec", lambda _name: None)
    with pytest.raises(ModelError, match="not installed"):
        model_files.crf_file()


def test_an_unknown_model_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "pyvi3.pkl").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    (tmp_path / "words.txt").write_text("xã hội")
    monkeypatch.setattr(model_files, "_models_folder", lambda: tmp_path)
    with pytest.raises(ModelError, match=r"pyvi3\.pkl: not the model file"):
        model_files.crf_file()
    monkeypatch.setattr(model_files, "_models_folder", lambda: tmp_path / "none")
    with pytest.raises(ModelError, match="cannot read"):
        model_files.crf_file()


def test_many_threads_may_segment_at_once() -> None:
    expected = single_rows(ODD)
    with ThreadPoolExecutor(4) as pool:
        assert all(rows == expected for rows in pool.map(batch_rows, [ODD] * 8))
        assert all(rows == expected for rows in pool.map(single_rows, [ODD] * 8))


def test_a_forked_child_segments_and_leaves_the_parent_alone() -> None:
    program = (
        "import os\n"
        "from index.vietnamese.segmenter import tokenize\n"
        "from index.vietnamese.segmenter.word_batches import words_batch\n"
        "def answer():\n"
        "    return tokenize('xã hội'), words_batch(['xã hội', 'kỹ thuật']).vocabulary\n"
        "before = answer()\n"
        "child = os.fork()\n"
        "if not child:\n"
        "    os._exit(answer() != before)\n"
        "print(os.waitpid(child, 0)[1], answer() == before)"
    )
    assert run_python(program) == "0 True"


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Lexicon, "MOST_PIECES", 20)
    monkeypatch.setattr(Remembered, "MOST", 20)
    remembered = Remembered(str.upper)
    for number in range(1000):
        assert remembered[f"a{number}"] == f"A{number}"
        assert len(remembered) <= 20
    assert len(remembered["b" * 1000]) == 1000
    assert "b" * 1000 not in remembered
    for text in ODD:
        assert batch_rows([text]) == single_rows([text])
