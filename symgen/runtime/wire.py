"""The records of a protobuf message, as ONNX models are: a key, which is 8 times the number of the
field plus how it is packed, and a value. Nothing is copied.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

VARINT, EIGHT, BYTES, FOUR = 0, 1, 2, 5  # how values are packed
MOST_BYTES = 10  # of a whole number


class Record(NamedTuple):
    """A record: the number of its field, how it is packed, its value, and all of it."""

    number: int
    packed: int
    value: memoryview
    whole: memoryview


def records(message: memoryview) -> Iterator[Record]:
    """Yield the records of a message; ValueError where it is damaged."""
    place = 0
    while place < len(message):
        begin = place
        key, place = number(message, place)
        packed = key & 7
        value = place
        if packed == VARINT:
            _, place = number(message, place)
        elif packed == BYTES:
            size, value = number(message, place)
            place = value + size
        elif packed in (EIGHT, FOUR):
            place += 8 if packed == EIGHT else 4
        else:
            raise ValueError("an ONNX model that is damaged")
        if place > len(message):
            raise ValueError("an ONNX model that is cut short")
        yield Record(key >> 3, packed, message[value:place], message[begin:place])


def number(message: memoryview, place: int = 0) -> tuple[int, int]:
    """Return the whole number at `place`, of seven bits a byte, and the place behind it."""
    out = shift = 0
    for byte in message[place : place + MOST_BYTES]:
        out = out | (byte & 127) << shift
        shift = shift + 7
        place = place + 1
        if byte < 128:
            return out, place
    raise ValueError("an ONNX model that is cut short")


def varint(value: int) -> bytes:
    """Return a whole number as protobuf packs it."""
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])
