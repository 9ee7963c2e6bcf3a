"""Loops over postings, sets of articles and texts, compiled from C where there is a compiler.

`kernels` is the compiled module, or None. Each of its functions has a version in NumPy beside the
place where it is called, with the same results; `make` and the wheel compile it
(`index.native.build`). With TIMTIN_PURE_PYTHON=1 in the environment it is not used.
"""

import os
from importlib import import_module
from typing import Any

kernels: Any = None
if not os.environ.get("TIMTIN_PURE_PYTHON"):
    try:
        kernels = import_module("index.native.kernels")
    except ImportError:  # nothing was compiled for this Python
        kernels = None
