"""Put a played piece on the grid of its beat, so that it can be written as notation.

A piece whose onsets lie on 48ths of a quarter note of its own tempo map is kept as it is; where
its ends do not, its notes get the lengths that would be written (`durations`). Of any other piece
the beat is found (`beats`), its times are mapped to beats, piecewise linear, and its onsets and
ends are moved to sixteenths and triplets (`snap`).
"""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import numpy as np

from symgen.errors import BadOption
from symgen.notes.quantise import bars, durations, snap
from symgen.notes.quantise.beats import Beats, beats
from symgen.notes.quantise.onsets import Onsets, onsets
from symgen.notes.sequence import TEMPO, TIME_SIGNATURE, NoteSequence, table
from symgen.notes.theory import meter as meters
from symgen.types import Array, Floats, Ints

GRIDS = {"1/8": 2, "1/16": 4, "1/32": 8}  # parts of a quarter note
SLACK = 2.8e-3  # quarter notes: a tick of a file with 220 per quarter, and its rounding
MOST = 0.8  # share of the onsets that are on the grid of a piece that is kept
FEWEST = 4  # onsets; fewer have no beat
TEMPOS = (20.0, 300.0)  # beats per minute
NEAR = 0.020  # seconds
NEARLY = 0.95  # share of the ends that are where notation has them, in a piece that is kept
NOTATED = ("abc", "musicxml")
LENGTHS = ("readable", "exact")
EXACT = (9, 7, 5, 12, 8)  # parts of a quarter note at which notes of a piece on its grid may begin
FINE = (4, 3, 8, 6, 12)  # those to which its other notes are moved


@dataclasses.dataclass(frozen=True)
class Quantised:
    """The quantised `sequence`, and what was done.

    `found` is whether a beat was found; if not, the piece was kept on its grid. `readable` is
    whether the lengths of its notes are those that would be written. `tempo` is in beats per
    minute, and `near` is the share of the onsets that were within 20 ms of the grid.
    """

    sequence: NoteSequence
    found: bool = False
    tempo: float = 0.0
    meter: str = ""
    near: float = 1.0
    readable: bool = False

    def __str__(self) -> str:
        if not self.found and self.readable:
            return (
                "its notes are on the grid of its tempo; their lengths are as they would be written"
            )
        if not self.found:
            return "kept as it is: its notes are on the grid of its tempo"
        return (
            f"beat found: {self.tempo:.0f} per minute, {self.meter}; "
            f"{self.near:.0%} of the onsets within {NEAR * 1000:.0f} ms of the grid"
        )


def on_grid(sequence: NoteSequence) -> float:
    """Return the share of the onsets on 48ths of a quarter note of the piece's own tempo map."""
    if not len(sequence):
        return 1.0
    places = meters.quarters(sequence, np.unique(sequence.notes["start_time"]))
    return float((abs(places - np.rint(places * 48) / 48) <= SLACK).mean())


def written(sequence: NoteSequence) -> bool:
    """Return whether nearly all notes end where notation has them: on 8ths or 12ths, or at others.

    A piece that was read from notation is written.
    """
    notes = sequence.notes[~sequence.notes["is_drum"]]
    if not len(notes) or sequence.source.format in NOTATED:
        return True
    begins = np.unique(meters.quarters(sequence, notes["start_time"]))
    ends = meters.quarters(sequence, notes["end_time"])
    places = [np.rint(ends * parts) / parts for parts in (8, 12)]
    at = np.clip(np.searchsorted(begins, ends), 1, max(len(begins) - 1, 1))
    places += [begins[np.minimum(at, len(begins) - 1)], begins[at - 1]]
    return bool((np.min(abs(np.array(places) - ends), axis=0) <= SLACK).mean() >= NEARLY)


