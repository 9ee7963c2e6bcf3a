"""The interrupted writes and the checks afterwards, shared by crash tests and benchmark.

`python -m tests.index.embedded.interrupted OPERATION DIR SIZE` is the writer that is killed. It
prints "ready" when everything is imported and analysed, and "done" when the write has returned.
"""

import atexit
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from index.analysis import AnalysedBatch, analyse
from index.article import Article
from index.embedded import writer
from index.embedded.commits import latest_generation, read_commit
from index.embedded.limits import WriteLimits
from index.embedded.snapshots import restore_snapshot, write_snapshot
from index.errors import IndexUnavailableError
from index.file_names import LOCK_NAME
from search.engines.embedded.engine import open_engine
from search.plan import Everything, Plan, Term
from tests.index.embedded.segments import IN_SEGMENTS

ROOT = Path(__file__).resolve().parents[3]

SEVERAL_RUNS = WriteLimits(exact_tokens=0, beside_largest=1, flush_tokens=300, merged_flushes=3)
"""With these, a dozen articles take several flushes."""

SEVERAL_LARGER_RUNS = WriteLimits(
    exact_tokens=0, beside_largest=1, flush_tokens=2000, merged_flushes=3
)

State = Mapping[str, int] | None
"""The version of each article in an index; None for no index."""

SMALL = 12
"""Articles of the small index that tests crash."""

WORDS = "hội nghị tổng kết công tác năm kinh tế xã hội thành phố giao thông đường bộ".split()


def article(name: str, version: int) -> Article:
    """Return an article that has its version in its text and in a field."""
    start = (len(name) + 5 * int(name)) % len(WORDS)
    body = " ".join((*WORDS[start:], *WORDS[:start]) * 4)
    text = f"{body} phiên{version} mã{name}"
    return Article(name, f"Bài số {name}", body=text, extra={"version": version})


def batches(state: Mapping[str, int]) -> list[AnalysedBatch]:
    """Return the analysed articles of a state, in batches small enough for several flushes."""
    articles = [article(name, version) for name, version in state.items()]
    return [analyse(articles[at : at + 4]) for at in range(0, len(articles), 4)]


def _versions(first: int, count: int, version: int) -> dict[str, int]:
    return {str(number): version for number in range(first, first + count)}


@dataclass(frozen=True, slots=True)
class Operation:
    """A write: what to write before it, the write, and the states before and after it.

    `deleted`: ids that are deleted before the write, so that a segment has a file of removed
    counts.
    """

    before: Sequence[Mapping[str, int]]
    prepare: Callable[[], Callable[[Path], object]]
    old: State
    new: State
    deleted: Sequence[str] = ()

    def make(self, directory: Path) -> None:
        """Make the index that the write is interrupted on."""
        for state in self.before:
            writer.update(batches(state), directory, limits=IN_SEGMENTS)
        if self.deleted:
            writer.delete(directory, self.deleted, limits=IN_SEGMENTS)
            assert list(directory.glob("*.removed"))


