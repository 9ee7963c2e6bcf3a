"""The terms that the leaves of a tree need: each variant of a part once."""

from pathlib import Path

import pytest

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build
from index.vietnamese import Language
from search.engines.embedded.engine import open_engine
from search.interpretation.context import Context
from search.planning.leaves import interpret_run
from search.query.tree import Words

BODIES = (
    "Gọi 0912 345 678 hoặc 0912345678.",
    "Giá 500.000 đồng, 500000 đồng, 1500000 và 1 500 000.",
    "U23 và U 23, iPhone17 và iPhone 17, 10km và 10 km.",
    "Tổng đài 1900 6017, viết liền 19006017.",
    "Ca sĩ hát, ca sĩ nghe, ca sĩ đi. " * 3000,
    "Đoàn ka đi xa.",
)


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    directory: Path = tmp_path_factory.mktemp("index")
    build([analyse([Article(str(at), body=body) for at, body in enumerate(BODIES)])], directory)
    return Context(open_engine(directory).reader(), Language.default())


@pytest.mark.parametrize(
    ("typed", "other"),
    [
        ("0912345678", "0912 345 678"),
        ("0912 345 678", "0912345678"),
        ("500.000", "500000"),
        ("1500000", "1 500 000"),
        ("u23", "u 23"),
        ("iphone 17", "iphone17"),
        ("10km", "10 km"),
        (
            "1900 6017",
            "19006017",
        ),  # by `other_groupings` only: neither a telephone number nor an amount
        ("a 0912345678", "0912 345 678"),  # `number_forms` takes the longest part: "a0912345678"
    ],
)
def test_each_form_of_a_number_is_planned_once(context: Context, typed: str, other: str) -> None:
    found = interpret_run(Words(typed), context, literal=False).equivalents
    ways = [(one.start, one.end, way) for one in found for way in one.alternatives]
    assert len(set(ways)) == len(ways)
    assert tuple(other.split()) in {way for _, _, way in ways}


@pytest.mark.parametrize(
    ("typed", "read"), [("ka sĩ", "ca sĩ"), ("KA sĩ", "ka sĩ"), ("KA SĨ", "ca sĩ")]
)
def test_capitals_next_to_other_words_are_no_typo(context: Context, typed: str, read: str) -> None:
    interpretation = interpret_run(Words(typed), context, literal=False).interpretation
    assert " ".join(interpretation.best) == read
