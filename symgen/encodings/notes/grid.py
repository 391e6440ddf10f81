"""Notes on the grid of the notes encoding, in steps, and what is done to them there."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from symgen.arrays import heads
from symgen.notes import pedal
from symgen.notes.sequence import NoteSequence

PITCHES = 128
PEDAL = 128  # the pitch that stands for the pedal
Ints = npt.NDArray[np.int64]


class Grid(NamedTuple):
    """Notes in steps of the grid, ordered by onset and pitch; `bin` counts from 0."""

    start: Ints
    end: Ints
    pitch: Ints
    bin: Ints


def pitched(sequence: NoteSequence, drops: Counter[str]) -> NoteSequence:
    """Return the piece without drums and without notes that no event can hold; both count."""
    notes = sequence.notes
    drums = notes["is_drum"].astype(bool)
    fits = (notes["pitch"] >= 0) & (notes["pitch"] < PITCHES) & (notes["start_time"] >= 0)
    fits &= np.isfinite(notes["end_time"])
    if drums.any():
        drops["drum note, for which the notes encoding has no event"] += int(drums.sum())
    if (~fits & ~drums).any():
        drops["note whose pitch is not in 0..127, or that lies before 0 s"] += int(
            (~fits & ~drums).sum()
        )
    kept = fits & ~drums
    return sequence if kept.all() else sequence.replace(notes=notes[kept])


def cut(steps: Ints, seconds: int, rate: int, what: str, drops: Counter[str]) -> Ints:
    """Return `steps`, no more than `seconds` of them; what is cut is counted."""
    if beyond := int((steps > seconds * rate).sum()):
        drops[f"{what} cut to {seconds} s"] += beyond
    return np.minimum(steps, seconds * rate)


def presses(sequence: NoteSequence, rate: int) -> Grid:
    """Return the presses of the pedal, of all instruments together, as notes of pitch PEDAL."""
    changes = sequence.control_changes
    moves = changes[changes["control_number"] == pedal.SUSTAIN]
    moves = moves[np.argsort(moves["time"], kind="stable")]
    down = moves["control_value"] >= pedal.DOWN
    turns = np.flatnonzero(down != np.append(False, down[:-1])[: len(down)])
    step = (np.maximum(moves["time"][turns], 0) * rate + 0.5).astype(np.int64)
    last = max(sequence.notes["end_time"].max(initial=0.0), moves["time"].max(initial=0.0))
    start = step[::2]
    end = np.append(step[1::2], int(last * rate + 0.5))[: len(start)]
    end[:-1] = np.minimum(end[:-1], start[1:] - 1)  # a step up between two, or they are one
    kept = end > start
    pressed = np.full(int(kept.sum()), PEDAL, np.int64)
    return Grid(start[kept], end[kept], pressed, np.zeros(len(pressed), np.int64))


def _by_pitch(pitch: Ints) -> Ints:
    return np.argsort(pitch.astype(np.uint8), kind="stable")


def first_on_first_off(pitch: Ints, end: Ints) -> Ints:
    """Return the ends, the k-th of a pitch for its k-th note; notes are in order of onset."""
    order = _by_pitch(pitch)
    out = np.empty_like(end)
    out[order] = end[np.lexsort((end, pitch))]
    return out


def silent(pitch: Ints, start: Ints, end: Ints) -> Ints:
    """Return when each note falls silent: at the next onset or release of its pitch."""
    onset = next_onset(pitch, start)
    if (onset >= end).all():
        return end
    size = int(end.max()) + 1
    releases = np.sort(pitch * size + end)
    release = releases[np.searchsorted(releases, pitch * size + start, "right")] - pitch * size
    first: Ints = np.minimum(onset, release)
    return first


def next_onset(pitch: Ints, start: Ints) -> Ints:
    """Return when the pitch of each note begins next, or a time beyond all where it does not."""
    order = _by_pitch(pitch)
    out = np.full(len(start), np.iinfo(np.int64).max)
    again = np.flatnonzero(~heads(pitch[order])[1:])
    out[order[again]] = start[order[again + 1]]
    return out
