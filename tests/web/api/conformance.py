"""Requests that Schemathesis generates from the OpenAPI document, to a server of a few articles.

`python -m tests.web.api.conformance --examples 300` sends many of them; a test sends a few.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance

from index.analysis import analyse
from index.embedded.writer import build
from index.schema import DEFAULT_SCHEMA
from index.schema_files import parse_field
from search import open_searcher
from tests.web.conftest import newspaper
from web.app import create_app
from web.settings import Settings
from web.state.keys import Keys, Scope

LANGUAGES = frozenset({"filter", "cursor", "since", "until", "published", "views"})
"""Parameters with rules that JSON Schema cannot express: a value of the right type may
be refused (two days in the wrong order, an unknown cursor, a condition on a field)."""


def application(folder: Path) -> tuple[Flask, str]:
    """Return a server of a small newspaper, and a key with all scopes."""
    schema = DEFAULT_SCHEMA.with_fields(parse_field("tags:keywords"), parse_field("views:number"))
    build([analyse(newspaper(), schema)], folder / "index", schema)
    state = folder / "state"
    key = Keys(state).create(Scope.ADMIN)
    settings = Settings(state=state, answer_cache_bytes=0, max_queued=10**6, max_exports=10**6)
    return create_app(open_searcher(folder / "index"), settings), key


def check(app: Flask, key: str, examples: int) -> list[str]:
    """Send requests to every operation, and return the failures."""
    document = schemathesis.openapi.from_wsgi("/openapi.json", app)
    return [
        problem
        for found in document.get_all_operations()
        if isinstance(found, Ok)  # that the document is valid is tested elsewhere
        for problem in _check_operation(found.ok(), key, examples)
    ]


def _check_operation(operation: Any, key: str, examples: int) -> list[str]:
    """Send valid and invalid requests to one operation; return each kind of failure once."""
    failures: dict[str, str] = {}

    def ask(case: Case[Any]) -> None:
        for name, value in (case.query or {}).items():
            if isinstance(value, float) and value.is_integer():
                case.query[name] = int(
                    value
                )  # 60.0 is an integer in JSON, which clients write as 60
        try:
            case.call_and_validate(
                headers={"Authorization": f"Bearer {key}", "Accept-Encoding": "identity"},
                excluded_checks=_excluded(case),
            )
        except FailureGroup as group:
            for one in group.exceptions:
                kind = str(getattr(one, "title", one))
                failures.setdefault(kind, f"{operation.label}: {one}\n{case.as_curl_command()}")

    for mode in GenerationMode:
        cases = operation.as_strategy(generation_mode=mode)
        limited = settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        try:
            limited(given(case=cases)(ask))()
        except Unsatisfiable:
            continue  # there are no invalid requests
    return list(failures.values())


def _excluded(case: Case[Any]) -> list[Any]:
    """Return the checks that do not apply to a case, because of `LANGUAGES`."""
    if LANGUAGES & set(case.query or ()) or case.path == "/api/multi-search":
        return [positive_data_acceptance]
    return []


@click.command()
@click.option("--examples", default=300, show_default=True, help="Requests to each operation.")
def main(examples: int) -> None:
    """Send requests to every operation and print the failures."""
    with TemporaryDirectory() as folder:
        wrong = check(*application(Path(folder)), examples)
    for problem in wrong:
        click.echo(f"{problem}\n")
    click.echo(f"{len(wrong)} failures")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
