"""Music for tests of metrics: pieces with known values, and random pieces."""

import numpy as np
from hypothesis import strategies as st

from symgen.notes import notes_of
from symgen.notes.sequence import TEMPO, TIME_SIGNATURE, NoteSequence, table

CHORD_THEN_LINE = notes_of(
    [  # a triad without its fifth, doubled; then G4 and C5, which overlap, and B4
        (48, 64, 0, 1),
        (60, 64, 0, 1),
        (64, 64, 0, 1),
        (67, 64, 1, 2),
        (72, 96, 1.5, 2.5),
        (71, 32, 2.5, 3),
    ]
)


def piece(notes=CHORD_THEN_LINE, meter=(), qpm=()):
    """A sequence of note rows or a note table, with (time, upper, lower) and (time, qpm) rows."""
    notes = notes if isinstance(notes, np.ndarray) else notes_of(notes)
    return NoteSequence(
        notes=notes,
        ticks_per_quarter=480,
        time_signatures=table(
            TIME_SIGNATURE,
            **dict(
                zip(("time", "numerator", "denominator"), zip(*meter, strict=True), strict=False)
            ),
        ),
        tempos=table(TEMPO, **dict(zip(("time", "qpm"), zip(*qpm, strict=True), strict=False))),
    )


def drums(rows):
    """A piece with only drums."""
    notes = notes_of(rows)
    notes["is_drum"] = True
    return piece(notes)


def line(pitches, step=0.5, length=0.5, velocity=64):
    """One note after another."""
    return piece(
        [(pitch, velocity, i * step, i * step + length) for i, pitch in enumerate(pitches)]
    )


@st.composite
def music(draw, least=1, most=40, meters=True):
    """Random pieces on a grid of 1/16 s, with overlaps, notes of length 0, drums and meters."""
    grid = st.integers(0, 200).map(lambda n: n / 16)
    row = st.tuples(
        st.integers(24, 100),
        st.integers(1, 127),
        grid,
        st.integers(0, 40).map(lambda n: n / 16),
        st.booleans(),
    )
    rows = draw(st.lists(row, min_size=least, max_size=most))
    notes = notes_of(
        [(pitch, velocity, start, start + length) for pitch, velocity, start, length, _ in rows]
    )
    notes["is_drum"] = [drum and i > 0 for i, (*_, drum) in enumerate(rows)]
    notes = notes[np.lexsort((notes["pitch"], notes["start_time"]))]
    meter = (
        draw(
            st.sampled_from(
                [(), ((0.0, 4, 4),), ((0.0, 3, 4), (6.0, 6, 8)), ((0.0, 2, 4), (3.0, 3, 4))]
            )
        )
        if meters
        else ()
    )
    return piece(
        notes, meter, draw(st.sampled_from([(), ((0.0, 120.0),), ((0.0, 60.0), (4.0, 240.0))]))
    )
