"""`python -m web`: serve an index to browsers and programs."""

import gc
import logging
import signal
from types import FrameType
from typing import NoReturn

import click
from flask import Flask
from waitress.server import create_server

from index.location import index_option
from search import IndexUnavailableError, open_searcher
from web.app import create_app

MAX_BODY = 65_536
"""Bytes of a request's body that are taken in; no address here asks for any."""


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@index_option
@click.option(
    "--host",
    envvar="TIMTIN_HOST",
    default="127.0.0.1",
    show_default=True,
    show_envvar=True,
    help="The address to listen on; 0.0.0.0 lets other machines in.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    envvar="TIMTIN_PORT",
    default=8000,
    show_default=True,
    show_envvar=True,
    help="The port to listen on; 0 takes a free one.",
)
def main(index: str, host: str, port: int) -> None:
    """Serve the index until Ctrl-C."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
    try:
        searcher = open_searcher(index)
    except IndexUnavailableError as error:
        raise click.ClickException(str(error)) from error
    try:
        app = create_app(searcher)
        server = create_server(
            app, host=host, port=port, ident="Tim Tin", max_request_body_size=MAX_BODY
        )
    except OSError as error:
        reason = error.strerror or str(error)
        advice = "Choose another with --port or --host."
        raise click.ClickException(f"Cannot listen on {host}:{port}: {reason}. {advice}") from error
    for stopping in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stopping, _stop)
    _warm(app)
    place = getattr(server, "effective_port", port)  # the one it took when asked for any
    click.echo(f"{searcher.articles:,} articles at http://{host}:{place}/ (Ctrl-C stops)", err=True)
    server.run()
    server.close()
    click.echo("Stopped.", err=True)


def _warm(app: Flask) -> None:
    """Answer once before the first person asks: word lists, templates and tables are read then.

    They stay, so the garbage collector need not look through them again and again.
    """
    app.test_client().get("/search?q=viet+nam")
    gc.collect()
    gc.freeze()


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    """Leave the loop of the server, which then answers what was asked."""
    raise SystemExit


if __name__ == "__main__":
    main()
