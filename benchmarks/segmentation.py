"""`python -m benchmarks.segmentation [PART...]`: compare the segmenter with pyvi.

Parts: articles, headlines, odd (equality of the output, on all of them and on 100,000 odd strings;
about ten minutes), speed (interleaved), start (time and memory), gold (word F1). Default: all.
"""

import gzip
import json
import random
import subprocess
import sys
import time
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from statistics import median
from typing import Any

import numpy as np

from index.vietnamese.segmenter import tokenize, words
from index.vietnamese.segmenter.chunk_memo import ChunkMemo
from index.vietnamese.token_batch import tokenize_batch
from tests.index.vietnamese.segmenter.batches import words_of_batch
from tests.shared_data import SHARED

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # from pyvi's escape sequences and its old pickle
    from pyvi import ViTokenizer

    pyvi_tokenize: Callable[[str], str] = ViTokenizer.tokenize

DATA = SHARED / "data"


def main(parts: list[str]) -> None:
    """Print the figures of these parts."""
    known = {
        function.__name__: function for function in (articles, headlines, odd, speed, start, gold)
    }
    if unknown := set(parts) - set(known):
        sys.exit(f"unknown parts: {', '.join(sorted(unknown))}; known: {', '.join(known)}")
    for part in parts or known:
        known[part]()


