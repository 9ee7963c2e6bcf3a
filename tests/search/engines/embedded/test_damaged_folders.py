"""Damaged folders are refused with a clear error or give right results; no process crashes."""

from pathlib import Path

from benchmarks.damaged_folders import FORGED, folders, outcomes


def test_any_damage_is_reported_or_does_no_harm(tmp_path: Path) -> None:
    """`python -m benchmarks.damaged_folders` is a longer version."""
    built = folders(tmp_path)
    assert {Path(name).suffix for name in built.intact} >= {".removed", ".language", ".json"}
    found = outcomes(built, range(150), tmp_path)
    assert set(found) <= {"clear error", "same results", FORGED}, found
    assert found["clear error"] > 50
