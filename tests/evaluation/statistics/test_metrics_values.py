"""Metrics of pieces small enough to compute by hand."""

import math

import numpy as np
import pytest

from symgen.controls import make_all
from symgen.controls.timeline import of_notes
from symgen.evaluation.statistics.metrics import metrics
from symgen.notes import notes_of
from tests.evaluation.statistics.music import line, piece

NAN = math.nan


def measure(name, music):
    return metrics.load(name)().measure(music)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pitch_count", 6),
        ("pitch_class_count", 4),
        ("pitch_range", 24),
        ("pitch_entropy", math.log2(6)),
        ("pitch_class_entropy", 1 / 2 * 1 + 3 / 6 * math.log2(6)),  # C three times; E, G and B once
        ("scale_consistency", 1),
        ("polyphony", (3 * 1 + 1 * 0.5 + 2 * 0.5 + 1 * 1) / 3),
        ("polyphony_rate", 1 / 3),  # three pitches in the first of three seconds
        ("dissonance", -(0.386 * 1 + 1.240 * 0.5) / 1.5),  # C and E for 1 s, G and C for 0.5 s
        ("voice_leading", ((5 + 3) / 2 + (0 + 5) / 2 + (4 + 1) / 2) / 3),  # C E, G, G C, B
        ("note_density", 6 / 3),
        ("note_length", 5.5 / 6),
        ("inter_onset_interval", (1 + 0.5 + 1) / 3),
        ("pedal_overlap", 0.5 / 5.5),  # G rings on for 0.5 s of all 5.5
        ("velocity_mean", 64),
        ("velocity_deviation", math.sqrt(2 * 32**2 / 6)),
        ("velocity_entropy", 4 / 6 * math.log2(6 / 4) + 2 / 6 * math.log2(6)),
        ("empty_beat_rate", 0),
        ("groove_consistency", NAN),
        ("note_density_variation", NAN),
    ],
)
def test_a_chord_and_a_line(name, value):
    assert measure(name, piece()) == pytest.approx(value, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize(
    ("name", "shares"),
    [
        ("pitch_class_histogram", {"C": 3, "E": 1, "G": 1, "B": 1}),
        ("interval_histogram", {"+3": 1, "+5": 1, "-1": 1}),
        ("note_length_histogram", {"0.5 s": 1, "1 s": 5}),
        ("inter_onset_histogram", {"0.5 s": 1, "1 s": 2}),
        (
            "velocity_histogram",
            {"61": 4, "93": 1, "29": 1},
        ),  # 64 is in 61 to 64, 96 in 93 to 96, 32 in 29 to 32
        ("pitch_class_transitions", {("C", "G"): 1, ("E", "G"): 1, ("G", "C"): 2, ("C", "B"): 2}),
        ("interval_transitions", {("+3", "+5"): 1, ("+5", "-1"): 1}),
    ],
)
def test_a_chord_and_a_line_as_histograms(name, shares):
    bins, value = metrics.load(name).bins, measure(name, piece())
    named = {
        tuple(bins[i] for i in place) if value.ndim == 2 else bins[place[0]]: value[tuple(place)]
        for place in np.argwhere(value > 0)
    }
    assert named == pytest.approx(
        {key: count / sum(shares.values()) for key, count in shares.items()}
    )


def test_wide_intervals_count_as_an_octave():
    value = measure("interval_histogram", line([30, 60, 90, 20]))
    assert value[-1] == pytest.approx(2 / 3) and value[0] == pytest.approx(1 / 3)


def test_notes_within_30_ms_are_one_chord():
    rolled = piece([(60, 64, 0, 2), (64, 64, 0.025, 2), (67, 64, 0.05, 2), (72, 64, 1, 2)])
    assert measure("inter_onset_interval", rolled) == pytest.approx(1)
    assert measure("interval_histogram", rolled)[12 + 5] == 1


def test_one_scale_of_24_fits_best():
    assert measure("scale_consistency", line([61, 63, 65, 66, 68, 70, 72, 62])) == pytest.approx(
        7 / 8
    )  # D flat major and a D
    assert measure("scale_consistency", line([57, 59, 60, 62, 64, 65, 67, 68])) == pytest.approx(
        7 / 8
    )  # A minor and a G sharp


def test_a_pitch_doubled_in_two_instruments_sounds_once():
    notes = notes_of([(60, 64, 0, 2), (60, 64, 1, 3)])
    notes["instrument"] = [0, 1]
    assert measure("polyphony", piece(notes)) == 1


def test_polyphony_is_weighed_in_quarter_notes():
    music = piece(
        [(60, 64, 0, 1), (64, 64, 0, 1), (67, 64, 1, 2)], qpm=[(0, 60), (1, 180)]
    )  # one quarter note of two, three of one
    assert measure("polyphony", music) == pytest.approx((2 * 1 + 1 * 3) / 4)


def test_silent_beats_are_counted_from_0_and_a_note_touches_the_beat_it_ends_on():
    assert measure(
        "empty_beat_rate", piece([(60, 64, 1.0, 1.4), (60, 64, 3.0, 3.2)])
    ) == pytest.approx(5 / 7)
    assert measure(
        "empty_beat_rate", piece([(60, 64, 1.0, 1.5), (60, 64, 3.0, 3.2)])
    ) == pytest.approx(4 / 7)


def test_groove_compares_each_bar_with_the_next_on_64_places():
    notes = [
        (60, 64, 0, 0.5),
        (62, 64, 0.5, 1),
        (60, 64, 2, 3.9),
        (60, 64, 4, 5),
        (60, 64, 5.125, 5.25),
    ]
    assert measure("groove_consistency", piece(notes, meter=[(0, 4, 4)])) == pytest.approx(
        1 - (1 + 1) / 2 / 64
    )


def test_groove_passes_over_a_change_of_meter_and_a_pickup():
    bars = [
        (60, 64, 0.5, 0.6),
        (60, 64, 2, 2.1),
        (60, 64, 4, 4.1),
        (62, 64, 4.5, 4.6),
        (60, 64, 5.5, 5.6),
    ]
    music = piece(bars, meter=[(0, 4, 4), (4, 3, 4)]).replace(
        first_bar_time=0.25
    )  # bars from 0.25, 2.25 | 4, 5.5
    assert measure("groove_consistency", music) == pytest.approx(1 - (2 / 64 + 1 / 48) / 2)


def test_groove_takes_no_note_of_the_next_meter_for_one_of_a_bar_cut_short():
    music = piece(
        [(60, 64, 1.25, 1.5), (60, 64, 3.25, 3.5)], meter=[(0, 4, 4), (3, 3, 4)]
    )  # bars from 0, 2 (half of one) | 3
    assert measure("groove_consistency", music) == pytest.approx(1 - 1 / 64)


def test_density_varies_by_the_counts_in_windows_of_2_s():
    music = piece(
        [(60, 64, t, t + 0.1) for t in (0, 0.5, 1, 2, 4, 4.5, 6.5)]
    )  # 3, 1, 2 and one left out
    assert measure("note_density_variation", music) == pytest.approx(np.std([3, 1, 2]) / 2)


def test_music_that_repeats_after_four_quarters_is_similar_at_lag_4():
    found = dict(
        zip(
            metrics.load("self_similarity").bins,
            measure("self_similarity", line([60, 62, 64, 65] * 10)),
            strict=True,
        )
    )
    assert found == pytest.approx({lag: float(int(lag) % 4 == 0) for lag in found})


def test_half_of_two_pitch_classes_in_common_is_a_cosine_of_a_half():
    notes = [
        (p, 64, i / 2, i / 2 + 0.1) for i in range(34) for p in ((60, 64) if i % 2 else (60, 67))
    ]
    assert measure("self_similarity", piece(notes))[:2] == pytest.approx([0.5, 1])
    every_other = [(60, 64, i / 2, i / 2 + 0.1) for i in range(0, 37, 2)]
    assert measure("self_similarity", piece(every_other))[:2] == pytest.approx([0, 1])


def test_self_similarity_wants_more_than_the_longest_lag():
    assert np.isnan(measure("self_similarity", line([60] * 32))).all()
    assert not np.isnan(measure("self_similarity", line([60] * 33))).any()


def test_dissonance_is_that_of_the_interval_classes():
    for interval, index in [
        (1, 1.428),
        (2, 0.582),
        (3, -0.594),
        (4, -0.386),
        (5, -1.240),
        (6, 0.453),
        (7, -1.240),
        (11, 1.428),
    ]:
        assert measure(
            "dissonance", piece([(60, 64, 0, 1), (60 + interval, 64, 0, 1)])
        ) == pytest.approx(index)
    assert math.isnan(measure("dissonance", piece([(60, 64, 0, 1), (72, 64, 0, 1)])))
    diminished = piece(
        [(pitch, 64, 0, 1) for pitch in (60, 63, 66, 69)]
    )  # four thirds, two tritones
    assert measure("dissonance", diminished) == pytest.approx(-(4 * 0.594 - 2 * 0.453) / 6)


def test_voices_take_the_shortest_way_round_the_circle():
    assert measure("voice_leading", line([60, 71])) == pytest.approx(1)
    triads = [
        (p, 64, t, t + 1) for t, chord in enumerate([(60, 64, 67), (60, 65, 69)]) for p in chord
    ]  # C stays, E to F, G to A
    assert measure("voice_leading", piece(triads)) == pytest.approx((0 + 1 + 2) / 3)


@pytest.mark.parametrize(
    ("metric", "control"),
    [("note_density", "density"), ("velocity_mean", "loudness"), ("polyphony", "polyphony")],
)
def test_a_control_measures_the_same_in_a_piece_without_drums_or_silence(metric, control):
    rows = [(60, 40, 0, 1.5), (64, 60, 0.5, 2), (67, 95, 1.5, 4), (72, 80, 2, 3)]
    line_of_time = of_notes(notes_of(rows), 0.0, 4.0)
    found = make_all([{"name": control}])[0].measure(line_of_time)
    assert measure(metric, piece(rows)) == pytest.approx(found)
