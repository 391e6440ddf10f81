"""Converts a score to a NoteSequence: the order of playing, seconds, and tables."""

from __future__ import annotations

from typing import Any

import numpy as np

from symgen import limits
from symgen.errors import ReadError
from symgen.notes.musicxml import played
from symgen.notes.musicxml.bars import bars
from symgen.notes.musicxml.events import Kind
from symgen.notes.musicxml.played import Way
from symgen.notes.musicxml.repeats import Player
from symgen.notes.musicxml.score import Score, Timed
from symgen.notes.sequence import (
    CHORD,
    CONTROL_CHANGE,
    KEY_SIGNATURE,
    NOTE,
    TEMPO,
    TIME_SIGNATURE,
    NoteSequence,
    Source,
    table,
)
from symgen.notes.tempo_map import DEFAULT_QPM
from symgen.notes.theory.chords import texts
from symgen.types import Array, Floats, Ints

TICKS = 10080  # per quarter; a multiple of all tuplets up to 10
MOST_TICKS = 0x7FFF


class Clock:
    """Converts units to seconds. At 120 qpm, binary fractions of a whole note are exact."""

    def __init__(self, tempi: list[Timed], units: int) -> None:
        if not tempi or tempi[0][0] > 0:
            tempi = [(0, DEFAULT_QPM), *tempi]
        self.at = np.array([time for time, _ in tempi], np.int64)
        self.rate = np.array([qpm for _, qpm in tempi]) * units  # units per minute
        lengths = np.diff(self.at) * 60.0 / self.rate[:-1]
        self.times = np.append(0.0, np.cumsum(lengths))

    def seconds(self, units: Any) -> Floats:
        """Return the time of each place in seconds."""
        units = np.asarray(units, np.int64)
        row = np.searchsorted(self.at, units, "right") - 1
        return np.asarray(self.times[row] + (units - self.at[row]) * 60.0 / self.rate[row])


def sequence(score: Score, name: str, title: str) -> NoteSequence:
    """Return the piece; ReadError if it is too long with its repeats."""
    warnings = list(score.warnings)
    marks = score.marks()
    try:
        spans = Player(marks, int(score.starts[-1]), warnings.append).spans
        along = played.way(spans)
        played.check_items(score, along)
        found = [played.notes(score, part, along) for part in score.parts]
        if (total := sum(map(len, found))) > limits.current().notes:
            raise limits.current().refuse(name, "notes", total)
    except OverflowError as error:
        raise ReadError(name, str(error)) from None
    tempi = played.states(_tempi(score), along)
    clock = Clock(tempi, score.units)
    meters, first = bars(score, along)
    keys = played.states(score.keys(), along)
    chords = played.moments(score.everywhere(Kind.CHORD), along)
    return NoteSequence(
        notes=_notes(found, clock),
        tempos=table(TEMPO, time=clock.seconds(clock.at), qpm=clock.rate / score.units),
        time_signatures=table(
            TIME_SIGNATURE,
            time=clock.seconds([t for t, _ in meters]),
            numerator=[n for _, (n, _) in meters],
            denominator=[d for _, (_, d) in meters],
        ),
        key_signatures=table(
            KEY_SIGNATURE,
            time=clock.seconds([t for t, _ in keys]),
            key=[k for _, (k, _) in keys],
            mode=[m for _, (_, m) in keys],
        ),
        control_changes=_controls(score, found, along, clock, name),
        chords=table(
            CHORD,
            time=clock.seconds([t for t, _ in chords]),
            symbol=[s for _, s in chords] or np.zeros(0, "U1"),
        ),
        total_time=float(clock.seconds(along.end)),
        first_bar_time=float(clock.seconds(first)),
        ticks_per_quarter=_ticks(score.units),
        source=_source(score, name, title, warnings, len(along.spans) > 1, chords),
    )


def _source(
    score: Score, name: str, title: str, warnings: list[str], repeated: bool, chords: list[Timed]
) -> Source:
    lines = [*score.tally.lines(), *texts(symbol for _, symbol in chords)]
    unplayed = [line for line in lines if line.endswith("left out")]
    remarks = [line for line in lines if not line.endswith("left out")]
    if repeated:
        unplayed.append("its repeats are written out")
    return Source(
        name, "musicxml", tuple(dict.fromkeys(warnings)), title, tuple(unplayed), tuple(remarks)
    )


def _ticks(units: int) -> int:
    return units if TICKS % units and units <= MOST_TICKS else TICKS


def _notes(found: list[Ints], clock: Clock) -> Array:
    rows = np.concatenate([*found, np.zeros((0, len(played.COLUMNS)), np.int64)])
    out = np.zeros(len(rows), NOTE)
    out["start_time"], out["end_time"] = clock.seconds(rows[:, 0]), clock.seconds(rows[:, 1])
    for column, name in enumerate(("pitch", "velocity", "program", "is_drum"), 2):
        out[name] = rows[:, column]
    out["instrument"] = np.repeat(np.arange(len(found)), [len(part) for part in found])
    return out[np.lexsort([out["pitch"], rows[:, 0]])]


def _tempi(score: Score) -> list[Timed]:
    """Return the tempi by written time; what is to be heard comes before what is printed."""
    said = dict(score.everywhere(Kind.PRINTED_TEMPO)) | dict(score.everywhere(Kind.TEMPO))
    relative = dict(score.everywhere(Kind.RELATIVE_TEMPO))
    said.setdefault(0, DEFAULT_QPM)
    out, now = list[Timed](), DEFAULT_QPM
    for time in sorted({*said, *relative}):
        now = said.get(time) or now * relative.get(time, 1.0)
        out.append((time, now))
    return out


def _controls(score: Score, found: list[Ints], along: Way, clock: Clock, name: str) -> Array:
    """Return the control changes: those of a part, once for each sound that it has."""
    rows: list[tuple[int, ...]] = []
    for number, (part, notes) in enumerate(zip(score.parts, found, strict=True)):
        moves = played.controls(score.timed(part, Kind.CONTROL), along, score.units)
        sounds = dict.fromkeys(map(tuple, notes[:, 4:6].tolist()))
        if len(rows) + len(sounds) * len(moves) > limits.current().events:
            raise limits.current().refuse(name, "events", len(rows) + len(sounds) * len(moves))
        for program, drum in sounds if moves else ():
            rows += [(*move, number, program, drum) for move in moves]
        players = {one.program: k for k, one in reversed(list(enumerate(part.instruments)))}
        for program, drum in sounds:
            which = players.get(program) if len(part.instruments) > 1 else 0
            if which is not None:
                moves = played.mixed(score, part, which, along)
                rows += [(*move, number, program, drum) for move in moves]
    rows.sort(key=lambda row: row[0])
    columns = list(zip(*rows, strict=True)) or [()] * 6
    return table(
        CONTROL_CHANGE,
        time=clock.seconds(columns[0]),
        control_number=columns[1],
        control_value=columns[2],
        instrument=columns[3],
        program=columns[4],
        is_drum=columns[5],
    )
