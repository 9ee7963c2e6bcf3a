import json
from pathlib import Path

from index.corpus import LoadOptions
from index.corpus.inspection import inspect_corpus, lines_of
from tests.index.corpus.files import write

RECORD = {
    "headline": "Giá gạo",
    "noi_dung_moi": "Ruộng lúa ven sông được mùa, thương lái về mua. " * 10,
    "tags": ["lúa"],
    "date": "3/2026",
    "image": "",
}


def test_every_field_of_the_first_records_is_reported(tmp_path: Path) -> None:
    lines = [json.dumps(RECORD), "x", json.dumps({"views": 5}), json.dumps(RECORD)]
    path = write(tmp_path / "a.jsonl", "\n".join(lines))
    inspection = inspect_corpus([path])
    assert len(inspection.records) == 3
    good, broken, empty = inspection.records
    assert {field.name: field.becomes for field in good.fields} == {
        "headline": "title",
        "noi_dung_moi": "kept, not searched",
        "tags": "kept, not searched",
        "date": "published",
        "image": "nothing: it is empty",
    }
    assert good.article["published_precision"] == "month"
    assert "(4" in good.fields[1].value
    assert (broken.line, broken.problem[:11]) == (2, "broken JSON")
    assert "--map body=NAME" in empty.problem
    assert any("--map body=noi_dung_moi" in note for note in inspection.notes)


def test_a_mapping_shows_its_effect(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", json.dumps({"data": {"tin": "Một câu."}}))
    [record] = inspect_corpus([path], LoadOptions(mapping={"body": ("data.tin",)})).records
    assert [field.becomes for field in record.fields] == ["body"]
    assert record.article["body"] == "Một câu."


def test_embeds_of_wordpress_are_shown_with_their_field(tmp_path: Path) -> None:
    embedded = {"author": [{"name": "Lê Mai"}], "wp:term": []}
    record = {"title": "a", "author": 3, "_embedded": embedded}
    inspection = inspect_corpus([write(tmp_path / "a.json", json.dumps(record))])
    fields = {field.name: (field.value, field.becomes) for field in inspection.records[0].fields}
    assert fields == {"title": ("a", "title"), "author": ("['Lê Mai']", "author")}


def test_lines_have_no_control_characters(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", json.dumps({"title": "\x1b[31mđỏ", "\x1b]0;x": "\n\x07"}))
    lines = lines_of(inspect_corpus([path]))
    assert len(lines) >= 3
    assert all(line.isprintable() for line in lines)
