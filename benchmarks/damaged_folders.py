"""`python -m benchmarks.damaged_folders`: damage to a folder is reported, or harmless.

The files of a small index of two segments are changed at random: bits, bytes and ranges are
overwritten, files are truncated, extended, removed, or swapped with each other or with those of
another index, and commits get arbitrary values with a valid digest. Each folder is opened and
queried, in processes that may crash. `tests/search/engines/embedded/test_damaged_folders.py` is the
short form.
"""

import json
import multiprocessing
import os
import resource
import shutil
import signal
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import click

from index.analysis import analyse
from index.article import Article
from index.embedded import writer
from index.embedded.limits import WriteLimits
from index.errors import IndexUnavailableError
from search import open_searcher
from tests.index.embedded.crafted import write_values

MAX_SECONDS = 10
"""CPU seconds to open and query one folder; it takes about 0.01."""

MAX_WAITING_SECONDS = 300
"""Wall-clock seconds, to notice a folder that hangs; on a busy machine, 3 of 10,000 took 10."""

MAX_BYTES = 4 << 30
"""Address space of a process that opens folders: ten times as much as needed."""

FOLDERS_PER_PROCESS = 250
"""Folders that one process opens; if it dies, the folder that killed it is known."""

SYLLABLES = "hội nghị tổng kết công tác năm kinh tế xã hội giao thông giá gạo tăng mưa lũ".split()
QUERIES = ("hoi nghi", "giá gạo", '"kinh tế xã hội"', "gi*", "tang -mua", "title:mưa", "kt", "")

Files = Mapping[str, bytes]
Damage = Callable[[dict[str, bytes], "Folders", Random], None]


class Folders(NamedTuple):
    """The files of an intact index, those of another one, and the results of the intact one."""

    intact: Files
    other: Files
    results: object


def make(folder: Path, seed: int) -> Files:
    """Build an index of two segments, of which one has deleted articles, and return its files."""
    chance = Random(seed)
    articles = [
        Article(
            str(at),
            " ".join(chance.choices(SYLLABLES, k=6)),
            body=". ".join(" ".join(chance.choices(SYLLABLES, k=9)) for _ in range(12)),
            source=chance.choice(["Báo A", "Báo B"]),
        )
        for at in range(36)
    ]
    limits = WriteLimits(exact_tokens=0, beside_largest=1)
    writer.build([analyse(articles[:30])], folder, limits=limits)
    writer.update([analyse(articles[30:])], folder, limits=limits)
    writer.delete(folder, ["3", "7"], limits=limits)
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.stat().st_size}


def results_of(folder: Path) -> object:
    """Return the results of all queries on an index."""
    searcher = open_searcher(folder)
    results: list[object] = []
    for query in QUERIES:
        found = searcher.search(query, size=40, facets=["source", "year"])
        results.append((found.total, found.hits, found.facets, found.interpretation))
        results.append((found.corrections, found.warnings, searcher.complete(query)))
    results.append([(searcher.article(str(at)), searcher.related(str(at))) for at in (0, 3, 31)])
    results.append(searcher.explain("giá gạo", "31"))
    return results


def folders(where: Path) -> Folders:
    """Build the two indexes and query the first one."""
    intact, other = make(where / "intact", 1), make(where / "other", 2)
    return Folders(intact, other, results_of(where / "intact"))


def _any_name(files: dict[str, bytes], chance: Random) -> str:
    return chance.choice(sorted(files))


def _changed_bytes(files: dict[str, bytes], _built: Folders, chance: Random) -> None:
    name = _any_name(files, chance)
    content = bytearray(files[name])
    if not content:
        return
    at = chance.randrange(len(content))
    match chance.randrange(4):
        case 0:
            content[at] ^= 1 << chance.randrange(8)
        case 1:
            content[at : at + 8] = chance.randbytes(min(8, len(content) - at))
        case 2:
            end = min(len(content), at + chance.choice((64, 512, 4096)))
            content[at:end] = bytes(end - at)
        case _:
            begin, length = chance.randrange(len(content)), chance.randrange(1, 4096)
            content[at : at + length] = content[begin : begin + length]
    files[name] = bytes(content)


def _truncated_or_extended(files: dict[str, bytes], _built: Folders, chance: Random) -> None:
    name = _any_name(files, chance)
    content = files[name]
    if chance.random() < 0.7:
        files[name] = content[: chance.randrange(len(content) + 1)]
    else:
        files[name] = content + chance.randbytes(chance.randrange(1, 5000))


def _removed(files: dict[str, bytes], _built: Folders, chance: Random) -> None:
    if len(files) > 1:
        del files[_any_name(files, chance)]


