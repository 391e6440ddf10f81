"""What moves under a note: volume, expression, pan and bends of its instrument, in frames.

Gain is the square of volume times expression, as General MIDI has it. A move takes MOVE seconds, so
that it does not click.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from symgen.arrays import heads
from symgen.errors import counted
from symgen.notes import bends
from symgen.notes.sequence import NoteSequence
from symgen.types import Floats, Ints

BANK, VOLUME, PAN, EXPRESSION = 0, 7, 10, 11
MOVE = 0.005  # seconds
UNPLAYED = {1: "change of modulation", 65: "portamento", 67: "soft pedal press"}

Steps = tuple[tuple[int, float], ...]
"""Frames after the onset of a note, and the value from there on; the first is at 0."""


class Levels(NamedTuple):
    """Gain on the left and on the right over the time of a note."""

    left: Steps
    right: Steps


class Curve(NamedTuple):
    """Values over the time of a piece: `values[0]` up to `frames[0]`, `values[1]` from there on."""

    frames: Ints
    values: Floats

    def inside(self, start: int, end: int) -> Steps:
        """Return the steps of a note from frame `start` to `end`."""
        if not len(self.frames):
            return ((0, float(self.values[0])),)
        first, last = np.searchsorted(self.frames, [start, max(end, start + 1) - 1], "right")
        at = [0, *(self.frames[first:last] - start).tolist()]
        return tuple(zip(at, self.values[first : last + 1].tolist(), strict=True))


class Moves:
    """The moves of one instrument."""

    def __init__(self, sequence: NoteSequence, instrument: int, rate: int) -> None:
        def curve(number: int, default: float) -> Curve:
            times, values = bends.values(sequence, instrument, number, default)
            return _curve(times, values, rate)

        volume, expression = curve(VOLUME, 100), curve(EXPRESSION, 127)
        frames = np.union1d(volume.frames, expression.frames)
        self.gain = Curve(frames, (_on(volume, frames) * _on(expression, frames) / 127**2) ** 2)
        pan = curve(PAN, 64)
        self.pan = pan._replace(values=np.clip((pan.values - 64) / 127, -0.5, 0.5))
        times, cents = bends.cents(sequence, instrument)
        self.cents = _curve(times, np.append(0.0, cents), rate)
        self.bank = int(curve(BANK, 0).values[-1])

    def bend(self, start: int, end: int) -> Steps:
        """Return the cents of a note; () if there is no bend."""
        steps = self.cents.inside(start, end)
        return steps if any(cents for _, cents in steps) else ()

    def levels(self, start: int, end: int, pan: float, gain: float) -> Levels:
        """Return the levels of a note of `gain` in a place of `pan`, from -0.5 to 0.5."""
        gains, pans = self.gain.inside(start, end), self.pan.inside(start, end)
        if len(pans) == 1:
            places = [(at, level, pans[0][1]) for at, level in gains]
        else:
            moved = [at for at, _ in (*gains, *pans)]
            frames = np.unique(moved).astype(np.int64)
            both = (self.gain, self.pan)
            columns = [_on(curve, frames + start)[1:].tolist() for curve in both]
            places = list(zip(frames.tolist(), *columns, strict=True))
        angles = [(min(max(pan + at, -0.5), 0.5) + 0.5) * math.pi / 2 for _, _, at in places]
        left, right = (
            tuple(
                (at, gain * level * turn(angle))
                for (at, level, _), angle in zip(places, angles, strict=True)
            )
            for turn in (math.cos, math.sin)
        )
        return Levels(left, right)


def _curve(times: Floats, values: Floats, rate: int) -> Curve:
    """Return the curve in frames; of several values at one frame the last counts."""
    frames = np.round(times * rate).astype(np.int64)
    kept = heads(frames[::-1])[::-1]
    return Curve(frames[kept], np.append(values[0], values[1:][kept]))


def _on(curve: Curve, frames: Ints) -> Floats:
    """Return the values of `curve` before `frames[0]` and from each of `frames` on."""
    inside = curve.values[np.searchsorted(curve.frames, frames, "right")]
    return np.append(curve.values[0], inside)


class Ramp(NamedTuple):
    """A move from `begin` to `end` that starts at frame `at` and takes MOVE seconds."""

    at: int
    begin: float
    end: float

    def value(self, frame: float, rate: int) -> float:
        """Return the value at `frame`, which is not before `at`."""
        return self.begin + (self.end - self.begin) * min((frame - self.at) / (MOVE * rate), 1.0)


def moved(ramps: list[Ramp], at: int, value: float, rate: int) -> None:
    """Append the move to `value` from frame `at` on, which begins where the last one is by then."""
    last = ramps[-1]
    if at == last.at:
        ramps[-1] = last._replace(end=value)
    elif value != last.end:
        ramps.append(Ramp(at, last.value(at, rate), value))


def follow(ramps: list[Ramp], first: int, count: int, rate: int) -> Floats:
    """Return the value at each frame from `first` on."""
    at = np.array([ramp.at for ramp in ramps], np.float64)
    reached = np.minimum(at + MOVE * rate, np.append(at[1:], np.inf))
    ends = [ramp.value(end, rate) for ramp, end in zip(ramps, reached.tolist(), strict=True)]
    places = np.stack([at, reached], 1).ravel()
    levels = np.stack([[ramp.begin for ramp in ramps], ends], 1).ravel()
    out: Floats = np.interp(np.arange(first, first + count), places, levels)
    return out


def along(steps: Steps, first: int, count: int, rate: int) -> Floats:
    """Return the value at each frame from `first` on; a step is a short line.

    A step that comes before the last one has arrived starts from where that one is.
    """
    ramps = [Ramp(0, steps[0][1], steps[0][1])]
    for at, value in steps[1:]:
        moved(ramps, at, value, rate)
    return follow(ramps, first, count, rate)


def unplayed(sequence: NoteSequence) -> list[str]:
    """Return a line for each controller that moves in the piece and is not played."""
    changes = sequence.control_changes
    lines = []
    for number, name in UNPLAYED.items():
        moved = (changes["control_number"] == number) & (changes["control_value"] > 0)
        if count := len(np.unique(changes["time"][moved])):
            lines.append(f"{counted(count, name)} not played")
    return lines
