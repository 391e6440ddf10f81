"""Sheets for sight reading keep the rules of their level, whatever the model would rather play.

The model here has random weights: what it plays without rules breaks all of them.
"""

from fractions import Fraction

import numpy as np
import pytest

from symgen import load
from symgen.errors import BadOption, DataError
from symgen.notes.theory import meter
from symgen.notes.theory.scales import scale
from symgen.practice import LEVELS, sheet
from symgen.practice.levels import RHYTHMS, signs
from symgen.sampling.originality import title
from symgen.sampling.watchers.copies import CopyWatcher
from symgen.similarity.passages import Index

SEEDS = range(2)


@pytest.fixture(scope="module")
def model(chained_bundle):
    return load(chained_bundle)


def quarters(made, notes):
    """Return the begins and ends of notes, in quarter notes."""
    times = np.stack([notes["start_time"], notes["end_time"]])
    begins, ends = meter.quarters(made.sequence, times)
    return begins.round(6), ends.round(6)


def right_hand(made):
    """Return the notes of the right hand, without the closing note, which the cadence chooses."""
    return made.sequence.notes[made.sequence.notes["instrument"] == 0][:-1]


@pytest.mark.parametrize("level", LEVELS)
def test_a_melody_keeps_the_range_leaps_rhythm_and_key_of_its_level(model, level):
    rules = LEVELS[level]
    for seed in SEEDS:
        made = sheet(model, level, seed=seed)
        notes, tonic = right_hand(made), 60 + scale(made.key).tonic
        pitch = notes["pitch"].astype(int)
        assert len(notes) > 4
        assert tonic + rules.below <= pitch.min() and pitch.max() <= tonic + rules.above
        assert np.abs(np.diff(pitch)).max() <= rules.leap
        begins, ends = quarters(made, notes)
        for times in (begins, ends):
            assert not (times % float(rules.shortest)).any()
        if rules.diatonic:
            assert scale(made.key).mask[pitch % 12].all()
        assert signs(made.key) <= rules.signs and made.meter in rules.meters


@pytest.mark.parametrize("level", [number for number, of in LEVELS.items() if not of.syncopation])
def test_without_syncopation_no_note_lasts_over_a_bar_line(model, level):
    for seed in SEEDS:
        made = sheet(model, level, seed=seed)
        begins, ends = quarters(made, right_hand(made))
        bar = float(Fraction(made.meter) * 4)
        assert (ends - begins // bar * bar <= bar + 1e-6).all()


@pytest.mark.parametrize("level", LEVELS)
def test_the_left_hand_stays_under_the_bar_lines_and_in_the_bass(model, level):
    made = sheet(model, level, bars=8, seed=1)
    left = made.sequence.notes[made.sequence.notes["instrument"] == 1]
    begins, ends = quarters(made, left)
    bar = float(Fraction(made.meter) * 4)
    assert left["pitch"].min() >= 29 and left["pitch"].max() <= 65
    assert (ends > begins).all() and (ends - begins // bar * bar <= bar + 1e-6).all()


def test_without_rests_the_melody_never_pauses(model):
    made = sheet(model, 2, seed=4)
    begins, ends = quarters(made, right_hand(made))
    assert np.array_equal(begins[1:], ends[:-1])


def test_one_hand_plays_alone_the_left_one_two_octaves_lower(model):
    right, left = (sheet(model, 2, hands=hands, seed=3) for hands in ("right", "left"))
    assert set(right.sequence.notes["instrument"]) == {0}
    assert np.array_equal(right.sequence.notes["pitch"] - 24, left.sequence.notes["pitch"])


def test_what_the_user_asks_comes_before_the_level(model):
    asked = {"key": "Bb", "meter": "6/8", "rhythm": "sixteenths", "tempo": 50}
    made = sheet(model, 1, bars=6, seed=2, **asked)
    assert (made.key, made.meter, made.bars) == ("Bb major", "6/8", 6)
    assert made.sequence.tempos["qpm"][0] == pytest.approx(75)  # dotted quarter notes
    begins, _ = quarters(made, right_hand(made))
    assert (begins % 0.5).any() and not (begins % float(RHYTHMS["sixteenths"])).any()
    assert meter.quarters(made.sequence, made.sequence.total_time) == pytest.approx(18)


def test_a_seed_makes_the_same_sheet_again(model):
    first, again = (sheet(model, 5, seed=11) for _ in range(2))
    assert first.sequence == again.sequence and first.about == again.about
    assert sheet(model, 5).seed != sheet(model, 5).seed


def test_no_sheet_repeats_one_that_was_played(model):
    first = sheet(model, 3, bars=12, seed=5)
    played = Index.build([(title(first.sample), first.sample.continuation)])
    other = sheet(model, 3, bars=12, seed=5, played=played)
    assert other.sequence != first.sequence
    assert other.sample.originality["drawn_again"] > 0


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"level": 9}, "level 9: expected a whole number from 1 to 8"),
        ({"bars": 3}, "bars 3: expected a whole number from 4 to 64"),
        ({"hands": "feet"}, "hands 'feet'"),
        ({"rhythm": "halves"}, "rhythm 'halves'"),
        ({"key": "H"}, "key 'H'"),
        ({"meter": "5/3"}, "meter '5/3'"),
    ],
)
def test_a_bad_option_is_named_with_its_limits(model, asked, message):
    with pytest.raises(BadOption, match=message):
        sheet(model, **asked)


def test_a_model_without_bars_is_refused(tiny_bundle):
    with pytest.raises(BadOption, match="tiny has no bars; use a model of tunes, such as folk"):
        sheet(load(tiny_bundle))


def test_it_says_when_there_is_nothing_new(model, monkeypatch):
    monkeypatch.setattr(CopyWatcher, "tries", 2)  # draws, each of which is remembered

    def make_until_none_is_new():
        played = Index.build([])
        for _ in range(3):
            made = sheet(model, 1, bars=16, seed=0, played=played)
            played = played.added([(title(made.sample), made.sample.continuation)], 10**6)

    with pytest.raises(DataError, match="no new sheet was found"):
        make_until_none_is_new()
