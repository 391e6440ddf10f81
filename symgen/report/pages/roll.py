"""A piano roll as a figure: pitch over time, the louder the darker, the sustain pedal under it."""

from __future__ import annotations

import numpy as np

from symgen.notes.sequence import NoteSequence
from symgen.rendering.pianoroll import BLACK, pedal_spans
from symgen.rendering.pianoroll import name as pitch_name
from symgen.report.figure import Figure, Table
from symgen.report.plotting.axes import RIGHT, Scale, frame, ticks
from symgen.report.plotting.drawing import Array, Boxes, Drawing, Mark

A_SECOND, LEAST, MOST = 22.0, 380.0, 2400.0  # width: drawing units a second, and its limits
KEY = (3.2, 6.0)  # height of a key: least and most
LOUDNESS = ((1, 0.5), (48, 0.62), (64, 0.75), (80, 0.88), (96, 1.0))  # velocity from, opacity


def roll(name: str, title: str, about: str, sequence: NoteSequence, role: str = "a") -> Figure:
    """Return the picture of a piece that holds notes, and its notes as a table; times are in seconds."""
    notes = sequence.notes
    low, high = (
        (int(notes["pitch"].min()) - 2, int(notes["pitch"].max()) + 2) if len(notes) else (58, 62)
    )
    lasts = max(sequence.total_time, 0.1)
    width = float(np.clip(52 + lasts * A_SECOND, LEAST, MOST))
    key = float(np.clip(220 / (high - low + 1), *KEY))
    height = 12 + key * (high - low + 1) + 50
    across, up = Scale(0, lasts, 52, width - RIGHT), Scale(low - 0.5, high + 0.5, height - 50, 12)
    black = np.array([p for p in range(low, high + 1) if p % 12 in BLACK], np.float64)
    marks: list[Mark] = [
        Boxes(
            _rows(np.zeros(len(black)), np.full(len(black), lasts), black, across, up, 0.5), "shade"
        )
    ]
    octaves = [(float(p), pitch_name(p)) for p in range(low, high + 1) if p % 12 == 0]
    marks += frame(
        across, up, "time (seconds)", "pitch", ticks(0, lasts, max(round(width / 70), 3)), octaves
    )
    for (least, opacity), (most, _) in zip(LOUDNESS, [*LOUDNESS[1:], (128, 0)], strict=True):
        some = notes[(notes["velocity"] >= least) & (notes["velocity"] < most)]
        if len(some):
            marks.append(
                Boxes(
                    _rows(some["start_time"], some["end_time"], some["pitch"], across, up, 0.42),
                    role,
                    opacity,
                )
            )
    spans = pedal_spans(sequence)
    if len(spans):
        x, end = across(spans[:, 0]), across(spans[:, 1])
        marks.append(
            Boxes(
                np.stack([x, np.full(len(x), height - 55.0), end - x, np.full(len(x), 3.0)], 1),
                "ink",
            )
        )
    rows = [
        [
            round(float(n["start_time"]), 4),
            round(float(n["end_time"]), 4),
            int(n["pitch"]),
            int(n["velocity"]),
        ]
        for n in notes
    ]
    table = Table(name, title, ["start (s)", "end (s)", "pitch (MIDI)", "velocity"], rows)
    return Figure(Drawing(width, height, tuple(marks)), table, about, wide=True)


def _rows(start: Array, end: Array, pitch: Array, across: Scale, up: Scale, half: float) -> Array:
    """Return the boxes of notes, at least a hair wide."""
    x, top = across(start), up(np.asarray(pitch, np.float64) + half)
    return np.stack(
        [x, top, np.maximum(across(end) - x, 0.8), up(np.asarray(pitch, np.float64) - half) - top],
        1,
    )
