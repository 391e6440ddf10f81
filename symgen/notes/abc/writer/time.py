"""What the ABC writer writes, on a grid of ticks: the melody in groups of notes, and the bar lines, chords, meters, keys and tempos.

Times are whole ticks of which every fraction of a quarter note with a denominator of 2^k times 1, 3, 5, 7 or 9 is a multiple. A
melody lies on a 48th of a quarter note, or where one of its times does not, all of it on 48ths, 80ths, 112ths and 144ths
(tuplets of 3, 5, 7 and 9). A time within SLACK of the grid is on it; others move to the nearest 48th, and are counted.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from symgen.errors import DataError
from symgen.notes.sequence import TIME_SIGNATURE, NoteSequence
from symgen.notes.theory import keys, meter

Array = npt.NDArray[Any]

TICKS = 315 * 1024  # a quarter note
GRIDS = (48, 80, 112, 144)
SLACK = 1.4e-3  # quarter notes; 48ths and the others differ by more than twice that
TIGHT = 1e-5  # quarter notes; for the finer grids, which are so dense that anything is near them
LONGEST = 1 << 19  # quarter notes; three days at 120 a minute
Note = tuple[int, int, int]  # begin, end, pitch


class Group(NamedTuple):
    """Pitches that are written together from `begin` to `end`, from low to high; those of `held` go on in the next group."""

    begin: int
    end: int
    pitches: tuple[int, ...]
    held: tuple[int, ...]


class Score(NamedTuple):
    """A piece in ticks. `said` tells what could not be written as it was; the other tables hold changes alone, sorted."""

    voices: list[
        list[Group]
    ]  # each without overlaps; more than one where notes of one pitch overlap
    chords: list[tuple[int, str]]
    bars: list[int]  # the bar lines within (0, end)
    meters: list[tuple[int, int, int]]  # tick, numerator, denominator
    keys: list[tuple[int, int, int]]  # tick, tonic, mode
    tempos: list[tuple[int, float]]  # tick, quarter notes per minute
    pickup: int  # the first bar line
    end: int
    said: list[str]


def score(sequence: NoteSequence) -> Score:
    """Return the melody of `sequence`, its lowest instrument, with all that holds for it; 4/4 where no meter is said.

    DataError where it is longer than LONGEST.
    """
    if not len(sequence.time_signatures):
        sequence = sequence.replace(time_signatures=np.array([(0, 4, 4)], TIME_SIGNATURE))
    quarters = float(meter.quarters(sequence, sequence.total_time))
    if quarters > LONGEST:
        raise DataError(
            f"{quarters:.0f} quarter notes are more than the {LONGEST} that a tune may have; crop it"
        )
    said: list[str] = []
    notes = _notes(sequence, said)

    def at(seconds: npt.ArrayLike, what: str) -> Array:
        return _at(sequence, seconds, what, said)

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
        [_groups(voice) for voice in _voices(notes)],
        _chords(sequence, at(sequence.chords["time"], "chord symbols"), end, said),
        bars[(bars > 0) & (bars < end)].tolist(),
        _changes(_ticks(begin), numerator, denominator),
        _changes(at([r[0] for r in rows], "keys"), [r[1] for r in rows], [r[2] for r in rows]),
        _changes(at(tempos["time"], "tempos"), np.round(tempos["qpm"], 3)),
        int(at([sequence.first_bar_time], "bar lines")[0]),
        end,
        said,
    )


def _notes(sequence: NoteSequence, said: list[str]) -> list[Note]:
    """Return the notes of the melody in their order; say how many had to move, and how many are left out for which no
    chord symbol stands."""
    pitched = sequence.notes[~sequence.notes["is_drum"]]
    notes = pitched[
        pitched["instrument"] == pitched["instrument"].min(initial=np.iinfo(np.int16).max)
    ]
    if len(sequence.notes) > len(notes) and not len(sequence.chords):
        said.append(
            f"{len(sequence.notes) - len(notes)} of {len(sequence.notes)} notes left out: of other instruments than the first"
        )
    ticks = _at(sequence, np.stack([notes["start_time"], notes["end_time"]]), "notes", said)
    ticks[1] = np.maximum(ticks[1], ticks[0] + TICKS // GRIDS[0])
    return sorted(zip(*ticks.tolist(), notes["pitch"].tolist(), strict=True))


def _voices(notes: list[Note]) -> list[list[Note]]:
    """Return the notes such that those of one pitch do not overlap in a voice, but where they are equal."""
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


def _groups(notes: list[Note]) -> list[Group]:
    """Cut notes that overlap into groups that do not."""
    groups: list[Group] = []
    sounding: list[tuple[int, int]] = []  # pitch and end
    for at, (now, end, pitch) in enumerate(notes):
        sounding.append((pitch, end))
        following = notes[at + 1][0] if at + 1 < len(notes) else max(end for _, end in sounding)
        while now < following and sounding:
            stop = min([following, *(end for _, end in sounding)])
            after = [(p, end) for p, end in sounding if end > stop]
            groups.append(
                Group(now, stop, tuple(sorted(p for p, _ in sounding)), tuple(p for p, _ in after))
            )
            now, sounding = stop, after
    return groups


def _chords(
    sequence: NoteSequence, ticks: Array, end: int, said: list[str]
) -> list[tuple[int, str]]:
    """Return the chord symbols that ABC can hold: nothing that reads as an annotation, and none where no note or rest begins."""
    rows = zip(ticks.tolist(), map(_clean, sequence.chords["symbol"].tolist()), strict=True)
    kept = [(tick, text) for tick, text in rows if tick < end and text[:1] not in tuple("^_<>@")]
    if lost := len(sequence.chords) - len(kept):
        said.append(
            f"{lost} chord symbol{'s' if lost > 1 else ''} left out: after the last note, or no chord"
        )
    return kept


def _clean(symbol: str) -> str:
    return re.sub(r'["\s]+', " ", symbol).strip() or " "


def _at(sequence: NoteSequence, seconds: npt.ArrayLike, what: str, said: list[str]) -> Array:
    """Return the ticks at `seconds`, whose last axis is that of the rows; say how many of them had to move."""
    times = meter.quarters(sequence, seconds)
    ticks = _ticks(times)
    off = np.atleast_2d(abs(ticks / TICKS - times)).max(0)
    if moved := int((off > SLACK).sum()):
        said.append(
            f"{moved} of {len(off)} {what} lie off the grid of 1/48 of a quarter note and moved by up to {off.max():.3f} of one"
        )
    return ticks


def _ticks(quarters: Array) -> Array:
    """Return the ticks of the grid at `quarters`."""
    coarse = np.rint(quarters * GRIDS[0]) / GRIDS[0]
    if (abs(coarse - quarters) > SLACK).any():
        choices = np.stack([np.rint(quarters * grid) / grid for grid in GRIDS])
        best = abs(choices - quarters).argmin(0)
        fine = np.take_along_axis(choices, best[None], 0)[0]
        if (abs(fine - quarters) <= TIGHT).all():
            coarse = fine
    return np.asarray(np.rint(coarse * TICKS), np.int64)


def _changes(ticks: Array, *columns: npt.ArrayLike) -> list[Any]:
    """Return rows of (tick, *columns) where the columns change; of rows at one tick the last."""
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
