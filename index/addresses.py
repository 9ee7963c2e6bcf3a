"""The address of an index: a folder, or a URL whose scheme names the engine."""

from index.errors import IndexUnavailableError

CLUSTER_SCHEMES = ("opensearch", "opensearchs")
"""Schemes of addresses in an OpenSearch cluster; the second uses TLS."""


def scheme_of(location: str) -> str:
    """Return the scheme of an index's address, "" for a folder.

    Raises IndexUnavailableError for an unknown scheme: it is hardly meant as the name of a folder.

    >>> scheme_of("opensearch://localhost:9200/news"), scheme_of("my-index")
    ('opensearch', '')
    """
    scheme, separator, _ = location.partition("://")
    if not separator:
        return ""
    if scheme not in CLUSTER_SCHEMES:
        known = " or ".join(f"{name}://HOST:PORT/NAME" for name in CLUSTER_SCHEMES)
        raise IndexUnavailableError(
            f"{location}: no engine knows addresses with {scheme}://; give a folder, or {known}"
        )
    return scheme
