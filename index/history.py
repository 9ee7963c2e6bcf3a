"""The history of an index: the counts of each write, stored with the commit."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

MAX_WRITES = 20
"""Writes that are kept one by one; of earlier ones only the sum is kept. Arbitrary."""

MAX_LINES = 40
"""Lines of the report of a write that are kept: as many as the command line shows."""

MAX_LINE_CHARACTERS = 300
"""Characters of such a line, and of a field's name: both come from the corpus. Arbitrary."""

MAX_FIELD_NAMES = 20
"""Names of unsearched fields in one summary. Arbitrary."""

_MAX_COUNT = 10**15
"""The largest count that is accepted when a commit is read. Arbitrary."""


class WriteKind(StrEnum):
    """What a write does to an index."""

    BUILD = "build"
    UPDATE = "update"
    DELETE = "delete"
    PURGE = "purge"
    COPY = "copy"


@dataclass(frozen=True, slots=True)
class WriteSummary:
    """The summary of one write: how many records were read, and what became of them.

    Each record is indexed or skipped. Skipped records are `bad` (not an article), `repeated` (a
    later record of the write has the same id) or `refused` (the index cannot store it). `replaced`
    counts existing articles that were replaced. Indexed articles may be `undated` (their date could
    not be parsed), `converted` (from a legacy encoding) or `unrecognised` (hardly Vietnamese).
    `damaged` counts files. `unsearched` names fields whose long texts are not searched, `lines` are
    those of the report, with names of files. `at` is when the write ended, in ISO 8601.
    """

    kind: WriteKind
    at: str = ""
    read: int = 0
    indexed: int = 0
    replaced: int = 0
    bad: int = 0
    repeated: int = 0
    refused: int = 0
    deleted: int = 0
    damaged: int = 0
    undated: int = 0
    converted: int = 0
    unrecognised: int = 0
    unsearched: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()

    @property
    def skipped(self) -> int:
        """The number of records that were read and not indexed."""
        return self.bad + self.repeated + self.refused

    def plus(self, other: "WriteSummary") -> "WriteSummary":
        """Return the sum of two accounts, with the kind of the first and the time of the second."""
        counts = {name: getattr(self, name) + getattr(other, name) for name in _COUNTS}
        names = tuple(dict.fromkeys((*self.unsearched, *other.unsearched)))[:MAX_FIELD_NAMES]
        return WriteSummary(self.kind, other.at, **counts, unsearched=names)


_COUNTS = tuple(field.name for field in fields(WriteSummary) if field.type is int)


@dataclass(frozen=True, slots=True)
class WriteReport:
    """What a write did.

    `given`: the articles in the batches. `repeated`: those followed by another one with the same id
    in the same write. `replaced`: existing articles that were replaced. `articles`: the number in
    the index after the write. `refused`: the ids of articles that the index cannot store, each with
    the reason.
    """

    given: int
    repeated: int
    replaced: int
    articles: int
    refused: tuple[tuple[str, str], ...] = ()

    def summary(self, kind: WriteKind) -> WriteSummary:
        """Return the summary of the write, as far as the writer knows it."""
        return WriteSummary(
            kind,
            now(),
            read=self.given,
            indexed=self.given - self.repeated - len(self.refused),
            replaced=self.replaced,
            repeated=self.repeated,
            refused=len(self.refused),
        )


