"""What became of a corpus? Every record read was indexed or skipped, and the skipped are told."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from index.article import Article
from index.corpus import BadRecord

FIRST = 10
"""How many bad records are named; the others are only counted."""


class NothingToIndexError(Exception):
    """A corpus of no use: without one good article, or with a bad record where none may be."""


@dataclass(slots=True)
class Report:
    """The records of a corpus, counted as they pass on their way into an index."""

    good: int = 0
    bad: int = 0
    first_bad: list[BadRecord] = field(default_factory=list)

    def articles(
        self, records: Iterable[Article | BadRecord], *, strict: bool
    ) -> Iterator[Article]:
        """Let the articles pass.

        Raises NothingToIndexError at the first bad record if `strict`, and at the end where there
        was no article at all: an index is not replaced by nothing.
        """
        for record in records:
            if isinstance(record, Article):
                self.good += 1
                yield record
                continue
            if strict:
                raise NothingToIndexError(f"{record} (--strict: no record may be bad)")
            self.bad += 1
            if self.bad <= FIRST:
                self.first_bad.append(record)
        if not self.good:
            raise NothingToIndexError("\n  ".join(["no article was found", *self._skipped()]))

    def lines(
        self, repeated: int, replaced: int, refused: Sequence[tuple[str, str]] = ()
    ) -> Iterator[str]:
        """Yield the lines that state the outcome.

        `repeated` articles gave way to a later one of the corpus with the same id, `replaced`
        ones of the index were there before, `refused` ones (id and reason) the index cannot hold.
        """
        indexed = self.good - repeated - len(refused)
        skipped = self.bad + repeated + len(refused)
        yield f"read {self.good + self.bad:,} records: {indexed:,} indexed, {skipped:,} skipped"
        if replaced:
            yield f"  {replaced:,} of the index were replaced, having the same id"
        if repeated:
            yield f"  {repeated:,} because a later record has the same id"
        if refused:
            yield f"  {len(refused):,} because the index cannot hold them:"
            yield from (f"    {name!r:.80}: {reason}" for name, reason in refused[:FIRST])
        if self.bad:
            yield f"  {self.bad:,} because they are no articles:"
        yield from (f"    {line}" for line in self._skipped())

    def _skipped(self) -> list[str]:
        more = self.bad - len(self.first_bad)
        return [*map(str, self.first_bad), *([f"... and {more:,} more"] if more else [])]
