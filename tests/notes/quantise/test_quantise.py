"""Played music becomes notation: the beat, the meter, the grid and the notes on it."""

import numpy as np
import pytest

from symgen.errors import BadOption
from symgen.notes import NoteSequence, notes_of, read_bytes
from symgen.notes.quantise import on_grid, quantise
from symgen.notes.quantise.beats import beats
from symgen.notes.quantise.onsets import onsets
from symgen.notes.theory import meter
from tests.notes.quantise.played import f_measure, performance

REEL = """X:1
M:4/4
L:1/8
K:G
G2BG DGBG|A2cA EAcA|d2Bd gdBd|cAFA G4|
g2fg edBd|c2ec B2dB|AGAB cBAc|BGAF G4|
G2BG DGBG|A2cA EAcA|d2Bd gdBd|cAFA G4|]
"""
WALTZ = """X:1
M:3/4
L:1/4
K:D
[D,F]AA|[D,F]AA|[E,G]BB|[E,G]BB|[A,c]ee|[A,c]ee|[D,d]AF|[D,D]3|
[D,F]AA|[D,F]AA|[E,G]BB|[E,G]BB|[A,c]ee|[A,c]ee|[D,d]AF|[D,D]3|]
"""
JIG = """X:1
M:6/8
L:1/8
K:D
D2F AFA|d2c B2A|BGB AFA|GEF G3|D2F AFA|d2c B2A|BGB AFE|D3 D3|
f2d dcd|e2c ABc|d2B BAB|cAG E3|D2F AFA|d2c B2A|BGB AFE|D3 D3|]
"""
TUNES = {"reel": REEL, "waltz": WALTZ, "jig": JIG}


def written(name):
    [(_, piece)] = read_bytes(TUNES[name].encode(), f"{name}.abc")
    return piece


@pytest.mark.parametrize("name", TUNES)
@pytest.mark.parametrize("seed", range(3))
def test_the_beat_of_a_played_tune_is_found(name, seed):
    played, truth = performance(written(name), seed)
    found = beats(onsets(played))
    inside = found.times[found.times < played.notes["start_time"].max() + 0.1]
    assert f_measure(truth, inside) > 0.9
    assert found.parts == (3 if name == "jig" else 2)


@pytest.mark.parametrize("name", TUNES)
def test_the_notes_come_back_as_they_were_written(name):
    piece = written(name)
    played, _ = performance(piece, seed=1)
    asked = piece.time_signatures[["numerator", "denominator"]][0].tolist()
    done = quantise(played, meter="{}/{}".format(*asked)).sequence

    def rows(sequence):
        places = np.round(meter.quarters(sequence, sequence.notes["start_time"]), 3)
        return sorted(zip(places.tolist(), sequence.notes["pitch"].tolist(), strict=True))

    right = set(rows(piece)) & set(rows(done))
    assert len(right) > 0.95 * len(piece.notes)


def test_what_was_done_is_said_and_the_meter_is_found():
    played, _ = performance(written("waltz"), seed=2)
    done = quantise(played)
    assert done.found and done.meter == "3/4" and done.near > 0.8
    assert str(done).startswith(f"beat found: {done.tempo:.0f} per minute, 3/4; ")
    assert quantise(performance(written("jig"), seed=2)[0]).meter == "6/8"


def test_a_piece_on_its_own_grid_is_kept():
    piece = written("reel")
    done = quantise(piece)
    assert done.sequence is piece and not done.found and on_grid(piece) == 1.0
    played, _ = performance(piece, seed=0)
    assert on_grid(played) < 0.5
    again = quantise(quantise(played).sequence)
    assert not again.found, "what was quantised is on its grid"


def test_ragged_lengths_on_the_grid_are_those_that_would_be_written():
    rows = [(60 + k % 5, 80, k / 2, k / 2 + 0.31 + 0.013 * (k % 7)) for k in range(16)]
    piece = NoteSequence(notes_of(rows))
    done = quantise(piece)
    assert done.readable and not done.found and "would be written" in str(done)
    assert done.sequence.notes["start_time"].tolist() == piece.notes["start_time"].tolist()
    assert (done.sequence.notes["end_time"] - piece.notes["start_time"]).tolist() == [0.5] * 16
    assert quantise(piece, lengths="exact").sequence is piece


def test_what_was_notated_keeps_its_lengths():
    rests = [(60 + k, 80, k / 2, k / 2 + 0.125) for k in range(16)]
    fifths = [(60 + k, 80, k / 10, k / 10 + 0.1) for k in range(20)]
    for rows in (rests, fifths):
        piece = NoteSequence(notes_of(rows))
        if on_grid(piece) > 0.8:
            assert quantise(piece).sequence is piece
    assert quantise(written("jig")).sequence.source.format == "abc"


def test_triplets_chords_and_legato():
    rng = np.random.default_rng(0)
    rows, third = [], 0.6 / 3
    for k in range(32):
        rows += [(48, 70, 0.6 * k, 0.6 * k + 0.55), (64, 70, 0.6 * k, 0.6 * k + 0.55)]
        if k % 4 == 3:
            rows += [(65 + j, 60, 0.6 * k + third * j, 0.6 * k + third * j + 0.18) for j in (1, 2)]
    played = [
        (pitch, velocity, max(begin + shift, 0), end + shift)
        for (pitch, velocity, begin, end), shift in zip(
            rows, rng.normal(0, 0.008, len(rows)), strict=True
        )
    ]
    notes = notes_of(sorted(played, key=lambda row: row[2]))
    done = quantise(NoteSequence(notes), tempo=100, meter="4/4", steady=True).sequence
    assert done.tempos["qpm"].tolist() == [100.0]
    places = meter.quarters(done, done.notes["start_time"])
    assert sorted(set((np.round(places, 3) % 1).round(3).tolist())) == [0.0, 0.333, 0.667]
    low = done.notes[done.notes["pitch"] == 48]
    assert np.allclose(np.diff(low["start_time"]), 0.6)
    assert np.allclose(low["end_time"][:-1], low["start_time"][1:]), "no short rests"


def test_a_steady_tempo_and_the_tempo_as_played():
    played, _ = performance(written("reel"), seed=3)
    as_played, steady = quantise(played).sequence, quantise(played, steady=True).sequence
    assert len(steady.tempos) == 1 < len(as_played.tempos)
    first = played.notes["start_time"].min()
    moved = as_played.notes["start_time"].max() - (played.notes["start_time"].max() - first)
    assert abs(moved) < 0.1, "it lasts as long as it was played"


def test_few_notes_and_none_are_kept():
    assert quantise(NoteSequence()).sequence == NoteSequence()
    short = NoteSequence(notes_of([(60, 80, 0.123, 0.4), (62, 80, 0.777, 1.0)]))
    assert quantise(short).sequence is short


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"tempo": 5.0}, "tempo 5: expected 20 to 300"),
        ({"meter": "waltz"}, "meter waltz: expected a meter such as"),
        ({"grid": "1/5"}, "grid 1/5: expected one of 1/8"),
        ({"lengths": "long"}, "lengths long: expected one of readable, exact"),
    ],
)
def test_a_bad_option_is_one_line(options, says):
    with pytest.raises(BadOption, match=says):
        quantise(NoteSequence(), **options)
