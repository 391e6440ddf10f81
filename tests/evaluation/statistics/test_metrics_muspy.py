"""Metrics that MusPy also defines: equal to its definitions, and to MusPy if it is installed.

The definitions are written here in plain Python, in ticks. MusPy's MIDI reader keeps notes of
length 0 and counts time up to the last controller event, so MusPy is given notes instead of files.
"""

import itertools
import math

import pytest
from hypothesis import given

import symgen
from symgen.evaluation.statistics.metrics import measure_all
from symgen.evaluation.statistics.metrics.view import View
from tests.evaluation.statistics.music import music

GRID = 16  # positions a quarter note for the groove, as in its own paper
NAMES = {
    "pitch_count": "n_pitches_used",
    "pitch_class_count": "n_pitch_classes_used",
    "pitch_range": "pitch_range",
    "pitch_entropy": "pitch_entropy",
    "pitch_class_entropy": "pitch_class_entropy",
    "scale_consistency": "scale_consistency",
    "polyphony": "polyphony",
    "polyphony_rate": "polyphony_rate",
    "empty_beat_rate": "empty_beat_rate",
}
SCALES = [
    {(root + step) % 12 for step in steps}
    for root in range(12)
    for steps in ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10))
]


def ticks(sequence, grid=None):
    """(pitch, start, end, drum) of each note, and the ticks of a quarter note."""
    found = View(sequence).ticks
    starts, ends = found.start.tolist(), found.end.tolist()
    if grid:
        starts, ends = (
            [round(t * (grid / found.quarter)) for t in times] for times in (starts, ends)
        )
    return list(
        zip(sequence.notes["pitch"].tolist(), starts, ends, found.drum.tolist(), strict=True)
    ), grid or found.quarter


def entropy(values):
    return -sum(
        values.count(v) / len(values) * math.log2(values.count(v) / len(values))
        for v in set(values)
    )


def ratio(part, whole):
    return part / whole if whole else math.nan


def by_definition(sequence):
    notes, quarter = ticks(sequence)
    pitches = [pitch for pitch, *_, drum in notes if not drum]
    classes = [pitch % 12 for pitch in pitches]
    out = {
        "pitch_count": len(set(pitches)),
        "pitch_class_count": len(set(classes)),
        "pitch_range": max(pitches) - min(pitches),
        "pitch_entropy": entropy(pitches),
        "pitch_class_entropy": entropy(classes),
        "scale_consistency": max(sum(c in scale for c in classes) for scale in SCALES)
        / len(classes),
    }
    changes = sorted(
        [(start, 1, pitch) for pitch, start, _, drum in notes if not drum]
        + [(end, -1, pitch) for pitch, _, end, drum in notes if not drum]
    )
    held, then, played, some, many = {}, 0, 0, 0, 0
    for at, change, pitch in changes:
        at_once = sum(count > 0 for count in held.values())
        played, some, many = (
            played + at_once * (at - then),
            some + (at_once > 0) * (at - then),
            many + (at_once > 2) * (at - then),
        )
        held[pitch], then = held.get(pitch, 0) + change, at
    last = max(end for _, _, end, _ in notes)
    touched = {
        beat for _, start, end, _ in notes for beat in range(start // quarter, end // quarter + 1)
    }
    return out | {
        "polyphony": ratio(played, some),
        "polyphony_rate": ratio(many, last),
        "empty_beat_rate": 1 - len(touched) / (last // quarter + 1) if last else math.nan,
    }


def groove(sequence, upper, lower):
    notes, _ = ticks(sequence, GRID)
    bar = 4 * GRID * upper // lower
    bars = [set() for _ in range(max(end for _, _, end, _ in notes) // bar + 1)]
    for _, start, _, _ in notes:
        bars[start // bar].add(start % bar)
    apart = sum(len(one ^ other) for one, other in itertools.pairwise(bars))
    return 1 - apart / (bar * (len(bars) - 1)) if len(bars) > 1 else math.nan


def one_meter(sequence):
    return {(int(row["numerator"]), int(row["denominator"])) for row in sequence.time_signatures}


def check(sequence):
    found = measure_all(sequence)
    for name, value in by_definition(sequence).items():
        assert found[name] == pytest.approx(value, abs=1e-9, rel=0, nan_ok=True), name
    if len(meters := one_meter(sequence)) == 1:
        assert found["groove_consistency"] == pytest.approx(
            groove(sequence, *meters.pop()), abs=1e-9, rel=0, nan_ok=True
        )


@given(music())
def test_random_music_has_the_figures_that_muspy_defines(sequence):
    check(sequence)


def real(corpora, every):
    paths = [
        *corpora.glob("piano_performances/*/*.mid*"),
        *corpora.glob("calm_piano/*.mid"),
        *corpora.glob("nottingham/MIDI/*.mid"),
    ]
    return sorted(paths, key=lambda path: path.name)[::every]


def test_real_files_have_the_figures_that_muspy_defines(corpora):
    for path in real(corpora, 24):
        check(symgen.read(path))


def as_muspy(muspy, sequence, grid=None):
    notes, quarter = ticks(sequence, grid)
    tracks = [
        muspy.Track(
            is_drum=drum,
            notes=[
                muspy.Note(time=start, pitch=pitch, duration=end - start, velocity=64)
                for pitch, start, end, d in notes
                if d == drum
            ],
        )
        for drum in (False, True)
    ]
    return muspy.Music(resolution=quarter, tracks=[track for track in tracks if track.notes])


def test_real_files_have_the_figures_of_muspy_itself(corpora):
    muspy = pytest.importorskip("muspy", reason="MusPy, a second opinion, is not installed")
    for path in real(corpora, 24):
        sequence = symgen.read(path)
        found, theirs = measure_all(sequence), as_muspy(muspy, sequence)
        for name, function in NAMES.items():
            assert found[name] == pytest.approx(
                getattr(muspy, function)(theirs), abs=1e-9, rel=0, nan_ok=True
            ), (path, name)
        if len(meters := one_meter(sequence)) == 1:
            upper, lower = meters.pop()
            value = muspy.groove_consistency(
                as_muspy(muspy, sequence, GRID), 4 * GRID * upper // lower
            )
            assert found["groove_consistency"] == pytest.approx(
                value, abs=1e-9, rel=0, nan_ok=True
            ), path
