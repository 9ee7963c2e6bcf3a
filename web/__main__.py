"""`python -m web`, `timtin serve`: serve an index to browsers and programs."""

import gc
import os
import re
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from index import processor  # noqa: F401 - before NumPy, which the rest imports
from index.console import hold_standard_streams
from index.language_options import language_from, language_options
from index.location import index_option
from index.vietnamese import Language
from index.vietnamese.segmenter import ModelError, words
from search import IndexUnavailableError, open_searcher
from web.metrics_folder import metrics_folder
from web.settings import HOLD_SECONDS, Access, Settings
from web.state.database import StateError, make_database, state_folder
from web.state_option import state_option

MAX_PROXIES = 10
"""Proxies in front of the server; arbitrary, nobody has more than three."""

STOP_SECONDS = 10.0
"""How long the writer may finish its task when the server stops; arbitrary."""

_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?")
_RATE = re.compile(r"\d+\s*(/|per)\s*(\d+\s*)?(second|minute|hour|day)s?")


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _rate(_ctx: click.Context, _option: click.Parameter, value: str) -> str:
    """Return a rate limit if its form is valid; fail before the server starts otherwise."""
    if value and not _RATE.fullmatch(value.strip()):
        raise click.BadParameter(f"{value!r} is not a rate such as '120 per minute'")
    return value.strip()


