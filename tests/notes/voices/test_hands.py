"""Which hand plays each note: small pieces whose hands are plain, and real ones."""

import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

from symgen.notes import meter, read_bytes
from symgen.notes.voices import hands

QUARTER = 12
CORPORA = Path(os.environ.get("SYMGEN_TEST_CORPORA", "../shared/corpora"))


def split(*notes):
    """Return the pitches of both hands, left first, of (begin, length, pitch) in quarters."""
    rows = sorted((int(b * QUARTER), int((b + d) * QUARTER), p) for b, d, p in notes)
    right = hands.upper(rows, QUARTER)
    pairs = list(zip(rows, right, strict=True))
    return [row[2] for row, up in pairs if not up], [row[2] for row, up in pairs if up]


def test_a_melody_over_an_accompaniment():
    bass = [(k / 2, 0.5, (48, 55, 52, 55)[k % 4]) for k in range(8)]
    tune = [(0, 1, 72), (1, 1, 74), (2, 2, 76)]
    assert split(*bass, *tune) == ([48, 55, 52, 55] * 2, [72, 74, 76])


def test_hands_may_meet_above_middle_c():
    low = [(k, 1, pitch) for k in range(4) for pitch in (60, 64, 67)]
    high = [(k, 1, pitch) for k in range(4) for pitch in (79, 83, 86)]
    assert split(*low, *high) == ([60, 64, 67] * 4, [79, 83, 86] * 4)


def test_hands_may_meet_below_middle_c():
    low = [(k, 1, pitch) for k in range(4) for pitch in (28, 40)]
    high = [(k, 1, pitch) for k in range(4) for pitch in (52, 55, 59)]
    assert split(*low, *high) == ([28, 40] * 4, [52, 55, 59] * 4)


def test_no_hand_spans_more_than_a_tenth_where_two_can_share():
    rng = np.random.default_rng(0)
    for _ in range(50):
        low, high = rng.integers(36, 55), rng.integers(64, 84)
        chord = [(0, 1, int(low + k)) for k in (0, 7, 12)] + [(0, 1, int(high + k)) for k in (0, 9)]
        for pitches in split(*chord):
            assert not pitches or max(pitches) - min(pitches) <= 16


def test_a_scale_stays_in_one_hand():
    scale = [(k / 4, 0.25, 55 + k) for k in range(16)]
    held = [(0, 4, 36), (0, 4, 43)]
    assert split(*held, *scale) == ([36, 43], [55 + k for k in range(16)])


def test_a_tune_needs_one_hand_and_a_piano_piece_two():
    tune = [(12 * k, 12 * k + 12, 60 + 2 * (k % 8)) for k in range(16)]
    assert not hands.needed(tune)
    assert not hands.needed([])
    assert hands.needed(sorted([*tune, *((a, b, p - 24) for a, b, p in tune)]))


def test_hands_of_real_pieces_are_nearly_those_of_their_tracks():
    path = CORPORA / "classical_piano.zip"
    if not path.is_file():
        pytest.skip(f"{path} is not here")
    right = wrong = 0
    with zipfile.ZipFile(path) as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".mid"))
        for name in names[::100]:
            ((_, piece),) = read_bytes(io.BytesIO(archive.read(name)).getvalue(), name)
            found = tracks(piece)
            if found is None:
                continue
            rows, truth = found
            said = hands.upper(rows, 480)
            right += sum(a == b for a, b in zip(said, truth, strict=True))
            wrong += sum(a != b for a, b in zip(said, truth, strict=True))
    assert right / (right + wrong) > 0.85, "a fixed split at middle C gets 79 %"


def tracks(piece):
    """Return the notes of a piece of two tracks, and whether each is of the upper one."""
    notes = piece.notes
    players = np.unique(notes["instrument"])
    if len(players) != 2:
        return None
    upper = max(players, key=lambda one: np.median(notes["pitch"][notes["instrument"] == one]))
    begin, end = (
        np.rint(meter.quarters(piece, notes[name]) * 480).astype(int).tolist()
        for name in ("start_time", "end_time")
    )
    return list(zip(begin, end, notes["pitch"].tolist(), strict=True)), (
        notes["instrument"] == upper
    ).tolist()
