"""Records: a piece as the bytes of a `tf.train.SequenceExample`, without TensorFlow.

The schema is fixed. The context holds text (bytes_list), fractions (float_list, float32 on disk)
and counts (int64_list), one value each or a list. The feature list `event` has an int64_list for
each step, with one value for each field. Keys are sorted, so equal pieces give equal bytes. Records
of TensorFlow are read too: keys in any order, lists packed or not.

A step is six numbers below 128 (three tags, three lengths) and its values, so a piece is one array
of varints. A step of one small value is looked up in a table, and read back without a search. In
other cases the beginnings of steps are found by pointer doubling over the length prefixes. Nothing
loops over events in Python.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from symgen.tfrecord.protobuf import (
    Array,
    Bytes,
    Ints,
    damaged,
    decode_varints,
    field,
    fields,
    lengths_at,
    padded,
    varint_sizes,
    varints,
)

Value = str | float | int | list[Any]
Events = npt.NDArray[np.int32]

CONTEXT, LISTS = 1, 2  # of SequenceExample
ENTRY, KEY, ITEM = 1, 1, 2  # of the maps
TEXT, FLOAT, INT = 1, 2, 3  # of Feature
NEST, NEST_INT, PACKED, LOOSE = 0x0A, INT << 3 | 2, 0x0A, 0x08  # the tags of a step
SMALL = 1 << 14  # smaller values take one or two bytes, and their steps 7 or 8


class Record(NamedTuple):
    """A piece: its context, and int32 events `[steps, fields]`."""

    context: dict[str, Value]
    events: Events


def dumps(context: Mapping[str, Value], events: Array) -> bytes:
    """Return the serialised SequenceExample of a piece; `events` are integers `[steps, fields]`."""
    features = b"".join(_entry(key, _feature(context[key])) for key in sorted(context))
    return field(CONTEXT, features) + field(LISTS, _entry("event", _steps(events).tobytes()))


def _entry(key: str, item: bytes) -> bytes:
    return field(ENTRY, field(KEY, _encoded(key)) + field(ITEM, item))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")  # a file name need not be UTF-8


def _feature(value: Value) -> bytes:
    values = value if isinstance(value, list) else [value]
    if all(isinstance(v, str) for v in values):
        return field(TEXT, b"".join(field(1, _encoded(str(v))) for v in values))
    if all(isinstance(v, int | np.integer) for v in values):
        return field(INT, field(1, varints(np.array(values, np.int64)).tobytes()))
    return field(FLOAT, field(1, np.array(values, "<f4").tobytes()))


def _steps(events: Array) -> Bytes:
    single = events.shape[1] == 1 and len(events) > 0
    if not single or int(events.min()) < 0 or int(events.max()) >= SMALL:
        return _serialised(events)
    made, filled = _small()
    values = events[:, 0]
    used = filled[values].view(np.bool_)
    parts: Bytes = made[values].view(np.uint8)[used]
    return parts


@functools.cache
def _small() -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Return the eight bytes of a step for each value below SMALL, and which of them are used.

    Both are uint64 `[SMALL]`, a view of eight bytes.
    """
    values = np.arange(SMALL)
    filled = np.arange(8) < 6 + varint_sizes(values)[:, None]
    made = np.zeros((SMALL, 8), np.uint8)
    made[filled] = _serialised(values[:, None])
    return made.view(np.uint64)[:, 0], filled.view(np.uint64)[:, 0]


def _serialised(events: Array) -> Bytes:
    steps, width = events.shape
    numbers = np.empty((steps, 6 + width), np.int64)
    numbers[:, 6:] = events
    numbers[:, [0, 2, 4]] = NEST, NEST_INT, PACKED
    size = varint_sizes(numbers[:, 6:]).sum(axis=1)
    for place in (5, 3, 1):
        numbers[:, place] = size
        size += 1 + varint_sizes(size)
    return varints(numbers)


def loads(data: bytes | memoryview, width: int) -> Record:
    """Read a serialised SequenceExample with `width` values in each step.

    DataError says what is damaged.
    """
    context: dict[str, Value] = {}
    events = np.zeros((0, width), np.int32)
    for number, part in fields(memoryview(data)):
        if number == CONTEXT:
            context |= {key: _value(item) for key, item in _entries(part)}
        elif number == LISTS:
            for key, item in _entries(part):
                events = _events(item, width) if key == "event" else events
    return Record(context, events)


def _entries(part: int | memoryview) -> Iterator[tuple[str, memoryview]]:
    for number, entry in fields(_view(part)):
        if number == ENTRY:
            pair = {n: _view(v) for n, v in fields(_view(entry))}
            key = bytes(pair.get(KEY, b"")).decode("utf-8", "surrogateescape")
            yield key, pair.get(ITEM, memoryview(b""))


def _view(value: int | memoryview) -> memoryview:
    if isinstance(value, int):
        raise damaged("a number where a message belongs")
    return value


def _value(feature: memoryview) -> Value:
    values: list[Any] = []
    for kind, items in fields(feature):
        values += [v for _, item in fields(_view(items)) for v in _scalars(kind, item)]
    return values[0] if len(values) == 1 else values


