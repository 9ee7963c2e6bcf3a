"""Disables NumPy's AVX-512 sort where it is slow (AMD Zen 4); import this before NumPy.

NumPy sorts 32-bit and 64-bit numbers with AVX-512 if the processor has it. Zen 4 runs one of these
instructions (a compressed store) in microcode: sorting takes 60 ns per number, with AVX2 12 ns.
Without it, counting the models of news takes a sixth less time. If `NPY_DISABLE_CPU_FEATURES` is
already set, it is left alone.
"""

import os
from importlib import metadata
from pathlib import Path

_VARIABLE = "NPY_DISABLE_CPU_FEATURES"
_CPU_INFO = Path("/proc/cpuinfo")
_MIN_NUMPY = (2, 4)
"""The first version of NumPy with named groups of features; older ones would warn of the name."""


def slow_features(cpu_info: str, numpy_version: str) -> str:
    r"""Return the NumPy features to disable, "" for none, from the text of /proc/cpuinfo.

    >>> zen4 = "vendor_id: AuthenticAMD\ncpu family: 25\nflags: fpu avx2 avx512f\n\n"
    >>> slow_features(zen4, "2.4.6"), slow_features(zen4, "2.2.0"), slow_features("", "2.4.6")
    ('X86_V4', '', '')
    """
    first, _, _ = cpu_info.partition("\n\n")
    rows = (line.partition(":") for line in first.splitlines())
    values = {name.strip(): value.split() for name, _, value in rows}
    # Zen 3 is of the same family, but has no AVX-512.
    is_zen4 = (
        values.get("vendor_id") == ["AuthenticAMD"]
        and values.get("cpu family") == ["25"]
        and "avx512f" in values.get("flags", ())
    )
    major, minor, *_ = (*numpy_version.split("."), "0", "0")
    is_known = major.isdigit() and minor.isdigit() and (int(major), int(minor)) >= _MIN_NUMPY
    return "X86_V4" if is_zen4 and is_known else ""


def _disable_slow_features() -> None:
    """Set the environment variable for this process and its children."""
    if _VARIABLE in os.environ:
        return
    try:
        features = slow_features(_CPU_INFO.read_text(), metadata.version("numpy"))
    except (OSError, UnicodeDecodeError):  # not Linux
        return
    if features:
        os.environ[_VARIABLE] = features


_disable_slow_features()
