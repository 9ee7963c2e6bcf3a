"""`python -m index.native.build`: compiles the kernels for the Python that runs it.

This needs a C compiler and Python's headers. Without them the engine runs on NumPy alone, with the
same results at about half the speed (docs/decisions/compiled-kernels.md).
"""

import hashlib
import os
import shlex
import shutil
import subprocess
import sysconfig
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent

FLAGS = ("-O3", "-std=c11", "-fPIC", "-fvisibility=hidden", "-ffp-contract=off")
"""No `-march`: wheels must run on other machines. No contraction to fused multiply-adds: sums must
equal NumPy's."""


def source_digest() -> str:
    """Return a digest of the C files.

    It is compiled in, so that a test notices if they have changed since.
    """
    content = hashlib.sha256()
    for path in sorted([*HERE.glob("*.c"), *HERE.glob("*.h")]):
        content.update(path.read_bytes())
    return content.hexdigest()[:16]


def compile_kernels(directory: Path) -> Path:
    """Compile the module into a directory and return the path of the module.

    Raises OSError if there is no compiler, and `subprocess.CalledProcessError` if it fails.
    """
    linker = shlex.split(sysconfig.get_config_var("LDSHARED") or "cc -shared")
    compiler = os.environ.get("CC") or shutil.which(linker[0]) or "cc"
    built = directory / f"kernels{sysconfig.get_config_var('EXT_SUFFIX')}"
    unfinished = built.with_suffix(".unfinished")  # other processes may be using the old one
    command = [
        *(*shlex.split(compiler), *linker[1:], *FLAGS),
        *(f"-I{sysconfig.get_path('include')}", f"-I{np.get_include()}"),
        f'-DTIMTIN_SOURCE="{source_digest()}"',
        *map(str, sorted(HERE.glob("*.c"))),
        *("-o", str(unfinished)),
    ]
    subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  # our own
    unfinished.replace(built)
    return built


def main() -> None:
    """Compile the module into the package, or print why that failed."""
    try:
        built = compile_kernels(HERE)
    except (OSError, subprocess.CalledProcessError) as error:
        reason = getattr(error, "stderr", "") or str(error)
        print(f"Nothing was compiled: {reason.strip().splitlines()[0]}")
        print("The engine runs on NumPy alone, with the same results, at about half the speed.")
        print("To compile, install a C compiler and Python's headers (gcc, python3-dev).")
    else:
        print(f"Compiled {built.relative_to(HERE.parents[1])}")


if __name__ == "__main__":
    main()
