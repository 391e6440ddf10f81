"""Models of the encoding `notes` whose right answer can be read, and the laws of what they make."""

import numpy as np

from symgen.encodings import encoding
from tests.sampling.fakes import Bigram, Toy

NOTES = encoding("notes")
PEDAL = encoding("notes", pedal="events")
PLAIN = encoding("notes", velocity_bins=0, longest_shift=2, longest_note=1, steps_per_second=20)


def notes_noise(seed=0, made=NOTES, spread=1.5):
    """A model that knows only that onsets and ends mostly follow within a second or two."""
    rng = np.random.default_rng(seed)
    tables = [rng.normal(0, spread, (f.size + 1, f.size)) for f in made.fields]
    for field in (0, len(tables) - 2):
        tables[field] -= 3 * np.arange(tables[field].shape[1])
    tables[1][:, 0] += 4  # chords
    return Toy(Bigram([t.astype(np.float32) for t in tables]), made)


def notes_pianist(rate=6.0, length=0.5, chords=0.4, made=NOTES):
    """A plausible model: `rate` notes per second, a share of them chords, pitches 48 to 83."""
    steps, seconds = np.arange(made.steps_per_second) / made.steps_per_second, (1 - chords) / rate
    pitch = np.full(made.fields[2].size, -12.0)
    pitch[48:84] = 0
    apart = -steps / seconds
    apart += np.log(1 - chords) - np.log(np.exp(apart[1:]).sum())
    shift = np.where(steps > 0, apart, np.log(chords))
    rows = [
        -np.arange(made.longest_shift + 1) / seconds,
        shift,
        pitch,
        np.zeros(made.velocity_bins),
        -np.arange(made.longest_note + 1) / length,
        -steps / length,
    ]
    rows = [row for row in rows if len(row)]
    return Toy(Bigram([np.tile(row, (len(row) + 1, 1)).astype(np.float32) for row in rows]), made)


def assert_legal(events, made=NOTES):
    """A fresh grammar takes every event."""
    grammar = made.grammar(1)
    for row in events:
        for field, value in enumerate(row):
            assert grammar.legal(field)[0, value], (row, field)
            grammar.choose(field, np.array([value]))


def assert_sound(sample, seconds, made=NOTES):
    """The events are legal, notes lie within the time, no pitch is struck while it sounds."""
    assert_legal(sample.events, made)
    notes = sample.sequence.notes
    assert (notes["start_time"] >= 0).all()
    assert (notes["start_time"] < notes["end_time"]).all()
    assert notes["end_time"].max(initial=0) <= seconds + 1e-9
    order = np.lexsort((notes["start_time"], notes["pitch"]))
    pitch, start, end = (notes[order][name] for name in ("pitch", "start_time", "end_time"))
    assert (start[1:] >= end[:-1] - 1e-9)[pitch[1:] == pitch[:-1]].all()
