"""Run code without the compiled kernels, to compare results."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from index.native import Kernels, kernels

needs_kernels = pytest.mark.skipif(kernels is None, reason="nothing was compiled here")


def compiled() -> Kernels:
    """Return the kernels in a test that needs them."""
    assert kernels is not None
    return kernels


@contextmanager
def numpy_alone() -> Iterator[None]:
    """Run all modules as if nothing had been compiled."""
    using = [
        module
        for name, module in sys.modules.items()
        if name.split(".")[0] in ("index", "search")
        and getattr(module, "kernels", None) is kernels
        and name not in ("index.native", "index.native.kernels")
    ]
    assert using
    with pytest.MonkeyPatch.context() as patch:
        for module in using:
            patch.setattr(module, "kernels", None)
        yield