def _scalars(kind: int, item: int | memoryview) -> list[Any]:
    if kind not in (TEXT, FLOAT, INT):
        return []
    if isinstance(item, int):
        return [item - (1 << 64) if item >> 63 else item]
    if kind == TEXT:
        return [bytes(item).decode("utf-8", "surrogateescape")]
    if kind == INT:
        values: list[Any] = decode_varints(np.frombuffer(item, np.uint8))[0].tolist()
        return values
    if len(item) % 4:
        raise damaged(f"{len(item)} bytes of float32")
    return [float(v) for v in np.frombuffer(item, "<f4")]


def _events(steps: memoryview, width: int) -> Events:
    if width == 1 and (small := _small_steps(np.frombuffer(steps, np.uint8))) is not None:
        return small
    data = padded(steps)
    end = len(steps)
    first, last, loose = _lists(data, end)
    values, counts, owner = _runs(data, first, last)
    if loose.any():
        values, counts = _tagless(values, counts, loose[owner], owner)
    if not (counts == width).all():
        found = sorted(set(counts.tolist()) - {width})
        raise damaged(f"a step of {found[0]} values; the encoding has {width}")
    events = values.astype(np.int32)
    if not np.array_equal(events, values):
        raise damaged(f"an event value beyond 32 bits: {int(values[events != values][0])}")
    return events.reshape(-1, width)


def _small_steps(data: Bytes) -> Events | None:
    """Return the events of steps as `_steps` writes small values; None for anything else."""
    outer = data[:-6] == NEST
    inner = data[2:-4] == NEST_INT
    packed = data[4:-2] == PACKED
    begins = np.flatnonzero(outer & inner & packed)
    size = np.diff(begins, append=len(data))
    if not len(begins) or int(size.min()) < 7 or int(size.max()) > 8:
        return None
    low = data[begins + 6]
    high = data[begins + size - 1]
    two_bytes = (low & 0x7F) | high.astype(np.int32) << 7
    events = np.where(size == 8, two_bytes, low)[:, None]
    return events if np.array_equal(_steps(events), data) else None


def _lists(data: Bytes, end: int) -> tuple[Ints, Ints, Array]:
    """Return for each step where its numbers begin and end, and whether they are not packed."""
    steps = _step_starts(data, end)
    sizes, inner = lengths_at(data, steps + 1)
    stop = inner + sizes
    sizes, first = lengths_at(data, inner + 1)
    if not (first + sizes == stop).all():
        raise damaged("a step that is not one list of numbers")
    packed = (data[first] == PACKED) & (first < stop)
    loose = (data[first] == LOOSE) & (first < stop)
    sizes, after = lengths_at(data, np.minimum(first + 1, end))
    if not (after + sizes == stop)[packed].all():
        raise damaged("a packed list whose length is not that of its step")
    if not (packed | loose | (first == stop)).all():
        raise damaged("a list of other things than numbers")
    if (data[stop - 1] >= 0x80).any():
        raise damaged("a number breaks off")
    return np.where(packed, after, first), stop, loose


def _step_starts(data: Bytes, end: int) -> Ints:
    """Return the place of the tag of each step.

    Every byte that could be a tag points to the next one; the chain from 0 is the answer.
    """
    maybe = np.flatnonzero(data[:end] == NEST)
    sizes, after = lengths_at(data, maybe + 1)
    fits = (sizes >= 0) & (after + sizes <= end)
    maybe = maybe[fits]
    sizes = sizes[fits]
    after = after[fits]
    integers = data[after] == NEST_INT
    maybe = maybe[integers]
    following = (after + sizes)[integers]
    done, lost = len(maybe), len(maybe) + 1  # the end of the chain, and a place without a step
    number = np.full(end + 1, lost)
    number[maybe] = np.arange(done)
    number[end] = done
    jump = np.append(number[following], [done, lost])
    path = number[:1]
    while path[-1] < done:
        path = np.append(path, jump[path])
        jump = jump[jump]
    if (path == lost).any():
        raise damaged("the chain of steps breaks off")
    starts: Ints = maybe[path[path < done]]
    return starts


def _runs(data: Bytes, first: Ints, last: Ints) -> tuple[Ints, Ints, Ints]:
    """Decode the varints of all ranges; return values, counts of ranges, ranges of values."""
    depth = np.zeros(len(data) + 1, np.int8)
    depth[first] += 1
    depth[last] -= 1
    inside = np.flatnonzero(np.cumsum(depth[:-1], dtype=np.int8))
    values, ends = decode_varints(data[inside])
    upto = np.searchsorted(inside[ends], last)
    counts = np.diff(upto, prepend=0)
    return values, counts, np.repeat(np.arange(len(first)), counts)


def _tagless(values: Ints, counts: Ints, loose: Array, owner: Ints) -> tuple[Ints, Ints]:
    """Drop the tag before each number of an unpacked list."""
    place = np.arange(len(values)) - np.repeat(np.cumsum(counts) - counts, counts)
    tag = loose & (place % 2 == 0)
    tags = np.bincount(owner[tag], minlength=len(counts))
    if (values[tag] != LOOSE).any() or (counts - 2 * tags)[owner[loose]].any():
        raise damaged("an unpacked list that holds other things than numbers")
    return values[~tag], counts - tags
