"""TLS and credentials, checked by a server that stands in for a cluster and requires both."""

import json
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from index.analysis import analyse
from index.article import Article
from index.errors import IndexUnavailableError
from index.opensearch import writer
from index.opensearch.client import Client, ClusterError
from index.opensearch.lifecycle import Settings
from index.opensearch.location import parse_location
from search import open_searcher
from tests import cluster
from tests.search.engines.opensearch.stumbling import stumbling
from web.app import create_app

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl")

BASIC = {"TIMTIN_CLUSTER_USER": "mai", "TIMTIN_CLUSTER_PASSWORD": "bí mật"}
API_KEY = {"TIMTIN_CLUSTER_API_KEY": "a2V5"}
ADMITTED = {"Basic bWFpOmLDrSBt4bqtdA==", "ApiKey a2V5"}


class Guarded(BaseHTTPRequestHandler):
    """Answers requests with the right credentials only."""

    def do_GET(self) -> None:
        admitted = self.headers.get("authorization") in ADMITTED
        body = json.dumps({"tagline": "come in"} if admitted else {"error": "who?"}).encode()
        self.send_response(200 if admitted else 401)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Write no log."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create a self-signed certificate for 127.0.0.1, with its key beside it."""
    file = tmp_path_factory.mktemp("tls") / "node.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", "/CN=node", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", str(file.with_suffix(".key")), "-out", str(file)],
        check=True, capture_output=True,
    )  # fmt: skip
    return file


@pytest.fixture(scope="module")
def address(certificate: Path) -> Iterator[str]:
    """Run the server and return the address of an index in it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Guarded)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"opensearchs://127.0.0.1:{server.server_address[1]}/tin"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("credentials", [BASIC, API_KEY], ids=["basic", "API key"])
def test_valid_credentials_are_accepted(
    address: str, certificate: Path, credentials: dict[str, str]
) -> None:
    environment = {"TIMTIN_CLUSTER_CA": str(certificate), **credentials}
    answer = Client(parse_location(address, environment)).request("GET", "/")
    assert answer == {"tagline": "come in"}


@pytest.mark.parametrize("credentials", [{}, BASIC | {"TIMTIN_CLUSTER_PASSWORD": "đoán mò"}])
def test_refused_credentials_are_reported(
    address: str, certificate: Path, credentials: dict[str, str]
) -> None:
    environment = {"TIMTIN_CLUSTER_CA": str(certificate), **credentials}
    with pytest.raises(ClusterError, match="refuses this user") as raised:
        Client(parse_location(address, environment)).request("GET", "/")
    assert "đoán mò" not in str(raised.value)


def test_an_untrusted_certificate_is_refused(address: str) -> None:
    with pytest.raises(ClusterError, match=r"(?i)certificate"):
        Client(parse_location(address, API_KEY)).request("GET", "/")


@pytest.mark.skipif(not cluster.available(), reason=cluster.MISSING)
@pytest.mark.parametrize("credentials", [BASIC, API_KEY], ids=["basic", "API key"])
def test_an_index_is_written_and_searched_behind_tls(
    certificate: Path,
    credentials: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    environment = {"TIMTIN_CLUSTER_CA": str(certificate), "TIMTIN_CACHE": str(tmp_path)}
    for name, value in (environment | credentials).items():
        monkeypatch.setenv(name, value)
    with stumbling(cluster.address(), certificate, ADMITTED) as node:
        location = f"opensearchs://{node.address}/behind-tls"
        articles = [Article(str(at), title=f"Giá gạo {at}") for at in range(3)]
        writer.build([analyse(articles)], location, settings=Settings(replicas=0))
        writer.update([analyse([Article("9", title="Giá lúa")])], location)
        assert writer.delete(location, ["0"]) == 1
        assert writer.verify(location) == []
        searcher = open_searcher(location)
        assert searcher.search("giá").total == 3
        assert "Giá lúa" in searcher.complete("giá lú")
        node.admitted = {"Basic nobody"}  # a changed password: no answer, and no crash
        answer = create_app(searcher).test_client().get("/api/search?q=gạo")
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        with pytest.raises(IndexUnavailableError, match="refuses this user"):
            open_searcher(location)
