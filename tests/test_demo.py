"""The demo corpus: every file is a well-formed article, and the corpus is varied."""

import re
import unicodedata
from collections import Counter
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest

DEMO = Path(__file__).resolve().parents[1] / "demo"
FILES = sorted(DEMO.iterdir())
CREDIT = re.compile(r"Nguồn (?P<source>[^:]+): (?P<url>https://\S+)")
BYLINE = re.compile(
    r"(?:\w[\w ,]*: |Theo )?(?P<name>[^\W\d_a-z]+(?:[ ’][^\W\d_a-z]+)*)(?: \(.+\))?"
)
URL_PATH = re.compile(
    r"/(?P<section>[a-z]+(?:-[a-z]+)*)/(\d{4})/(\d\d)/(\d\d)/[a-z0-9]+(?:-[a-z0-9]+)*"
)


def text_of(file: Path) -> str:
    return unicodedata.normalize("NFC", file.read_bytes().decode("utf-8"))


def credit_of(file: Path) -> re.Match[str]:
    match = CREDIT.fullmatch(text_of(file).splitlines()[-1])
    assert match, f"{file.name}: the last line is not 'Nguồn SOURCE: URL'"
    return match


def path_of(file: Path) -> re.Match[str]:
    match = URL_PATH.fullmatch(urlsplit(credit_of(file)["url"]).path)
    assert match, f"{file.name}: the path of the URL is not /section/YYYY/MM/DD/slug"
    return match


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
class TestArticle:
    def test_is_named_by_number_and_slug(self, file: Path) -> None:
        assert re.fullmatch(r"\d{3}-[a-z0-9]+(-[a-z0-9]+)*\.txt", file.name)

    def test_is_clean_text_in_single_spaced_paragraphs(self, file: Path) -> None:
        text = text_of(file)
        controls = {c for c in text if unicodedata.category(c) in {"Cc", "Cn", "Co", "Zl", "Zp"}}
        assert controls == {"\n"}
        assert not set("\ufeff\ufffd\u00a0\t") & set(text)
        assert text.endswith("\n")
        assert all(line == " ".join(line.split()) for line in text.splitlines())
        assert "\n\n\n" not in text

    def test_has_title_lede_body_byline_and_credit(self, file: Path) -> None:
        paragraphs = text_of(file).rstrip("\n").split("\n\n")
        assert len(paragraphs) >= 5
        title, credit = paragraphs[0], paragraphs[-1]
        assert "\n" not in title
        assert 15 <= len(title) <= 120
        assert "\n" not in credit
        byline = paragraphs[-3] if paragraphs[-2].startswith("*Mời bạn đọc") else paragraphs[-2]
        match = BYLINE.fullmatch(byline)
        assert match, f"{file.name}: no byline but {byline!r}"
        assert match["name"].isupper()

    def test_is_as_long_as_a_news_item(self, file: Path) -> None:
        assert 150 <= len(text_of(file).split()) <= 450

    def test_closes_its_quotation_marks(self, file: Path) -> None:
        quotes = re.sub("[^“”]", "", text_of(file))
        assert quotes == "“”" * (len(quotes) // 2)
        assert '"' not in text_of(file)

    def test_the_day_in_the_url_agrees_with_the_text(self, file: Path) -> None:
        day = date(*(int(part) for part in path_of(file).groups()[1:]))
        assert date(2019, 1, 1) <= day <= date(2026, 12, 31)
        day_pattern = re.compile(rf"\b{day.day}([-/]){day.month}(\1{day.year})?\b")
        assert day_pattern.search(text_of(file).rpartition("\n\n")[0])

    def test_tone_marks_are_placed_in_one_style(self, file: Path) -> None:
        on_first_vowel, on_second_vowel = placements(text_of(file))
        assert not (on_first_vowel and on_second_vowel)


def placements(text: str) -> tuple[list[str], list[str]]:
    """Return the syllables in oa, oe or uy with the tone on the first vowel, and on the second."""
    syllables = re.findall(r"\w+", text.lower())
    on_first_vowel = [s for s in syllables if re.search("[òóỏõọ][ae]$|(?<!q)[ùúủũụ]y$", s)]
    on_second_vowel = [s for s in syllables if re.search("o[àáảãạèéẻẽẹ]$|(?<!q)u[ỳýỷỹỵ]$", s)]
    return on_first_vowel, on_second_vowel


def test_there_are_enough_articles_and_no_two_share_a_title_or_address() -> None:
    assert len(FILES) >= 48
    for key in (
        [text_of(file).splitlines()[0].casefold() for file in FILES],
        [credit_of(file)["url"] for file in FILES],
        [file.name[:3] for file in FILES],
    ):
        assert [value for value, times in Counter(key).items() if times > 1] == []


def test_there_are_many_sections_sources_and_years() -> None:
    assert len({path_of(file)["section"] for file in FILES}) >= 9
    assert len({path_of(file)[2] for file in FILES}) >= 6
    houses = {(credit_of(f)["source"], urlsplit(credit_of(f)["url"]).hostname) for f in FILES}
    assert len(houses) >= 5
    assert len(dict(houses)) == len(houses), "a source writes under one host"
    assert all(host and host.endswith(".example") for _, host in houses)


def test_the_corpus_has_the_spelling_variants_of_real_ones() -> None:
    texts = [text_of(file) for file in FILES]
    on_first_vowel, on_second_vowel = zip(*map(placements, texts), strict=True)
    assert sum(map(bool, on_first_vowel)) >= 10
    assert sum(map(bool, on_second_vowel)) >= 10
    raw = [file.read_bytes().decode("utf-8") for file in FILES]
    assert any(text == unicodedata.normalize("NFD", text) for text in raw)
    assert any("\u00d0" in text for text in raw), "the twin of the letter Đ"
    all_text = "\n".join(texts)
    for pair in ("kỹ thuật|kĩ thuật", "TP.HCM|Hồ Chí Minh", "BHXH|bảo hiểm xã hội", "ma|má|mã"):
        for form in pair.split("|"):
            assert re.search(rf"\b{re.escape(form)}\b", all_text), form
