"""Convert a tune to a NoteSequence: ticks to seconds, and changes of state to tables."""

from __future__ import annotations

from typing import Any

import numpy as np

from symgen.errors import counted
from symgen.notes.abc.barlines import bars
from symgen.notes.abc.fields import QUARTER
from symgen.notes.abc.playback import jumps
from symgen.notes.abc.played import ROWS, Budget, Played, play
from symgen.notes.abc.tune import Tune
from symgen.notes.abc.voice import Kind
from symgen.notes.sequence import (
    CHORD,
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

TICKS_PER_QUARTER = 10080  # a multiple of all tuplets up to 10


class Clock:
    """Converts ticks to seconds. At 120 qpm, binary fractions of a whole note are exact."""

    def __init__(self, changes: list[tuple[int, float]]) -> None:
        self.ticks = np.array([0, *(t for t, _ in changes if t)], np.int64)
        first = changes[0][1] if changes and changes[0][0] == 0 else DEFAULT_QPM
        self.qpm = np.array([first, *(q for t, q in changes if t)])
        lengths = np.diff(self.ticks) * 60.0 / (self.qpm[:-1] * QUARTER)
        self.times = np.append(0.0, np.cumsum(lengths))

    def seconds(self, ticks: Any) -> Floats:
        """Return the time of each tick in seconds."""
        ticks = np.asarray(ticks, np.int64)
        if len(self.ticks) == 1:
            return np.asarray(ticks * 60.0 / (self.qpm[0] * QUARTER))
        at = np.searchsorted(self.ticks, ticks, "right") - 1
        return np.asarray(
            self.times[at] + (ticks - self.ticks[at]) * 60.0 / (self.qpm[at] * QUARTER)
        )


def sequence(tune: Tune, path: str, budget: Budget | None = None) -> NoteSequence:
    """Convert a tune; OverflowError names the limit if it is too long.

    `budget` is that of its file.
    """
    budget = budget or Budget()
    budget.next_tune()
    jumps.share(tune.voices)
    played = [play(voice, tune.order, tune.warn, budget) for voice in tune.voices]
    if len({p.ticks for p in played}) > 1:
        tune.warn("the voices have different lengths")
    lead = Played(np.zeros((ROWS, 0), np.int64), [], np.zeros(0, np.int64), [], [], 0)
    if played:
        lead = played[0]
    tempi = next(filter(None, map(_tempi, played)), [])
    clock = Clock(tempi)
    found = bars(lead)
    rows, keys = found.rows, _keys(lead)
    total, first = clock.seconds([max((p.ticks for p in played), default=0), found.first]).tolist()
    symbols = _chords(played, clock)
    return NoteSequence(
        notes=_notes(played, clock),
        tempos=table(TEMPO, time=clock.seconds([t for t, _ in tempi]), qpm=[q for _, q in tempi]),
        time_signatures=table(
            TIME_SIGNATURE,
            time=clock.seconds([t for t, _ in rows]),
            numerator=[m.numerator for _, m in rows],
            denominator=[m.denominator for _, m in rows],
        ),
        key_signatures=table(
            KEY_SIGNATURE,
            time=clock.seconds([t for t, *_ in keys]),
            key=[k for _, k, _ in keys],
            mode=[m for *_, m in keys],
        ),
        chords=symbols,
        total_time=total,
        first_bar_time=first,
        ticks_per_quarter=TICKS_PER_QUARTER,
        source=Source(
            path,
            "abc",
            tune.warn.lines(),
            tune.title,
            _unplayed(tune),
            texts(symbols["symbol"].tolist()),
            "; ".join(tune.composers),
            tuple(tune.labels.get(voice.name, "") for voice in tune.voices if tune.labels),
        ),
    )


def _unplayed(tune: Tune) -> tuple[str, ...]:
    """Return what the tune has and its notes have not."""
    graces = sum(len(pitches) for voice in tune.voices for _, pitches in voice.graces)
    marks = [mark.kind for voice in tune.voices for mark in voice.marks]
    counts = {"grace note": graces} | tune.left
    lines = [f"{counted(count, what)} left out" for what, count in counts.items() if count]
    if Kind.END in marks or Kind.ENDING in marks:
        lines.append("its repeats are written out")
    return tuple(lines)


def _notes(played: list[Played], clock: Clock) -> Array:
    """Return the notes of every voice; overlays are additional instruments after the voices."""
    parts = [
        (p.notes[:, p.notes[4] == 0] if p.notes[4].any() else p.notes, i)
        for i, p in enumerate(played)
    ]
    number = len(played)
    for one in played:
        for layer in np.unique(one.notes[4][one.notes[4] > 0]).tolist():
            parts.append((one.notes[:, one.notes[4] == layer], number))
            number += 1
    out = np.zeros(sum(p.shape[1] for p, _ in parts), NOTE)
    if not len(out):
        return out
    ticks: Ints = np.concatenate([p for p, _ in parts], axis=1) if number > 1 else parts[0][0]
    out["start_time"], out["end_time"] = clock.seconds(ticks[:2])
    out["pitch"] = ticks[2]
    out["velocity"], out["program"], out["is_drum"] = ticks[5], ticks[6], ticks[7]
    if number > 1:
        out["instrument"] = np.repeat([i for _, i in parts], [p.shape[1] for p, _ in parts])
    return out[np.lexsort([out["pitch"], ticks[0]])]


def _tempi(played: Played) -> list[tuple[int, float]]:
    """Return the tempi of a voice, if it has any; before the first it is the default."""
    if not any(state.qpm for state in played.states):
        return []
    by_time = {
        state.time: state.qpm or DEFAULT_QPM
        for state in played.states
        if state.time < played.ticks or not state.time
    }
    return _distinct(sorted(by_time.items()))


def _keys(played: Played) -> list[tuple[int, int, int]]:
    by_time = {
        state.time: (state.key.tonic, state.key.mode)
        for state in played.states
        if state.time < played.ticks or not state.time
    }
    return [(time, *key) for time, key in _distinct(sorted(by_time.items())) if key[0] >= 0]


def _distinct(rows: list[Any]) -> list[Any]:
    return [row for i, row in enumerate(rows) if not i or row[1] != rows[i - 1][1]]


def _chords(played: list[Played], clock: Clock) -> Array:
    """Return the chords of all voices by time.

    At one time, the last chord of a voice counts, and the first voice that has one.
    """
    by_time: dict[int, str] = {}
    for one in reversed(played):
        by_time.update(one.chords)
    rows = sorted(by_time.items())
    return table(
        CHORD,
        time=clock.seconds([t for t, _ in rows]),
        symbol=[s for _, s in rows] or np.zeros(0, "U1"),
    )
