"""Requests that Schemathesis makes from the OpenAPI document, to a server of a few articles.

`python -m tests.web.api.conformance --examples 300` makes many of them; a test makes some.
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
"""Parameters whose values follow rules that no JSON Schema can say: a value of the right type may
be refused (an order of two days, a cursor that no answer gave, a condition on a field)."""


def application(folder: Path) -> tuple[Flask, str]:
    """Return a server of a small newspaper, and a key that may do everything."""
    schema = DEFAULT_SCHEMA.with_fields(parse_field("tags:keywords"), parse_field("views:number"))
    build([analyse(newspaper(), schema)], folder / "index", schema)
    state = folder / "state"
    key = Keys(state).create(Scope.ADMIN)
    settings = Settings(state=state, answer_cache_bytes=0, max_queued=10**6, max_exports=10**6)
    return create_app(open_searcher(folder / "index"), settings), key


def check(app: Flask, key: str, examples: int) -> list[str]:
    """Ask every operation, and return what is wrong."""
    document = schemathesis.openapi.from_wsgi("/openapi.json", app)
    return [
        problem
        for found in document.get_all_operations()
        if isinstance(found, Ok)  # the document is valid: another test says so
        for problem in _check_operation(found.ok(), key, examples)
    ]


def _check_operation(operation: Any, key: str, examples: int) -> list[str]:
    """Ask one operation, as its description allows and as it forbids; each kind of failure once."""
    failures: dict[str, str] = {}

    def ask(case: Case[Any]) -> None:
        for name, value in (case.query or {}).items():
            if isinstance(value, float) and value.is_integer():
                case.query[name] = int(value)  # JSON's 60.0 is an integer, which a client writes 60
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
            continue  # nothing that its description forbids
    return list(failures.values())


def _excluded(case: Case[Any]) -> list[Any]:
    """Return the checks that do not hold for a case, by the rules of `LANGUAGES`."""
    if LANGUAGES & set(case.query or ()) or case.path == "/api/multi-search":
        return [positive_data_acceptance]
    return []


@click.command()
@click.option("--examples", default=300, show_default=True, help="Requests to each operation.")
def main(examples: int) -> None:
    """Make requests to every operation and print what is wrong."""
    with TemporaryDirectory() as folder:
        wrong = check(*application(Path(folder)), examples)
    for problem in wrong:
        click.echo(f"{problem}\n")
    click.echo(f"{len(wrong)} failures")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
