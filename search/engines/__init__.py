"""Engines that execute plans: the contract, and one folder an engine.

The address of an index says which engine opens it: a folder, or `opensearch://HOST:PORT/NAME`.
"""

from importlib import import_module
from pathlib import Path
from typing import cast

from index.errors import IndexUnavailableError
from search.engines.contract import Engine

_ENGINES = {
    "": "search.engines.embedded.engine",
    "opensearch": "search.engines.opensearch.engine",
}
"""The module of each scheme of addresses; imported when an address of it is first opened."""


def open_engine(location: str | Path) -> Engine:
    """Open the index at an address: a folder, or a URL whose scheme names the engine.

    Raises IndexUnavailableError where there is no index, or it cannot be read, or no engine knows
    such addresses.
    """
    address = str(location)
    scheme, _, rest = address.partition("://")
    module = _ENGINES.get(scheme if rest else "")
    if module is None:
        known = ", ".join(f"{name}://" for name in _ENGINES if name)
        raise IndexUnavailableError(
            f"{address}: no engine opens {scheme}:// addresses; give a folder or one of {known}"
        )
    try:
        engine = import_module(module)
    except ModuleNotFoundError as error:
        raise IndexUnavailableError(
            f"{address}: the engine for {scheme}:// is not installed ({error})"
        ) from error
    return cast(Engine, engine.open_engine(address))
