"""Optional libraries, which only some formats need; each belongs to an extra of this package."""

import importlib
from typing import Any

from index.corpus.problems import MissingLibraryError


def require(library: str, extra: str, purpose: str) -> Any:  # noqa: ANN401 # a module
    """Import and return a library. Raises MissingLibraryError, which says how to install it."""
    try:
        return importlib.import_module(library)
    except ImportError as error:
        raise MissingLibraryError(
            f"{purpose} needs the library {library.partition('.')[0]}, which is not installed; "
            f"install it with: pip install 'tim-tin[{extra}]'"
        ) from error
