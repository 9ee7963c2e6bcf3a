"""Commits during searches; `python -m benchmarks.soak` is a longer version."""

from pathlib import Path

from benchmarks.soak import soak


def test_every_response_is_from_one_commit_and_none_goes_back(tmp_path: Path) -> None:
    seen, uses = soak(tmp_path / "index", commits=6, clients=3, pause=0.1)
    assert set(seen.statuses) == {200}
    assert seen.statuses[200] > 10
    assert seen.mixed == seen.stale == []
    assert uses[-1].files <= uses[0].files + 20
