"""`python -m benchmarks.engines.building ENGINE TOKENS DIR`: index tokens in a new process.

Prints as JSON the CPU time, without that of reading the tokens, and the peak memory.
"""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import cast

from benchmarks.engines.contest import Contestant
from benchmarks.engines.corpora import ReadyTokens

ENGINES = {
    "ours": "Ours",
    "peer_tantivy": "Tantivy",
    "peer_tantivy_snippets": "TantivySnippets",
    "peer_whoosh": "Whoosh",
}
"""Modules of this package, each with `build_index` and the class that searches."""

CONTESTANTS = ("ours", "peer_tantivy", "peer_whoosh")
"""Engines that support every query shape. tantivy's index for snippets has neither sources nor ids;
it is used by `benchmarks.full_search` only."""


@dataclass(frozen=True, slots=True)
class Built:
    """The cost of indexing tokens: CPU seconds, bytes of peak memory and of files."""

    cpu_seconds: float
    peak_memory: int
    size: int


def build_in_child(engine: str, tokens: Path, directory: Path) -> Built:
    """Index in a new process, whose peak memory is that of the engine."""
    command = [sys.executable, "-m", __spec__.name if __spec__ else "", engine]
    ran = subprocess.run(
        [*command, str(tokens), str(directory)], check=True, stdout=subprocess.PIPE, text=True
    )
    return Built(**json.loads(ran.stdout))


def open_contestant(engine: str, directory: Path) -> Contestant:
    """Open an index that `build_in_child` built."""
    return cast("Contestant", getattr(_module(engine), ENGINES[engine])(directory))


def size_of(directory: Path) -> int:
    """Return the total bytes of a folder's files."""
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


def memory_of_this_process(name: str) -> int:
    """Return "VmHWM" (peak) or "VmRSS" (current resident memory) of this process in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise OSError(f"/proc/self/status has no {name}")


def _module(engine: str) -> ModuleType:
    return import_module(f"benchmarks.engines.{engine}")


def main(engine: str, tokens: Path, directory: Path) -> None:
    """Build an index and print its cost."""
    module, source = _module(engine), ReadyTokens(tokens)
    began = time.process_time()
    module.build_index(source, directory)
    spent = time.process_time() - began - source.cpu_seconds
    peak = memory_of_this_process("VmHWM")
    print(json.dumps({"cpu_seconds": spent, "peak_memory": peak, "size": size_of(directory)}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
