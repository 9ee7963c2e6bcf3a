"""The schema: declarations, serialisation and parsing."""

import json
from pathlib import Path

import pytest

from index.schema import (
    BUILT_IN,
    DEFAULT_SCHEMA,
    ROLES,
    Field,
    Kind,
    Schema,
    SchemaError,
    schema_from_dict,
)
from index.schema_files import parse_field, read_schema


def test_built_in_names_are_the_default_fields() -> None:
    assert {field.name for field in DEFAULT_SCHEMA} == BUILT_IN
    assert DEFAULT_SCHEMA.own == ()


@pytest.mark.parametrize(
    ("name", "field"),
    [("Nguồn", "source"), ("CHUYEN MUC", "section"), ("pubDate", "published"), ("tựa", "title")],
)
def test_a_field_is_found_by_any_of_its_names(name: str, field: str) -> None:
    found = DEFAULT_SCHEMA.find(name)
    assert found is not None
    assert found.name == field


def test_unknown_names_are_not_found() -> None:
    assert DEFAULT_SCHEMA.find("tags") is None
    assert "tags" not in DEFAULT_SCHEMA


@pytest.mark.parametrize(
    ("declaration", "roles"),
    [
        ("tags:keywords:facet", {"facet", "filter"}),
        ("tags:keywords", {"filter"}),
        ("place:text", {"searched"}),
        ("views:number:sortable", {"sortable"}),
        ("video:link", set()),
        ("desk:keyword:facet:sortable:searched", {"facet", "filter", "sortable", "searched"}),
    ],
)
def test_a_declaration_sets_the_roles(declaration: str, roles: set[str]) -> None:
    field = parse_field(declaration)
    every = ("searched", "filter", "facet", "sortable")
    assert {role for role in every if getattr(field, role)} == roles
    assert field.shown


@pytest.mark.parametrize(
    ("declaration", "complaint"),
    [
        ("tags", "NAME:KIND"),
        ("tags:labels", "not a kind"),
        ("tags:keywords:counted", "no role"),
        ("Tags:keywords", "not a field name"),
        ("tags:text:facet", "cannot be"),
        ("body:keyword", "built in"),
        ("content:text", "belongs to both"),
    ],
)
def test_a_bad_declaration_is_refused(declaration: str, complaint: str) -> None:
    with pytest.raises(SchemaError, match=complaint):
        DEFAULT_SCHEMA.with_fields(parse_field(declaration))


def test_a_schema_is_written_and_read_back() -> None:
    own = Field("tags", Kind.KEYWORDS, {"vi": "Thẻ"}, ("tag",), filter=True, facet=True)
    schema = DEFAULT_SCHEMA.with_fields(own)
    assert schema_from_dict(json.loads(json.dumps(schema.as_dict()))) == schema
    assert schema.own == (own,)


@pytest.mark.parametrize("built_in", DEFAULT_SCHEMA.fields, ids=lambda field: field.name)
@pytest.mark.parametrize("roles", ["", ":filter", ":facet", ":searched", ":sortable"])
def test_a_declaration_takes_nothing_from_a_built_in_field(built_in: Field, roles: str) -> None:
    """`published:date:filter` made pages fail that sort by it."""
    try:
        declared = parse_field(f"{built_in.name}:{built_in.kind}{roles}")
        schema = DEFAULT_SCHEMA.with_fields(declared)
    except SchemaError:
        return  # this kind cannot have the role
    kept = schema[built_in.name]
    assert all(getattr(kept, role) for role in ROLES if getattr(built_in, role))
    assert all(getattr(kept, role) for role in ROLES if getattr(declared, role))
    assert (kept.labels, kept.aliases) == (built_in.labels, built_in.aliases)
    assert schema_from_dict(schema.as_dict()) == schema


def test_names_of_a_built_in_field_are_added() -> None:
    own = Field("source", Kind.KEYWORD, {"vi": "Tờ báo"}, ("paper",))
    schema = DEFAULT_SCHEMA.with_fields(own)
    assert schema["source"].labels == {"vi": "Tờ báo", "en": "Source"}
    assert schema.find("paper") == schema.find("nguồn") == schema["source"]


@pytest.mark.parametrize("built_in", DEFAULT_SCHEMA.fields, ids=lambda field: field.name)
@pytest.mark.parametrize("value", [None, [], {}, "", 0, 1, "x", [["x"]], {"vi": 3}, True])
@pytest.mark.parametrize("key", ["name", "kind", "labels", "aliases", *ROLES])
def test_values_of_other_types_are_refused(built_in: Field, key: str, value: object) -> None:
    document = json.loads(json.dumps(DEFAULT_SCHEMA.as_dict()))
    entry = next(entry for entry in document["fields"] if entry["name"] == built_in.name)
    entry[key] = value
    try:
        schema = schema_from_dict(document)
    except SchemaError:
        return
    declared = schema[built_in.name]
    assert type(getattr(declared, key)) is type(getattr(built_in, key))
    assert all(getattr(declared, role) for role in ROLES if getattr(built_in, role))


@pytest.mark.parametrize(
    "document", [None, [], {}, {"fields": 3}, {"fields": [{}]}, {"fields": [3]}]
)
def test_anything_else_is_refused_as_a_schema(document: object) -> None:
    with pytest.raises(SchemaError, match="not a schema"):
        schema_from_dict(document)


def test_a_file_declares_fields(tmp_path: Path) -> None:
    path = tmp_path / "schema.toml"
    path.write_text(
        '[fields.tags]\nkind = "keywords"\nroles = ["facet"]\n'
        'aliases = ["thẻ"]\nlabels = {vi = "Thẻ", en = "Tags"}\n'
    )
    schema = read_schema(path)
    assert schema["tags"].label("vi") == "Thẻ"
    assert schema["tags"].label("fr") == "tags"
    assert schema.find("the") == schema["tags"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[fields", "not a TOML file"),
        ("[tables.tags]\n", "only"),
        ("[fields]\ntags = 3\n", "needs a kind"),
        ('[fields.tags]\nkind = "keywords"\ncolour = "red"\n', "unknown settings"),
        ('[fields.tags]\nkind = "keywords"\nroles = "facet"\n', "lists"),
        ('[fields.tags]\nkind = "keywords"\nlabels = {vi = 3}\n', "texts"),
    ],
)
def test_a_bad_file_is_refused_by_name(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "schema.toml"
    path.write_text(text)
    with pytest.raises(SchemaError, match=complaint) as refused:
        read_schema(path)
    assert str(path) in str(refused.value)


def test_too_many_fields_are_refused() -> None:
    with pytest.raises(SchemaError, match="more than"):
        Schema(tuple(Field(f"f{number}", Kind.LINK) for number in range(65)))
