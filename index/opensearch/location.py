"""The address of an index in a cluster: `opensearch://HOST:PORT[,HOST:PORT...]/NAME`.

`opensearchs://` uses TLS. Credentials come from the environment, never from the address, which
appears in logs and process lists: `TIMTIN_CLUSTER_USER` and `TIMTIN_CLUSTER_PASSWORD`, or
`TIMTIN_CLUSTER_API_KEY`; `TIMTIN_CLUSTER_CA` names a file of CA certificates to trust.
"""

import base64
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from index.errors import IndexUnavailableError

VARIABLES = frozenset(
    {
        "TIMTIN_CLUSTER_USER",
        "TIMTIN_CLUSTER_PASSWORD",
        "TIMTIN_CLUSTER_API_KEY",
        "TIMTIN_CLUSTER_CA",
        "TIMTIN_CLUSTER_SHARDS",
        "TIMTIN_CLUSTER_REPLICAS",
        "TIMTIN_CACHE",
    }
)
"""The environment variables of indexes in a cluster; command options have their own."""

DEFAULT_PORT = 9200
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,199}")
"""OpenSearch allows 255 bytes; the suffixes of a build take about 40."""


@dataclass(frozen=True, slots=True)
class Location:
    """The nodes to try in turn, the name of the index, and the credentials."""

    nodes: tuple[str, ...]
    name: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    certificates: str | None = None

    def __str__(self) -> str:
        return f"{', '.join(self.nodes)}/{self.name}"


def parse_location(location: str, environment: Mapping[str, str] = os.environ) -> Location:
    """Parse the address of an index in a cluster. Raises IndexUnavailableError if it is invalid.

    >>> parse_location("opensearch://a:9200,b/news", {}).nodes
    ('http://a:9200', 'http://b:9200')
    """
    parts = urlsplit(location)
    name = parts.path.strip("/")
    hosts = [host for host in parts.netloc.split(",") if host]
    if not hosts or not _NAME.fullmatch(name):
        raise IndexUnavailableError(
            f"{location}: write opensearch://HOST:PORT/NAME, the name in lower-case letters, "
            'digits, "-", "_" and "."'
        )
    if "@" in parts.netloc:
        raise IndexUnavailableError(
            "name and password do not belong in the address: set TIMTIN_CLUSTER_USER and "
            "TIMTIN_CLUSTER_PASSWORD, or TIMTIN_CLUSTER_API_KEY"
        )
    protocol = "https" if parts.scheme == "opensearchs" else "http"
    return Location(
        nodes=tuple(f"{protocol}://{_with_port(host)}" for host in hosts),
        name=name,
        headers=_credentials(environment),
        certificates=environment.get("TIMTIN_CLUSTER_CA"),
    )


def _with_port(host: str) -> str:
    return host if re.search(r":\d+$", host) else f"{host}:{DEFAULT_PORT}"


def _credentials(environment: Mapping[str, str]) -> dict[str, str]:
    if key := environment.get("TIMTIN_CLUSTER_API_KEY"):
        return {"authorization": f"ApiKey {key}"}
    if user := environment.get("TIMTIN_CLUSTER_USER"):
        password = environment.get("TIMTIN_CLUSTER_PASSWORD", "")
        # RFC 7617 with UTF-8; urllib3's helper supports Latin-1 only.
        token = base64.b64encode(f"{user}:{password}".encode()).decode()
        return {"authorization": f"Basic {token}"}
    return {}
