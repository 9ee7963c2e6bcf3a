"""The commands that change the articles of an index: build, update, delete."""

import time
from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from index.analysis import AnalysedBatch, analyse_all
from index.commands.options import (
    CONTEXT,
    corpus_options,
    declared_schema,
    folder_of,
    parsed_mapping,
    workers_option,
    write_options,
)
from index.commands.running import clear_errors
from index.console import print_message
from index.corpus import Corpus, LoadOptions
from index.embedded.limits import WriteLimits
from index.embedded.writer import purge
from index.errors import IndexUnavailableError
from index.location import index_option
from index.progress import Progress
from index.report import Report
from index.schema import DEFAULT_SCHEMA
from index.targets import Target, open_target

_corpus_argument = click.argument(
    "corpus", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="CORPUS..."
)


@dataclass(frozen=True, slots=True)
class _CorpusOptions:
    """The values of `corpus_options` and `write_options`, by the names of the options."""

    workers: int
    fields: tuple[str, ...]
    schema_file: Path | None
    mapping: tuple[str, ...]
    encoding: str
    sql: str
    strict: bool
    allow_damage: bool
    wait_seconds: float
    kept_commits: int

    @property
    def limits(self) -> WriteLimits:
        """The limits of the write."""
        return WriteLimits(kept_commits=self.kept_commits, wait_seconds=self.wait_seconds)


@click.command("build", context_settings=CONTEXT)
@_corpus_argument
@index_option
@corpus_options
@write_options
def build_command(corpus: tuple[Path, ...], index: str, **options: Any) -> None:  # noqa: ANN401
    """Replace the index by the articles of CORPUS.

    Searches use the old index until the new one is complete.
    """
    _write(corpus, index, _CorpusOptions(**options), replaces=True)


@click.command("update", context_settings=CONTEXT)
@_corpus_argument
@index_option
@corpus_options
@write_options
def update_command(corpus: tuple[Path, ...], index: str, **options: Any) -> None:  # noqa: ANN401
    """Add the articles of CORPUS; they replace existing articles with the same ids.

    The index keeps the fields that it was built with.
    """
    _write(corpus, index, _CorpusOptions(**options), replaces=False)


@click.command("delete", context_settings=CONTEXT)
@click.argument("ids", nargs=-1, metavar="ID...")
@index_option
@click.option(
    "--purge",
    "purges",
    is_flag=True,
    envvar="TIMTIN_PURGE",
    show_envvar=True,
    help="Also remove every byte of deleted and replaced articles from the index; takes as long as "
    "building it.",
)
@workers_option
@write_options
def delete_command(
    ids: tuple[str, ...],
    index: str,
    workers: int,
    wait_seconds: float,
    kept_commits: int,
    *,
    purges: bool,
) -> None:
    """Delete the articles with these ids; it is not an error if one is not there."""
    if not ids and not purges:
        raise click.UsageError("name the ids of articles, or clean up with --purge")
    limits = WriteLimits(kept_commits=kept_commits, wait_seconds=wait_seconds)
    with clear_errors(Path(index)):
        if purges:
            deleted = purge(folder_of(index), ids, workers=workers, limits=limits)
        else:
            deleted = open_target(index, limits).delete(ids)
    print_message(f"deleted {deleted:,} of {len(set(ids)):,} articles named")


def _write(paths: tuple[Path, ...], index: str, options: _CorpusOptions, *, replaces: bool) -> None:
    began = time.monotonic()
    report = Report()
    schema = declared_schema(options.fields, options.schema_file)
    mapping = parsed_mapping(options.mapping)
    with clear_errors(Path(index)):
        target = open_target(index, options.limits)
        if schema is None:
            schema = DEFAULT_SCHEMA if replaces else target.stored_schema() or DEFAULT_SCHEMA
        corpus = Corpus(paths, LoadOptions(schema, mapping, options.encoding, options.sql))
        articles = report.articles(
            corpus,
            strict=options.strict,
            refuse_damage=replaces and not options.allow_damage,
        )
        with (
            Progress(corpus.total_bytes) as progress,
            closing(analyse_all(articles, options.workers, schema)) as batches,
        ):
            observed = _with_progress(batches, corpus, progress)
            written = (target.build if replaces else target.update)(
                observed, schema, record=lambda summary: report.completed(summary, corpus)
            )
    for line in report.lines(written.repeated, written.replaced, written.refused):
        print_message(line)
    for line in corpus.notes.lines():
        print_message(line)
    seconds = time.monotonic() - began
    print_message(f"took {seconds:.1f} seconds, {report.good / seconds:,.0f} articles a second")
    print_message(f"{index} contains {written.articles:,} articles{_size_suffix(target)}")


def _with_progress(
    batches: Iterable[AnalysedBatch], corpus: Corpus, progress: Progress
) -> Generator[AnalysedBatch, None, None]:
    """Yield the batches and show progress after each."""
    done = 0
    for batch in batches:
        yield batch
        done += len(batch.articles)
        progress.show(corpus.position, done)


def _size_suffix(target: Target) -> str:
    """Return " in N MB" for an index, "" if it cannot be read: the write itself succeeded."""
    try:
        return f" in {target.statistics()['bytes'] / 1e6:,.1f} MB"
    except (OSError, IndexUnavailableError):
        return ""
