"""Rules of a melody hold for every form of melody, grid and meter of the encoding."""

import dataclasses
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symgen.errors import BadOption
from symgen.notes.theory.bars import meter
from symgen.sampling.generate import draw
from symgen.sampling.request.request import ask
from symgen.sampling.request.structure import Structure
from symgen.sampling.tunes.plan import planned
from symgen.sampling.tunes.rules import MelodyRules
from tests.sampling.fiddler import tunes

QUARTER, EIGHTH, SIXTEENTH = Fraction(1), Fraction(1, 2), Fraction(1, 4)


def drawn(model, rules, rhythm, seed):
    shape = Structure(bars=4, meter=rhythm, cadence=False)
    request = dataclasses.replace(ask(seed=seed, shape=shape), rules=rules)
    return draw(model, planned(request, model.encoding))[0]


def steps(sample, model):
    """Return the begins and ends of the notes, in steps of the grid."""
    rate = len(sample.events) / sample.sequence.total_time
    notes = sample.sequence.notes
    return [np.rint(notes[edge] * rate).astype(int) for edge in ("start_time", "end_time")]


@given(
    st.sampled_from(["onsets", "sounding"]),
    st.sampled_from([2, 3, 4, 12]),
    st.sampled_from(["4/4", "3/4", "6/8", "2/2"]),
    st.sampled_from([QUARTER, EIGHTH, SIXTEENTH]),
    st.integers(0, 99),
)
@settings(max_examples=40, deadline=None)
def test_notes_keep_to_the_rhythm_range_and_leaps(form, grid, rhythm, shortest, seed):
    if rhythm == "6/8" and grid == 3:
        return  # a bar of 6/8 has no beats on that grid
    model = tunes(seed=seed, melody=form, grid=grid)
    rules = MelodyRules(62, 74, 5, shortest, syncopation=False, rests=False)
    sample = drawn(model, rules, rhythm, seed)
    begins, ends = steps(sample, model)
    bar, beat = meter(rhythm).bar(grid), int(4 * grid * meter(rhythm).beat)
    for time in (*begins.tolist(), *ends.tolist()):
        assert (Fraction(time % bar % beat, grid) / shortest).denominator == 1
    pitch = sample.sequence.notes["pitch"].astype(int)
    assert pitch.min() >= 62 and pitch.max() <= 74
    assert np.abs(np.diff(pitch)).max(initial=0) <= 5
    assert (ends <= begins // bar * bar + bar).all()  # no note is tied over a bar line
    off_beat = begins % bar % beat != 0
    assert (ends[off_beat] <= (begins // beat * beat + beat)[off_beat]).all()
    assert np.array_equal(begins[1:], ends[:-1])  # no rests


def test_the_chord_changes_at_bar_lines_only():
    model = tunes(seed=3)
    free, bound = (
        drawn(model, MelodyRules(bar_chords=only), "4/4", seed=3).events[:, 1]
        for only in (False, True)
    )
    places = [np.flatnonzero(np.diff(chords)) + 1 for chords in (free, bound)]
    assert (places[0] % 16).any() and not (places[1] % 16).any()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lowest": 60, "highest": 65}, "a range of 5 semitones is too small"),
        ({"highest": 200}, "highest 200"),
        ({"leap": 0}, "leap 0"),
    ],
)
def test_rules_that_leave_no_melody_are_refused(options, message):
    with pytest.raises(BadOption, match=message):
        MelodyRules(**options)
