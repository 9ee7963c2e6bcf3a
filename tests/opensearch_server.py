"""OpenSearch with one or more nodes, from the server's own jars: without Docker or root.

    python -m tests.opensearch_server start --nodes 3       (then: stop)

Maven fetches the jars once per folder and version; a suitable Java must be installed. A
node serves plain HTTP on this machine alone and may write snapshots to `Server.repository`.
"""

import os
import re
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import click

VERSIONS = {2: "2.19.6", 3: "3.6.0"}
"""The release of each major version that is tested."""

_MEMORY, _MIN_MEMORY_BYTES = Path("/dev/shm"), 2 << 30
"""Linux's file system in memory, and its required free space; the tests write about 100 MB."""

START_SECONDS = 120.0
"""How long nodes may take to find each other: 14 to 34 s on two busy cores."""

_UNPRIVILEGED = {"user": "nobody", "group": "nogroup", "extra_groups": []}
"""The user that runs the server if the tests run as root, which the server refuses."""

_STARTED: dict[Path, list[subprocess.Popen[bytes]]] = {}
"""The nodes started by this process, by folder: kept, since Python warns about lost ones."""

_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>timtin</groupId><artifactId>nodes</artifactId><version>1</version>
<packaging>pom</packaging><dependencies>{}</dependencies></project>"""
_DEPENDENCY = (
    "<dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></dependency>"
)
_LOG4J = """status=error
appender.c.type=Console
appender.c.name=c
appender.c.layout.type=PatternLayout
appender.c.layout.pattern=[%d{ISO8601}][%-5p][%c{1.}] %m%n
rootLogger.level=info
rootLogger.appenderRef.c.ref=c
"""


@dataclass(frozen=True)
class _Module:
    """A module of the server: its class in each major version, and its own jars."""

    name: str
    classes: dict[int, str]
    jars: tuple[str, ...]
    extends: str = ""


_MODULES = (
    _Module(
        "transport-netty4",
        {2: "org.opensearch.transport.Netty4Plugin",
         3: "org.opensearch.transport.Netty4ModulePlugin"},
        ("netty-*", "opensearch-netty4-*", "transport-netty4-client-*"),
    ),
    _Module(
        "lang-painless",
        {2: "org.opensearch.painless.PainlessPlugin",
         3: "org.opensearch.painless.PainlessModulePlugin"},
        ("lang-painless-*", "antlr4-runtime-*", "asm-*", "opensearch-scripting-painless-spi-*"),
    ),
    _Module(
        "analysis-common",
        {2: "org.opensearch.analysis.common.CommonAnalysisPlugin",
         3: "org.opensearch.analysis.common.CommonAnalysisModulePlugin"},
        ("analysis-common-*",),
        extends="lang-painless",
    ),
)  # fmt: skip


@lru_cache
def _java_versions() -> dict[str, int]:
    """Return the paths of the installed Java versions, each with its major version."""
    paths = [shutil.which("java"), *map(str, sorted(Path("/usr/lib/jvm").glob("*/bin/java")))]
    found = {}
    for java in filter(None, paths):
        done = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
        if version := re.search(r'version "(\d+)', done.stderr):
            found[java] = int(version[1])
    return found


def find_java(major: int) -> str | None:
    """Return the path of a Java for a major version of the server; None if there is none."""
    # 2.x needs the security manager, which Java 24 no longer has; 3.x is built for Java 21.
    suitable = range(11, 24) if major == 2 else range(21, 100)
    return next((java for java, version in _java_versions().items() if version in suitable), None)


@dataclass(frozen=True)
class Server:
    """Nodes numbered from 1 on; `http` and `transport` are the ports of the first."""

    folder: Path
    major: int = 2
    http: int = 9203
    transport: int = 9303
    heap: str = "512m"
    settings: tuple[str, ...] = ()
    """More lines of opensearch.yml."""
    in_memory: bool = False
    """Whether indexes are kept in memory if there is room, so that no write waits for a disk."""

    @property
    def version(self) -> str:
        """The release of the server."""
        return VERSIONS[self.major]

    @property
    def repository(self) -> Path:
        """The folder in which the nodes may write snapshots (`path.repo`)."""
        return self.folder / "repository"

    @cached_property
    def _home(self) -> Path:
        return self.folder / self.version

    def can_start(self) -> bool:
        """Return whether a suitable Java and Maven are installed."""
        return bool(find_java(self.major) and shutil.which("mvn"))

    def start(self, nodes: int = 1) -> None:
        """Start nodes and wait until all have found each other. Raises TimeoutError."""
        self._install()
        for number in range(1, nodes + 1):
            self.start_node(number, nodes)
        until = time.monotonic() + START_SECONDS
        health_url = (
            f"http://127.0.0.1:{self.http}/_cluster/health?wait_for_nodes={nodes}&timeout=1s"
        )
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(health_url, timeout=5) as response:
                    if b'"timed_out":false' in response.read():
                        return
            except (urllib.error.URLError, OSError):
                pass
            time.sleep(0.3)
        log = self._node(1) / "out.log"
        raise TimeoutError(f"the nodes do not find each other; {log} says why")

    def start_node(self, number: int, nodes: int) -> None:
        """Start one node of a cluster of `nodes`; it keeps its data."""
        folder, java = self._node(number), find_java(self.major)
        if java is None:
            raise FileNotFoundError(f"no Java that OpenSearch {self.version} runs on")
        data = self._data(number)
        for path in (data, *(folder / name for name in ("logs", "config", "tmp"))):
            path.mkdir(parents=True, exist_ok=True)
        self.repository.mkdir(exist_ok=True)
        (folder / "config" / "log4j2.properties").write_text(_LOG4J)
        lines = self._configuration(number, nodes)
        (folder / "config" / "opensearch.yml").write_text("\n".join(lines))
        is_root = os.geteuid() == 0
        if is_root:
            owned = [*map(str, (folder, data, self.repository))]
            subprocess.run(["chown", "-R", "nobody:nogroup", *owned], check=True)
        with (folder / "out.log").open("ab") as log:
            process = subprocess.Popen(
                [java, *self._options(folder), "org.opensearch.bootstrap.OpenSearch",
                 "-p", str(folder / "pid")],
                cwd=folder / "tmp", stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, **(_UNPRIVILEGED if is_root else {}),  # type: ignore[call-overload]
            )  # fmt: skip
        _STARTED.setdefault(self.folder, []).append(process)

    def kill(self, number: int) -> None:
        """Kill a node with SIGKILL."""
        os.kill(int((self._node(number) / "pid").read_text()), signal.SIGKILL)

    def signal(self, number: int, sent: signal.Signals) -> None:
        """Send a signal to a node, such as SIGSTOP."""
        os.kill(int((self._node(number) / "pid").read_text()), sent)

    def stop(self) -> None:
        """Kill all nodes and remove their data; the server's jars are kept."""
        for folder in self.folder.glob("n[0-9]*"):
            with suppress(OSError, ValueError):  # not running
                self.kill(int(folder.name[1:]))
            shutil.rmtree(self._data(int(folder.name[1:])), ignore_errors=True)
            shutil.rmtree(folder, ignore_errors=True)
        for process in _STARTED.pop(self.folder, []):
            process.wait(timeout=10)
        shutil.rmtree(self.repository, ignore_errors=True)

    def _node(self, number: int) -> Path:
        return self.folder / f"n{number}"

    def _data(self, number: int) -> Path:
        has_room = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _MIN_MEMORY_BYTES
        if self.in_memory and has_room:
            return _MEMORY / f"{self.folder.name}-{self.http}-n{number}"
        return self._node(number) / "data"

    def _configuration(self, number: int, nodes: int) -> list[str]:
        folder = self._node(number)
        seeds = ",".join(f"127.0.0.1:{self.transport + at}" for at in range(nodes))
        names = ",".join(f"n{at + 1}" for at in range(nodes))
        return [
            "cluster.name: timtin-tests",
            f"node.name: n{number}",
            "network.host: 127.0.0.1",
            f"http.port: {self.http + number - 1}",
            f"transport.port: {self.transport + number - 1}",
            f"path.data: {self._data(number)}",
            f"path.logs: {folder / 'logs'}",
            f"path.repo: [{self.repository}]",
            f"discovery.seed_hosts: [{seeds}]",
            f"cluster.initial_cluster_manager_nodes: [{names}]",
            "cluster.routing.allocation.disk.threshold_enabled: false",
            "bootstrap.system_call_filter: false",
            *self.settings,
        ]

    def _options(self, folder: Path) -> Sequence[str]:
        home = self._home / "home"
        manager = ["-Djava.security.manager=allow"] if self.major == 2 else []
        return [
            f"-Xms{self.heap}", f"-Xmx{self.heap}",
            # Tests are too short for the optimising compiler to pay off.
            "-XX:TieredStopAtLevel=" + os.environ.get("TIER", "1"),
            *manager,
            f"-Djava.io.tmpdir={folder / 'tmp'}", "-Dlog4j2.disable.jmx=true",
            f"-Dopensearch.path.home={home}", f"-Dopensearch.path.conf={folder / 'config'}",
            "-Dopensearch.distribution.type=tar", "-Dopensearch.bundled_jdk=false",
            "-cp", str(home / "lib" / "*"),
        ]  # fmt: skip

    def _install(self) -> None:
        """Fetch the server's jars and lay out its modules, unless done already."""
        home = self._home / "home"
        if (home / "plugins").exists():
            return
        home.mkdir(parents=True, exist_ok=True)
        server = "org.opensearch"
        artifacts = [
            (server, "opensearch", self.version),
            (server, "opensearch-plugin-classloader", self.version),
            ("org.apache.logging.log4j", "log4j-core", "2.25.4"),
            *((f"{server}.plugin", name, self.version)
              for name in ("transport-netty4-client", "analysis-common", "lang-painless")),
        ]  # fmt: skip
        if self.major > 2:
            artifacts.append((server, "opensearch-agent-bootstrap", self.version))
        pom = _POM.format("".join(_DEPENDENCY.format(*one) for one in artifacts))
        (self._home / "pom.xml").write_text(pom)
        subprocess.run(
            ["mvn", "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=home/lib",
             "-DincludeScope=runtime"],
            cwd=self._home, check=True, stdin=subprocess.DEVNULL, timeout=300,
        )  # fmt: skip
        for module in _MODULES:
            self._lay_out(module, home)
        for name in (
            "bin",
            "extensions",
            "agent",
            "plugins",
        ):  # the last one marks a complete installation
            (home / name).mkdir(exist_ok=True)

    def _lay_out(self, module: _Module, home: Path) -> None:
        folder = home / "modules" / module.name
        folder.mkdir(parents=True, exist_ok=True)
        for pattern in module.jars:
            for jar in (home / "lib").glob(pattern):
                jar.rename(folder / jar.name)
        described = {
            "description": module.name, "version": self.version, "name": module.name,
            "classname": module.classes[self.major], "java.version": "11",
            "opensearch.version": self.version, "extended.plugins": module.extends,
            "has.native.controller": "false",
        }  # fmt: skip
        lines = "".join(f"{key}={value}\n" for key, value in described.items())
        (folder / "plugin-descriptor.properties").write_text(lines)
        policy = "grant { permission java.security.AllPermission; };\n"
        (folder / "plugin-security.policy").write_text(policy)


@click.command()
@click.argument("action", type=click.Choice(["start", "stop"]))
@click.option("--folder", type=Path, default=Path("/tmp/timtin-nodes"), show_default=True)
@click.option("--major", type=click.Choice(["2", "3"]), default="2", show_default=True)
@click.option("--http", default=9203, show_default=True, help="The port of the first node.")
@click.option("--heap", default="512m", show_default=True)
@click.option("--nodes", default=1, show_default=True)
def main(action: str, folder: Path, major: str, http: int, heap: str, nodes: int) -> None:
    """Start or stop OpenSearch nodes."""
    server = Server(folder, int(major), http, http + 100, heap)
    if action == "start":
        server.start(nodes)
    else:
        server.stop()


if __name__ == "__main__":
    main()
