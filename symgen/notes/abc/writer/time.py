"""Quantise a piece for the ABC writer: groups of notes, bar lines, chords, meters, keys and tempos.

Times are ticks; every fraction of a quarter note with a denominator of 2^k times 1, 3, 5, 7 or 9 is
a whole number of ticks. The grid is 48ths of a quarter note. If a time is off this grid, and all
times are on 48ths, 80ths, 112ths or 144ths (tuplets of 3, 5, 7 and 9), those are the grid. A time
within SLACK of the grid is on it; others are moved to the nearest 48th and counted.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from symgen.errors import DataError, counted
from symgen.notes.sequence import TIME_SIGNATURE, NoteSequence
from symgen.notes.theory import keys, meter

Array = npt.NDArray[Any]

TICKS = 315 * 1024  # a quarter note
GRIDS = (48, 80, 112, 144)
SLACK = 1.4e-3  # quarter notes; 48ths and the others differ by more than twice that
TIGHT = 1e-5  # quarter notes; for the finer grids, which are very dense
MOST_QUARTERS = 1 << 19  # three days at 120 per minute
Note = tuple[int, int, int]  # begin, end, pitch


class Group(NamedTuple):
    """Pitches written together, from low to high; those in `held` continue in the next group."""

    begin: int
    end: int
    pitches: tuple[int, ...]
    held: tuple[int, ...]


class Score(NamedTuple):
    """A piece in ticks; `warnings` has a line for each loss, other lists have changes."""

    voices: list[list[Group]]  # without overlaps; notes of one pitch that overlap need several
    chords: list[tuple[int, str]]
    bars: list[int]  # the bar lines within (0, end)
    meters: list[tuple[int, int, int]]  # tick, numerator, denominator
    keys: list[tuple[int, int, int]]  # tick, tonic, mode
    tempos: list[tuple[int, float]]  # tick, quarter notes per minute
    pickup: int  # the first bar line
    end: int
    warnings: list[str]
    notes: list[Note]  # in order


def score(sequence: NoteSequence) -> Score:
    """Return the melody of `sequence`, its lowest instrument, with chords, meters, keys and tempos.

    Without a meter it is 4/4. Raises DataError if it is longer than MOST_QUARTERS.
    """
    if not len(sequence.time_signatures):
        sequence = sequence.replace(time_signatures=np.array([(0, 4, 4)], TIME_SIGNATURE))
    quarters = float(meter.quarters(sequence, sequence.total_time))
    if quarters > MOST_QUARTERS:
        raise DataError(
            f"{quarters:.0f} quarter notes are more than the limit of {MOST_QUARTERS}; crop it"
        )
    warnings: list[str] = []
    notes = _notes(sequence, warnings)

    def at(seconds: npt.ArrayLike, what: str) -> Array:
        return _at(sequence, seconds, what, warnings)

    end = max(
        [
            int(_ticks(meter.quarters(sequence, [sequence.total_time]))[0]),
            *(end for _, end, _ in notes),
        ]
    )
    bars = np.unique(at(meter.bar_lines(sequence), "bar lines"))
    begin, numerator, denominator = meter.meters(sequence)
    rows: Any = sequence.key_signatures
    if not len(rows):
        found = keys.key_of(sequence)
        rows = [(0.0, found.tonic, found.mode)]
    tempos = sequence.tempos[np.isfinite(sequence.tempos["qpm"]) & (sequence.tempos["qpm"] > 0)]
    return Score(
        [groups(voice) for voice in separated(notes)],
        _chords(sequence, at(sequence.chords["time"], "chord symbols"), end, warnings),
        bars[(bars > 0) & (bars < end)].tolist(),
        _changes(_ticks(begin), numerator, denominator),
        _changes(at([r[0] for r in rows], "keys"), [r[1] for r in rows], [r[2] for r in rows]),
        _changes(at(tempos["time"], "tempos"), np.round(tempos["qpm"], 3)),
        int(at([sequence.first_bar_time], "bar lines")[0]),
        end,
        warnings,
        notes,
    )


def _notes(sequence: NoteSequence, warnings: list[str]) -> list[Note]:
    """Return the notes of the melody in order.

    Warns of moved notes, and of notes of other instruments.
    """
    pitched = sequence.notes[~sequence.notes["is_drum"]]
    notes = pitched[
        pitched["instrument"] == pitched["instrument"].min(initial=np.iinfo(np.int16).max)
    ]
    if len(sequence.notes) > len(notes):
        warnings.append(
            f"{len(sequence.notes) - len(notes)} of {len(sequence.notes)} notes left out: "
            "of other instruments than the first"
        )
    ticks = _at(sequence, np.stack([notes["start_time"], notes["end_time"]]), "notes", warnings)
    ticks[1] = np.maximum(ticks[1], ticks[0] + TICKS // GRIDS[0])
    return sorted(zip(*ticks.tolist(), notes["pitch"].tolist(), strict=True))


def separated(notes: list[Note]) -> list[list[Note]]:
    """Split the notes into voices without overlaps of different notes of one pitch."""
    voices: list[list[Note]] = []
    last: list[dict[int, Note]] = []
    for note in notes:
        begin, _, pitch = note
        free = next(
            (
                k
                for k, of in enumerate(last)
                if pitch not in of or of[pitch][1] <= begin or of[pitch] == note
            ),
            len(voices),
        )
        if free == len(voices):
            voices.append([])
            last.append({})
        voices[free].append(note)
        last[free][pitch] = note
    return voices or [[]]


def groups(notes: list[Note]) -> list[Group]:
    """Cut overlapping notes into groups that do not overlap."""
    out: list[Group] = []
    sounding: list[tuple[int, int]] = []  # pitch and end
    for at, (now, end, pitch) in enumerate(notes):
        sounding.append((pitch, end))
        following = notes[at + 1][0] if at + 1 < len(notes) else max(end for _, end in sounding)
        while now < following and sounding:
            stop = min([following, *(end for _, end in sounding)])
            after = [(p, end) for p, end in sounding if end > stop]
            out.append(
                Group(now, stop, tuple(sorted(p for p, _ in sounding)), tuple(p for p, _ in after))
            )
            now, sounding = stop, after
    return out


def _chords(
    sequence: NoteSequence, ticks: Array, end: int, warnings: list[str]
) -> list[tuple[int, str]]:
    """Return the chord symbols that ABC can store.

    Left out are those that ABC reads as annotations, and those after the end.
    """
    rows = zip(ticks.tolist(), map(_clean, sequence.chords["symbol"].tolist()), strict=True)
    kept = [(tick, text) for tick, text in rows if tick < end and text[:1] not in tuple("^_<>@")]
    if lost := len(sequence.chords) - len(kept):
        warnings.append(
            f"{counted(lost, 'chord symbol')} left out: after the last note, or not a chord"
        )
    return kept


def _clean(symbol: str) -> str:
    return re.sub(r'["\s]+', " ", symbol).strip() or " "


def _at(sequence: NoteSequence, seconds: npt.ArrayLike, what: str, warnings: list[str]) -> Array:
    """Return the ticks at `seconds`, whose last axis is the rows; warn of rows that moved."""
    times = meter.quarters(sequence, seconds)
    ticks = _ticks(times)
    off = np.atleast_2d(abs(ticks / TICKS - times)).max(0)
    if moved := int((off > SLACK).sum()):
        warnings.append(
            f"{moved} of {len(off)} {what} were off the grid of 1/48 of a quarter note "
            f"and moved by up to {off.max():.3f} of one"
        )
    return ticks


def _ticks(quarters: Array) -> Array:
    """Return the nearest ticks of the grid."""
    coarse = np.rint(quarters * GRIDS[0]) / GRIDS[0]
    if (abs(coarse - quarters) > SLACK).any():
        choices = np.stack([np.rint(quarters * grid) / grid for grid in GRIDS])
        best = abs(choices - quarters).argmin(0)
        fine = np.take_along_axis(choices, best[None], 0)[0]
        if (abs(fine - quarters) <= TIGHT).all():
            coarse = fine
    return np.asarray(np.rint(coarse * TICKS), np.int64)


def _changes(ticks: Array, *columns: npt.ArrayLike) -> list[Any]:
    """Return the rows (tick, *columns) where columns change; the last one at each tick."""
    rows = dict(
        zip(
            ticks.tolist(),
            zip(*(np.asarray(c).tolist() for c in columns), strict=True),
            strict=True,
        )
    )
    out: list[Any] = []
    for tick, values in sorted(rows.items()):
        if not out or out[-1][1:] != values:
            out.append((tick, *values))
    return out
