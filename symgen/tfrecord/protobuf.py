"""Protocol buffers on NumPy: arrays of varints, and the fields of messages.

It covers only what `tf.train.SequenceExample` needs. A damaged message raises DataError; nothing is
read outside it, and no more memory is used than its own size.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.errors import DataError

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Array = npt.NDArray[Any]

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
MAX_VARINT = 10  # bytes of a 64-bit varint
BROKEN = -(1 << 40)  # stands for a length that cannot be read


def damaged(what: str) -> DataError:
    """Return the error for a damaged message."""
    return DataError(f"damaged record: {what}")


def varint_sizes(values: Array) -> Ints:
    """Return the bytes of each of `values` as a varint; negatives in two's complement."""
    return _sizes(_narrow(values))


def _narrow(values: Array) -> Array:
    """Return `values` in uint16 where they fit, which is a quarter of the memory traffic."""
    wide = np.ascontiguousarray(values, np.int64).view(np.uint64)
    return wide.astype(np.uint16) if int(wide.max(initial=0)) < 1 << 16 else wide


def _sizes(plain: Array) -> Ints:
    sizes = np.ones(plain.shape, np.int64)
    top = int(plain.max(initial=0))
    for shift in range(7, 64, 7):
        if top >> shift == 0:
            break
        sizes += plain >= plain.dtype.type(1 << shift)
    return sizes


def varints(values: Array) -> Bytes:
    """Return the bytes of the varints of int64 `values`, of any shape, in order."""
    plain = _narrow(values).reshape(-1)
    sizes = _sizes(plain)
    ends = np.cumsum(sizes)
    out = np.empty(int(ends[-1]) if len(ends) else 0, np.uint8)
    starts = ends - sizes
    out[starts] = plain & plain.dtype.type(0x7F)
    for k in range(1, int(sizes.max(initial=1))):
        more = np.flatnonzero(sizes > k)
        place = starts[more] + k
        out[place - 1] |= 0x80
        out[place] = (plain[more] >> plain.dtype.type(7 * k)) & plain.dtype.type(0x7F)
    return out


def decode_varints(data: Bytes) -> tuple[Ints, Ints]:
    """Return the values of consecutive varints, and the index of the last byte of each."""
    ends = np.flatnonzero(data < 0x80)
    if len(data) and (not len(ends) or ends[-1] != len(data) - 1):
        raise damaged("a number breaks off")
    starts = np.concatenate([np.zeros(1, np.int64), ends + 1])[: len(ends)]
    return _gather(data, starts, ends - starts + 1), ends


def _gather(data: Bytes, starts: Ints, sizes: Ints) -> Ints:
    if int(sizes.max(initial=0)) > MAX_VARINT:
        raise damaged(f"a number of more than {MAX_VARINT} bytes")
    values = (data[starts] & 0x7F).astype(np.uint64)
    for k in range(1, int(sizes.max(initial=0))):
        more = np.flatnonzero(sizes > k)
        low = data[starts[more] + k] & np.uint64(0x7F)
        values[more] |= low << np.uint64(7 * k)
    return values.view(np.int64)


def lengths_at(data: Bytes, places: Ints) -> tuple[Ints, Ints]:
    """Read the length at each place; return (lengths, places after them).

    A length that is cut off or absurd is BROKEN. `data` must end with a byte below 0x80 (see
    `padded`), and `places` must lie inside it.
    """
    values = data[places].astype(np.int64)
    after = places + 1
    more = np.flatnonzero(values >= 0x80)
    shift = 7
    values &= 0x7F
    while len(more) and shift <= 28:
        at = np.minimum(after[more], len(data) - 1)
        values[more] |= (data[at] & 0x7F).astype(np.int64) << shift
        after[more] += 1
        more = more[data[at] >= 0x80]
        shift = shift + 7
    values[more] = BROKEN
    return values, after


def padded(data: bytes | memoryview) -> Bytes:
    """Return the bytes as an array with a zero byte at the end, so that look-ahead stays inside."""
    return np.frombuffer(bytes(data) + b"\0", np.uint8)


def varint(value: int) -> bytes:
    """Return one varint of a number that is not negative."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def field(number: int, payload: bytes) -> bytes:
    """Return a length-delimited field of a message."""
    return varint(number << 3 | LENGTH) + varint(len(payload)) + payload


def fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Yield (number, value) of each field: an int for a varint, else a view of the bytes."""
    place = 0
    end = len(message)
    while place < end:
        key, place = _one(message, place)
        size = {FIXED64: 8, FIXED32: 4}.get(key & 7, 0)
        kind = key & 7
        if kind == VARINT:
            value, place = _one(message, place)
            yield key >> 3, value
            continue
        if kind == LENGTH:
            size, place = _one(message, place)
        elif not size:
            raise damaged(f"no field has wire type {kind}")
        if size > end - place:
            raise damaged(f"a field of {size} bytes where {end - place} are left")
        yield key >> 3, message[place : place + size]
        place += size


def _one(message: memoryview, place: int) -> tuple[int, int]:
    value = 0
    for k, byte in enumerate(message[place : place + MAX_VARINT]):
        value |= (byte & 0x7F) << 7 * k
        if byte < 0x80:
            return value, place + k + 1
    raise damaged("a number breaks off")