def operations(size: int = SMALL, limits: WriteLimits = SEVERAL_RUNS) -> dict[str, Operation]:
    """Return the writes that are interrupted, on an index of about `size` articles."""
    first, other = _versions(0, size, 1), _versions(size // 2, size, 2)
    few = _versions(size, size // 6, 1)
    batches = [_versions(size >> at, size >> at, 1) for at in range(1, 4)]
    in_batches = {name: version for batch in batches for name, version in batch.items()}
    deleted = [str(number) for number in range(size * 2 // 3)]
    remaining = {name: version for name, version in first.items() if name not in deleted}
    without_two = {name: version for name, version in first.items() if name not in deleted[:2]}
    return {
        "first build": Operation([], _build(first, limits), None, first),
        "build": Operation([first], _build(other, limits), first, other),
        "small update": Operation([first], _update(few, limits), first, {**first, **few}),
        "update": Operation([first], _update(other, limits), first, {**first, **other}),
        "update of many segments": Operation(
            batches, _update(other, limits), in_batches, {**in_batches, **other}
        ),
        "delete": Operation(
            [first],
            lambda: lambda path: writer.delete(path, deleted, limits=IN_SEGMENTS),
            first,
            remaining,
        ),
        "purge": Operation(
            [first],
            lambda: lambda path: writer.purge(path, deleted, limits=limits),
            first,
            remaining,
        ),
        "restore": Operation([first], _restore(other), first, other),
        "delete after deleting": Operation(
            [first],
            lambda: lambda path: writer.delete(path, deleted, limits=IN_SEGMENTS),
            without_two,
            remaining,
            deleted[:2],
        ),
        "update after deleting": Operation(
            [first], _update(few, IN_SEGMENTS), without_two, {**without_two, **few}, deleted[:2]
        ),
        "delete all": Operation(
            [few], lambda: lambda path: writer.delete(path, few, limits=IN_SEGMENTS), few, {}
        ),
    }


def _build(state: Mapping[str, int], limits: WriteLimits) -> Callable[[], Callable[[Path], object]]:
    def prepare() -> Callable[[Path], object]:
        ready = batches(state)
        return lambda path: writer.build(ready, path, limits=limits)

    return prepare


def _update(
    state: Mapping[str, int], limits: WriteLimits
) -> Callable[[], Callable[[Path], object]]:
    def prepare() -> Callable[[Path], object]:
        ready = batches(state)
        return lambda path: writer.update(ready, path, limits=limits)

    return prepare


def _delete(ids: Sequence[str], limits: WriteLimits) -> Callable[[], Callable[[Path], object]]:
    return lambda: lambda path: writer.delete(path, ids, limits=limits)


def _restore(state: Mapping[str, int]) -> Callable[[], Callable[[Path], object]]:
    def prepare() -> Callable[[Path], object]:
        folder = Path(mkdtemp())
        atexit.register(rmtree, folder, ignore_errors=True)
        writer.update(batches(state), folder / "index", limits=IN_SEGMENTS)
        write_snapshot(folder / "index", folder / "snapshot")
        return lambda path: restore_snapshot(folder / "snapshot", path)

    return prepare


def read_state(directory: Path) -> State:
    """Return the state of an index; fail if stored articles and search results disagree."""
    if latest_generation(directory) < 0:
        return None
    reader = open_engine(directory).reader()
    [found] = reader.execute([Plan(Everything(), limit=max(1, reader.article_count))])
    articles = [one for one in reader.stored([match.id for match in found.page]) if one]
    state = {one.id: int(one.extra["version"]) for one in articles}
    assert found.total == reader.article_count == len(articles) == len(state)
    for one in articles:
        assert one == article(one.id, state[one.id])
    for version in set(state.values()):
        [matches] = reader.execute([Plan(Term("text", f"phiên{version}"), limit=1)])
        assert matches.total == list(state.values()).count(version)
    return state


def check(directory: Path, allowed: Collection[State]) -> State:
    """Check that an index has one of the states, can be written to, and has no stray files."""
    try:
        state = read_state(directory)
    except IndexUnavailableError as error:
        raise AssertionError(f"the index does not open: {error}") from error
    assert state in allowed, f"neither state, but {state}"
    writer.update(batches({"999": 9}), directory, limits=IN_SEGMENTS)
    assert read_state(directory) == {**(state or {}), "999": 9}
    assert strays(directory) == set()
    return state


def strays(directory: Path) -> set[str]:
    """Return the files that do not belong to the index."""
    commit = read_commit(directory)
    return {path.name for path in directory.iterdir()} - commit.file_names - {LOCK_NAME}


def kill(name: str, directory: Path, size: int, delay: float) -> tuple[bool, float]:
    """Start a write in a child process and kill it after that many seconds.

    Return whether the write had returned by then, and how long it took until then.
    """
    command = [sys.executable, "-m", __name__, name, str(directory), str(size)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        began = time.monotonic()
        with suppress(subprocess.TimeoutExpired):
            process.wait(delay)
        lasted = time.monotonic() - began
        process.send_signal(signal.SIGKILL)
        return process.stdout.read() == "done\n", lasted


@dataclass(slots=True)
class Killer:
    """Kills writes at random moments, in its own folder, and checks the index afterwards."""

    folder: Path
    size: int
    seed: int
    _seconds: dict[str, float] = field(default_factory=dict)

    def run(self, name: str, number: int) -> str:
        """Kill one write at a random moment; return which state the index has."""
        operation = operations(self.size)[name]
        template = self.folder / f"before {name}"
        if name not in self._seconds:
            operation.make(template)
            self._seconds[name] = self._uninterrupted(name, template)
        directory = self._copy(template)
        delay = random.Random(f"{self.seed} {name} {number}").uniform(0, self._seconds[name])
        done, _ = kill(name, directory, self.size, delay)
        allowed = [operation.new] if done else [operation.old, operation.new]
        try:
            state = check(directory, allowed)
        except AssertionError as error:
            raise AssertionError(f"{name}, killed after {delay:.4f} seconds: {error}") from error
        return "new" if state == operation.new else "old"

    def _uninterrupted(self, name: str, template: Path) -> float:
        """Return the seconds that a write takes without interruption."""
        done, seconds = kill(name, self._copy(template), self.size, 60.0)
        assert done
        return seconds

    def _copy(self, template: Path) -> Path:
        directory = self.folder / "index"
        shutil.rmtree(directory, ignore_errors=True)
        if template.exists():
            shutil.copytree(template, directory)
        return directory


def main(name: str, directory: Path, size: int) -> None:
    """Run a write; called in the child process."""
    write = operations(size, SEVERAL_LARGER_RUNS)[name].prepare()
    print("ready", flush=True)
    write(directory)
    print("done", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
