"""NumPy's slow sort is disabled on some processors, unless the environment is set."""

import os
import subprocess
import sys

import pytest

from index.processor import slow_features

ZEN_4 = "processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\nflags\t\t: fpu avx2 avx512f\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("AuthenticAMD", "GenuineIntel"),
        ("family\t: 25", "family\t: 26"),
        (" avx512f", ""),
        ("flags", "Features"),
    ],
)
def test_other_processors_keep_all_features(old: str, new: str) -> None:
    assert slow_features(ZEN_4, "2.4.6") == slow_features(f"{ZEN_4}\n{ZEN_4}", "2.5") == "X86_V4"
    assert slow_features(ZEN_4.replace(old, new), "2.4.6") == ""


@pytest.mark.parametrize("version", ["1.26.4", "2.3.9", "", "2", "x.y"])
def test_other_versions_of_numpy_keep_all_features(version: str) -> None:
    assert slow_features(ZEN_4, version) == ""


@pytest.mark.parametrize("value", ["", "X86_V3"])
def test_a_value_in_the_environment_is_kept(value: str) -> None:
    program = "import os, index.processor; print(os.environ['NPY_DISABLE_CPU_FEATURES'])"
    environment = {**os.environ, "NPY_DISABLE_CPU_FEATURES": value}
    command = [sys.executable, "-c", program]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == value


@pytest.mark.parametrize("name", ["index.__main__", "web.__main__", "web.command, search.__main__"])
def test_the_commands_import_it_before_numpy(name: str) -> None:
    program = f"import sys, {name}; print(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    modules = ran.stdout.split()
    assert modules.index("index.processor") < modules.index("numpy")
