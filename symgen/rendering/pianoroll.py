"""A piece as a picture: a piano roll in seconds, coloured by velocity, with the sustain pedal
below.
"""

from __future__ import annotations

import importlib
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from symgen import files
from symgen.errors import MissingExtra, counted, printable
from symgen.notes.sequence import NoteSequence
from symgen.types import Array, Floats

NAMES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")
BLACK = (1, 3, 6, 8, 10)
PEDAL = 64  # controller
DOWN = 64  # value from which the pedal counts as down
INCHES_PER_SECOND, DPI = 0.35, 120
WIDTH, HEIGHT = (8.0, 24.0), (3.0, 7.5)  # limits in inches
MARGIN = 2  # keys drawn above and below the notes


def save(sequence: NoteSequence, path: Path, replace: bool = True) -> None:
    """Write the picture of `sequence` as PNG; the same notes give the same bytes.

    Raises MissingExtra without matplotlib, Exists if there is a file and `replace` is off.
    """
    figure = draw(sequence)
    with files.atomic(path, replace=replace) as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its font may lack letters of the title
        figure.savefig(file, format="png", dpi=DPI, metadata={"Software": None})


def draw(sequence: NoteSequence) -> Any:
    """Return the picture as a matplotlib Figure, which needs no display."""
    try:
        figures = importlib.import_module("matplotlib.figure")
    except ImportError:
        raise MissingExtra("matplotlib", "plot", "a piano-roll picture") from None
    notes = sequence.notes
    low = int(notes["pitch"].min()) - MARGIN
    high = int(notes["pitch"].max()) + MARGIN
    width = float(np.clip(sequence.total_time * INCHES_PER_SECOND, *WIDTH))
    height = float(np.clip((high - low) * 0.09 + 1.5, *HEIGHT))
    figure = figures.Figure(figsize=(width, height), layout="constrained")
    spans = pedal_spans(sequence)
    ratios = [height - 0.5, 0.22] if len(spans) else [1]
    axes = figure.subplots(len(ratios), 1, sharex=True, squeeze=False, height_ratios=ratios)[:, 0]
    bars = _notes(axes[0], notes, low, high)
    figure.colorbar(bars, ax=axes[0], label="velocity", pad=0.01, aspect=30)
    if len(spans):
        _pedal(axes[1], spans)
    axes[-1].set_xlabel("time (seconds)")
    axes[0].set_xlim(0, max(sequence.total_time, 0.1))
    axes[0].set_title(_title(sequence), fontsize=10, loc="left")
    return figure


def _notes(axes: Any, notes: Array, low: int, high: int) -> Any:
    """Draw the keys and the notes; return the collection for the colour bar."""
    collections: Any = importlib.import_module("matplotlib.collections")
    for pitch in range(low, high + 1):
        if pitch % 12 in BLACK:
            axes.axhspan(pitch - 0.5, pitch + 0.5, color="0.945", lw=0, zorder=0)
        if pitch % 12 == 0:
            axes.axhline(pitch - 0.5, color="0.75", lw=0.7, zorder=1)
    start, end, key = notes["start_time"], notes["end_time"], notes["pitch"].astype(float)
    bottom = key - 0.42
    top = key + 0.42
    corners = [(start, bottom), (start, top), (end, top), (end, bottom)]
    boxes = np.stack([np.stack(c, -1) for c in corners], 1)  # [notes, corners, xy]
    bars = collections.PolyCollection(
        boxes,
        array=notes["velocity"].astype(float),
        cmap="viridis_r",
        edgecolors="face",
        linewidths=0.4,
        zorder=2,
    )
    bars.set_clim(1, 127)
    axes.add_collection(bars)
    axes.set_ylim(low - 0.5, high + 0.5)
    octaves = [p for p in range(low, high + 1) if p % 12 == 0] or [low + MARGIN]
    axes.set_yticks(octaves, [name(p) for p in octaves])
    axes.set_ylabel("pitch")
    axes.grid(axis="x", color="0.88", lw=0.6, zorder=0.5)
    axes.set_axisbelow(True)
    return bars


def _pedal(axes: Any, spans: Array) -> None:
    axes.broken_barh(
        [(begin, end - begin) for begin, end in spans.tolist()], (0, 1), color="0.35", lw=0
    )
    axes.set_ylim(0, 1)
    axes.set_yticks([0.5], ["pedal"])
    axes.tick_params(axis="y", length=0)


def pedal_spans(sequence: NoteSequence) -> Floats:
    """Return the times [spans, 2] in seconds during which a sustain pedal is down."""
    changes = sequence.control_changes[sequence.control_changes["control_number"] == PEDAL]
    spans: list[tuple[float, float]] = []
    for instrument in np.unique(changes["instrument"]).tolist():
        mine = changes[changes["instrument"] == instrument]
        down = np.concatenate([[False], mine["control_value"] >= DOWN, [False]])
        edges = np.flatnonzero(np.diff(down.astype(np.int8)))
        end = max(sequence.total_time, float(mine["time"][-1]))
        times = np.append(mine["time"], end)[edges]
        spans += [(float(a), float(b)) for a, b in times.reshape(-1, 2) if b > a]
    return np.array(sorted(spans), np.float64).reshape(-1, 2)


def name(pitch: int) -> str:
    """Return the name of a MIDI pitch; middle C (60) is C4."""
    return f"{NAMES[pitch % 12]}{pitch // 12 - 1}"


def _title(sequence: NoteSequence) -> str:
    title = printable(Path(sequence.source.path).name) if sequence.source.path else ""
    facts = f"{counted(len(sequence), 'note')}, {sequence.total_time:.1f} s"
    return f"{title}: {facts}".replace("$", r"\$") if title else facts
