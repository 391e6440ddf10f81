"""Pitch bends and controllers as what they do to a note: cents, and values over time.

A bend of 8192 is the bend range of its channel, 2 semitones until a controller says otherwise: the
parameter 0 (RPN: controllers 101 and 100 select it, 6 and 38 set semitones and cents).
"""

from __future__ import annotations

import numpy as np

from symgen.notes.sequence import NoteSequence
from symgen.types import Array, Floats

COARSE, FINE, NRPN, RPN_FINE, RPN_COARSE, RESET = 6, 38, (98, 99), 100, 101, 121
RANGE = 200.0  # cents, at first
FULL = 8192  # the bend that is one range


def cents(sequence: NoteSequence, instrument: int) -> tuple[Floats, Floats]:
    """Return the times in seconds at which `instrument` changes its pitch, and cents from then on.

    Before the first time it is 0.
    """
    own = sequence.pitch_bends[sequence.pitch_bends["instrument"] == instrument]
    if not len(own):
        return np.zeros(0), np.zeros(0)
    changes = sequence.control_changes
    times, ranges = _ranges(changes[changes["instrument"] == instrument])
    at = np.union1d(own["time"], times)
    bend = np.append(0, own["bend"])[np.searchsorted(own["time"], at, "right")]
    width = np.append(RANGE, ranges)[np.searchsorted(times, at, "right")]
    return at, bend / FULL * width


def _ranges(changes: Array) -> tuple[Floats, Floats]:
    """Return when the bend range changes, and the range in cents from then on."""
    used = np.isin(changes["control_number"], [COARSE, FINE, *NRPN, RPN_FINE, RPN_COARSE, RESET])
    selected, semitones, fine = [127, 127], 2, 0
    times, ranges = list[float](), list[float]()
    for time, number, value in changes[["time", "control_number", "control_value"]][used].tolist():
        if number in (*NRPN, RESET):
            selected = [127, 127]
        elif number in (RPN_COARSE, RPN_FINE):
            selected[number == RPN_FINE] = value
        elif selected == [0, 0]:
            semitones, fine = (value, fine) if number == COARSE else (semitones, value)
            times.append(time)
            ranges.append(100.0 * semitones + fine)
    return np.array(times), np.array(ranges)


def values(
    sequence: NoteSequence, instrument: int, number: int, default: float
) -> tuple[Floats, Floats]:
    """Return the times at which a controller of `instrument` moves, and its values, 0 to 127.

    There is one value more than times: the first, `default`, holds before.
    """
    changes = sequence.control_changes
    own = changes[(changes["instrument"] == instrument) & (changes["control_number"] == number)]
    values = np.clip(own["control_value"].astype(np.float64), 0, 127)
    return own["time"].astype(np.float64), np.append(default, values)
