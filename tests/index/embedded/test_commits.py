"""Commits are read back as written; anything else is refused."""

import copy
import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.embedded import writer
from index.embedded.commit import Commit, commit_from_bytes, commit_to_bytes
from index.embedded.commits import commit_stamp, latest_generation, read_commit
from index.embedded.segment import EXTENSIONS, RemovedFile, Segment
from index.errors import IndexUnavailableError
from index.schema import DEFAULT_SCHEMA
from index.schema_files import parse_field
from index.storage.array_file import Fingerprint
from search.engines.embedded.engine import open_engine
from tests.index.embedded.crafted import change_commit, commit_path, write_values
from tests.index.embedded.segments import IN_SEGMENTS
from tests.index.embedded.test_writer import ids_in, numbered

digests = st.text("0123456789abcdef", min_size=32, max_size=32)
fingerprints = st.builds(Fingerprint, st.integers(0, 1 << 40), digests)


@st.composite
def segments(draw: st.DrawFn) -> Segment:
    documents = draw(st.integers(0, 300))
    deleted = draw(st.sets(st.integers(0, documents - 1))) if documents else set()
    ids = st.text("0123456789abcdef", min_size=16, max_size=16)
    removed = st.none() | st.builds(RemovedFile, ids, fingerprints)
    return Segment(
        draw(ids),
        documents,
        DEFAULT_SCHEMA.with_fields(parse_field("tags:keywords:facet")),
        {extension: draw(fingerprints) for extension in EXTENSIONS},
        np.array(sorted(deleted), np.uint32),
        draw(removed) if deleted else None,
    )


@given(
    st.integers(1, 10**15),
    digests,
    st.lists(segments(), max_size=3, unique_by=lambda segment: segment.id),
)
def test_a_commit_is_read_back_unchanged(
    generation: int, identity: str, parts: list[Segment]
) -> None:
    schema = DEFAULT_SCHEMA.with_fields(parse_field("tags:keywords:facet"))
    commit = Commit(generation, identity, schema, tuple(parts))
    back = commit_from_bytes(Path("commit"), commit_to_bytes(commit))
    assert (back.generation, back.identity, back.schema) == (generation, identity, schema)
    for one, other in zip(back.segments, parts, strict=True):
        assert (one.id, one.documents, one.schema) == (other.id, other.documents, schema)
        assert (one.files, one.removed) == (other.files, other.removed)
        assert one.deleted.dtype == np.uint32
        assert one.deleted.tolist() == other.deleted.tolist()


def entry(values: dict[str, Any], **changes: object) -> None:
    values["segments"][0].update(changes)


CRAFTS: list[Callable[[dict[str, Any]], object]] = [
    lambda values: entry(values, id="../../etc/passwd"),
    lambda values: entry(values, documents=-1),
    lambda values: entry(values, documents=True),
    lambda values: entry(values, documents=1 << 40),
    lambda values: entry(values, deleted=2),
    lambda values: entry(values, deleted=1),
    lambda values: entry(values, deleted=1, deleted_documents="Bw=="),
    lambda values: entry(values, deleted=1, deleted_documents="no base64"),
    lambda values: entry(values, files={}),
    lambda values: entry(values, files={".text": {"size": 1, "digest": "0" * 32}}),
    lambda values: values["segments"][0]["files"].update({".more": {"size": 1, "digest": "x"}}),
    lambda values: entry(values, removed={"id": "../../etc/passwd", "size": 1, "digest": "0" * 32}),
    lambda values: entry(values, removed={"id": "0" * 16, "size": 1, "digest": "0" * 32}),
    lambda values: entry(values, removed=["0" * 16]),
    lambda values: values["segments"].append(values["segments"][0]),
    lambda values: values.update(segments={}),
    lambda values: values.update(segments=None),
    lambda values: values.update(generation=7),
    lambda values: values.update(identity=None),
    lambda values: values.update(schema={"fields": [{"name": 1}]}),
    lambda values: values.clear(),
]


