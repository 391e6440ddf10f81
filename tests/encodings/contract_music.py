"""Random music, the encodings to try it on, and plain loops that they must agree with."""

from __future__ import annotations

import itertools
from collections import defaultdict, deque
from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from symgen.encodings import encoding, encodings
from symgen.notes.pedal import SUSTAIN
from symgen.notes.sequence import (
    CHORD,
    CONTROL_CHANGE,
    NOTE,
    TEMPO,
    TIME_SIGNATURE,
    NoteSequence,
    table,
)

CHORDS = tuple(
    root + kind
    for root in ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
    for kind in ("", "m", "7")
)
OPTIONS = {  # beside the defaults, which are tried for every encoding
    "melody_chords": [
        {"chords": CHORDS, "need_chords": False},
        {"chords": CHORDS, "need_chords": False, "melody": "sounding", "grid": 3},
    ],
    "notes": [{"pedal": "events"}, {"velocity_bins": 0, "pedal": "off", "steps_per_second": 31}],
    "performance": [
        {"velocity_bins": 0, "pedal": "off"},
        {"steps_per_second": 31.25, "max_shift": 7},
    ],
}


def every():
    """Return (test id, encoding) of every registered encoding, with several options."""
    for name in encodings:
        for options in [{}, *OPTIONS.get(name, [])]:
            made = encoding(name, **options)
            if not made.learns:  # what is left to be learned cannot encode yet
                yield "-".join([name, *(k for k in options if k != "chords")]), made


ONSETS = st.integers(0, 48).map(lambda k: k / 8) | st.floats(0, 6)
LENGTHS = st.integers(1, 24).map(lambda k: k / 8) | st.floats(0, 3)
PITCHES = st.sampled_from((60, 62, 64, 67)) | st.integers(1, 126)
ROWS = st.tuples(ONSETS, LENGTHS, PITCHES, st.integers(0, 127), st.integers(0, 1))
MOVES = st.tuples(st.floats(0, 8), st.sampled_from((0, 40, 64, 127)), st.integers(0, 1))
SYMBOLS = st.tuples(st.integers(0, 12), st.sampled_from(("C", "G7", "Am", "N.C.", "Db")))
DRUM = table(NOTE, pitch=36, velocity=90, start_time=7.0, end_time=7.5, instrument=9, is_drum=True)


@st.composite
def music(draw):
    """A short piece: overlapping notes of two instruments, a drum, a pedal, chords, a meter."""
    notes = draw(some_notes())
    if draw(st.booleans()):
        notes = np.append(notes, DRUM)
    changes, symbols = draw(pedal()), draw(chord_symbols())
    return NoteSequence(
        notes,
        control_changes=changes,
        chords=symbols,
        tempos=table(TEMPO, time=0.0, qpm=draw(st.sampled_from((60.0, 120.0, 133.0)))),
        time_signatures=table(
            TIME_SIGNATURE, time=0.0, numerator=draw(st.sampled_from((3, 4))), denominator=4
        ),
    )


@st.composite
def some_notes(draw):
    """1 to 24 notes, in the order of their onsets and pitches."""
    rows = draw(st.lists(ROWS, min_size=1, max_size=24))
    rows.sort(key=lambda row: (row[0], row[2]))
    start, held, pitches, velocity, instrument = map(np.array, zip(*rows, strict=True))
    return table(
        NOTE,
        pitch=pitches,
        velocity=velocity,
        start_time=start,
        end_time=start + held,
        instrument=instrument,
    )


@st.composite
def pedal(draw):
    """Up to 8 moves of the pedal of either instrument."""
    moves = sorted(draw(st.lists(MOVES, max_size=8)))
    time, value, which = zip(*moves, strict=True) if moves else ((), (), ())
    return table(
        CONTROL_CHANGE, time=time, control_number=SUSTAIN, control_value=value, instrument=which
    )


@st.composite
def chord_symbols(draw):
    """Up to 4 symbols on half seconds."""
    places = sorted(draw(st.lists(SYMBOLS, max_size=4)))
    when, symbol = zip(*places, strict=True) if places else ((), ())
    return table(CHORD, time=np.array(when) / 2, symbol=symbol)