def _swapped(files: dict[str, bytes], built: Folders, chance: Random) -> None:
    name = _any_name(files, chance)
    source = chance.choice((files, built.other))
    alike = [other for other in sorted(source) if Path(other).suffix == Path(name).suffix]
    if alike:
        files[name] = source[chance.choice(alike)]


VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    1,
    3,
    2**31,
    2**64,
    1e308,
    "",
    "x",
    "../x",
    [],
    {},
    [[]],
    "\udce9",
)


def _crafted_commit(files: dict[str, bytes], _built: Folders, chance: Random) -> None:
    commits = [name for name in sorted(files) if name.startswith("commit-")]
    try:
        values = json.loads(files[chance.choice(commits)])["commit"]
    except (ValueError, LookupError, TypeError):
        return  # it was damaged before
    _change_a_value(values, chance)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "commit"
        write_values(path, json.dumps(values))
        files[commits[-1]] = path.read_bytes()


def _change_a_value(values: Any, chance: Random) -> None:  # noqa: ANN401 - any JSON
    """Change a value somewhere in a JSON value: replace, remove or duplicate it."""
    while isinstance(values, dict | list) and values:
        keys = sorted(values) if isinstance(values, dict) else list(range(len(values)))
        key = chance.choice(keys)
        if not isinstance(values[key], dict | list) or chance.random() < 0.2:
            if chance.random() < 0.2:
                del values[key]
            elif isinstance(values, list) and chance.random() < 0.3:
                values.append(values[key])
            else:
                values[key] = chance.choice(VALUES)
            return
        values = values[key]


FORGED = "other results, of a forged commit with a valid digest"
"""Not an error: a commit that omits segments or deletes other articles is still a valid commit."""

DAMAGES: tuple[Damage, ...] = (
    *(_changed_bytes, _changed_bytes, _changed_bytes),
    *(_truncated_or_extended, _removed, _swapped, _crafted_commit),
)


def damaged(built: Folders, seed: int) -> tuple[Files, bool]:
    """Return the intact index's files with one to three damages; whether one is a forged commit."""
    chance, files = Random(seed), dict(built.intact)
    damages = [chance.choice(DAMAGES) for _ in range(chance.choice((1, 1, 1, 2, 3)))]
    for damage in damages:
        damage(files, built, chance)
    return files, _crafted_commit in damages


def outcome(built: Folders, seed: int, folder: Path) -> str:
    """Open and query a damaged folder; return the outcome, or the unexpected error."""
    files, is_forged = damaged(built, seed)
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    signal.setitimer(signal.ITIMER_PROF, MAX_SECONDS)
    signal.alarm(MAX_WAITING_SECONDS)
    try:
        if results_of(folder) == built.results:
            return "same results"
        return FORGED if is_forged else f"wrong results: {seed}"
    except IndexUnavailableError:
        return "clear error"
    except Exception as error:
        return f"{type(error).__name__}: {seed}: {str(error)[:80]}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)
        shutil.rmtree(folder)


def _open_some(built: Folders, seeds: range, folder: Path, sending: Any) -> None:  # noqa: ANN401
    resource.setrlimit(resource.RLIMIT_AS, (MAX_BYTES, MAX_BYTES))
    for seed in seeds:
        sending.send((seed, outcome(built, seed, folder / str(seed))))
    sending.send(None)


def outcomes(built: Folders, seeds: range, folder: Path) -> Counter[str]:
    """Open damaged folders in child processes; return counts of the outcomes."""
    found: Counter[str] = Counter()
    context = multiprocessing.get_context("fork")
    start = seeds.start
    while start < seeds.stop:
        receiving, sending = context.Pipe(duplex=False)
        some = range(start, min(start + FOLDERS_PER_PROCESS, seeds.stop))
        process = context.Process(target=_open_some, args=(built, some, folder, sending))
        process.start()
        sending.close()
        try:
            while reported := receiving.recv():
                start = reported[0] + 1
                found[reported[1]] += 1
        except EOFError:
            process.join()
            found[f"process ended by {process.exitcode}: {start}"] += 1
            start += 1
        process.join()
    return found


@click.command()
@click.option("--count", default=100_000, show_default=True, help="How many folders.")
@click.option("--seed", default=0, show_default=True, help="The number of the first one.")
def main(count: int, seed: int) -> None:
    """Open damaged folders; fail if a process dies, hangs or raises an unexpected error."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as name:
        found = outcomes(folders(Path(name)), range(seed, seed + count), Path(name))
    acceptable = found["clear error"] + found["same results"] + found[FORGED]
    for what, times in sorted(found.items()):
        click.echo(f"{times:8,}  {what}")
    click.echo(f"{count:8,}  folders, {count - acceptable} of them neither refused nor right")
    raise SystemExit(int(acceptable < count))


if __name__ == "__main__":
    main()
