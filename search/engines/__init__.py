"""Engines that execute plans: the contract, and one folder per engine.

The address of an index says which engine opens it: a folder, or `opensearch://HOST:PORT/NAME`.
"""

from importlib import import_module
from pathlib import Path
from typing import cast

from index.addresses import CLUSTER_SCHEMES, scheme_of
from index.errors import IndexUnavailableError
from search.engines.contract import Engine

_ENGINES = {
    "": "search.engines.embedded.engine",
    **dict.fromkeys(CLUSTER_SCHEMES, "search.engines.opensearch.engine"),
}
"""The module for each scheme of addresses; imported when such an address is first opened."""


def open_engine(location: str | Path, cache_bytes: int | None = None) -> Engine:
    """Open the index at an address: a folder, or a URL whose scheme names the engine.

    `cache_bytes` is the memory for what the embedded engine keeps decoded; a cluster has its own.
    Raises IndexUnavailableError if there is no index, or it cannot be read, or no engine knows
    such addresses.
    """
    address = str(location)
    scheme = scheme_of(address)
    try:
        engine = import_module(_ENGINES[scheme])
    except ModuleNotFoundError as error:
        raise IndexUnavailableError(
            f"{address}: the engine for {scheme}:// is not installed ({error})"
        ) from error
    if cache_bytes is None or scheme:
        return cast(Engine, engine.open_engine(address))
    return cast(Engine, engine.open_engine(address, engine.DEFAULT_LIMITS.with_caches(cache_bytes)))
