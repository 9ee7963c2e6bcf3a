"""The command-line options for a user's own synonyms and stop words."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from index.vietnamese import Additions, Language, LexiconError

Command = TypeVar("Command", bound=Callable[..., Any])

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def language_options(command: Command) -> Command:
    """Add `--synonyms` and `--stop-words` to a command, as `synonyms` and `stop_words`."""
    command = click.option(
        "--stop-words",
        type=_FILE,
        metavar="FILE",
        envvar="TIMTIN_STOP_WORDS",
        show_envvar=True,
        help="Stop words, one or more per line; they count less in the ranking.",
    )(command)
    return click.option(
        "--synonyms",
        type=_FILE,
        metavar="FILE",
        envvar="TIMTIN_SYNONYMS",
        show_envvar=True,
        help='Synonyms, one group per line: "a = b = c".',
    )(command)


def additions_from(synonyms: Path | None, stop_words: Path | None) -> Additions:
    """Read the files of the two options. Raises ClickException if one is malformed or missing."""
    try:
        return Additions.read(synonyms, stop_words)
    except (LexiconError, OSError) as error:
        raise click.ClickException(str(error)) from error


def language_from(synonyms: Path | None, stop_words: Path | None) -> Language:
    """Return a `Language` with the word lists of the package and of the two options."""
    return Language.default(additions_from(synonyms, stop_words))
