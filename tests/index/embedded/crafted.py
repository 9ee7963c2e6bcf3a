"""Forged commits with valid digests, since an attacker may know the format."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from index.embedded.commits import latest_generation, read_commit
from index.storage.array_file import open_arrays


def commit_path(directory: Path) -> Path:
    """Return the file of the newest commit."""
    return directory / f"commit-{latest_generation(directory)}.json"


def change_commit(directory: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Apply `change` to the values of the newest commit, and update its digest."""
    path = commit_path(directory)
    values = json.loads(path.read_bytes())["commit"]
    change(values)
    write_values(path, json.dumps(values))


def write_values(path: Path, values: str) -> None:
    """Write a commit file with these values and a valid digest."""
    digest = hashlib.blake2b(values.encode(), digest_size=16).hexdigest()
    path.write_text(f'{{"digest":"{digest}","commit":{values}}}\n', "utf-8")


def accept_files(directory: Path) -> None:
    """Update the fingerprints of the newest commit to those of the current files."""
    segments = read_commit(directory).segments

    def change(values: dict[str, Any]) -> None:
        for entry, segment in zip(values["segments"], segments, strict=True):
            for extension in segment.files:
                fingerprint = open_arrays(segment.path(directory, extension)).fingerprint
                entry["files"][extension] = fingerprint._asdict()
            if segment.removed:
                fingerprint = open_arrays(segment.removed.path(directory)).fingerprint
                entry["removed"].update(fingerprint._asdict())

    change_commit(directory, change)
