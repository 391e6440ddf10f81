"""A piano roll as a figure: pitch over time, darker for louder notes, the pedal at the bottom."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from symgen.notes.sequence import NoteSequence
from symgen.rendering.pianoroll import BLACK, pedal_spans
from symgen.rendering.pianoroll import name as pitch_name
from symgen.report.figure import Figure, Table
from symgen.report.plotting.axes import LEFT, RIGHT, WIDTH, Scale, frame, ticks
from symgen.report.plotting.drawing import Boxes, Drawing, Mark
from symgen.types import Array

KEY = (2.4, 6.0)  # height of a key: least and most
TALL = 190.0  # height of all keys where the limits of KEY allow it
TOP, BOTTOM = 12.0, 50.0
MARGIN = 2  # keys above and below the notes
EMPTY = (58, 62)  # the pitches of a piece without notes
LOUDNESS = ((1, 0.5), (48, 0.62), (64, 0.75), (80, 0.88), (96, 1.0))  # velocity from, opacity
COLUMNS = ("start (s)", "end (s)", "pitch (MIDI)", "velocity")


def roll(name: str, title: str, about: str, sequence: NoteSequence, role: str = "a") -> Figure:
    """Return the picture of a piece, as wide as the other figures; its table holds the notes."""
    low, high = _range(sequence)
    lasts = max(sequence.total_time, 0.1)
    key = float(np.clip(TALL / (high - low + 1), *KEY))
    height = TOP + key * (high - low + 1) + BOTTOM
    across = Scale(0, lasts, LEFT, WIDTH - RIGHT)
    up = Scale(low - 0.5, high + 0.5, height - BOTTOM, TOP)
    black = np.array([p for p in range(low, high + 1) if p % 12 in BLACK], np.float64)
    begin = np.zeros(len(black))
    end = np.full(len(black), lasts)
    marks: list[Mark] = [Boxes(_boxes(begin, end, black, across, up, 0.5), "shade")]
    octaves = [(float(p), pitch_name(p)) for p in range(low, high + 1) if p % 12 == 0]
    marks += frame(across, up, "time (seconds)", "pitch", ticks(0, lasts, 5), octaves)
    marks += _notes(sequence, across, up, role)
    marks += _pedal(sequence, across, height - BOTTOM - 5)
    table = Table(name, title, COLUMNS, _rows(sequence))
    return Figure(Drawing(WIDTH, height, tuple(marks)), table, about)


def _range(sequence: NoteSequence) -> tuple[int, int]:
    pitch = sequence.notes["pitch"]
    if not len(pitch):
        return EMPTY
    return int(pitch.min()) - MARGIN, int(pitch.max()) + MARGIN


def _notes(sequence: NoteSequence, across: Scale, up: Scale, role: str) -> Iterator[Mark]:
    """Yield the boxes of the notes of each step of loudness."""
    notes = sequence.notes
    limits = [*(least for least, _ in LOUDNESS[1:]), 128]
    for (least, opacity), limit in zip(LOUDNESS, limits, strict=True):
        some = notes[(notes["velocity"] >= least) & (notes["velocity"] < limit)]
        if len(some):
            at = _boxes(some["start_time"], some["end_time"], some["pitch"], across, up, 0.42)
            yield Boxes(at, role, opacity)


def _pedal(sequence: NoteSequence, across: Scale, top: float) -> Iterator[Mark]:
    spans = pedal_spans(sequence)
    if len(spans):
        begin = across(spans[:, 0])
        end = across(spans[:, 1])
        tops = np.full(len(begin), top)
        heights = np.full(len(begin), 3.0)
        yield Boxes(np.stack([begin, tops, end - begin, heights], 1), "ink")


def _rows(sequence: NoteSequence) -> list[list[float | int]]:
    notes = sequence.notes
    columns = (
        notes["start_time"].round(4).tolist(),
        notes["end_time"].round(4).tolist(),
        notes["pitch"].tolist(),
        notes["velocity"].tolist(),
    )
    return [list(row) for row in zip(*columns, strict=True)]


def _boxes(
    start: Array, end: Array, pitch: Array, across: Scale, up: Scale, half_key: float
) -> Array:
    """Return the boxes `[n, 4]` of notes, `half_key` up and down, at least a hairline wide."""
    pitch = np.asarray(pitch, np.float64)
    left = across(start)
    top = up(pitch + half_key)
    bottom = up(pitch - half_key)
    return np.stack([left, top, np.maximum(across(end) - left, 0.8), bottom - top], 1)