@dataclass(frozen=True, slots=True)
class History:
    """The writes since the index was built, the oldest first; `earlier` is the sum of older ones.

    >>> build = WriteSummary(WriteKind.BUILD, read=3, indexed=2, bad=1)
    >>> NO_HISTORY.with_write(build).with_write(WriteSummary(WriteKind.DELETE)).total.skipped
    1
    """

    writes: tuple[WriteSummary, ...] = ()
    earlier: WriteSummary | None = None

    @property
    def total(self) -> WriteSummary | None:
        """The sum of all writes; None if none is known."""
        known = (*([self.earlier] if self.earlier else []), *self.writes)
        total: WriteSummary | None = None
        for one in known:
            total = total.plus(one) if total else one
        return total

    def with_write(self, summary: WriteSummary) -> "History":
        """Return the history with one more write."""
        bounded = replace(
            summary,
            unsearched=tuple(_cut(name) for name in summary.unsearched[:MAX_FIELD_NAMES]),
            lines=tuple(_cut(line) for line in summary.lines[:MAX_LINES]),
        )
        writes, earlier = (*self.writes, bounded), self.earlier
        if len(writes) > MAX_WRITES:
            earlier, writes = earlier.plus(writes[0]) if earlier else writes[0], writes[1:]
            earlier = replace(earlier, lines=())
        return History(writes, earlier)

    def without_texts(self) -> "History":
        """Return the history without lines, which quote records."""
        return History(tuple(replace(one, lines=()) for one in self.writes), self.earlier)

    def report(self) -> Iterator[str]:
        """Yield a line for each write, oldest first, followed by the lines of its report."""
        if self.earlier:
            yield f"earlier: {_counted(self.earlier)}"
        for one in self.writes:
            yield f"{one.kind} {one.at}: {_counted(one)}"
            yield from (f"  {line}" for line in one.lines)

    def as_dict(self) -> dict[str, Any]:
        """Return the history as JSON values, for `history_from_dict`."""
        return {
            "writes": [asdict(one) for one in self.writes],
            "earlier": asdict(self.earlier) if self.earlier else None,
        }


NO_HISTORY = History()
"""The history of an index without recorded writes."""

RecordWrite = Callable[[WriteSummary], WriteSummary]
"""A function that completes the summary of a write by what the caller knows of the corpus."""


def as_counted(summary: WriteSummary) -> WriteSummary:
    """Return a summary unchanged: the `RecordWrite` of a caller without a corpus."""
    return summary


def _counted(summary: WriteSummary) -> str:
    counts = f"read {summary.read:,}, indexed {summary.indexed:,}, skipped {summary.skipped:,}"
    return f"{counts}, deleted {summary.deleted:,}" if summary.deleted else counts


def now() -> str:
    """Return the current time in the form of `WriteSummary.at`."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def history_from_dict(value: Mapping[str, Any]) -> History:
    """Parse what `History.as_dict` returned.

    Raises ValueError, TypeError, KeyError or AttributeError for anything else.
    """
    writes = value["writes"]
    if not isinstance(writes, list) or len(writes) > MAX_WRITES:
        raise ValueError("the writes in its history are not a list, or too many")
    earlier = value["earlier"]
    return History(
        tuple(_summary(one) for one in writes), None if earlier is None else _summary(earlier)
    )


def _summary(value: Mapping[str, Any]) -> WriteSummary:
    counts = {name: value[name] for name in _COUNTS}
    if not all(type(count) is int and 0 <= count <= _MAX_COUNT for count in counts.values()):
        raise ValueError("a count in its history is not a number")
    at = value["at"]
    if at:
        datetime.fromisoformat(at)
    return WriteSummary(
        WriteKind(value["kind"]),
        at,
        **counts,
        unsearched=_texts(value["unsearched"], MAX_FIELD_NAMES),
        lines=_texts(value["lines"], MAX_LINES),
    )


def _texts(value: object, max_texts: int) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > max_texts:
        raise ValueError("a value in its history is not a list, or too long")
    if not all(isinstance(text, str) and len(text) <= MAX_LINE_CHARACTERS for text in value):
        raise ValueError("a value in its history is not a string, or too long")
    return tuple(value)


def _cut(text: str) -> str:
    # Lone surrogates, which file names may have, cannot be encoded in UTF-8.
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= MAX_LINE_CHARACTERS else f"{text[: MAX_LINE_CHARACTERS - 1]}…"
