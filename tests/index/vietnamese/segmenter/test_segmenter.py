"""The segmenter's output equals pyvi's, and its spans are those of the raw text."""

import gzip
import json
import subprocess
import sys
import unicodedata
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from index.vietnamese.memo import Memo
from index.vietnamese.segmenter import (
    ModelError,
    Word,
    chunk_memo,
    model_files,
    pyvi_files,
    tokenize,
    words,
)
from index.vietnamese.segmenter.chunk_memo import ChunkMemo
from index.vietnamese.segmenter.lexer import CHUNK, RawToken, lex
from index.vietnamese.token_batch import tokenize_batch
from index.vietnamese.words import search_words
from tests.index.vietnamese.segmenter.batches import words_of_batch
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
        warnings.simplefilter("ignore")  # about invalid escapes in pyvi and an old pickle
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


MEMO = ChunkMemo()


def of_batch(batch: list[str]) -> list[list[str]]:
    return words_of_batch(batch, MEMO)


def one_by_one(batch: list[str]) -> list[list[str]]:
    return [[word.text for word in words(text)] for text in batch]


def test_a_batch_has_the_words_of_its_texts() -> None:
    assert of_batch(ODD) == one_by_one(ODD)
    assert of_batch([]) == []


def test_a_batch_has_the_words_of_real_articles() -> None:
    real = list(shared_texts())
    assert of_batch(real) == one_by_one(real)


@given(texts, texts, texts)
def test_texts_of_a_batch_do_not_affect_each_other(one: str, two: str, three: str) -> None:
    assert of_batch([one, two, three]) == one_by_one([one, two, three])


@given(texts, texts, texts, texts)
def test_segmenting_a_batch_in_parts_gives_the_same(
    one: str, two: str, three: str, four: str
) -> None:
    batch = [one, two, three, four]
    assert words_of_batch(batch, MEMO, max_characters=20) == one_by_one(batch)


def test_a_failed_batch_leaves_the_memo_consistent(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(chunk: str) -> tuple[RawToken, ...]:
        if chunk == "hỏng-rồi":
            raise MemoryError
        return lex(chunk)

    every = np.array([True])
    with monkeypatch.context() as patch:
        patch.setattr(chunk_memo, "lex", failing)
        with pytest.raises(MemoryError):
            tokenize_batch(["mớ-này-mới xã hội hỏng-rồi! còn-nữa"], every)
    text = "còn-nữa mớ-này-mới hỏng-rồi! xã hội"
    found = tokenize_batch([text], every)
    assert [found.vocabulary[word] for word in found.words.terms.tolist()] == search_words(text)


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
            cut.text for chunk in CHUNK.findall(text[word.start : word.end]) for cut in lex(chunk)
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
    word = "ha " * 100_000  # a word of 100,000 syllables
    for text in ("a." * 50_000 + "!x@y.vn", "a" * 300_000, "@a" * 50_000, "1_1a" * 50_000, word):
        assert len(tokenize(text)) >= len(text.strip())
        assert len(of_batch([text])[0]) == len(words(text))


def run_python(program: str) -> str:
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_one_text_needs_neither_numpy_nor_pyvi() -> None:
    # A package without index/__init__.py, which imports more.
    program = (
        "import sys, types\n"
        "package = sys.modules['index'] = types.ModuleType('index')\n"
        "package.__path__ = ['index']\n"
        "from index.vietnamese.segmenter import tokenize\n"
        "print(tokenize('xã hội'), *(m in sys.modules for m in ('numpy', 'pyvi', 'sklearn')))"
    )
    assert run_python(program) == "xã_hội False False False"


def test_a_missing_or_unknown_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pyvi3.pkl").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    (tmp_path / "words.txt").write_text("xã hội")
    (tmp_path / "prepared.json").write_text("{}")
    with pytest.raises(ModelError, match=r"prepared\.json: not the model file"):
        model_files.read_model(tmp_path / "prepared.json")
    with pytest.raises(ModelError, match="cannot read"):
        model_files.read_model(tmp_path / "none")
    for read in (pyvi_files.crf_file, pyvi_files.words_file):
        with pytest.raises(ModelError, match=r"(pyvi3\.pkl|words\.txt): not the model file"):
            read(tmp_path)
        with pytest.raises(ModelError, match="cannot read"):
            read(tmp_path / "none")


def test_the_models_are_pyvis_own() -> None:
    """They ship with the package; pyvi itself is needed only for comparison."""
    theirs = Path(str(find_spec("pyvi").origin)).parent / "models"  # type: ignore[union-attr]
    for name in ("pyvi3.pkl", "words.txt"):
        assert (model_files.MODEL_FOLDER / name).read_bytes() == (theirs / name).read_bytes()


def test_many_threads_may_segment_at_once() -> None:
    batch = (ODD, np.ones(len(ODD), np.bool_))
    expected = tokenize_batch(*batch)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: tokenize_batch(*batch), range(8)):
            assert found.vocabulary == expected.vocabulary
            np.testing.assert_array_equal(found.words.terms, expected.words.terms)
        assert all(rows == one_by_one(ODD) for rows in pool.map(one_by_one, [ODD] * 8))


def test_a_forked_child_segments_and_leaves_the_parent_alone() -> None:
    program = (
        "import os\n"
        "from index.vietnamese.segmenter import tokenize\n"
        "import numpy as np\n"
        "from index.vietnamese.token_batch import tokenize_batch\n"
        "def answer():\n"
        "    return tokenize('xã hội'), tokenize_batch(['kỹ thuật'], np.array([True])).vocabulary\n"
        "before = answer()\n"
        "child = os.fork()\n"
        "if not child:\n"
        "    os._exit(answer() != before)\n"
        "print(os.waitpid(child, 0)[1], answer() == before)"
    )
    assert run_python(program) == "0 True"


def test_memos_are_bounded() -> None:
    memo = Memo(str.upper, max_texts=20)
    for number in range(1000):
        assert memo[f"a{number}"] == f"A{number}"
        assert len(memo) <= 20
    assert len(memo["b" * 1000]) == 1000
    assert "b" * 1000 not in memo
    chunks = ChunkMemo(max_chunks=20)
    assert not chunks.is_full
    assert words_of_batch(ODD, chunks) == one_by_one(ODD)
    assert chunks.is_full
