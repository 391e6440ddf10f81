"""Laws of metrics on random music: invariances, and ranges of values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgen.evaluation.statistics.metrics import make_metrics, measure_all
from symgen.notes.transform import shift, transpose
from tests.evaluation.statistics.music import music

KEYED = {"pitch_class_histogram": 1, "pitch_class_transitions": 2}  # axes that turn with the key
FROM_ZERO = {"polyphony_rate", "empty_beat_rate"}  # a rest at the beginning counts
RANGES = {
    "pitch_count": (1, 128),
    "pitch_class_count": (1, 12),
    "pitch_range": (0, 127),
    "pitch_entropy": (0, 7),
    "pitch_class_entropy": (0, np.log2(12)),
    "scale_consistency": (7 / 12, 1),
    "polyphony": (1, 128),
    "polyphony_rate": (0, 1),
    "dissonance": (-1.240, 1.428),
    "voice_leading": (0, 6),
    "empty_beat_rate": (0, 1),
    "groove_consistency": (0, 1),
    "velocity_mean": (1, 127),
    "velocity_entropy": (0, 5),
    "pedal_overlap": (0, 1),
}


def same(one, other, but=()):
    for name in one:
        if name not in but:
            np.testing.assert_allclose(one[name], other[name], rtol=1e-9, atol=1e-9, err_msg=name)


@given(music(), st.integers(-24, 27))
def test_another_key_changes_only_where_pitch_classes_lie(piece, semitones):
    before, after = measure_all(piece), measure_all(transpose(piece, semitones))
    same(before, after, KEYED)
    for name, axes in KEYED.items():
        np.testing.assert_allclose(
            np.roll(before[name], (semitones,) * axes, tuple(range(axes))), after[name], atol=1e-12
        )


@given(music(meters=False), st.integers(1, 100))
def test_a_rest_at_the_beginning_changes_only_what_counts_from_0(piece, sixteenths):
    even = piece.replace(tempos=piece.tempos[:1])
    same(measure_all(even), measure_all(shift(even, sixteenths / 16)), FROM_ZERO)


@given(music(), st.randoms())
def test_the_order_of_notes_does_not_matter(piece, random):
    order = list(range(len(piece)))
    random.shuffle(order)
    same(measure_all(piece), measure_all(piece.replace(notes=piece.notes[order])))


@given(music(meters=False))
def test_twice_as_slow_doubles_the_times_and_halves_the_density(piece):
    notes = piece.notes.copy()
    notes["start_time"] *= 2
    notes["end_time"] *= 2
    names = [
        "note_length",
        "inter_onset_interval",
        "note_density",
        "polyphony",
        "dissonance",
        "pedal_overlap",
        "interval_histogram",
    ]
    even = piece.replace(tempos=piece.tempos[:0])
    before, after = (
        measure_all(even, names),
        measure_all(even.replace(notes=notes, total_time=0), names),
    )
    for name, factor in [("note_length", 2), ("inter_onset_interval", 2), ("note_density", 0.5)]:
        assert after[name] == pytest.approx(before[name] * factor, nan_ok=True)
    same(before, after, ("note_length", "inter_onset_interval", "note_density"))


@given(music())
def test_figures_are_within_their_ranges(piece):
    chosen = make_metrics()
    for name, value in measure_all(piece, chosen).items():
        low, high = RANGES.get(name, (0, np.inf))
        assert (
            np.isnan(value).all()
            or ((np.asarray(value) >= low - 1e-9) & (np.asarray(value) <= high + 1e-9)).all()
        ), name
        if chosen[name].kind != "scalar" and name != "self_similarity":
            assert np.isnan(value).all() or np.sum(value) == pytest.approx(1), name
