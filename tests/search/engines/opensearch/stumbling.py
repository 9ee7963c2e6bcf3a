"""A faulty node: it forwards requests to a real one, or fails as configured."""

import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import urllib3


@dataclass
class Stumbling:
    """How requests are answered: they get `answers`, one each; later ones are passed on.

    An answer is an HTTP status, or seconds to wait before the request is passed on, or the body of
    an answer with status 200. The first answers to bulks that are `lost` come from the real node
    but are lost. If `admitted` is set, requests with other authorizations get a 401.
    `requests` are those received: path and body.
    """

    address: str = ""
    answers: list[int | float | bytes] = field(default_factory=list)
    lost: int = 0
    is_down: bool = False
    admitted: set[str] = field(default_factory=set)
    requests: list[tuple[str, bytes]] = field(default_factory=list)


@contextmanager
def stumbling(
    node: str, certificate: Path | None = None, admitted: Iterable[str] = ()
) -> Iterator[Stumbling]:
    """Run a node in front of the real one at HOST:PORT; with a certificate it speaks TLS.

    The key of a certificate is beside it.
    """
    reported = Stumbling(admitted=set(admitted))
    server = _server(_handler(reported, node), certificate)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    reported.address = f"127.0.0.1:{server.server_address[1]}"
    try:
        yield reported
    finally:
        server.shutdown()
        server.server_close()


def _handler(reported: Stumbling, node: str) -> type[BaseHTTPRequestHandler]:
    """Return the handler that passes requests on to a node, or fails as configured."""
    pool = urllib3.PoolManager(retries=False)

    class Handler(BaseHTTPRequestHandler):
        def pass_on(self) -> None:
            content = self.rfile.read(int(self.headers.get("content-length", 0)))
            reported.requests.append((self.path, content))
            answer = reported.answers.pop(0) if reported.answers else 0
            if reported.is_down:
                self.close_connection = True
                return
            if isinstance(answer, float):
                time.sleep(answer)
            status, body = answer, b'{"error": "busy"}'
            if reported.admitted and self.headers.get("authorization") not in reported.admitted:
                answer = 401
                status, body = answer, b"who are you?"
            if isinstance(answer, bytes):
                status, body = 200, answer
            elif isinstance(answer, float) or not answer:
                kind = {"content-type": self.headers.get("content-type", "application/json")}
                address = f"http://{node}{self.path}"
                found = pool.request(self.command, address, body=content, headers=kind)
                status, body = found.status, found.data
                if reported.lost and self.path.endswith("/_bulk"):
                    reported.lost -= 1
                    status = 503
            with suppress(BrokenPipeError, ConnectionResetError):  # the client has gone
                self.send_response(int(status))
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = pass_on  # noqa: N815 - http.server names them

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def _server(handler: type[BaseHTTPRequestHandler], certificate: Path | None) -> ThreadingHTTPServer:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, certificate.with_suffix(".key"))
        server.socket = context.wrap_socket(server.socket, server_side=True)
    return server
