"""The key finder: against keys that can be read, against music21's, and on transposed music."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgen.notes.sequence import CHORD, NoteSequence, notes_of, table
from symgen.notes.theory.keys import bits, find, key_of, signed, weights


def played(pitches, chords=(), step=0.5):
    notes = notes_of((p, 80, i * step, (i + 1) * step) for i, p in enumerate(pitches))
    rows = (
        table(CHORD, time=[t for t, _ in chords], symbol=[s for _, s in chords])
        if chords
        else np.zeros(0, CHORD)
    )
    return NoteSequence(notes, chords=rows)


@pytest.mark.parametrize(
    ("pitches", "name"),
    [
        ([60, 62, 64, 65, 67, 69, 71, 72, 60, 67, 64, 60], "C major"),
        ([57, 59, 60, 62, 64, 65, 64, 57, 60, 64, 57], "A minor"),
        ([67, 69, 71, 72, 74, 76, 78, 79, 71, 74, 67], "G major"),
        ([70, 72, 74, 75, 77, 70, 74, 70], "Bb major"),
        ([66, 69, 73, 66, 68, 69, 71, 73, 66], "F# minor"),
    ],
)
def test_plain_tunes_have_their_key(pitches, name):
    assert key_of(played(pitches)).name == name


@given(st.lists(st.integers(48, 84), min_size=1, max_size=20), st.integers(1, 11))
def test_a_transposed_tune_is_in_the_transposed_key(pitches, by):
    before, after = key_of(played(pitches)), key_of(played([p + by for p in pitches]))
    scores = sorted(_scores(weights(played(pitches))))
    if scores[-1] - scores[-2] > 1e-9:  # no two keys are as good
        assert after == signed((before.tonic + by) % 12, before.mode)


def test_chords_count():
    """C and G alone are in C major and C minor; the chords tell which."""
    for symbol, name in (("C", "C major"), ("Cm", "C minor")):
        assert key_of(played([60, 67, 60], [(0, symbol), (0.5, "G7"), (1.0, symbol)])).name == name
    assert weights(played([60], [(0.0, "Dm")])).tolist() == [
        0.5,
        0,
        0.125,
        0,
        0,
        0.125,
        0,
        0,
        0,
        0.125,
        0,
        0,
    ]


def test_many_at_once_and_silence():
    rows = np.stack([weights(played([60, 64, 67])), weights(played([62, 65, 69])), np.zeros(12)])
    assert [k.name for k in find(rows)] == ["C major", "D minor", "C major"]


def test_bits():
    assert bits(np.array([0b1, 0b100000000010])).nonzero()[1].tolist() == [0, 1, 11]


def test_it_is_the_algorithm_of_music21():
    music21 = pytest.importorskip("music21", reason="the extra `score` is not installed")
    random, same = np.random.default_rng(1), 0
    for _ in range(12):
        scale = (np.array([0, 2, 4, 5, 7, 9, 11]) + random.integers(12)) % 12
        pitches = 60 + random.choice(scale, 24)
        stream = music21.stream.Stream(
            [music21.note.Note(int(p), quarterLength=1) for p in pitches]
        )
        found = music21.analysis.discrete.KrumhanslKessler(stream).getSolution(stream)
        ours = key_of(played(pitches.tolist()))
        same += (found.tonic.pitchClass, found.mode) == (ours.tonic, ("major", "minor")[ours.mode])
    assert same == 12


def _scores(row):
    from symgen.notes.theory.keys import PROFILES

    return (row - row.mean()) @ PROFILES.T
