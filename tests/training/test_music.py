"""What the music of a training half is like, counted by hand and beside a slow reading of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgen import training
from symgen.bundle.bundle import Bundle
from symgen.dataset.augment import Augment
from symgen.dataset.dataset import Dataset
from symgen.dataset.pieces import Split
from symgen.encodings import encoding
from symgen.notes.sequence import NoteSequence, notes_of
from symgen.training.reports.music import quantiles, survey

ENCODINGS = {name: encoding(name) for name in ("performance", "notes")}
TUNES = encoding("melody_chords", need_chords=False)


def split(enc, *pieces):
    """A half of pieces, each a list of (pitch, start, end) in seconds."""
    events = [
        enc.encode(
            NoteSequence(
                notes_of(sorted(((p, 80, a, b) for p, a, b in piece), key=lambda n: (n[2], n[0])))
            )
        )
        for piece in pieces
    ]
    return Split.of(enc, {str(i): e for i, e in enumerate(events)})


@pytest.mark.parametrize("name", ENCODINGS)
def test_it_is_counted_by_hand(name):
    found = survey(
        split(
            ENCODINGS[name],
            [(60, 1.0, 2.0), (64, 1.0, 4.0), (67, 5.0, 6.0)],  # 5 s, of which one is silent
            [(48, 0.0, 10.0)],
        )
    )
    assert (found["notes"], found["pieces"], found["seconds"]) == (4, 2, 15.0)
    assert (found["pitch"]["0"], found["pitch"]["50"], found["pitch"]["100"]) == (48, 60, 67)
    assert (found["at_once"]["50"], found["at_once"]["99"], found["at_once"]["100"]) == (1, 2, 2)
    assert (found["length"]["0"], found["length"]["50"], found["length"]["100"]) == (1, 1, 10)
    assert set(found["rest"].values()) == {1.0}
    assert found["silence"] == pytest.approx(1 / 15, rel=1e-4)
    assert (found["register"]["0"], found["register"]["100"]) == (
        48,
        pytest.approx(63.667, abs=1e-3),
    )
    assert (found["density"]["pieces"]["0"], found["density"]["pieces"]["100"]) == (0.1, 0.6)
    assert (found["polyphony"]["pieces"]["0"], found["polyphony"]["pieces"]["100"]) == (1, 1)
    assert found["density"]["10"]["100"] == 0.6  # five seconds are half of ten
    assert "30" not in found["density"] and "leap" not in found


@pytest.mark.parametrize("name", ENCODINGS)
def test_excerpts_tell_the_full_part_of_a_piece_from_the_empty_one(name):
    busy = [(60 + i % 12, i / 10, i / 10 + 0.05) for i in range(300)]
    found = survey(split(ENCODINGS[name], [*busy, (60, 40.0, 60.0)]))
    assert (found["density"]["30"]["0"], found["density"]["30"]["100"]) == (
        pytest.approx(1 / 30, rel=1e-3),
        10,
    )
    assert found["density"]["pieces"]["50"] == pytest.approx(301 / 60, rel=1e-4)
    assert found["polyphony"]["30"]["100"] == pytest.approx(20 / 30, rel=1e-4)


@given(
    st.lists(
        st.tuples(st.integers(21, 108), st.integers(0, 3000), st.integers(1, 900)),
        min_size=1,
        max_size=40,
        unique_by=lambda row: row[0],
    )
)
def test_both_encodings_of_time_agree_and_fit_a_slow_count(rows):
    notes = [(p, a / 100, (a + n) / 100) for p, a, n in rows]
    found = [survey(split(enc, notes)) for enc in ENCODINGS.values()]
    assert found[0] == found[1]
    spans = ENCODINGS["notes"].spans(split(ENCODINGS["notes"], notes).events(0))
    first, last = spans.start.min(), spans.end.max()
    count = [int(((spans.start <= t) & (t < spans.end)).sum()) for t in range(first, last)]
    counts = sorted(c for c in count if c)
    assert found[0]["at_once"]["100"] == counts[-1]
    assert found[0]["at_once"]["50"] == counts[int(np.ceil(len(counts) / 2)) - 1]
    assert found[0]["silence"] == pytest.approx(count.count(0) / len(count), rel=1e-3)
    assert found[0]["polyphony"]["pieces"]["50"] == pytest.approx(sum(count) / len(count), rel=1e-3)


def test_a_tune_has_leaps_and_counts_its_beats_at_one_tempo():
    found = survey(split(TUNES, [(60, 0.0, 0.5), (64, 0.5, 1.0), (78, 1.0, 2.0)]))
    assert (found["leap"]["0"], found["leap"]["100"], found["octave"]) == (4, 14, 0.5)
    assert (found["at_once"]["100"], found["length"]["100"]) == (1, 1.0)


def test_music_without_notes_says_so():
    assert survey(split(ENCODINGS["notes"], [])) == {"version": 1, "notes": 0}


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30))
def test_weights_of_one_are_no_weights(values):
    array = np.array(values)
    assert quantiles(array) == quantiles(array, np.ones(len(values)))


def test_a_bundle_keeps_it_of_the_pieces_as_they_are(tmp_path):
    enc = ENCODINGS["notes"]
    made = Dataset(tmp_path / "data", {"fingerprint": "made"}, enc, Augment(transpose=5))
    piece = [(60 + i % 7, i / 4, i / 4 + 0.2) for i in range(80)]
    made._halves = {"train": split(enc, piece), "eval": split(enc, piece[:40])}
    run = training.train("ngram", made, out=tmp_path)
    music = Bundle.open(run.path).info["training"]["music"]
    assert music == survey(made) == survey(made.split("train"))
    assert (music["pitch"]["0"], music["pitch"]["100"]) == (60, 66)
