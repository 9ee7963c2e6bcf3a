"""`python -m benchmarks.http_fuzz`: random requests to a real application; none may return a 5xx.

Requests are generated from the paths, parameters and values of the API, and mutated. The slowest
are printed. `tests/web/test_stateful.py` is the short form, with a model of what was written.
"""

import json
import random
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_to_bytes

import click
from flask.testing import FlaskClient
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from search import open_searcher
from web.api.operations import OPERATIONS
from web.app import create_app
from web.parameters import SearchParameters
from web.settings import Settings
from web.state.keys import Keys, Scope
from web.state.tasks import Kind, Tasks
from web.writer import Writer

MAX_SECONDS = 1.0
"""Seconds that a response may take; slow queries are the subject of `benchmarks.worst_queries`."""

PATHS = (
    *(operation.path.replace("{id}", "first") for operation in OPERATIONS),
    *(
        "/",
        "/search",
        "/article/first",
        "/article",
        "/why/first",
        "/help",
        "/docs",
        "/openapi.json",
    ),
    *("/hit/1", "/values/source", "/status", "/suggest", "/suggestions", "/opensearch.xml"),
    *(
        "/robots.txt",
        "/queries",
        "/api/queries",
        "/api/schema",
        "/metrics",
        "/static/base.css",
        "//",
    ),
    *("/manifest.webmanifest", "/favicon.ico", "/preferences", "/api/tasks/x", "/healthz/live"),
)
NAMES = (
    *SearchParameters.__struct_fields__,
    "limit",
    "id",
    "field",
    "prefix",
    "format",
    "days",
    "at",
    "lang",
)
VALUES = (
    *("", "0", "1", "2", "-1", "1e9", "999999999", "x", "*", "true", "lúa", "giá lúa", "gia lua"),
    *(
        "2026-01-31",
        "9999-12-31",
        "0001-01-01",
        "2026-02-30",
        "..",
        "1..",
        "..1",
        "2..1",
        "relevance",
    ),
    *(
        "newest",
        "source",
        "author",
        "month",
        "published:desc",
        "-published",
        "ndjson",
        "csv",
        "and",
    ),
    *(
        '"',
        '"a',
        "(",
        "a OR b",
        "-a",
        "a*",
        "*a",
        "a~2",
        "title:lúa",
        "source:",
        "since:2026",
        "NOT",
    ),
    *("published>=2026-01-01 AND source:A", "id:first", "\0", "\ud800", "\u202e", "𠀀", "%", "<b>"),
    *("tphcm", "hanoi", "vieejt nam", "trn ô", "và và và", "a" * 300, "AI", "5%", "C++", "🙂"),
)


def any_path() -> st.SearchStrategy[str]:
    """Return a strategy of paths, existing ones and others."""
    return st.sampled_from(PATHS) | st.text(max_size=12).map(lambda text: f"/{text}")


def any_query_string() -> st.SearchStrategy[str]:
    """Return a strategy of query strings: known names with valid and invalid values."""
    value = st.sampled_from(VALUES) | st.text(max_size=12)
    pair = st.tuples(st.sampled_from(NAMES), value)
    return st.lists(pair, max_size=5).map(
        lambda pairs: "&".join(f"{name}={quote(text, errors='replace')}" for name, text in pairs)
    )


class Site:
    """A real index with an application and its writer, in a temporary folder."""

    def __init__(self, index: Path | None = None) -> None:
        """Serve a copy of an index, or a new index of one article."""
        self._folder = Path(tempfile.mkdtemp(prefix="timtin-fuzz-"))
        state = self._folder / "state"
        self._tasks = Tasks(state)
        self._writer = Writer(str(self._folder / "i"), state)
        self.key = Keys(state).create(Scope.WRITE)
        if index:
            shutil.copytree(index, self._folder / "i")
        else:
            self._tasks.add(
                Kind.ADD, b'{"id": "first", "title": "Tin \xc4\x91\xe1\xba\xa7u ti\xc3\xaan"}'
            )
            self.work()
        settings = Settings(state=state, query_log=True, max_exports=100)
        self.client: FlaskClient = create_app(
            open_searcher(self._folder / "i"), settings
        ).test_client()

    def work(self) -> None:
        """Process all tasks."""
        while self._writer.work(self._tasks):
            pass

    def send(self, method: str, path: str, body: bytes) -> TestResponse:
        """Send a body with the key."""
        headers = {"Authorization": f"Bearer {self.key}"}
        return self.client.open(path, method=method, data=body, headers=headers)

    def write(self, method: str, path: str, value: object) -> Any:  # noqa: ANN401 - JSON
        """Write, process the task and return its report."""
        task = self.send(method, path, json.dumps(value).encode()).get_json()["task"]
        self.work()
        return self.send("GET", f"/api/tasks/{task['id']}", b"").get_json()["report"]

    def ask(self, method: str, path: str, query: str) -> float:
        """Send a request and return the seconds it took. Raises AssertionError for a 5xx."""
        began = time.perf_counter()
        raw = unquote_to_bytes(path.encode("utf-8", "replace")).decode("latin-1")
        environ = {"PATH_INFO": raw, "QUERY_STRING": query}  # the client would repair a bad one
        with self.client.open("/", method=method, environ_overrides=environ) as answer:
            assert answer.status_code < 500, f"{method} {path}?{query}: {answer.status}"
            assert answer.data is not None
        return time.perf_counter() - began

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self._folder, ignore_errors=True)


def random_request(chance: random.Random) -> tuple[str, str, str]:
    """Return a method, a path and a query string, mostly valid, some mutated."""

    def value() -> str:
        return " ".join(chance.choices(VALUES, k=chance.choice((1, 1, 2, 4))))

    pairs = [(chance.choice(NAMES), value()) for _ in range(chance.randrange(6))]
    query = "&".join(f"{name}={quote(text, errors='replace')}" for name, text in pairs)
    if chance.random() < 0.1:
        at = chance.randrange(len(query) + 1)
        query = query[:at] + chance.choice(("%", "%ff", "&&", "=", "%00", "+")) + query[at:]
    path = chance.choice(PATHS)
    if chance.random() < 0.1:
        path += chance.choice(("/", "//", "/..", "%2F", ".", "/%0a", "?"))
    return chance.choice(("GET",) * 8 + ("HEAD", "POST", "DELETE", "PUT", "OPTIONS")), path, query


@click.command()
@click.option(
    "--index", type=click.Path(exists=True, path_type=Path), help="By default a tiny one."
)
@click.option("--requests", default=100_000, show_default=True)
@click.option("--seed", default=1, show_default=True)
def main(index: Path | None, requests: int, seed: int) -> None:
    """Send random requests; print failures and the slowest."""
    site, chance = Site(index), random.Random(seed)
    failures = 0
    slowest: list[tuple[float, tuple[str, str, str]]] = []
    for _ in range(requests):
        request = random_request(chance)
        try:
            seconds = site.ask(*request)
        except AssertionError as error:
            failures += 1
            click.echo(str(error))
            continue
        slowest = sorted([*slowest, (seconds, request)], reverse=True)[:5]
    for seconds, request in slowest:
        click.echo(f"{seconds * 1000:8.1f} ms  {' '.join(request)[:160]}")
    slow = sum(seconds > MAX_SECONDS for seconds, _ in slowest)
    click.echo(f"{requests:,} requests, {failures} server errors, {slow} above {MAX_SECONDS} s")
    site.close()
    raise SystemExit(bool(failures))


if __name__ == "__main__":
    main()