def quantise(
    sequence: NoteSequence,
    *,
    tempo: float | None = None,
    meter: str | None = None,
    grid: str = "1/16",
    steady: bool = False,
    lengths: str | None = None,
) -> Quantised:
    """Quantise a piece; one that is on its own grid is kept, unless tempo or meter are given.

    `tempo` is in beats per minute and `meter` such as "3/4" or "6/8", where a beat is a dotted
    quarter note; both are found if they are not given. `grid` is the shortest note, one of GRIDS.
    The tempo changes from beat to beat, as it was played, or it is the median where `steady`.
    `lengths` is one of LENGTHS: notes last as they would be written, or as they are; None is
    "readable" for a piece that was played, and "exact" for one whose ends are on the grid too.

    Raises BadOption for a tempo, meter, grid or length that cannot be used.
    """
    asked = _checked(tempo, meter, grid, lengths)
    heard = onsets(sequence)
    if len(heard.times) < FEWEST:
        return Quantised(sequence)
    if tempo is None and meter is None and on_grid(sequence) >= MOST:
        if lengths == "exact" or (lengths is None and written(sequence)):
            return Quantised(sequence)
        return Quantised(_readable(sequence, heard), readable=True)
    pulse = beats(heard, tempo, None if asked is None else bars.beats_of(*asked)[1])
    pulse = pulse._replace(times=_from_first(pulse.times, heard))
    numerator, denominator, first = _bars(pulse, heard, asked)
    quarters = 4 * _beat(numerator, denominator)
    places, parts = _grid(pulse, heard, _choices(GRIDS[grid], quarters, pulse.parts))
    clock = _Clock(pulse.times, steady)
    made = _retimed(sequence, pulse, clock, quarters).replace(
        notes=_notes(
            sequence, pulse, heard.of, places, parts, clock, 0 if lengths == "exact" else quarters
        ),
        time_signatures=table(
            TIME_SIGNATURE, time=0.0, numerator=numerator, denominator=denominator
        ),
        first_bar_time=float(clock.seconds(np.array([first], np.float64))[0]),
        total_time=0.0,
    )
    away = abs(np.interp(places, np.arange(len(pulse.times)), pulse.times) - heard.times)
    rate = 60 / float(np.median(np.diff(pulse.times)))
    near = float((away <= NEAR).mean())
    name = f"{numerator}/{denominator}"
    return Quantised(made, True, rate, name, near, lengths != "exact")


def _readable(sequence: NoteSequence, heard: Onsets) -> NoteSequence:
    """Return a piece that is on its own grid with the lengths that would be written."""
    notes = sequence.notes.copy()
    places = meters.quarters(sequence, notes["start_time"])
    parts = snap.divisions(np.sort(places), np.ones(int(places.max()) + 2), FINE)
    begins = snap.snapped(places, parts)
    for fine in EXACT:
        there = np.rint(places * fine) / fine
        begins = np.where(abs(places - there) <= SLACK, there, begins)
    begin, numerator, denominator = meters.meters(sequence)
    beat, first = 1.0, 0.0
    if len(begin):
        beat = 4 * _beat(int(numerator[0]), int(denominator[0]))
        first = float(begin[0]) % beat
    ends = meters.quarters(sequence, notes["end_time"])
    ends = durations.readable(notes, begins, ends, beat, first)
    notes["start_time"] = meters.seconds_at(sequence, begins)
    notes["end_time"] = meters.seconds_at(sequence, ends)
    return sequence.replace(notes=_longest(notes[np.lexsort((notes["pitch"], begins))]))


def _checked(
    tempo: float | None, meter: str | None, grid: str, lengths: str | None
) -> tuple[int, int] | None:
    """Return the meter as two numbers; BadOption for a value that cannot be used."""
    if tempo is not None and not TEMPOS[0] <= tempo <= TEMPOS[1]:
        raise BadOption(
            f"tempo {tempo:g}: expected {TEMPOS[0]:g} to {TEMPOS[1]:g} beats per minute"
        )
    if grid not in GRIDS:
        raise BadOption(f"grid {grid}: expected one of {', '.join(GRIDS)}")
    if lengths not in (None, *LENGTHS):
        raise BadOption(f"lengths {lengths}: expected one of {', '.join(LENGTHS)}")
    if meter is None:
        return None
    found = re.fullmatch(r"(\d{1,2})/(2|4|8|16)", meter.strip())
    if found is None or not 1 <= int(found[1]) <= 32:
        raise BadOption(f"meter {meter}: expected a meter such as 4/4, 3/4 or 6/8")
    return int(found[1]), int(found[2])


def _beat(numerator: int, denominator: int) -> float:
    """Return the beat of a meter as a share of a whole note."""
    return (3 if bars.beats_of(numerator, denominator)[1] == 3 else 1) / denominator


