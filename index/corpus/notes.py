"""Notes on articles that were indexed: conversions, dates that cannot be read, text not searched.

Nothing is dropped silently: bad records are reported one by one, other losses by these notes.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from index.schema import name_key

MAX_NAMES = 100
"""Field names that are counted separately. Arbitrary: with more, the names are really values."""

MAX_REMARKS = 10
"""Remarks of one kind that are shown in full; the others are only counted. Arbitrary."""

_MAX_NAMES_SHOWN = 20
_MAX_NAME_CHARACTERS = 60


@dataclass(slots=True)
class UnsearchedText:
    """Long texts in a field that the schema does not name."""

    records: int = 0
    longest: int = 0


@dataclass(slots=True)
class Notes:
    """Counts over a whole corpus, collected while its records are read."""

    unsearched: dict[str, UnsearchedText] = field(default_factory=dict)
    kept_only: set[str] = field(default_factory=set)
    unparsed_dates: int = 0
    unparsed_date_examples: list[str] = field(default_factory=list)
    unusable: Counter[str] = field(default_factory=Counter)
    unusable_examples: dict[str, str] = field(default_factory=dict)
    converted: Counter[str] = field(default_factory=Counter)
    unrecognised: int = 0
    lowest_share: float = 1.0
    unrecognised_examples: list[str] = field(default_factory=list)
    html: int = 0
    undecoded: int = 0
    remarks: list[str] = field(default_factory=list)
    more_remarks: int = 0

    def add_unsearched(self, name: str, size: int) -> None:
        """Count a long text in a field that is not searched."""
        if name in self.unsearched or len(self.unsearched) < MAX_NAMES:
            found = self.unsearched.setdefault(name, UnsearchedText())
            found.records += 1
            found.longest = max(found.longest, size)

    def add_kept(self, name: str) -> None:
        """Note a field that is stored but not in the schema."""
        if len(self.kept_only) < MAX_NAMES:
            self.kept_only.add(name)

    def add_unparsed_date(self, place: str, value: str) -> None:
        """Count an article that is indexed without its date."""
        self.unparsed_dates += 1
        if len(self.unparsed_date_examples) < MAX_REMARKS:
            self.unparsed_date_examples.append(f"{place}: {value}")

    def add_unusable(self, name: str, example: str) -> None:
        """Count a value that its field cannot represent; it is stored but not searched."""
        if name in self.unusable or len(self.unusable) < MAX_NAMES:
            self.unusable[name] += 1
            self.unusable_examples.setdefault(name, example)

    def add_unrecognised(self, place: str, share: float) -> None:
        """Count an article most of whose marked words are not Vietnamese syllables."""
        self.unrecognised += 1
        self.lowest_share = min(self.lowest_share, share)
        if len(self.unrecognised_examples) < MAX_REMARKS:
            self.unrecognised_examples.append(f"{place} ({share:.2f})")

    def add_remark(self, remark: str) -> None:
        """Add one line about a file."""
        if len(self.remarks) < MAX_REMARKS:
            self.remarks.append(remark)
        else:
            self.more_remarks += 1

    def add_left_out(self, path: Path, count: int, what: str) -> None:
        """Add one line about the parts of a file that are not articles, if there are any."""
        if count:
            self.add_remark(f"{path}: {count:,} {what}")

    def lines(self) -> Iterator[str]:
        """Yield the notes as lines; examples are indented below their note."""
        yield from self._texts()
        if self.html:
            yield f"HTML became plain text in {self.html:,} articles"
        if self.undecoded:
            yield (
                f"warning: {self.undecoded:,} articles have bytes or halves of characters that are "
                "invalid in their encoding; each became \ufffd"
            )
        for encoding, count in self.converted.most_common():
            yield f"text in {encoding} was converted to Unicode: {count:,} articles or files"
        if self.unrecognised:
            yield (
                f"warning: in {self.unrecognised:,} articles most words with marks are not "
                f"Vietnamese syllables (lowest share {self.lowest_share:.2f}): another language, "
                "or an encoding that is not known:"
            )
            yield from _indented(self.unrecognised_examples, self.unrecognised)
        if self.unparsed_dates:
            yield f"{self.unparsed_dates:,} articles have no date, since it cannot be read:"
            yield from _indented(self.unparsed_date_examples, self.unparsed_dates)
        for name, count in self.unusable.items():
            yield (
                f"field {_shown(name)}: {count:,} values cannot be used and are only kept, "
                f"as {self.unusable_examples[name]}"
            )
        yield from self.remarks
        if self.more_remarks:
            yield f"... and {self.more_remarks:,} more remarks"

    def _texts(self) -> Iterator[str]:
        for name, found in self.unsearched.items():
            shown = _shown(name)
            yield (
                f"warning: the text of field {shown} is not searched ({found.records:,} records, "
                f"up to {found.longest:,} characters); --map body={shown} makes it the body, "
                f"--field {_as_field_name(name)}:text a field of its own"
            )
        others = sorted(self.kept_only - self.unsearched.keys())
        if others:
            more = f" and {len(others) - _MAX_NAMES_SHOWN:,} more" if len(others) > 20 else ""
            names = ", ".join(map(_shown, others[:_MAX_NAMES_SHOWN]))
            yield (
                f"kept, but not searched: {names}{more} "
                "(--field NAME:KIND makes one a field of its own)"
            )


def _indented(examples: list[str], count: int) -> Iterator[str]:
    yield from (f"  {example}" for example in examples)
    if count > len(examples):
        yield f"  ... and {count - len(examples):,} more"


def _shown(name: str) -> str:
    """Return a field name from a corpus, safe for a terminal."""
    name = name if len(name) <= _MAX_NAME_CHARACTERS else name[:_MAX_NAME_CHARACTERS] + "..."
    return name if name.isprintable() and name == name.strip() else ascii(name)


def _as_field_name(name: str) -> str:
    key = name_key(name)
    plain = "_".join("".join(c if c.isascii() and c.isalnum() else " " for c in key).split())
    return plain if plain[:1].isalpha() else f"field_{plain}"
