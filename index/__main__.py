"""`python -m index`: build, update, delete from and describe an index."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click

from index.analysis import AnalysedBatch, AnalysisError, analyse_all
from index.corpus import Corpus, CorpusError, LoadOptions
from index.embedded.writer import WriteReport
from index.errors import IndexBusyError, IndexUnavailableError
from index.location import index_option
from index.progress import Progress
from index.report import NothingToIndexError, Report
from index.schema import DEFAULT_SCHEMA, Kind, Schema, SchemaError, parse_field, read_schema
from index.targets import open_target

Write = Callable[[Iterable[AnalysedBatch], Schema], WriteReport]


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_corpus_argument = click.argument(
    "corpus", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="CORPUS..."
)
_workers_option = click.option(
    "--workers",
    type=click.IntRange(min=1),
    envvar="TIMTIN_WORKERS",
    default=_cores,
    show_default="all cores",
    show_envvar=True,
    help="Processes that analyse text.",
)
_field_option = click.option(
    "--field",
    "fields",
    multiple=True,
    metavar="NAME:KIND:ROLE...",
    envvar="TIMTIN_FIELDS",
    show_envvar=True,
    help="A field of your own, such as tags:keywords:facet; may be repeated. Kinds: "
    f"{', '.join(Kind)}. Roles: searched, filter, facet, sortable, shown.",
)
_schema_option = click.option(
    "--schema",
    "schema_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    envvar="TIMTIN_SCHEMA",
    show_envvar=True,
    help="A TOML file of your own fields: tables [fields.NAME] with kind, roles, aliases, labels.",
)
_strict_option = click.option(
    "--strict",
    is_flag=True,
    envvar="TIMTIN_STRICT",
    show_envvar=True,
    help="Stop at the first bad record, and leave the index as it is.",
)


@click.group()
def main() -> None:
    """Make and look after an index of Vietnamese articles.

    A CORPUS is a file or a folder of files: JSON lines (.jsonl, .ndjson, .json), CSV (.csv, .tsv)
    or one article in plain text (.txt), each also compressed (.gz, .zst); "-" is JSON lines on
    standard input.
    """


@main.command("build")
@_corpus_argument
@index_option
@_workers_option
@_field_option
@_schema_option
@_strict_option
def build_command(
    corpus: tuple[Path, ...],
    index: str,
    workers: int,
    fields: tuple[str, ...],
    schema_file: Path | None,
    *,
    strict: bool,
) -> None:
    """Replace the index by the articles of CORPUS.

    Searches are answered from the old index until the new one is finished.
    """
    schema = _declared_schema(fields, schema_file) or DEFAULT_SCHEMA
    _write(open_target(index).build, corpus, index, workers, schema, strict=strict)


@main.command("update")
@_corpus_argument
@index_option
@_workers_option
@_field_option
@_schema_option
@_strict_option
def update_command(
    corpus: tuple[Path, ...],
    index: str,
    workers: int,
    fields: tuple[str, ...],
    schema_file: Path | None,
    *,
    strict: bool,
) -> None:
    """Add the articles of CORPUS; those of an id that is there already replace the old ones.

    The index keeps the fields that it was built with.
    """
    schema = _declared_schema(fields, schema_file)
    if schema is None:
        with _clear_errors(index):
            schema = open_target(index).stored_schema() or DEFAULT_SCHEMA
    _write(open_target(index).update, corpus, index, workers, schema, strict=strict)


def _declared_schema(fields: tuple[str, ...], schema_file: Path | None) -> Schema | None:
    """Return the schema that the options declare, None where they declare nothing."""
    if not fields and schema_file is None:
        return None
    try:
        schema = DEFAULT_SCHEMA if schema_file is None else read_schema(schema_file)
        return schema.with_fields(*map(parse_field, fields))
    except SchemaError as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.UsageError(f"{schema_file}: {error.strerror or error}") from error


@main.command("delete")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@index_option
def delete_command(ids: tuple[str, ...], index: str) -> None:
    """Delete the articles with these ids; it is no error if one is not there."""
    with _clear_errors(index):
        deleted = open_target(index).delete(ids)
    _tell(f"deleted {deleted:,} of {len(set(ids)):,} articles named")


@main.command("verify")
@index_option
def verify_command(index: str) -> None:
    """Compare every file of the index with its checksums."""
    with _clear_errors(index):
        target = open_target(index)
        target.verify()
        articles = target.statistics()["articles"]
    _tell(f"{index} is sound: {articles:,} articles")


@main.command("stats")
@index_option
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    envvar="TIMTIN_JSON",
    show_envvar=True,
    help="Print a JSON object.",
)
def stats_command(index: str, *, as_json: bool) -> None:
    """Say how many articles the index holds, and its size."""
    with _clear_errors(index):
        statistics = open_target(index).statistics()
    if as_json:
        click.echo(json.dumps(dict(statistics)))
    else:
        for name, value in statistics.items():
            click.echo(f"{name}: {value:,}")


def _write(
    write: Write,
    paths: tuple[Path, ...],
    index: str,
    workers: int,
    schema: Schema,
    *,
    strict: bool,
) -> None:
    began = time.monotonic()
    report = Report()
    with _clear_errors(index):
        corpus = Corpus(paths, LoadOptions(schema=schema))
        batches = analyse_all(report.articles(corpus, strict=strict), workers, schema)
        with (
            Progress(corpus.total_bytes) as progress,
            closing(_shown(batches, corpus, progress)) as shown,
        ):
            written = write(shown, schema)
    seconds = time.monotonic() - began
    with _clear_errors(index, "finished"):
        for line in report.lines(written.repeated, written.replaced, written.refused):
            _tell(line)
        _tell(f"took {seconds:.1f} seconds, {report.good / seconds:,.0f} articles a second")
        size = open_target(index).statistics()["bytes"]
        _tell(f"{index} holds {written.articles:,} articles in {size / 1e6:,.1f} MB")


def _shown(
    batches: Iterable[AnalysedBatch], corpus: Corpus, progress: Progress
) -> Generator[AnalysedBatch, None, None]:
    done = 0
    for batch in batches:
        yield batch
        done += len(batch.articles)
        progress.show(corpus.position, done)


@contextmanager
def _clear_errors(index: str, state: str = "as it was") -> Iterator[None]:
    """Turn what can go wrong into one line on standard error and exit status 1."""
    left = f"the index in {index} is {state}"
    try:
        yield
    except (CorpusError, IndexBusyError, IndexUnavailableError, SchemaError) as error:
        raise click.ClickException(str(error)) from error
    except NothingToIndexError as error:
        raise click.ClickException(f"{error}\n{left}") from error
    except AnalysisError as error:
        raise click.ClickException(f"{error}; {left}") from error
    except KeyboardInterrupt as error:
        raise click.ClickException(f"interrupted; {left}") from error
    except OSError as error:
        place = error.filename or index
        raise click.ClickException(f"{place}: {error.strerror or error}") from error
    except MemoryError as error:
        advice = "try fewer --workers"
        raise click.ClickException(f"out of memory; {left}; {advice}") from error


def _tell(line: str) -> None:
    click.echo(line, err=True)


if __name__ == "__main__":
    # A service manager's polite stop cleans up as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main(prog_name="python -m index"))
