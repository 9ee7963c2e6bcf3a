"""Compiles the kernels into the wheel; without a compiler the wheel has none, and runs on NumPy."""

import importlib.util
import subprocess
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledKernels(BuildHookInterface[Any]):
    """Adds `index/native/kernels` to a wheel, which then is for one platform and Python."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """See `BuildHookInterface`."""
        if version != "standard":  # an editable install finds what `make` compiles
            return
        self._directory = tempfile.TemporaryDirectory()
        try:
            built = _builder(Path(self.root)).compile_kernels(Path(self._directory.name))
        except (OSError, subprocess.CalledProcessError) as error:
            self.app.display_warning(f"nothing was compiled: {error}")
            return
        build_data["force_include"][str(built)] = f"index/native/{built.name}"
        build_data["pure_python"] = False
        build_data["infer_tag"] = True


def _builder(root: Path) -> ModuleType:
    """Return `index.native.build`, without importing what the package needs at run time."""
    path = root / "index" / "native" / "build.py"
    spec = importlib.util.spec_from_file_location("native_build", path)
    if not spec or not spec.loader:
        raise ImportError(str(path))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
