"""The sizes that a model is built for, from an encoding and controls."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from symgen.controls import Control, columns, total_width
from symgen.controls.members.sounding import SCALE, Sounding
from symgen.encodings import Codec, Encoding
from symgen.errors import BadOption
from symgen.models.base import Moments, Sizes


def sizes_of(encoding: Codec, controls: Sequence[Control]) -> Sizes:
    """Return the fields, the width of the controls, and the moments that a head can point at.

    BadOption for controls beside an encoding of sound.
    """
    fields = tuple((field.name, field.size) for field in encoding.fields)
    if not isinstance(encoding, Encoding):
        if controls:
            raise BadOption(
                f"the controls {', '.join(control.name for control in controls)} are of notes, "
                f"and {encoding.name} is an encoding of sound; leave them out"
            )
        return Sizes(fields)
    return Sizes(fields, total_width(controls, encoding), _moments(encoding, controls))


def _moments(encoding: Encoding, controls: Sequence[Control]) -> Moments | None:
    """Return the ends of notes that `controls` hold; None without them or without fields for them.

    Shifts and lengths must be two fields each, coarse and fine, at the same rate.
    """
    shift = _pair(encoding, "advance")
    length = _pair(encoding, "duration")
    places = zip(controls, columns(controls, encoding), strict=True)
    found = [(c, place.start) for c, place in places if isinstance(c, Sounding)]
    if not found or shift is None or length is None or shift[1] != length[1]:
        return None
    if max(shift[0]) > min(length[0]):  # a length counts from the end of a shift that is known
        return None
    control, start = found[0]
    times = tuple(start + column for column in control.times())
    return Moments(times, SCALE, shift[0], length[0], shift[1])


def _pair(encoding: Encoding, column: str) -> tuple[tuple[int, int], int] | None:
    """Return the coarse and the fine field with a time in `column`, and the rate.

    None unless value v of the fine field is v steps, and of the coarse one v times `rate`.
    """
    tables = [encoding.table(k)[column] for k in range(len(encoding.fields))]
    fields = [k for k, table in enumerate(tables) if table.any()]
    if len(fields) != 2:
        return None
    coarse, fine = (tables[k] for k in fields)
    rate = int(coarse[1])
    if not np.array_equal(fine, np.arange(rate)):
        return None
    if not np.array_equal(coarse, np.arange(len(coarse)) * rate):
        return None
    return (fields[0], fields[1]), rate
