"""What music came to beside its targets, counted by hand."""

import pytest

from symgen.controls import TARGETS, compare
from symgen.controls.targets import Targets
from symgen.notes.sequence import NOTE, table

NOTES = table(
    NOTE,
    pitch=[60, 61, 64, 72],
    velocity=[40, 60, 80, 100],
    start_time=[0, 2, 4, 8],
    end_time=[2, 4, 8, 10],
)


def measured(name, begin, end, targets=None, notes=NOTES):
    return compare.measured([name], notes, begin, end, targets).get(name)


def test_a_value_is_that_of_the_notes_in_the_span():
    assert measured("density", 0, 10) == 0.4
    assert measured("density", 2, 4) == 0.5
    assert measured("loudness", 0, 5) == 60
    assert measured("register", 4, 10) == 68
    assert measured("register", 8.5, 10) is None
    assert measured("polyphony", 0, 20) == 0.5
    assert measured("polyphony", 1, 3) == 1
    assert measured("pitch_histogram", 0, 10)[:5] == [0.4, 0.2, 0, 0, 0.4]


def test_a_key_is_that_of_its_time():
    key = Targets(key="C@0,A minor@5").schedules
    assert measured("key", 0, 10, key) == pytest.approx(0.8)
    assert measured("key", 0, 2, key) == 1
    assert measured("key", 10, 12, key) == 1
    later = Targets(key="C@0,F#@2,C@4").schedules
    assert measured("key", 1, 10, later) == 1
    assert measured("key", 0, 10) is None


def test_a_pitch_that_begins_again_counts_once():
    twice = table(NOTE, pitch=[60, 60], velocity=80, start_time=[0, 1], end_time=[3, 2])
    assert measured("polyphony", 0, 2, notes=twice) == 1
    assert measured("density", 0, 2, notes=twice) == 1


def test_nothing_is_measured_of_no_time():
    assert compare.measured(TARGETS, NOTES, 3, 3) == {}
    assert compare.distance(Targets(density=1).schedules, NOTES, 3, 3) == 0


def test_values_over_time():
    targets = Targets(density="0.2:0.6", loudness=70).over(10).schedules
    found = compare.over_time(targets, NOTES, 0, 10, 5)
    assert found["at"] == [0, 2, 4, 6, 8]
    assert found["density"]["requested"] == pytest.approx([0.24, 0.32, 0.4, 0.48, 0.56])
    assert found["density"]["measured"] == [0.5, 0.5, 0.5, 0, 0.5]
    assert found["loudness"]["measured"] == [40, 60, 80, None, 100]


def test_the_distance_is_in_units_of_the_tolerance():
    def distance(notes=NOTES, **targets):
        return compare.distance(Targets(**targets).schedules, notes, 0, 10)

    assert distance(density=0.4, register=64.25) > 0
    assert distance(density=0.4, notes=NOTES[:0]) == pytest.approx(4)
    assert distance(loudness=70) == pytest.approx((0 + (20 + 10 + 30) / 3 / 8) / 2)
    assert distance(key="C", label="Bach") == pytest.approx((0.2 / 0.05 + 0.6 / 0.05 / 3) / 2)
    assert distance() == 0