def _origins(
    _ctx: click.Context, _option: click.Parameter, values: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the origins if each has the form of an `Origin` header; fail otherwise."""
    for value in values:
        if value != "*" and not _ORIGIN.fullmatch(value):
            raise click.BadParameter(
                f"{value!r} is not an origin such as https://app.example or http://localhost:3000 "
                "(no path, no wildcard in a name; '*' alone allows all)"
            )
    return values


def _storage(_ctx: click.Context, _option: click.Parameter, value: str) -> str:
    """Return the storage of the rate limit if it can be used; fail before the server starts."""
    if value.startswith(("redis", "valkey")) and not find_spec("redis"):
        raise click.BadParameter("counting in Redis needs: pip install 'tim-tin[redis]'")
    if not re.fullmatch(r"memory://|(rediss?|redis\+unix|redis\+sentinel)://.+", value):
        raise click.BadParameter(f"{value!r} is neither memory:// nor redis://HOST:PORT")
    return value


def _option(*names: str, **settings: Any) -> Callable[[Any], Any]:  # noqa: ANN401 - click's own
    """Return an option whose environment variable is made from its name."""
    name = next(name for name in names if name.startswith("--")).partition("/")[0]
    variable = f"TIMTIN_{name.removeprefix('--').replace('-', '_').upper()}"
    return click.option(*names, envvar=variable, show_envvar=True, **settings)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@index_option
@_option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="The address to listen on; 0.0.0.0 accepts other machines.",
)
@_option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="The port to listen on; 0 picks a free one.",
)
@_option(
    "--workers",
    type=click.IntRange(min=1),
    default=_cores,
    show_default="all cores",
    help="Worker processes.",
)
@_option(
    "--threads",
    type=click.IntRange(1, 64),
    default=4,
    show_default=True,
    help="Requests that one process answers at the same time.",
)
@state_option
@_option(
    "--access",
    type=click.Choice([access.value for access in Access]),
    default=Access.OPEN.value,
    show_default=True,
    help="Who may read: everybody, or only clients with a key.",
)
@_option("--public-url", default="", help="The public address of the site: https://tin.example.")
@_option("--trusted-host", multiple=True, help="A host name that requests may have; repeatable.")
@_option(
    "--proxies",
    type=click.IntRange(0, MAX_PROXIES),
    default=0,
    show_default=True,
    help="Proxies in front whose X-Forwarded-* headers are trusted.",
)
@_option("--base-path", default="", help="The path under which to serve, such as /tim.")
@_option(
    "--cors",
    multiple=True,
    callback=_origins,
    help="An origin whose scripts may read the API, such as https://app.example; repeatable.",
)
@_option("--rate-limit", default="", callback=_rate, help="Per client, such as '120 per minute'.")
@_option(
    "--rate-storage",
    default="memory://",
    show_default=True,
    callback=_storage,
    help="Where requests are counted: each process for itself, or redis://HOST:PORT for all.",
)
@_option(
    "--query-log/--no-query-log",
    default=True,
    show_default=True,
    help="Log what is searched for, without client addresses; kept for 30 days.",
)
@_option(
    "--popular-queries/--no-popular-queries",
    default=False,
    show_default=True,
    help="Complete with queries that at least five clients sent on one day, from the query log.",
)
@_option("--access-log/--no-access-log", default=False, help="Log each request.")
@_option("--metrics/--no-metrics", default=True, show_default=True, help="Serve /metrics.")
@_option(
    "--answer-cache-mb",
    type=click.IntRange(0, 4096),
    default=32,
    show_default=True,
    help="Size of each process's cache of answers, which is cleared by a new commit.",
)
@_option(
    "--postings-cache-mb",
    type=click.IntRange(1, 65536),
    default=88,
    show_default=True,
    help="Size of each process's cache of postings that were decoded from a folder. With 440 a"
    " search in 190,000 articles takes four fifths of the time.",
)
@_option(
    "--max-upload-mb",
    type=click.IntRange(1, 1024),
    default=32,
    show_default=True,
    help="The largest batch of articles that is accepted.",
)
@language_options
def main(
    index: str,
    host: str,
    port: int,
    workers: int,
    threads: int,
    synonyms: Path | None,
    stop_words: Path | None,
    **given: Any,  # noqa: ANN401 - checked by click
) -> None:
    """Serve the index until Ctrl-C."""
    language = language_from(synonyms, stop_words)
    settings = _settings(index, **given)
    with metrics_folder() as folder:
        # prometheus-client reads it when it is imported, which `_serve` does.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
        try:
            _serve(index, language, settings, host, port, workers, threads)
        finally:
            del os.environ["PROMETHEUS_MULTIPROC_DIR"]


def _settings(index: str, **given: Any) -> Settings:  # noqa: ANN401 - checked by click
    """Return the settings of the options; without a usable state folder, warn and continue."""
    state = given["state"] or state_folder(index)
    if state:
        try:
            make_database(state)
        except StateError as error:
            click.echo(f"{error}; serving without keys, writing and query log", err=True)
            state = None
    return Settings(
        state=state,
        access=Access(given["access"]),
        public_url=given["public_url"],
        trusted_hosts=given["trusted_host"],
        proxies=given["proxies"],
        base_path=given["base_path"].rstrip("/"),
        cors=given["cors"],
        rate_limit=given["rate_limit"],
        rate_storage=given["rate_storage"],
        query_log=given["query_log"],
        popular_queries=given["popular_queries"],
        access_log=given["access_log"],
        metrics=given["metrics"],
        answer_cache_bytes=given["answer_cache_mb"] * 2**20,
        postings_cache_bytes=given["postings_cache_mb"] * 2**20,
        hold_seconds=HOLD_SECONDS,
        max_upload_bytes=given["max_upload_mb"] * 2**20,
    )


def _serve(
    index: str,
    language: Language,
    settings: Settings,
    host: str,
    port: int,
    workers: int,
    threads: int,
) -> None:
    """Open the index and the sockets, start the writer, and serve until a signal arrives."""
    # Imported late: after the folder of metrics is set, and not for `--help`.
    from web.app import create_app
    from web.logs import configure_logs
    from web.server import Server, ServerOptions, open_sockets, shown_address
    from web.writer import Writer, WriterSupervisor

    configure_logs()
    try:
        words("thử")  # loads the segmenter's model, without which every search would fail
        searcher = open_searcher(index, language, HOLD_SECONDS, settings.postings_cache_bytes)
        app = create_app(searcher, settings)
        _warm(app)
        articles = searcher.articles
    except (IndexUnavailableError, ModelError, StateError) as error:
        raise click.ClickException(str(error)) from error
    try:
        sockets = open_sockets(host, port, workers)
    except OSError as error:
        reason = error.strerror or str(error)
        advice = "Choose another with --port or --host."
        raise click.ClickException(f"Cannot listen on {host}:{port}: {reason}. {advice}") from error
    supervisor = WriterSupervisor(Writer(index, settings.state)) if settings.state else None
    if supervisor:
        supervisor.start()
    address = shown_address(host, sockets[0]) + settings.base_path.lstrip("/")

    def ready() -> None:
        click.echo(f"{articles:,} articles at {address} (Ctrl-C stops)", err=True)

    options = ServerOptions(host, port, workers, threads)
    server = Server(app, options, sockets, ready, check=lambda: searcher.identity)
    try:
        server.run()
    finally:
        if supervisor:
            supervisor.stop(STOP_SECONDS)
    click.echo("Stopped.", err=True)


def _warm(app: Any) -> None:  # noqa: ANN401 - a Flask application, imported late
    """Answer once before the first request, which loads word lists, templates and tables.

    They are frozen, so that the garbage collector skips them and forked workers share them. Raises
    IndexUnavailableError if a search fails.
    """
    answer = app.test_client().get(f"{app.extensions['settings'].base_path}/api/search?q=viet+nam")
    if answer.status_code >= 500:
        raise IndexUnavailableError("a first search failed; the lines above say why")
    app.test_client().get(f"{app.extensions['settings'].base_path}/search?q=viet+nam")
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    hold_standard_streams()
    sys.exit(main())
