"""Files of strangers: what is within the limits is read, anything else is refused at once."""

import io
import json
import struct
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgen.bounded import archive, arrays, json_text

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=20,
)


@given(PLAIN)
def test_json_within_the_limits_is_what_the_library_reads(value):
    data = json.dumps(value).encode()
    if json_text.too_deep(value):
        with pytest.raises(ValueError, match="nested"):
            json_text.parse(data, 10**6)
    else:
        assert json_text.parse(data, 10**6) == value


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"[" * 100_000 + b"]" * 100_000, "lists and tables"),
        (b'{"a":' * 9_000 + b"1" + b"}" * 9_000, "nested"),
        (b"[" * 18 + b"]" * 18, "nested"),
        (b"[" + b"{}," * 200_000 + b"{}]", "lists and tables"),
        (b"9" * 100_000, "digits"),
        (b"\xff\xfe", r"\w"),
        (b" " * 2_000_000, "bytes"),
    ],
)
def test_json_beyond_the_limits_is_refused(data, reason):
    with pytest.raises(ValueError, match=reason):
        json_text.parse(data, 1_000_000)


def test_what_is_no_number_in_json_counts_as_nothing():
    assert json_text.parse(b"[NaN, Infinity, 1]", 100) == [None, None, 1]


def zipped(parts, how=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", how) as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return file.getvalue()


def test_a_zip_is_read():
    made = archive.opened(io.BytesIO(zipped({"a": b"123", "b": bytes(10**6)})), 2)
    archive.check_sizes(made, {"a": 3}, 10**6, 16)
    assert archive.read(made, "a") == b"123"
    assert archive.read(made, "b") == bytes(10**6)
    with pytest.raises(KeyError):
        archive.read(made, "c")


def test_no_more_is_unpacked_than_the_directory_says():
    """`ZipFile.read` would unpack all of it first."""
    data = bytearray(zipped({"a": bytes(50_000_000)}))
    for place in (22, data.rfind(b"PK\1\2") + 24):
        data[place : place + 4] = struct.pack("<L", 1000)
    made = archive.opened(io.BytesIO(bytes(data)), 1)
    with pytest.raises(ValueError, match="cannot be unpacked"):  # its CRC is that of the whole
        archive.read(made, "a")


@pytest.mark.parametrize(
    ("parts", "how", "reason"),
    [
        ({str(i): b"" for i in range(5)}, zipfile.ZIP_STORED, "members"),
        ({"a": b""}, zipfile.ZIP_BZIP2, "packed"),
        ({"a": bytes(101)}, zipfile.ZIP_STORED, "has 101 bytes, the limit is 100"),
        ({"b": bytes(30_000_000)}, zipfile.ZIP_DEFLATED, "times as many"),
    ],
)
def test_a_zip_beyond_the_limits_is_refused(parts, how, reason):
    with pytest.raises(ValueError, match=reason):
        archive.check_sizes(
            archive.opened(io.BytesIO(zipped(parts, how)), 4), {"a": 100}, 10**8, 16
        )


@given(st.binary(max_size=200))
def test_bytes_that_are_no_zip_are_refused(data):
    with pytest.raises(ValueError, match="zip"):
        archive.opened(io.BytesIO(data), 4)


KINDS = ["bool", "int8", "uint16", "int32", "int64", "float16", "float32", "float64", ">f4"]


@given(st.sampled_from(KINDS), st.lists(st.integers(0, 4), max_size=3), st.booleans())
def test_arrays_of_numbers_are_read(kind, shape, fortran):
    array = np.asarray(np.arange(int(np.prod(shape))).reshape(shape), kind)
    if fortran:
        array = np.asfortranarray(array)
    file = io.BytesIO()
    np.savez(file, x=array)
    [(name, found)] = arrays.load(file.getvalue(), 10_000).items()
    assert name == "x" and found.dtype == array.dtype
    assert found.shape == array.shape and np.array_equal(found, array)


def npz(header, data=bytes(64)):
    text = header.encode() + b"\n"
    start = b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text
    return zipped({"x.npy": start + data})


GOOD = "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 4), }"


def test_an_array_is_as_large_as_it_says():
    assert arrays.load(npz(GOOD), 64)["x"].shape == (4, 4)
    with pytest.raises(ValueError, match="limit is 63"):
        arrays.load(npz(GOOD), 63)


@pytest.mark.parametrize(
    "header",
    [
        GOOD.replace("(4, 4)", "(1000000000,)"),
        GOOD.replace("(4, 4)", "(4, -4)"),
        GOOD.replace("(4, 4)", "(4, 4, 1e9)"),
        GOOD.replace("(4, 4)", "(" + "1" * 300 + ",)"),
        GOOD.replace("<f4", "|O"),
        GOOD.replace("'<f4'", "[('a', '<f4')]"),
        GOOD.replace("False", "exit()"),
        "(" * 200,
        "",
    ],
)
def test_a_header_that_numpy_does_not_write_is_refused(header):
    with pytest.raises(ValueError, match="no array of numbers"):
        arrays.load(npz(header), 10**9)


def test_all_headers_are_seen_before_an_array_is_unpacked():
    def check(headers):
        assert headers["x"].shape == (4, 4)
        raise ValueError("not these")

    with pytest.raises(ValueError, match="not these"):
        arrays.load(npz(GOOD), 64, check)
