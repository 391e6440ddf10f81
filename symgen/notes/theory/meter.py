"""Time in beats and bars: seconds to quarter notes and back through the tempo map, and bar lines.

A row of `time_signatures` begins a bar, and bars of its length follow until the next row. The first
bar of the first row begins at `first_bar_time`; what comes before is a pickup.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import numpy.typing as npt

from symgen.notes.sequence import NoteSequence
from symgen.notes.tempo_map import DEFAULT_QPM
from symgen.types import Array, Floats

SLACK = 1e-6  # quarter notes; bar lines closer than this are one


def beat(numerator: int, denominator: int) -> Fraction:
    """Return the note of a beat, as a share of a whole note.

    It is a dotted note where a beat has three written ones: 6/8, 9/8, 6/4, and 3/8, whose bar is
    one beat, but not 3/4 and 3/2. It is a half note in 2/2 and 3/2, else a quarter note.
    """
    if numerator % 3 == 0 and (numerator > 3 or denominator >= 8):
        return Fraction(3, denominator)
    return Fraction(1, 2 if denominator == 2 else 4)


def compound(numerator: int, denominator: int) -> bool:
    """Return whether a beat has three written ones."""
    return beat(numerator, denominator).numerator == 3


def quarters(sequence: NoteSequence, seconds: npt.ArrayLike) -> Floats:
    """Return float64, of the shape of `seconds`: the time of each in quarter notes from 0.

    Before the first tempo there are 120 per minute.
    """
    times, beats, rates = _tempo(sequence)
    at = np.asarray(seconds, np.float64)
    row = np.maximum(np.searchsorted(times, at, "right") - 1, 0)
    return np.asarray(beats[row] + (at - times[row]) * rates[row])


def seconds_at(sequence: NoteSequence, quarter: npt.ArrayLike) -> Floats:
    """Return float64, of the shape of `quarter`: the time of each in seconds."""
    times, beats, rates = _tempo(sequence)
    at = np.asarray(quarter, np.float64)
    row = np.maximum(np.searchsorted(beats, at, "right") - 1, 0)
    return np.asarray(times[row] + (at - beats[row]) / rates[row])


def _tempo(sequence: NoteSequence) -> tuple[Floats, Floats, Floats]:
    """Return where the tempos begin, in seconds and in quarter notes, and quarters per second."""
    tempos = sequence.tempos[np.isfinite(sequence.tempos["qpm"]) & (sequence.tempos["qpm"] > 0)]
    times = tempos["time"]
    rates = tempos["qpm"] / 60
    if not len(times) or times[0] > 0:
        times = np.append(0.0, times)
        rates = np.append(DEFAULT_QPM / 60, rates)
    return times, np.append(0.0, np.cumsum(np.diff(times) * rates[:-1])), rates


def meters(sequence: NoteSequence) -> tuple[Floats, Array, Array]:
    """Return where the meters begin, in quarter notes, and their numerators and denominators.

    Of the rows of `time_signatures` before the first bar line only the last counts, from that line
    on. Without rows there are no bars.
    """
    rows = sequence.time_signatures[np.argsort(sequence.time_signatures["time"], kind="stable")]
    begin = quarters(sequence, np.maximum(rows["time"], sequence.first_bar_time))
    kept = np.append(np.diff(begin) > SLACK, np.ones(len(rows[-1:]), bool))
    rows = rows[kept]
    return begin[kept], rows["numerator"].astype(np.int64), rows["denominator"].astype(np.int64)


def bar_lines(sequence: NoteSequence) -> Floats:
    """Return float64: the seconds of the bar lines, from the first to the end of the piece.

    There are none without a meter. The last one is at the end if a bar ends there.
    """
    begin, numerator, denominator = meters(sequence)
    end = float(quarters(sequence, sequence.total_time))
    begin = begin[begin <= end + SLACK]
    length = 4 * numerator / denominator
    if not len(begin):
        return np.zeros(0)
    length = length[: len(begin)]
    stop = np.append(begin[1:] - SLACK, end + SLACK)
    counts = np.maximum(np.ceil((stop - begin) / length), 1).astype(np.int64)
    place = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return seconds_at(sequence, np.repeat(begin, counts) + place * np.repeat(length, counts))


def pickup(time_signatures: Array, tempos: Array) -> float:
    """Return the end in seconds of the pickup with which a piece begins, 0 without one.

    Notation programs write a pickup as a first bar in a shorter meter: one bar of it at 0, and then
    the meter of the piece. Others cut the first bar short with the meter of the next.
    """
    rows = time_signatures
    if len(rows) < 2 or rows["time"][0] > 0:
        return 0.0
    end = float(rows["time"][1])
    first, second = (4 * rows["numerator"][:2] / rows["denominator"][:2]).tolist()
    length = float(quarters(NoteSequence(tempos=tempos), end))
    return end if length < min(second - SLACK, first + SLACK) else 0.0
