"""The report of a write from a corpus: how many records were indexed or skipped, and why."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from index.article import Article
from index.corpus import BadRecord, Corpus
from index.history import WriteSummary

MAX_BAD_RECORDS_NAMED = 10
"""Bad records that are listed; others are only counted. Arbitrary: they fit on a screen."""


class RefusedCorpusError(Exception):
    """A corpus that must not change the index."""


class NothingToIndexError(RefusedCorpusError):
    """A corpus without any article, or with a bad record under `--strict`."""


class DamagedCorpusError(RefusedCorpusError):
    """A corpus with a damaged file, so that articles are certainly missing."""


@dataclass(slots=True)
class Report:
    """Counts of the records of a corpus, collected while they are indexed."""

    good: int = 0
    bad: int = 0
    first_bad: list[BadRecord] = field(default_factory=list)

    def articles(
        self,
        records: Iterable[Article | BadRecord],
        *,
        strict: bool,
        refuse_damage: bool = False,
    ) -> Iterator[Article]:
        """Yield the articles, counting all records.

        Raises NothingToIndexError at the first bad record if `strict`, and at the end if there was
        no article; DamagedCorpusError at the first damaged file if `refuse_damage`. An index must
        not be replaced by an empty or incomplete one.
        """
        for record in records:
            if isinstance(record, Article):
                self.good += 1
                yield record
                continue
            if strict:
                raise NothingToIndexError(f"{record} (--strict: no record may be bad)")
            if refuse_damage and record.damaged:
                raise DamagedCorpusError(self._loss(record))
            self.bad += 1
            if self.bad <= MAX_BAD_RECORDS_NAMED:
                self.first_bad.append(record)
        if not self.good:
            raise NothingToIndexError("\n  ".join(["no article was found", *self._skipped()]))

    def _loss(self, record: BadRecord) -> str:
        share = f", at least {record.unread:.0%} of the file" if record.unread else ""
        return (
            f"{record}\n  the file is damaged, and the rest is lost{share}; {self.good:,} articles "
            "were read before it. Repair the file, or use --allow-damage to index what can be read"
        )

    def lines(
        self, repeated: int, replaced: int, refused: Sequence[tuple[str, str]] = ()
    ) -> Iterator[str]:
        """Yield the lines of the report.

        `repeated` counts articles that a later one of the corpus with the same id supersedes,
        `replaced` existing articles that were replaced; `refused` lists ids and reasons.
        """
        indexed = self.good - repeated - len(refused)
        skipped = self.bad + repeated + len(refused)
        yield f"read {self.good + self.bad:,} records: {indexed:,} indexed, {skipped:,} skipped"
        if replaced:
            yield f"  {replaced:,} existing articles with the same id were replaced"
        if repeated:
            yield f"  {repeated:,} because a later record has the same id"
        if refused:
            yield f"  {len(refused):,} because the index cannot store them:"
            named = refused[:MAX_BAD_RECORDS_NAMED]
            yield from (f"    {name!r:.80}: {reason}" for name, reason in named)
        if self.bad:
            yield f"  {self.bad:,} because they are not articles:"
        yield from (f"    {line}" for line in self._skipped())

    def completed(self, summary: WriteSummary, corpus: Corpus) -> WriteSummary:
        """Return the summary of a write, completed by the counts of the corpus."""
        notes = corpus.notes
        return replace(
            summary,
            read=summary.read + self.bad,
            bad=self.bad,
            damaged=len(corpus.damaged),
            undated=notes.unparsed_dates,
            converted=notes.converted.total(),
            unrecognised=notes.unrecognised,
            unsearched=tuple(notes.unsearched),
            lines=(*self._skipped(), *notes.lines()),
        )

    def _skipped(self) -> list[str]:
        more = self.bad - len(self.first_bad)
        return [*map(str, self.first_bad), *([f"... and {more:,} more"] if more else [])]
