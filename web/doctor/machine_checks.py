"""Checks of the machine and the installation: versions, configuration, limits."""

import difflib
import importlib.util
import os
import platform
import re
import resource
import sys
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from index.opensearch.location import VARIABLES
from web.doctor.findings import CheckContext, Finding, error, ok, warning

MIN_PYTHON = (3, 11)

MIN_OPEN_FILES = 1_024
"""Open files that a process should be allowed: enough for about 900 connections. Arbitrary."""

MIN_FREE_MEMORY = 256 * 2**20
"""Available memory below which the doctor warns. Arbitrary: a worker takes up to 500 MB besides the
memory maps of the index."""

_DISTRIBUTION = "tim-tin"
_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)\s*(==|>=)?\s*([0-9][0-9.]*)?")
_NO_OPTIONS = frozenset({"TIMTIN_CONFIG", "TIMTIN_DOMAIN"}) | VARIABLES
"""Variables that are not options of a command: of `timtin` itself, of deploy/, of a cluster."""


def check_versions(_context: CheckContext) -> Iterator[Finding]:
    """Check the versions of Python and of the packages that the installed version requires."""
    running = platform.python_version()
    if sys.version_info < MIN_PYTHON:
        yield error("versions", f"Python {running} is too old", "install Python 3.11 or newer")
    try:
        version = metadata.version(_DISTRIBUTION)
        required = metadata.requires(_DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        yield ok("versions", f"run from its source, on Python {running}")
        return
    wrong = [problem for line in required if (problem := _problem(line))]
    for problem in wrong:
        yield error("versions", problem, f"install it again: pip install {_DISTRIBUTION}")
    if not wrong:
        yield ok("versions", f"{_DISTRIBUTION} {version} on Python {running}, with all it needs")


def _problem(requirement: str) -> str:
    """Return what is wrong with a required package, "" if nothing is."""
    stated, _, marker = requirement.partition(";")
    found = _REQUIREMENT.match(stated)
    if "extra" in marker or not found:
        return ""
    name, comparison, required = found.groups()
    try:
        installed = metadata.version(name)
    except metadata.PackageNotFoundError:
        return f"{name} is not installed"
    if comparison == "==" and installed != required:
        return f"{name} is {installed}, and {required} is needed"
    if comparison == ">=" and _numbers(installed) < _numbers(required):
        return f"{name} is {installed}, and at least {required} is needed"
    return ""


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)[:3]))


def check_settings(context: CheckContext) -> Iterator[Finding]:
    """Check that each `TIMTIN_` variable is a known setting, and that Redis can be used."""
    given = sorted(name for name in context.environment if name.startswith("TIMTIN_"))
    unknown = [name for name in given if name not in context.known_variables | _NO_OPTIONS]
    for name in unknown if context.known_variables else ():
        likely = difflib.get_close_matches(name, context.known_variables, 1)
        advice = f"did you mean {likely[0]}?" if likely else "see docs/reference/configuration.md"
        yield warning("configuration", f"no command has a setting {name}", advice)
    if not unknown:
        listed = ", ".join(given) or "none in the environment"
        yield ok("configuration", f"settings: {listed}")
    storage = context.environment.get("TIMTIN_RATE_STORAGE", "")
    if storage.startswith("redis") and not importlib.util.find_spec("redis"):
        advice = f"pip install '{_DISTRIBUTION}[redis]'"
        yield error("configuration", "TIMTIN_RATE_STORAGE needs the package redis", advice)


def check_limits(_context: CheckContext) -> Iterator[Finding]:
    """Check how many files may be open, and how many are left on the machine."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = hard if hard != resource.RLIM_INFINITY else max(soft, MIN_OPEN_FILES)
    if allowed < MIN_OPEN_FILES:
        advice = "ulimit -n 65536, or LimitNOFILE= in the unit: each connection takes one"
        yield warning("limits", f"a process may open {allowed} files", advice)
    else:
        yield ok("limits", f"a process may open {allowed:,} files")
    handles = Path("/proc/sys/fs/file-nr")
    if handles.exists():
        used, _, most = map(int, handles.read_text().split())
        if used > 0.9 * most:
            what = f"{used:,} of {most:,} file handles of this machine are in use"
            yield error(
                "limits", what, "find the process that has them (lsof), or raise fs.file-max"
            )


def check_memory(_context: CheckContext) -> Iterator[Finding]:
    """Check that a worker has room: memory that is free or only caches files."""
    meminfo = Path("/proc/meminfo")
    found = (
        re.search(r"MemAvailable:\s+(\d+) kB", meminfo.read_text()) if meminfo.exists() else None
    )
    if not found:
        return
    available = int(found[1]) * 1024
    what = f"{available / 2**20:,.0f} MB of memory available"
    if available < MIN_FREE_MEMORY:
        yield warning("memory", what, "serve with fewer --workers, or add memory")
    else:
        yield ok("memory", what)


def check_temporary_files(_context: CheckContext) -> Iterator[Finding]:
    """Check that temporary files can be written; workers share their metrics in them."""
    try:
        with tempfile.TemporaryFile() as file:
            file.write(b"x")
            where = tempfile.gettempdir()
    except OSError as problem:
        reason = os.strerror(problem.errno) if problem.errno else str(problem)
        advice = "free or mount the folder, or name another one in TMPDIR"
        yield error("temporary files", f"none can be written ({reason})", advice)
    else:
        yield ok("temporary files", f"{where} can be written to")
