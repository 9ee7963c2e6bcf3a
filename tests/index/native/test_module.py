"""The compiled module: built from the current sources, optional, safe with any arguments."""

import itertools
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from index.native import Kernels, build
from tests.compiled import compiled, needs_kernels

ROOT = Path(__file__).parents[3]
FUNCTIONS = [name for name in vars(Kernels) if not name.startswith("_") and name != "SOURCE"]


@needs_kernels
def test_the_module_was_compiled_from_these_sources() -> None:
    assert build.source_digest() == compiled().SOURCE, "run python -m index.native.build"


@needs_kernels
def test_every_function_is_declared() -> None:
    module = {name for name in dir(compiled()) if not name.startswith("_")}
    assert module == {*FUNCTIONS, "SOURCE"}
    assert len(FUNCTIONS) > 10


def search(*, pure: bool, index: Path) -> str:
    environment = {**os.environ, "TIMTIN_PURE_PYTHON": "1" if pure else ""}
    command = [sys.executable, "-m", "search", "gia lua gao", "--index", str(index), "--json"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return re.sub(r'"took_ms": [0-9.]+', "", done.stdout)


def test_the_engine_runs_without_the_module(tmp_path: Path) -> None:
    index = tmp_path / "index"
    command = [sys.executable, "-m", "index", "build", "demo", "--index", str(index)]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    assert search(pure=True, index=index) == search(pure=False, index=index)


def test_a_module_that_was_compiled_from_older_sources_is_not_used() -> None:
    script = (
        "import sys, types; sys.modules['index.native.kernels'] = types.ModuleType('older');"
        "import index.native as native; assert native.kernels is None"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert not done.returncode, done.stderr
    assert ("run make" in done.stderr) == ("TIMTIN_PURE_PYTHON" not in os.environ)


def test_without_a_compiler_the_build_reports_it(tmp_path: Path) -> None:
    environment = {**os.environ, "CC": str(tmp_path / "missing")}
    command = [sys.executable, "-m", "index.native.build"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert "Nothing was compiled" in done.stdout
    assert "runs on NumPy alone" in done.stdout


ANYTHING = [
    None, -1, 0, 3, 2.5, "a", b"a", [], [None], [1.0], {"a": "b"},
    np.arange(3), np.arange(3, dtype=np.int32), np.arange(3, dtype=np.uint8),
    np.arange(3, dtype=np.uint32), np.arange(3, dtype=np.uint64), np.array([2.0, 1.0]),
    np.arange(8)[::2], np.zeros((2, 2)), np.empty(0, np.int64), np.array([-1, 5]),
    SimpleNamespace(doc_ids=np.array([0, 2]), bits=None),
    SimpleNamespace(doc_ids=None, bits=np.array([7], np.uint64)),
    SimpleNamespace(doc_ids=None, bits=None),
    [SimpleNamespace(doc_ids=np.array([9]), bits=None)],
    [("text", SimpleNamespace(row=None), 1.0, 1.0)],
    [("text", SimpleNamespace(row=(None, 1, 2, 3, 4, 5, 6)), 1.0, 1.0)],
    [("text", SimpleNamespace(row=(
        np.array([7], np.int32), None, np.array([1], np.uint8), np.array([1], np.uint8),
        np.ones(3), 2.2, 0.0,
    )), 1.0, 1.0)],
    [("text", SimpleNamespace(row=(  # a rank beyond the frequencies
        np.array([7], np.uint64), np.array([1 << 31], np.uint32), np.array([1], np.uint8),
        np.ones(8, np.uint8), np.ones(3), 2.2, 0.0,
    )), 1.0, 1.0)],
]  # fmt: skip


@needs_kernels
@pytest.mark.parametrize("name", FUNCTIONS)
def test_wrong_arguments_raise(name: str) -> None:
    function = getattr(compiled(), name)
    draw = np.random.default_rng(7)
    returned = 0
    for count in range(10):
        every = itertools.product(range(len(ANYTHING)), repeat=min(count, 2))
        for first in itertools.islice(every, 800):
            rest = draw.integers(len(ANYTHING), size=count - len(first)).tolist()
            try:
                function(*(ANYTHING[at] for at in (*first, *rest)))
                returned += 1
            except (TypeError, ValueError, AttributeError, OverflowError):
                pass
    assert returned < 2000
