"""Any split into blocks gives the sound that the whole piece has."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symgen.notes.sequence import CONTROL_CHANGE, NOTE, PITCH_BEND, NoteSequence, table
from symgen.rendering.soundfont.live import BlockSynth, Sampler
from symgen.rendering.soundfont.live.blocks import AHEAD
from symgen.rendering.soundfont.synth import Soundfont

RATE = 16000
ONSETS = st.integers(0, 40).map(lambda tick: tick / 20)
NOTES = st.lists(
    st.tuples(
        st.sampled_from([36, 42, 44, 46, 60, 64, 72]),  # hi-hats among them
        st.integers(1, 127),
        ONSETS,
        st.sampled_from([0.0, 0.01, 0.1, 0.3, 1.5]),
        st.sampled_from([0, 1]),
        st.sampled_from([0, 19, 48, 73]),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)
CONTROLS = st.lists(
    st.tuples(
        st.integers(0, 50).map(lambda tick: tick / 25),
        st.sampled_from([7, 10, 11, 64, 64, 64, 66, 120]),
        st.sampled_from([0, 30, 64, 100, 127]),
        st.sampled_from([0, 1]),
    ),
    max_size=12,
)
BENDS = st.lists(
    st.tuples(ONSETS, st.sampled_from([-8192, -1000, 0, 4096, 8191]), st.sampled_from([0, 1])),
    max_size=5,
)
BLOCKS = st.lists(st.integers(0, 9000), min_size=1, max_size=20)


def piece(notes, controls, bends):
    """Return the music; the pedals are up at its end."""
    controls = [*controls, *((4.0, pedal, 0, i) for pedal in (64, 66) for i in (0, 1))]
    rows = [(p, v, t, t + d, i, g, r) for p, v, t, d, i, g, r in notes]
    return NoteSequence(
        notes=np.array(rows, NOTE),
        control_changes=table(
            CONTROL_CHANGE,
            **columns(sorted(controls), "time", "control_number", "control_value", "instrument"),
        ),
        pitch_bends=table(PITCH_BEND, **columns(sorted(bends), "time", "bend", "instrument")),
    )


def columns(rows, *names):
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}


def give(synth, sequence):
    for pitch, velocity, start, end, instrument, program, drum in sequence.notes.tolist():
        synth.note(start, end, pitch, velocity, instrument, program, drum)
    for time, number, value, instrument, *_ in sequence.control_changes.tolist():
        synth.control(time, number, value, instrument)
    for time, bend, instrument, *_ in sequence.pitch_bends.tolist():
        synth.bend(time, bend, instrument)


@pytest.fixture(scope="module")
def sampler():
    return Sampler.open(rate=RATE)


def whole_piece(sequence):
    return np.concatenate(list(Soundfont().play(sequence, RATE, lambda line: None)))


@settings(max_examples=10, deadline=None)
@given(notes=NOTES, controls=CONTROLS, bends=BENDS, blocks=BLOCKS)
def test_any_blocks_sound_as_the_whole_piece(sampler, notes, controls, bends, blocks):
    sequence = piece(notes, controls, bends)
    whole = whole_piece(sequence)
    synth = BlockSynth(sampler)
    give(synth, sequence)
    parts = [synth.render(frames) for frames in blocks]
    parts.append(synth.render(max(len(whole) - sum(map(len, parts)), 0)))
    sound = np.concatenate(parts)
    np.testing.assert_allclose(sound[: len(whole)], whole[: len(sound)], atol=1e-6)
    synth.render(4 * RATE)
    assert synth.idle
    assert not synth.render(RATE).any()


def changes(sequence):
    """Everything in a piece in order of time, as (time, method, arguments)."""
    out = []
    for pitch, velocity, start, end, instrument, program, drum in sequence.notes.tolist():
        out.append((start, BlockSynth.on, (start, pitch, velocity, instrument, program, drum)))
        out.append((end, BlockSynth.off, (end, pitch, instrument)))
    for time, number, value, instrument, *_ in sequence.control_changes.tolist():
        out.append((time, BlockSynth.control, (time, number, value, instrument)))
    for time, bend, instrument, *_ in sequence.pitch_bends.tolist():
        out.append((time, BlockSynth.bend, (time, bend, instrument)))
    return sorted(out, key=lambda change: change[0])


@settings(max_examples=10, deadline=None)
@given(
    notes=NOTES, controls=CONTROLS, bends=BENDS, block=st.integers(50, 9000), early=st.booleans()
)
def test_note_offs_may_come_late(sampler, notes, controls, bends, block, early):
    """A key is down, and its note-off comes with the block in which it lies."""
    alone = {(note[0], note[4]): note for note in notes}  # one of each pitch: on and off pair up
    sequence = piece(alone.values(), controls, bends)
    whole = whole_piece(sequence)
    synth, coming = BlockSynth(sampler), changes(sequence)
    parts = []
    while synth.frame < len(whole):
        known = synth.time + block / RATE + AHEAD + 5 * early
        while coming and coming[0][0] < known:
            _, method, arguments = coming.pop(0)
            method(synth, *arguments)
        parts.append(synth.render(block))
    sound = np.concatenate(parts)[: len(whole)]
    np.testing.assert_allclose(sound, whole, atol=1e-6)