def records(name: str) -> Iterator[dict[str, str]]:
    """Read the records of one file of the shared data."""
    with gzip.open(DATA / name, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def articles() -> None:
    """Compare on all articles."""
    compare("articles", map(whole_text, records("news.jsonl.gz")))


def headlines() -> None:
    """Compare on all headlines with their summaries."""
    compare("headlines", map(whole_text, records("headlines.jsonl.gz")))


def odd() -> None:
    """Compare on 100,000 odd strings."""
    compare("odd strings", odd_strings(100_000))


def whole_text(record: dict[str, str]) -> str:
    """Return the text of a record, with one field per line."""
    return "\n".join(record.get(field, "") for field in ("title", "summary", "body"))


def compare(name: str, texts: Iterator[str]) -> None:
    """Print how many texts our segmenter, single or batched, segments differently than pyvi."""
    count = different = 0
    while batch := list(islice(texts, 64)):
        ours = [tokenize(text) for text in batch]
        pyvis = [pyvi_tokenize(text) for text in batch]
        joined = joined_by_batch(batch)
        count += len(batch)
        different += sum(len({*three}) > 1 for three in zip(ours, pyvis, joined, strict=True))
    print(f"identity: {count:,} {name}, {different:,} different")


def joined_by_batch(texts: list[str]) -> list[str]:
    """Return the same as `tokenize`, computed by the batch segmenter."""
    found = words_of_batch(texts, ChunkMemo())
    return [" ".join(one) or text for one, text in zip(found, texts, strict=True)]


def index_batch(texts: Sequence[str]) -> None:
    """Segment texts as indexing does: into syllables and search words."""
    tokenize_batch(texts, np.ones(len(texts), np.bool_))


ODD_CHARACTERS = (
    "\0\r\n\t\x0b\x0c\x1c\x1f\x85\xa0\u1680\u2000\u2009\u2028\u2029\u202f\u3000\u200b\ufeff\u00ad"
    "\u0300\u0301\u0302\u0303\u0306\u0309\u0323\u031b👍🏽🇻🇳İßﬁÐðΣςǅ①²½٣한각क़…“”‘’–—₫"
)


def odd_strings(count: int) -> Iterator[str]:
    """Yield strings of words and odd characters in all normal forms and cases, some very long."""
    rng = random.Random(1)
    vocabulary = [
        word for record in islice(records("news.jsonl.gz"), 300) for word in record["body"].split()
    ]
    marks = [
        *"_.,-/:@'+&#%$<>=!?()[]{}\"\\^`~|*;",
        "...",
        "->",
        "==>",
        ">>",
        "://",
        "http://",
        "@a.vn",
    ]
    shapes: list[Callable[[str], str]] = [str, str, str, str.upper, str.lower, str.title]
    forms: tuple[str, ...] = ("NFC", "NFC", "NFD", "NFKC", "NFKD")
    kinds: list[Callable[[], str]] = [
        lambda: rng.choice(shapes)(rng.choice(vocabulary)),
        lambda: rng.choice(shapes)(rng.choice(vocabulary)),
        lambda: rng.choice(ODD_CHARACTERS),
        lambda: rng.choice(marks),
        lambda: str(rng.randrange(10 ** rng.randrange(1, 7))),
        lambda: chr(rng.choice((rng.randrange(0x20, 0x250), rng.randrange(0xE000, 0x1FFFF)))),
    ]
    for number in range(count):
        length = 20_000 if number % 20_000 == 0 else rng.randrange(40)
        spaces = rng.choice(("", " ", " ", "  ", rng.choice(ODD_CHARACTERS)))
        text = spaces.join(rng.choice(kinds)() for _ in range(length))
        yield unicodedata.normalize(rng.choice(forms), text)  # type: ignore[arg-type]


def speed() -> None:
    """Print CPU times of our segmenter and pyvi on the same texts, interleaved (medians)."""
    bodies = [record["body"] for record in islice(records("news.jsonl.gz"), 2560)]
    batches = [bodies[start : start + 64] for start in range(0, len(bodies), 64)]
    queries = [
        json.loads(line)["text"]
        for line in (DATA / "collections/mds200_topics/queries.jsonl").open(encoding="utf-8")
    ]
    for batch in batches:
        index_batch(batch)  # fills the memo
    rounds = [
        race(bodies[64 * start :][:512], batches[start:][:8], index_batch)
        for start in range(0, len(batches) - 7, 4)
    ]
    report("terms for the index, batches of 64 articles", rounds, per=512, unit="article")
    rounds = [race(some[:16], some[:16], tokenize) for some in batches]
    report("tokenize, one article", rounds, per=16, unit="article")
    for name, function in (("tokenize", tokenize), ("words", words)):
        rounds = [race(queries, queries, function, times=10) for _ in range(40)]
        report(f"{name}, one query", rounds, per=len(queries), unit="query")


def race(
    texts: Sequence[str],
    arguments: Sequence[Any],
    ours: Callable[[Any], object],
    times: int = 1,
) -> tuple[float, float]:
    """Return the seconds of pyvi and of ours, half of which runs before pyvi and half after it."""
    half = len(arguments) // 2
    before = seconds(ours, [*arguments[:half]] * times)
    pyvis = seconds(pyvi_tokenize, texts)
    return pyvis, (before + seconds(ours, [*arguments[half:]] * times)) / times


def seconds(function: Callable[[Any], object], arguments: Iterable[object]) -> float:
    """Return the CPU time of the calls."""
    before = time.process_time()
    for argument in arguments:
        function(argument)
    return time.process_time() - before


def report(name: str, rounds: list[tuple[float, float]], per: int, unit: str) -> None:
    """Print the median of each, and the median, minimum and maximum of their ratio."""
    pyvi, ours = (median(side) / per * 1e6 for side in zip(*rounds, strict=True))
    ratios = [pyvi / ours for pyvi, ours in rounds]
    print(
        f"speed: {name}: pyvi {pyvi:,.0f} µs, ours {ours:,.1f} µs per {unit}; "
        f"{median(ratios):.1f} times ({min(ratios):.1f} to {max(ratios):.1f})"
    )


def start() -> None:
    """Print the time and memory that a new process needs for its first result."""
    ours = "from index.vietnamese.segmenter import tokenize; tokenize('xã hội')"
    batch = (
        "from index.vietnamese.token_batch import tokenize_batch\n"
        "tokenize_batch(['xã hội'], numpy.array([True]))"
    )
    theirs = "from pyvi import ViTokenizer; ViTokenizer.tokenize('xã hội')"
    for name, program, before in (
        ("ours, one text", ours, "pass"),
        ("ours, batches, over NumPy", batch, "import numpy"),
        ("pyvi", theirs, "pass"),
    ):
        runs = [fresh(program, before) for _ in range(7)]
        time_taken, kept, peak = (median(column) for column in zip(*runs, strict=True))
        print(f"start: {name}: {time_taken:.3f} s, {kept:.1f} MB kept, {peak:.1f} MB peak")


def fresh(program: str, before: str) -> tuple[float, float, float]:
    """Run a program in a new process; return seconds, final MB and peak MB, minus `before`."""
    measured = (
        "import time, warnings; warnings.simplefilter('ignore')\n"
        "def memory():\n"
        "    lines = [line.split() for line in open('/proc/self/status')]\n"
        "    sizes = {line[0]: int(line[1]) / 1024 for line in lines if line[0][:2] == 'Vm'}\n"
        "    return sizes['VmRSS:'], sizes['VmHWM:']\n"
        f"{before}\n"
        "kept, peak = memory(); t = time.process_time()\n"
        f"{program}\n"
        "t = time.process_time() - t; now = memory(); print(t, now[0] - kept, now[1] - peak)"
    )
    command = [sys.executable, "-c", measured]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    taken, kept, peak = map(float, output.split())
    return taken, kept, peak


def gold() -> None:
    """Print the word F1 of both on manually segmented sentences."""
    sentences = (DATA / "segmentation/ud_vtb_dev.txt").read_text(encoding="utf-8").splitlines()
    segmenters: dict[str, Callable[[str], Iterable[str]]] = {
        "pyvi": lambda text: pyvi_tokenize(text).split(),
        "ours": lambda text: [word.text for word in words(text)],
    }
    for name, segmented in segmenters.items():
        right = found = true = 0
        for line in sentences:
            expected, given = spans(line.split()), spans(segmented(line.replace("_", " ")))
            right, found, true = (
                right + len(expected & given),
                found + len(given),
                true + len(expected),
            )
        print(f"gold: {name}: F1 {2 * right / (found + true):.5f} ({len(sentences):,} sentences)")


def spans(segmented: Iterable[str]) -> set[tuple[int, int]]:
    """Return the spans of the words, in characters other than white space and "_"."""
    found = set()
    position = 0
    for word in segmented:
        length = len(word) - word.count("_")
        found.add((position, position + length))
        position += length
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
