"""Decoding and steering on a grid: note-ons, holds, rests, sounding pitches and chords."""

import numpy as np
import pytest

from symgen.encodings import encoding
from symgen.notes.theory.scales import scale
from symgen.sampling.engine.event_decoder import EventDecoder
from symgen.sampling.engine.view import View
from symgen.sampling.processors.note_length import NoteLengthProcessor
from tests.sampling.steering import after, aim, steer

ONSETS = encoding("melody_chords", chords=("C", "D", "G"), grid=4)
SOUNDING = encoding("melody_chords", chords=("C", "D", "G"), grid=4, melody="sounding")


def history(enc, values):
    hearing = EventDecoder(enc)
    events = [
        e for value in values for e in hearing.decode(np.array([value, 0], np.int32))
    ] + hearing.silence()
    return [(e.kind, e.time, e.pitch) for e in events]


def test_a_grid_is_heard_as_it_is_decoded():
    strike = [
        ("on", 0.125, 60),
        ("off", 0.375, 60),
        ("on", 0.375, 60),
        ("off", 0.5, 60),
        ("on", 0.625, 64),
        ("off", 0.75, 64),
    ]
    assert history(ONSETS, [0, 62, 1, 62, 0, 66]) == strike
    assert history(SOUNDING, [0, 61, 61, 63, 0, 63]) == [
        ("on", 0.125, 60),
        ("off", 0.375, 60),
        ("on", 0.375, 62),
        ("off", 0.5, 62),
        ("on", 0.625, 62),
        ("off", 0.75, 62),
    ]


@pytest.mark.parametrize("enc", [ONSETS, SOUNDING], ids=["onsets", "sounding"])
def test_no_note_is_kept_from_being_struck_again(enc):
    made = NoteLengthProcessor(View(enc, 2))
    assert not any(made.acts(field) for field in range(len(enc.fields)))


@pytest.mark.parametrize("enc", [ONSETS, SOUNDING], ids=["onsets", "sounding"])
@pytest.mark.parametrize("density", [1.0, 2.0, 4.0])
def test_the_density_asked_is_reached(enc, density):
    """A model without memory, for which a rest, a hold and a note-on are equally likely."""
    rng, batch, steps = np.random.default_rng(3), 4, 400
    made = steer("density", enc, batch, density=density)
    column, last = [], np.zeros(batch, np.int64)
    for _ in range(steps):
        scores = np.full((batch, enc.fields[0].size), -np.inf, np.float32)
        scores[:, :1], scores[:, [64, 66, 69]] = 0, np.log(1 / 3)
        scores[np.arange(batch), last if enc is SOUNDING else 1] = 0
        made.apply(0, scores)
        chosen = (scores + rng.gumbel(size=scores.shape)).argmax(axis=1)
        column.append(chosen)
        last = chosen
        after(made, np.stack([chosen, np.zeros(batch, np.int64)], axis=1))
    for row in np.array(column).T:
        notes = enc.decode(np.stack([row, 0 * row], axis=1).astype(np.int32)).notes
        assert len(notes) / (steps / 8) == pytest.approx(density, rel=0.15)


@pytest.mark.parametrize("enc", [ONSETS, SOUNDING], ids=["onsets", "sounding"])
def test_a_key_leans_on_melody_and_chords(enc):
    made = steer("key", enc, 1)
    for strict in (False, True):
        aim(made, key="C", strict_key=strict)
        melody, chord = (np.zeros((1, f.size), np.float32) for f in enc.fields)
        made.apply(0, melody)
        made.apply(1, chord)
        inside = scale("C").mask[np.arange(128) % 12]
        pitches = melody[0, enc.first_pitch :]
        assert (melody[0, : enc.first_pitch] == 0).all()
        assert (
            pitches[inside].max() > 0
            and pitches[inside].min() > pitches[~inside].max()
            and pitches[~inside].max() < 0
        )
        assert chord[0, 0] == 0
        assert (
            chord[0, 1] > 0 and chord[0, 1] > chord[0, 3] > chord[0, 2]
        )  # C is the tonic, G its fifth, D has an F sharp
        assert np.isneginf(chord[0, 2]) == strict
