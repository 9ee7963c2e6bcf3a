"""A real OpenSearch for tests: one that runs already, or one node started for this session.

`TIMTIN_TEST_CLUSTER` names the HOST:PORT of a cluster that may be written to, or says "start": then
a node is started when a test first asks for it, where Java, Maven and the script of ../shared are.
"""

import atexit
import os
import shutil
import subprocess
from functools import lru_cache

from tests.shared_data import SHARED

SCRIPT = SHARED / "cluster" / "cluster.sh"
MISSING = "needs an OpenSearch: set TIMTIN_TEST_CLUSTER to its HOST:PORT"
_ENVIRONMENT = {"HTTP": "9233", "TCP": "9333", "TIER": "1", "HEAP": "512m"}


def available() -> bool:
    """Return whether tests can have a cluster."""
    named = os.environ.get("TIMTIN_TEST_CLUSTER", "")
    if named != "start":
        return bool(named)
    return SCRIPT.exists() and bool(shutil.which("java") and shutil.which("mvn"))


@lru_cache(1)
def address() -> str:
    """Return HOST:PORT of the cluster, starting a node where none runs."""
    if (named := os.environ["TIMTIN_TEST_CLUSTER"]) != "start":
        return named
    run("start", "1")
    atexit.register(run, "stop")
    return f"127.0.0.1:{_ENVIRONMENT['HTTP']}"


def run(*arguments: str) -> None:
    """Run the script that starts and kills nodes."""
    home = {"TIMTIN_CLUSTER": "/tmp/timtin-test-cluster"}
    subprocess.run(
        ["bash", str(SCRIPT), *arguments],
        env=os.environ | _ENVIRONMENT | home,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=180,
    )


def location(name: str) -> str:
    """Return the address of an index in the cluster."""
    return f"opensearch://{address()}/{name}"
