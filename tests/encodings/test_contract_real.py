"""Real performances: `notes` and `performance` hold the same notes and the same pedal."""

import numpy as np
import pytest

from symgen.corpus import Piece, load, open_corpus
from symgen.encodings import encoding
from symgen.notes import pedal

CORPORA = {
    "calm_piano": 1,
    "piano_performances": 1,
    "classical_piano.zip": 1,
    "pop909.zip": 9,
}  # every file, or every ninth


def sequences(path, every=1):
    for entry in list(open_corpus(path).entries())[::every]:
        for piece in load(entry):
            if isinstance(piece, Piece):
                yield piece.id, piece.sequence


@pytest.mark.parametrize(("name", "every"), CORPORA.items(), ids=CORPORA)
def test_notes_and_performance_give_the_same_notes_of_every_file(corpora, name, every):
    if not (corpora / name).exists():
        pytest.skip(f"{name} is not among the corpora")
    made, count = [encoding("notes"), encoding("performance")], 0
    for piece, sequence in sequences(corpora / name, every):
        one, other = (enc.decode(enc.encode(sequence)).notes for enc in made)
        assert one.tobytes() == other.tobytes(), piece
        count += len(one)
    assert count > 40_000


def test_the_pedal_as_events_holds_the_notes_that_sustain_holds(corpora):
    events, held = encoding("notes", pedal="events"), encoding("notes")
    total = caught = 0
    for piece, sequence in sequences(corpora / "piano_performances", 3):
        rows = events.encode(sequence)
        decoded = events.decode(rows)
        assert events.encode(decoded).tolist() == rows.tolist(), piece
        one, other = pedal.sustain(decoded).notes, held.decode(held.encode(sequence)).notes
        for field in ("pitch", "velocity", "start_time"):
            assert np.array_equal(one[field], other[field]), (piece, field)
        total += len(one)
        caught += int((np.abs(one["end_time"] - other["end_time"]) > 0.0101).sum())
    assert caught < 0.01 * total, (
        "more than those that the pedal catches within the step of their release"
    )


def test_the_last_press_lasts_until_the_pedal_is_lifted_or_the_music_ends():
    from symgen.notes.sequence import CONTROL_CHANGE, NoteSequence, notes_of, table

    made = encoding("notes", pedal="events")
    for moves, expected in (
        ([0.5, 3.0], 3.0),
        ([0.5], 2.0),
    ):  # lifted after the last note, or never
        changes = table(
            CONTROL_CHANGE, time=moves, control_number=64, control_value=[127, 0][: len(moves)]
        )
        piece = NoteSequence(
            notes_of([(60, 80, 0.0, 1.0), (64, 80, 1.0, 2.0)]), control_changes=changes
        )
        rows = made.encode(piece)
        assert made.duration(rows) == expected == made.decode(rows).total_time
        assert pedal.sustain(made.decode(rows)).notes["end_time"].tolist() == [expected, expected]
