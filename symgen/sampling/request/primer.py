"""Primers: music that a sample begins with and continues."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from symgen.checks import number
from symgen.encodings import Encoding, Events
from symgen.errors import DataError
from symgen.notes.sequence import NoteSequence
from symgen.sampling.processors.whole_notes.time_fields import TimeFields, is_whole
from symgen.sampling.request.sources import Tune, tune


def primer_events(source: Tune, encoding: Encoding, seconds: float | None = None) -> Events:
    """Return the events of a file or a sequence, or only of its first `seconds`.

    A note that sounds at the cut stays open, and the model ends it. Where events are whole notes it
    keeps its own length. ReadError if the file cannot be read, DataError if no note of it fits the
    encoding.
    """
    sequence = tune(source)
    name = sequence.source.path or "the primer"
    drops = Counter[str]()
    events = encoding.encode(sequence, drops)
    if seconds is not None:
        events = crop(events, encoding, number("primer-seconds", seconds, 0.01, 86_400))
    if not len(encoding.spans(events).row):
        where = f" in its first {seconds:g} s" if seconds is not None else ""
        why = f" ({', '.join(drops)})" if drops and not len(events) else ""
        raise DataError(
            f"{name}: has no note{where} that the {encoding.name} encoding can hold{why}; "
            "give another primer"
        )
    return events


def primer_and_context(
    source: Tune, encoding: Encoding, seconds: float | None = None
) -> tuple[Events, dict[str, Any]]:
    """Return the events of a primer for an encoding on a grid of beats, and its context.

    The context is the tempo, pickup and bars, in 4/4 if the primer has no meter.
    """
    sequence = tune(source)
    context = {"qpm": 120.0} | encoding.context(sequence)
    if seconds is not None:
        seconds = number("primer-seconds", seconds, 0.01, 86_400) * context["qpm"] / 120
    events = primer_events(sequence, encoding, seconds)
    bars = context.get("bars") or [0, 4, 4]
    rows = [bars[i : i + 3] for i in range(0, len(bars), 3)]
    started = [row for i, row in enumerate(rows) if i == 0 or row[0] < len(events)]
    return events, context | {"bars": [number for row in started for number in row]}


def crop(events: Events, encoding: Encoding, seconds: float) -> Events:
    """Return the events up to the last note-on before `seconds`, or the last time shift by then."""
    starts = encoding.step_times(events)
    if is_whole(encoding):  # in the order of their onsets
        return events[: int(np.searchsorted(starts, seconds - 1e-9))]
    rows = [encoding.table(k)[events[:, k]] for k in range(len(encoding.fields))]
    notes = encoding.spans(events)
    over = np.cumsum(sum(r["advance"].astype(np.int64) for r in rows)) / encoding.steps_per_second
    beyond = np.append(over > seconds + 1e-9, True)
    beyond[notes.row[notes.start / encoding.steps_per_second > seconds - 1e-9]] = True
    counts = np.logical_or.reduce([(r["pitch"] >= 0) | (r["advance"] > 0) for r in rows])[
        : int(beyond.argmax())
    ]
    return events[: int(np.flatnonzero(counts)[-1]) + 1] if counts.any() else events[:0]


def over_by(events: Events, encoding: Encoding, steps: int) -> Events:
    """Return events of whole notes, cut at `steps`; all onsets are before it."""
    onsets = np.cumsum(TimeFields(encoding, "advance", 0).of(events))
    durations = TimeFields(encoding, "duration", 0)
    rows = np.flatnonzero(onsets + durations.of(events) > steps)
    out = events.copy()
    durations.write(out, rows, steps - onsets[rows])
    return out


def goes_on(events: Events, encoding: Encoding) -> float:
    """Return the seconds after which music continues a primer.

    That is its length, or its last onset where events are whole notes.
    """
    advances = [encoding.table(k)["advance"][events[:, k]] for k in range(len(encoding.fields))]
    return float(np.sum(advances)) / encoding.steps_per_second


def length(primer: Events, sequence: NoteSequence, encoding: Encoding) -> int:
    """Return how many notes of `sequence`, which begins with `primer`, are the primer's.

    Where events are whole notes, new notes may begin together with its last ones.
    """
    if is_whole(encoding):
        return len(encoding.spans(primer).row)
    return int((sequence.notes["start_time"] < goes_on(primer, encoding) - 1e-9).sum())
