"""Time counted in beats and bars: seconds to quarter notes and back through the tempo map, and the bar lines of a piece.

A row of `time_signatures` begins a bar, and bars of its length follow until the next row; the first row's bars begin at
`first_bar_time`, what lies before being a pickup.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.notes.sequence import NoteSequence
from symgen.notes.tempo_map import DEFAULT_QPM

Times = npt.NDArray[np.float64]
SLACK = 1e-6  # quarter notes: bar lines nearer than this are one


def beat(numerator: int, denominator: int) -> Fraction:
    """Return the note that is a beat, as a share of a whole one: the dotted note where beats are of three (6/8, 9/8, 6/4, and
    3/8, whose bar is one; not 3/4 and 3/2), else a half in 2/2 and 3/2, else a quarter."""
    if numerator % 3 == 0 and (numerator > 3 or denominator >= 8):
        return Fraction(3, denominator)
    return Fraction(1, 2 if denominator == 2 else 4)


def compound(numerator: int, denominator: int) -> bool:
    """Return whether a beat is of three written ones."""
    return beat(numerator, denominator).numerator == 3


def quarters(sequence: NoteSequence, seconds: npt.ArrayLike) -> Times:
    """Return float64, of the shape of `seconds`: how many quarter notes from 0 each lies; 120 a minute before the first tempo."""
    times, beats, rates = _tempo(sequence)
    at = np.asarray(seconds, np.float64)
    row = np.maximum(np.searchsorted(times, at, "right") - 1, 0)
    return np.asarray(beats[row] + (at - times[row]) * rates[row])


def seconds_at(sequence: NoteSequence, quarter: npt.ArrayLike) -> Times:
    """Return float64, of the shape of `quarter`: the second at which each quarter note lies; `quarters` turned round."""
    times, beats, rates = _tempo(sequence)
    at = np.asarray(quarter, np.float64)
    row = np.maximum(np.searchsorted(beats, at, "right") - 1, 0)
    return np.asarray(times[row] + (at - beats[row]) / rates[row])


def _tempo(sequence: NoteSequence) -> tuple[Times, Times, Times]:
    """Return where stretches of one tempo begin, in seconds and in quarter notes, and their quarter notes per second."""
    tempos = sequence.tempos[np.isfinite(sequence.tempos["qpm"]) & (sequence.tempos["qpm"] > 0)]
    times, rates = tempos["time"], tempos["qpm"] / 60
    if not len(times) or times[0] > 0:
        times, rates = np.append(0.0, times), np.append(DEFAULT_QPM / 60, rates)
    return times, np.append(0.0, np.cumsum(np.diff(times) * rates[:-1])), rates


def meters(sequence: NoteSequence) -> tuple[Times, npt.NDArray[Any], npt.NDArray[Any]]:
    """Return for each row of `time_signatures` the quarter note at which its first bar begins, numerators and denominators.

    Rows before the first bar line count from there, and the last of them alone is in force; no rows, no bars.
    """
    rows = sequence.time_signatures[np.argsort(sequence.time_signatures["time"], kind="stable")]
    begin = quarters(sequence, np.maximum(rows["time"], sequence.first_bar_time))
    kept = np.append(np.diff(begin) > SLACK, np.ones(len(rows[-1:]), bool))
    rows = rows[kept]
    return begin[kept], rows["numerator"].astype(np.int64), rows["denominator"].astype(np.int64)


def bar_lines(sequence: NoteSequence) -> Times:
    """Return float64: the seconds of all bar lines from the first to the end of the piece; none without a meter.

    The line at the end is among them where a bar ends there.
    """
    begin, numerator, denominator = meters(sequence)
    end = float(quarters(sequence, sequence.total_time))
    begin, length = begin[begin <= end + SLACK], 4 * numerator / denominator
    if not len(begin):
        return np.zeros(0)
    length, stop = length[: len(begin)], np.append(begin[1:] - SLACK, end + SLACK)
    counts = np.maximum(np.ceil((stop - begin) / length), 1).astype(np.int64)
    place = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return seconds_at(sequence, np.repeat(begin, counts) + place * np.repeat(length, counts))