def walk(made, seed, steps=60):
    """Return a stream that the grammar allows, each value drawn evenly.

    It ends with the last event that takes time, so that no note is left without length.
    """
    rng, grammar = np.random.default_rng(seed), made.grammar(1)
    rows = np.zeros((steps, len(made.fields)), np.int32)
    for row in rows:
        for k in range(len(row)):
            row[k] = rng.choice(np.flatnonzero(grammar.legal(k)[0]))
            grammar.choose(k, row[k : k + 1])
    tables = [made.table(k)[rows[:, k]] for k in range(len(made.fields))]
    taken = sum(t["advance"].astype(int) + t["duration"] for t in tables)
    return rows[: int(np.append(-1, np.flatnonzero(taken))[-1]) + 1]


class Note(NamedTuple):
    start: int
    end: int
    pitch: int
    velocity: int


def decoded(made, events):
    """Return the notes of `made.decode`, in steps and in order."""
    rate, notes = made.steps_per_second, made.decode(events).notes
    steps = [np.round(notes[k] * rate).astype(int).tolist() for k in ("start_time", "end_time")]
    return [
        Note(*row)
        for row in zip(*steps, notes["pitch"].tolist(), notes["velocity"].tolist(), strict=True)
    ]


def silenced(notes):
    """Return the notes, cut at the next note-on or note-off of their pitch."""
    out = []
    for i, note in enumerate(notes):
        same = [(j, other) for j, other in enumerate(notes) if other.pitch == note.pitch]
        ends = [other.end for _, other in same if other.end > note.start] + [
            o.start for j, o in same if j > i
        ]
        out.append(note._replace(end=min([note.end, *ends])))
    return out


def streamed(made, events):
    """Return the notes of `made.decoder()`, the sounding pitches after each event, its time."""
    decoder, clock = made.decoder(), 0
    sounding, notes, pitches = defaultdict(deque), [], []
    for row in itertools.chain(events, [None]):
        changes = decoder.finish() if row is None else decoder.take(row)
        for change in changes:
            assert change.time >= clock, "a stream goes back in time"
            clock = change.time
            if change.kind == "on":
                sounding[change.pitch].append(change)
            else:
                on = sounding[change.pitch].popleft()
                assert on.velocity == change.velocity
                notes.append(Note(on.time, change.time, on.pitch, on.velocity))
        pitches.append({p for p, those in sounding.items() if those})
        assert row is None or decoder.steps >= clock
    assert not pitches.pop()
    return sorted(notes), pitches, decoder.steps


class Plain:
    """Music ahead of a moment, counted note by note as controls must; times are in steps."""

    def __init__(self, made, events, window):
        self.notes, self.rate = silenced(decoded(made, events)), made.steps_per_second
        self.total = round(made.decode(events).total_time * self.rate)
        advance = sum(
            made.table(k)["advance"][events[:, k]].astype(int) for k in range(len(made.fields))
        )
        self.chosen = (np.cumsum(advance) - advance).tolist()
        self.window = round(window * self.rate)
        self.moments = sorted(
            {*self.chosen, *(n.start for n in self.notes), *(n.end for n in self.notes)}
        )

    def struck(self, t):
        return [n for n in self.notes if t <= n.start < t + self.window]

    def stop(self, t):
        return next((m for m in self.moments if m >= t + self.window), self.total)

    def sounding(self, t):
        """Return (pitch, steps that it sounds from t to the end of the window) of each note."""
        return [(n.pitch, max(min(n.end, self.stop(t)) - max(n.start, t), 0)) for n in self.notes]

    def density(self, t):
        over = min(self.window, self.total - t)
        return len(self.struck(t)) * self.rate / over if over else 0.0

    def polyphony(self, t):
        over = self.stop(t) - t
        return sum(steps for _, steps in self.sounding(t)) / over if over else np.nan

    def pitch_histogram(self, t):
        out = np.full(12, 0.01)
        for pitch, steps in self.sounding(t):
            out[pitch % 12] += steps / self.rate
        return out / out.sum()

    def register(self, t):
        return np.mean([n.pitch for n in self.struck(t)]) if self.struck(t) else np.nan

    def loudness(self, t):
        return np.mean([n.velocity for n in self.struck(t)]) if self.struck(t) else np.nan
