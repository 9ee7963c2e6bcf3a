import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.corpus import CorpusError, LoadOptions
from index.corpus.legacy import CONVERSIONS, convert, decode, recognise, syllable_share
from tests.index.corpus.files import read, read_with_notes, write
from tests.index.corpus.legacy_text import PLAIN_PUNCTUATION, WRITERS, as_cp1252

DEMO = Path(__file__).resolve().parents[3] / "demo"
TEXTS = [
    unicodedata.normalize("NFC", path.read_text("utf-8")).translate(PLAIN_PUNCTUATION)
    for path in sorted(DEMO.glob("*.txt"))
]
BYTES = sorted(WRITERS.keys() - {"viqr", "utf-8 twice"})
"""The encodings whose files are not valid UTF-8."""


def test_there_are_enough_texts() -> None:
    assert len(TEXTS) >= 20
    assert min(syllable_share(text).fraction for text in TEXTS) > 0.9


@pytest.mark.parametrize("encoding", WRITERS)
@pytest.mark.parametrize("length", [10_000, 200])
def test_every_text_is_recognised_and_restored(encoding: str, length: int) -> None:
    for text in TEXTS:
        meant = text[:length]
        written = as_cp1252(WRITERS[encoding](meant))
        assert recognise(written) == encoding, meant
        words = list(zip(convert(written, encoding).split(), meant.split(), strict=True))
        assert sum(read == word for read, word in words) >= 0.97 * len(words) - 1


@pytest.mark.parametrize("text", TEXTS)
def test_text_in_unicode_is_left_alone(text: str) -> None:
    assert recognise(text) is None
    assert recognise(unicodedata.normalize("NFD", text)) is None
    assert recognise(text[:100]) is None


@pytest.mark.parametrize("encoding", BYTES)
@pytest.mark.parametrize("name", ["a.txt", "a.jsonl", "a.csv"])
def test_a_file_of_bytes_is_read_and_reported(tmp_path: Path, encoding: str, name: str) -> None:
    title, *rest = (TEXTS[0].splitlines(), TEXTS[0])[0]
    body = " ".join(rest).replace('"', "'")
    content = {
        "a.txt": f"{title}\n\n{body}",
        "a.jsonl": json.dumps({"title": title, "body": body}, ensure_ascii=False),
        "a.csv": f'title,body\n"{title}","{body}"\n',
    }[name]
    [article], bad, notes = read_with_notes(write(tmp_path / name, WRITERS[encoding](content)))
    assert not bad
    assert article.title == title
    assert article.body.split()[:50] == body.split()[:50]
    assert any(f"text in {encoding} was converted" in note for note in notes)


@pytest.mark.parametrize("encoding", WRITERS)
def test_legacy_text_inside_utf_8_is_converted_and_reported(tmp_path: Path, encoding: str) -> None:
    record = {"title": "Số 1", "body": as_cp1252(WRITERS[encoding](TEXTS[3])), "n": 1}
    record["title"] = as_cp1252(WRITERS[encoding]("Lũ lụt ở miền Trung"))
    other = {"title": "Lũ lụt", "body": TEXTS[4]}
    path = write(tmp_path / "a.jsonl", f"{json.dumps(record)}\n{json.dumps(other)}\n")
    articles, bad, notes = read_with_notes(path)
    assert not bad
    assert [article.title for article in articles] == ["Lũ lụt ở miền Trung", "Lũ lụt"]
    assert articles[1].body == TEXTS[4]
    assert any(f"text in {encoding} was converted to Unicode: 1 " in note for note in notes)


def test_unrecognised_text_is_reported_with_its_share(tmp_path: Path) -> None:
    czech = "Příliš žluťoučký kůň úpěl ďábelské ódy, která běžela přes řeku bouřlivě " * 3
    path = write(tmp_path / "a.jsonl", json.dumps({"title": "a", "body": czech}))
    [article], bad, notes = read_with_notes(path)
    assert (article.body, bad) == (czech, [])
    [reported] = [note for note in notes if "not Vietnamese syllables" in note]
    assert "lowest share 0." in reported
    assert any(str(path) in note for note in notes)


def test_an_encoding_can_be_named(tmp_path: Path) -> None:
    written = write(tmp_path / "a.txt", "Café\n\nDéjà vu".encode("latin-1"))
    _, [bad] = read(written)
    assert "--encoding" in bad.reason
    [article], _ = read(written, options=LoadOptions(encoding="latin-1"))
    assert article.title == "Café"
    text = write(tmp_path / "b.txt", WRITERS["vni"]("Bé"))
    [article], _ = read(text, options=LoadOptions(encoding="vni"))
    assert article.title == "Bé"
    with pytest.raises(CorpusError, match="not known"):
        read(written, options=LoadOptions(encoding="abc"))


@given(st.binary(max_size=300), st.sampled_from(sorted(CONVERSIONS)))
def test_any_bytes_can_be_decoded(raw: bytes, encoding: str) -> None:
    decode(raw, encoding).encode("utf-8")  # no lone surrogates
    assert recognise(as_cp1252(raw)) in {None, *CONVERSIONS}


@given(st.text(alphabet="abc .,-'?(dD^+`~aeiou\\", max_size=200))
def test_ascii_text_is_not_taken_for_viqr(text: str) -> None:
    assert recognise(text) in (None, "viqr")
