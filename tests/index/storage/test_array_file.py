"""Array files are read back as written; anything else is refused with a clear error."""

import json
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps

from index.storage import array_file as arrays
from index.storage.array_file import ArrayFileError, open_arrays, typed_arrays
from index.storage.array_writer import ArrayWriter, write_arrays

DTYPES = ["u1", "<u2", "<u4", "<u8", "i1", "<i2", "<i4", "<i8"]
anything = st.dictionaries(
    st.text(max_size=9),
    st.sampled_from(DTYPES).flatmap(lambda dtype: nps.arrays(dtype, st.integers(0, 50))),
    max_size=5,
)
reuse_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def sample(folder: Path) -> Path:
    path = folder / "sample"
    write_arrays(path, {"big": np.arange(30_000), "small": np.arange(9, dtype=np.uint16)})
    return path


@given(content=anything)
@reuse_folder
def test_arrays_survive_a_round_trip(tmp_path: Path, content: dict[str, np.ndarray]) -> None:
    write_arrays(tmp_path / "a", content)
    opened = open_arrays(tmp_path / "a")
    opened.verify()
    assert set(opened) == set(content)
    for name, array in content.items():
        assert opened[name].dtype == array.dtype
        np.testing.assert_array_equal(opened[name], array)
        assert not opened[name].flags.writeable


def test_sections_grow_in_any_order(tmp_path: Path) -> None:
    with ArrayWriter(tmp_path / "a") as writer:
        for step in range(5):
            writer.append("one", np.full(100_000, step, np.int64))
            writer.append("two", np.full(step, step, np.uint8))
    opened = open_arrays(tmp_path / "a")
    opened.verify()
    np.testing.assert_array_equal(opened["one"], np.repeat(np.arange(5), 100_000))
    np.testing.assert_array_equal(opened["two"], np.repeat(np.arange(5), np.arange(5)))
    assert [file.name for file in tmp_path.iterdir()] == ["a"]


@given(sizes=st.lists(st.sampled_from([0, 1, 4095, 4096, 4097, 9000]), max_size=6))
@reuse_folder
def test_chunks_of_any_size_give_the_same_checksums(tmp_path: Path, sizes: list[int]) -> None:
    with ArrayWriter(tmp_path / "a") as writer:
        for size in (0, *sizes):
            writer.append("one", np.arange(size, dtype=np.uint8))
    open_arrays(tmp_path / "a").verify()


def test_a_failed_write_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="cannot store"):
        write_arrays(tmp_path / "a", {"good": np.arange(3), "bad": np.array(["text"])})
    assert list(tmp_path.iterdir()) == []


def test_a_missing_section_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArrayFileError, match="sample: has no section 'other'"):
        open_arrays(sample(tmp_path))["other"]


@pytest.mark.parametrize("keep", [0, 1, 63, 64, 1000, 200_000])
def test_a_truncated_file_is_refused(tmp_path: Path, keep: int) -> None:
    path = sample(tmp_path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ArrayFileError, match="cut short"):
        open_arrays(path)


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "foreign"
    path.write_bytes(b"PK\x03\x04" * 100)
    with pytest.raises(ArrayFileError, match="not an array file"):
        open_arrays(path)


@given(at=st.integers(0, 10**6), bit=st.integers(0, 7))
@reuse_folder
def test_any_flipped_bit_is_noticed(tmp_path: Path, at: int, bit: int) -> None:
    path = tmp_path / "tiny"
    write_arrays(path, {"one": np.arange(8), "two": np.arange(64, dtype=np.uint8)})  # no padding
    content = bytearray(path.read_bytes())
    content[at % len(content)] ^= 1 << bit
    path.write_bytes(content)
    with pytest.raises(ArrayFileError):
        open_arrays(path).verify()


@given(
    entry=st.one_of(
        st.tuples(
            st.sampled_from([*DTYPES, "|O", "<U9", "<f2", "V8", "", None, 7]),
            st.integers(-(2**70), 2**70),
            st.integers(-(2**70), 2**70),
        ),
        st.recursive(st.none() | st.booleans() | st.text(), lambda x: st.lists(x)),
    )
)
@reuse_folder
def test_a_hostile_table_is_refused_or_harmless(tmp_path: Path, entry: object) -> None:
    """Checksums are right, as an attacker would write them; nothing outside may be read."""
    path = tmp_path / "hostile"
    table = json.dumps({"x": entry}).encode()
    body = bytes(64)
    header = arrays.HEADER.pack(
        arrays.MAGIC,
        arrays.VERSION,
        0xFEFF,
        zlib.crc32(table, zlib.crc32(body)),
        128 + len(table),
        128,
        len(table),
        0,
    )
    header = header[:-4] + struct.pack("<I", zlib.crc32(header[:-4]))
    path.write_bytes(header + body + table)
    try:
        opened = open_arrays(path)
        opened.verify()
    except ArrayFileError:
        return
    assert opened["x"].nbytes <= len(body)


def test_another_dtype_is_refused(tmp_path: Path) -> None:
    opened = open_arrays(sample(tmp_path))
    assert opened.typed("small", np.uint8, np.uint16) is opened["small"]
    with pytest.raises(ArrayFileError, match="section 'small' has the wrong type uint16"):
        opened.checked("small", np.uint8)
    assert typed_arrays(opened, {"small": np.uint16, "big": np.int64})[1] is opened["big"]
    with pytest.raises(ValueError, match="'big' has the wrong type int64"):
        typed_arrays(opened, {"small": np.uint16, "big": np.uint32})


def test_opening_reads_no_section(tmp_path: Path) -> None:
    """Damage is found where it is read, or by `verify`, not by opening: opening stays fast."""
    path = sample(tmp_path)
    content = bytearray(path.read_bytes())
    content[100_000] ^= 1
    path.write_bytes(content)
    opened = open_arrays(path)
    opened.checked("small", np.uint16)
    opened.check("big", 0, 12_000)
    with pytest.raises(ArrayFileError, match="section 'big' is damaged"):
        opened.check("big", 12_400, 12_500)
    with pytest.raises(ArrayFileError, match="section 'big' is damaged"):
        opened.verify()