@pytest.mark.parametrize("change", CRAFTS)
def test_an_inconsistent_commit_is_refused(
    tmp_path: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    writer.build([numbered(1)], tmp_path)
    change_commit(tmp_path, change)
    with pytest.raises(IndexUnavailableError, match="again"):
        open_engine(tmp_path)


@pytest.mark.parametrize("values", ["[" * 200_000, "null", "{}", "1e999", '"', '{"format": "2"}'])
def test_json_that_is_not_a_commit_is_refused(tmp_path: Path, values: str) -> None:
    writer.build([numbered(1)], tmp_path)
    write_values(commit_path(tmp_path), values)
    with pytest.raises(IndexUnavailableError, match="again"):
        read_commit(tmp_path)


def test_any_value_of_a_commit_may_be_of_any_type(tmp_path: Path) -> None:
    writer.build([numbered(1, 2)], tmp_path)
    writer.delete(tmp_path, ["1"], limits=IN_SEGMENTS)
    sound = json.loads(commit_path(tmp_path).read_bytes())["commit"]
    choose = random.Random(7)
    refused = 0
    for _ in range(300):
        values = copy.deepcopy(sound)
        holder: Any = values
        while True:
            keys = list(holder) if isinstance(holder, dict) else range(len(holder))
            key = choose.choice(keys)
            if (
                not isinstance(holder[key], (dict, list))
                or not holder[key]
                or choose.random() < 0.2
            ):
                break
            holder = holder[key]
        holder[key] = choose.choice([None, 0, -1, 1 << 70, 0.5, "", "a", [], {}, [[]], "0" * 16])
        write_values(commit_path(tmp_path), json.dumps(values))
        try:
            assert set(ids_in(tmp_path)) <= {"1", "2"}
        except IndexUnavailableError:
            refused += 1
    assert refused > 150


def test_an_index_of_an_older_version_is_refused_and_may_be_built_again(tmp_path: Path) -> None:
    for name in ("_MAIN_3.toc", "MAIN_0123456789abcdef.text", "MAIN_WRITELOCK"):
        (tmp_path / name).write_bytes(b"old")
    with pytest.raises(IndexUnavailableError, match=r"older version.*no schema.*index build"):
        read_commit(tmp_path)
    writer.build([numbered(1)], tmp_path)
    assert ids_in(tmp_path) == ["1"]
    assert not list(tmp_path.glob("*MAIN*"))


def test_another_format_is_named(tmp_path: Path) -> None:
    writer.build([numbered(1)], tmp_path)
    change_commit(tmp_path, lambda values: values.update(format=99))
    with pytest.raises(IndexUnavailableError, match=r"format version 99.*reads 3.*index build"):
        read_commit(tmp_path)


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_files_of_another_index_are_refused(tmp_path: Path, extension: str) -> None:
    """Even if they are valid and have the same number of articles."""
    folders = [tmp_path / "one", tmp_path / "other"]
    paths = []
    for number, folder in enumerate(folders):
        writer.build([numbered(number * 10 + 1, number * 10 + 2)], folder)
        [segment] = read_commit(folder).segments
        paths.append(segment.path(folder, extension))
    if extension != ".completions":  # both have none
        shutil.copy(paths[0], paths[1])
        with pytest.raises(IndexUnavailableError, match="not the file that was committed"):
            open_engine(folders[1])


def test_a_stamp_distinguishes_indexes_of_the_same_generation(tmp_path: Path) -> None:
    for name in ("one", "other"):
        writer.build([numbered(1)], tmp_path / name)
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "one")
    first = commit_stamp(link)
    assert first == commit_stamp(link)
    assert first
    assert first.generation == 1
    link.unlink()
    link.symlink_to(tmp_path / "other")
    assert commit_stamp(link) not in (first, None)
    assert read_commit(link).identity != read_commit(tmp_path / "one").identity
    assert commit_stamp(tmp_path / "none") is None


def test_a_folder_that_cannot_be_listed_is_not_taken_for_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer.build([numbered(1)], tmp_path)

    def fail(*_: object) -> list[str]:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "listdir", fail)
        for attempt in (
            lambda: latest_generation(tmp_path),
            lambda: commit_stamp(tmp_path),
            lambda: read_commit(tmp_path),
            lambda: writer.update([numbered(2)], tmp_path, limits=IN_SEGMENTS),
            lambda: writer.build([numbered(2)], tmp_path),
            lambda: writer.delete(tmp_path, ["1"], limits=IN_SEGMENTS),
        ):
            with pytest.raises(IndexUnavailableError, match=r"cannot be read.*try again"):
                attempt()
    assert ids_in(tmp_path) == ["1"]
