"""NumPy without the instructions that are slow on some processors; imported before NumPy itself.

NumPy sorts 32- and 64-bit numbers by AVX-512 where there is AVX-512. AMD's Zen 4 runs one of these
instructions (a compressed store) in microcode: a number takes 60 ns, by AVX2 it takes 12, and
counting the models of news takes a sixth less. `NPY_DISABLE_CPU_FEATURES`, if set, is left alone.
"""

import os
from importlib import metadata
from pathlib import Path

_VARIABLE = "NPY_DISABLE_CPU_FEATURES"
_CPU_INFO = Path("/proc/cpuinfo")
_MIN_NUMPY = (2, 4)
"""Since this version NumPy names groups of features; a name that it does not know is a warning."""


def slow_features(cpu_info: str, numpy_version: str) -> str:
    r"""Return the features of NumPy to disable, from the kernel's account of the processors.

    >>> zen4 = "vendor_id: AuthenticAMD\ncpu family: 25\nflags: fpu avx2 avx512f\n\n"
    >>> slow_features(zen4, "2.4.6"), slow_features(zen4, "2.2.0"), slow_features("", "2.4.6")
    ('X86_V4', '', '')
    """
    first, _, _ = cpu_info.partition("\n\n")
    rows = (line.partition(":") for line in first.splitlines())
    values = {name.strip(): value.split() for name, _, value in rows}
    # Of this family Zen 3 has no AVX-512.
    is_zen4 = (
        values.get("vendor_id") == ["AuthenticAMD"]
        and values.get("cpu family") == ["25"]
        and "avx512f" in values.get("flags", ())
    )
    major, minor, *_ = (*numpy_version.split("."), "0", "0")
    is_known = major.isdigit() and minor.isdigit() and (int(major), int(minor)) >= _MIN_NUMPY
    return "X86_V4" if is_zen4 and is_known else ""


def _disable_slow_features() -> None:
    """Set the environment of this process and of those that it starts."""
    if _VARIABLE in os.environ:
        return
    try:
        features = slow_features(_CPU_INFO.read_text(), metadata.version("numpy"))
    except (OSError, UnicodeDecodeError):  # another system than Linux
        return
    if features:
        os.environ[_VARIABLE] = features


_disable_slow_features()