def _choices(shortest: int, quarters: float, parts: int) -> tuple[int, ...]:
    """Return the divisions of a beat of `quarters`; `shortest` are the parts of a quarter note."""
    if parts == 3:
        return (max(round(shortest * quarters), 3),)
    finest = max(round(shortest * quarters), 1)
    return finest, 3 * max(finest // 4, 1)


def _from_first(times: Floats, heard: Onsets) -> Floats:
    """Return the beats from the last one before the first onset, and one after the last onset."""
    begin = max(int(np.searchsorted(times, heard.times[0] + NEAR, "right")) - 1, 0)
    times = times[begin:]
    if times[0] > heard.times[0] + NEAR:
        times = np.append(2 * times[0] - times[1], times)
    while times[-1] <= heard.times[-1]:
        times = np.append(times, 2 * times[-1] - times[-2])
    return times


def _bars(pulse: Beats, heard: Onsets, asked: tuple[int, int] | None) -> tuple[int, int, int]:
    """Return the meter, and the number of the first beat that begins a bar."""
    at = np.clip(np.searchsorted(heard.times, pulse.times), 1, len(heard.times) - 1)
    left = pulse.times - heard.times[at - 1] < heard.times[at] - pulse.times
    near = np.where(left, at - 1, at)
    there = abs(heard.times[near] - pulse.times) <= 2 * snap.NEAR
    salience = np.where(there, heard.salience[near], 0.0)
    if asked is None:
        return bars.found(salience, pulse.parts)
    return *asked, bars.downbeat(salience, bars.beats_of(*asked)[0])


def _grid(pulse: Beats, heard: Onsets, choices: tuple[int, ...]) -> tuple[Floats, Ints]:
    """Return the place of each onset on the grid, in beats, and the division of each beat."""
    places = np.maximum(_places(pulse.times, heard.times), 0.0)
    parts = snap.divisions(places, np.diff(pulse.times), choices)
    return snap.snapped(places, parts), parts


def _places(times: Floats, seconds: Floats) -> Floats:
    """Return where `seconds` are, in beats; beyond the last beat the tempo stays."""
    numbers = np.arange(len(times), dtype=np.float64)
    inside = np.interp(seconds, times, numbers)
    late = (seconds - times[-1]) / (times[-1] - times[-2])
    return np.asarray(np.where(seconds > times[-1], numbers[-1] + late, inside), np.float64)


class _Clock:
    """Beats to seconds: at the median tempo, or as played, from the first beat at 0."""

    def __init__(self, times: Floats, steady: bool) -> None:
        lengths = np.diff(times)
        if steady:
            lengths = np.full(len(lengths), 60 / round(60 / float(np.median(lengths))))
        self.lengths = lengths
        self.times = np.append(0.0, np.cumsum(lengths))

    def seconds(self, places: Floats) -> Floats:
        """Return the seconds at `places`; beyond the last beat the tempo stays."""
        inside = np.interp(places, np.arange(len(self.times)), self.times)
        late = np.maximum(places - (len(self.times) - 1), 0) * self.lengths[-1]
        return np.asarray(inside + late, np.float64)


def _notes(
    sequence: NoteSequence,
    pulse: Beats,
    of: Ints,
    grid: Floats,
    parts: Ints,
    clock: _Clock,
    quarters: float,
) -> Array:
    """Return the notes at their places; of notes of one pitch at one place the longest stays.

    `quarters` are those of a beat, for readable lengths, or 0 for the ends that are nearest.
    """
    notes = sequence.notes.copy()
    begins = grid[of]
    order = np.lexsort((notes["pitch"], begins))
    raw = _places(pulse.times, notes["end_time"])
    if quarters:
        ends = (
            durations.readable(notes, begins * quarters, raw * quarters, quarters, 0.0) / quarters
        )
    else:
        ends = snap.ends(notes, begins, raw, parts)
    notes["start_time"], notes["end_time"] = clock.seconds(begins), clock.seconds(ends)
    return _longest(notes[order])


def _longest(notes: Array) -> Array:
    """Return the notes in order without shorter ones of a pitch that begin at one time."""
    kept: dict[Any, int] = {}
    for row, note in enumerate(notes):
        key = (note["start_time"], note["pitch"], note["instrument"])
        if key not in kept or note["end_time"] > notes["end_time"][kept[key]]:
            kept[key] = row
    return notes[sorted(kept.values())]


def _retimed(sequence: NoteSequence, pulse: Beats, clock: _Clock, quarter: float) -> NoteSequence:
    """Return the piece with the tempos of `clock`, and its other tables at their new times."""
    tables: dict[str, Array] = {}
    for name in ("key_signatures", "control_changes", "chords"):
        rows = getattr(sequence, name).copy()
        places = np.maximum(_places(pulse.times, rows["time"]), 0.0)
        rows["time"] = clock.seconds(np.rint(places) if name != "control_changes" else places)
        tables[name] = rows
    rates = 60 / clock.lengths * quarter
    changes = np.append(True, abs(np.diff(rates)) > 1e-9)
    tempos = table(TEMPO, time=clock.times[:-1][changes], qpm=rates[changes])
    return sequence.replace(tempos=tempos, **tables)
