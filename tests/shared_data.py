"""The location of shared data, which tests may use if present and never copy."""

from pathlib import Path

SHARED = Path(__file__).resolve().parents[2] / "shared"
