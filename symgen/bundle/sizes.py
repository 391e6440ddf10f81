"""The sizes that a model is built for, from an encoding and controls."""

from __future__ import annotations

from collections.abc import Sequence

from symgen.controls import Control, columns, total_width
from symgen.controls.members.sounding import SCALE, Sounding
from symgen.encodings import Encoding
from symgen.models.base import Moments, Sizes


def sizes_of(encoding: Encoding, controls: Sequence[Control]) -> Sizes:
    """Return the fields, the width of the controls, and the moments that a head can point at."""
    fields = tuple((field.name, field.size) for field in encoding.fields)
    return Sizes(fields, total_width(controls, encoding), _moments(encoding, controls))


def _moments(encoding: Encoding, controls: Sequence[Control]) -> Moments | None:
    """Return the ends of notes that `controls` hold; None without them or without fields for them.

    There must be two fields of shifts and two of lengths, the first in whole multiples of the
    second's range.
    """
    shift, length = _fields(encoding, "advance"), _fields(encoding, "duration")
    places = zip(controls, columns(controls, encoding), strict=True)
    found = [(c, place.start) for c, place in places if isinstance(c, Sounding)]
    if not found or len(shift) != 2 or len(length) != 2:
        return None
    control, start = found[0]
    times = tuple(start + column for column in control.times())
    return Moments(times, SCALE, (shift[0], shift[1]), (length[0], length[1]), rate(encoding))


def _fields(encoding: Encoding, column: str) -> list[int]:
    """Return the fields whose values have a time in `column` of the table."""
    return [k for k in range(len(encoding.fields)) if encoding.table(k)[column].any()]


def rate(encoding: Encoding) -> int:
    """Return the fine steps of a coarse one: what the value 1 of the first field of time lasts."""
    return int(encoding.table(_fields(encoding, "advance")[0])["advance"][1])
