"""The OpenAPI document describes the API correctly."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from index.schema import DEFAULT_SCHEMA
from index.schema_files import parse_field
from tests.web.conftest import newspaper
from tests.web.fake import FakeSearcher
from web.api.openapi import openapi_document
from web.api.operations import OPERATIONS
from web.app import create_app
from web.parameters import SearchParameters

SCHEMA = DEFAULT_SCHEMA.with_fields(parse_field("tags:keywords"), parse_field("views:number"))
DOCUMENT = openapi_document(SCHEMA, "https://tin.example")


def test_the_document_is_valid() -> None:
    OpenAPIV31SpecValidator(json.loads(json.dumps(DOCUMENT))).validate()


def test_every_endpoint_is_documented() -> None:
    app = create_app(FakeSearcher([]))
    rules = {
        (method.lower(), rule.rule.replace("<anything:article>", "{id}").replace("<task>", "{id}"))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(("/api/", "/search.", "/healthz"))
    }
    described = {(operation.method, operation.path) for operation in OPERATIONS}
    undescribed = {("get", "/api/schema"), ("get", "/api/queries"), ("get", "/healthz/live")}
    assert rules == described | undescribed


def test_every_parameter_is_documented() -> None:
    named = {one["name"] for one in DOCUMENT["paths"]["/api/search"]["get"]["parameters"]}
    assert named == (set(SearchParameters.__struct_fields__) - {"values"}) | {
        "author",
        "published",
    } | {
        "tags",
        "views",
    }


@pytest.mark.parametrize(
    ("path", "operation"),
    [
        ("/api/search?q=nước&facets=source,month&x=1", "/api/search"),
        ("/api/search?q=nước&fields=body&cursor=*", "/api/search"),
        ("/api/facets?field=source", "/api/facets"),
        ("/api/article?id=bai-1-2019", "/api/article"),
        ("/api/related?id=bai-1-2019", "/api/related"),
        ("/api/complete?q=n", "/api/complete"),
        ("/api/explain?q=nước&id=bai-1-2019", "/api/explain"),
        ("/healthz", "/healthz"),
        ("/api/article?id=nobody", "/api/article"),
        ("/api/search?page=0", "/api/search"),
    ],
)
def test_responses_have_the_documented_types(path: str, operation: str) -> None:
    response = create_app(FakeSearcher(newspaper(), SCHEMA)).test_client().get(path)
    answers = DOCUMENT["paths"][operation]["get"]["responses"]
    schema = answers[str(response.status_code)]["content"]["application/json"]["schema"]
    assert problems(schema, response.get_json()) == []


def problems(schema: Any, value: object) -> list[str]:
    resource = Resource.from_contents(DOCUMENT, default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource("urn:doc", resource)
    pointed = {"$ref": "urn:doc" + schema["$ref"]}
    validator = Draft202012Validator(pointed, registry=registry)
    return [error.message for error in validator.iter_errors(value)]


def test_a_response_of_another_type_is_detected() -> None:
    assert problems({"$ref": "#/components/schemas/FacetAnswer"}, {"field": 1, "values": []})


def test_the_page_of_the_document_uses_no_foreign_hosts(client: FlaskClient) -> None:
    page = client.get("/docs").text
    for operation in OPERATIONS:
        assert f"{operation.method.upper()} {operation.path}" in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page
    assert client.get("/openapi.json").get_json()["openapi"] == "3.1.0"
