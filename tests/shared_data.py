"""Where the data lies that tests may use when it is there, and that is never copied here."""

from pathlib import Path

SHARED = Path(__file__).resolve().parents[2] / "shared"
