"""The commit that a searcher uses while the index is written to."""

from pathlib import Path

import pytest

from index.analysis import analyse
from index.embedded.writer import build, update
from search import open_searcher
from search.searcher import MAX_CHECK_SECONDS
from tests.search.test_searcher import ARTICLES


def test_a_new_commit_is_kept_while_others_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first one is used at once; later ones only after `hold_seconds`."""
    clock = [100.0]
    monkeypatch.setattr("search.searcher.time.monotonic", lambda: clock[0])
    build([analyse(ARTICLES[:1])], tmp_path)
    searcher = open_searcher(tmp_path, hold_seconds=0.5)
    seen = []
    for article in ARTICLES[1:]:
        update([analyse([article])], tmp_path)
        seen.append((searcher.articles, searcher.search("").total))
        clock[0] += 0.3
    assert seen == [(2, 2), (2, 2), (4, 4)]


def test_a_searcher_with_hold_seconds_checks_for_commits_at_intervals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr("search.searcher.time.monotonic", lambda: clock[0])
    build([analyse(ARTICLES[:1])], tmp_path)
    holding, eager = open_searcher(tmp_path, hold_seconds=0.5), open_searcher(tmp_path)
    assert (holding.articles, eager.articles) == (1, 1)
    update([analyse(ARTICLES[1:2])], tmp_path)
    assert (holding.articles, eager.articles) == (1, 2)
    clock[0] += MAX_CHECK_SECONDS
    assert holding.articles == 2
