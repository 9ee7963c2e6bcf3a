"""`python -m benchmarks.engines.measured COMMAND...`: the time and memory of a command.

A small separate process, because the kernel also counts the memory of the parent process.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cost:
    """Wall-clock and CPU seconds, including subprocesses; peak bytes of the largest process."""

    seconds: float
    cpu_seconds: float
    peak_memory: int


def cost_of(*command: object) -> Cost:
    """Run `python ...` and measure it. Raises CalledProcessError if it fails."""
    measured = [sys.executable, "-m", "benchmarks.engines.measured", sys.executable]
    ran = subprocess.run(
        [*measured, *map(str, command)], check=True, stdout=subprocess.PIPE, text=True
    )
    return Cost(**json.loads(ran.stdout))


def main(command: Sequence[str]) -> int:
    """Run a command, print its cost as JSON, and return its exit status."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    errors = process.stderr.read() if process.stderr else ""
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    spent = usage.ru_utime + usage.ru_stime
    memory = usage.ru_maxrss * 1024
    print(json.dumps({"seconds": seconds, "cpu_seconds": spent, "peak_memory": memory}))
    if code := os.waitstatus_to_exitcode(status):
        sys.stderr.write(errors)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
