"""The accompaniment: its patterns by the meter, and what must hold of any tune."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgen.notes import NoteSequence, notes_of, read_bytes
from symgen.notes.accompany import BASS, HIGH, LOW, accompany, pattern, voicing
from symgen.notes.sequence import CHORD, TIME_SIGNATURE
from symgen.notes.theory.chords import Chord, known_as_none, parse
from symgen.notes.theory.kinds import KINDS
from symgen.notes.theory.meter import bar_lines

SYMBOLS = [
    "G",
    "D7",
    "Em",
    "Am/e",
    "C#dim",
    "Faug",
    "Bb",
    "G7/F",
    "E7b9",
    "Fmaj13#11",
    "N.C.",
    "^slow",
    "Asus4",
    "D5",
]


def tune(chords, meters=((0, 4, 4),), notes=(), pickup=0.0, end=16.0):
    """A piece whose times are quarter notes: two of them a second."""

    def rows(table, dtype):
        return np.array([(time / 2, *rest) for time, *rest in table], dtype)

    return NoteSequence(
        notes=notes_of([(pitch, 80, a / 2, b / 2) for a, b, pitch in notes or [(0, end, 84)]]),
        chords=rows(chords, CHORD),
        time_signatures=rows(meters, TIME_SIGNATURE),
        first_bar_time=pickup / 2,
        total_time=end / 2,
    )


def added(piece):
    """The rows (begin, end, pitch) of the accompaniment, in quarter notes."""
    made = accompany(piece)
    rows = made.notes[made.notes["instrument"] == 1]
    assert np.array_equal(made.notes[made.notes["instrument"] == 0], piece.notes)
    assert made.total_time == piece.total_time
    return [
        (round(2 * a, 6), round(2 * b, 6), pitch)
        for a, b, pitch in rows[["start_time", "end_time", "pitch"]].tolist()
    ]


def sketch(piece):
    """When the bass is struck (capitals where it is the root) and when the chord, as text."""
    out = []
    for begin, _, pitch in added(piece):
        if pitch < LOW:
            symbol = [parse(row[1]) for row in piece.chords.tolist() if 2 * row[0] <= begin + 1e-6][
                -1
            ]
            out.append(f"{'B' if pitch % 12 == symbol.bass else 'b'}{begin:g}")
        elif f"c{begin:g}" not in out:
            out.append(f"c{begin:g}")
    return " ".join(out)


@pytest.mark.parametrize(
    ("meter", "end", "expected"),
    [
        ((4, 4), 12, "B0 c1 b2 c3 B4 c5 b6 c7"),
        ((2, 2), 12, "B0 c1 b2 c3 B4 c5 b6 c7"),
        ((3, 4), 9, "B0 c1 c2 b3 c4 c5"),
        ((6, 8), 9, "B0 c1 b1.5 c2.5 B3 c4 b4.5 c5.5"),
        ((2, 4), 8, "B0 c1 b2 c3 B4 c5"),
        ((9, 8), 9, "B0 c1 b1.5 c2.5 B3 c4"),
        ((5, 4), 10, "B0 c1 b2 c3 c4"),
        ((6, 4), 18, "B0 c2 b3 c5 B6 c8"),
        ((3, 8), 4.5, "B0 c0.5 c1 b1.5 c2 c2.5"),
    ],
)
def test_patterns(meter, end, expected):
    last = end - 4 * meter[0] / meter[1]
    piece = tune([(0, "G")], meters=[(0, *meter)], notes=[(0, last, 80), (last, end, 79)], end=end)
    assert sketch(piece).startswith(expected)


def test_a_bar_is_full_in_every_meter():
    for numerator in range(1, 17):
        for denominator in (1, 2, 4, 8, 16):
            hits = pattern(numerator, denominator)
            assert hits[0].role == "bass"
            assert [hits[0].begin, *(hit.end for hit in hits)] == [
                *(hit.begin for hit in hits),
                4 * numerator / denominator,
            ]


def test_the_last_chord_is_held_to_the_end():
    piece = tune([(0, "D7"), (4, "G")], notes=[(0, 5, 80), (5, 8, 79)], end=8)
    assert [row for row in added(piece) if row[0] >= 4] == [
        (4, 8, 43),
        (4, 8, 55),
        (4, 8, 59),
        (4, 8, 62),
    ]


def test_a_chord_brings_its_bass_wherever_it_begins():
    piece = tune([(0, "G"), (1, "C/E"), (3.5, "D"), (5, "G")], end=12)
    assert sketch(piece).startswith("B0 B1 c1 B2 c3 B4 B5 c5 b6 c7")
    assert (3, 3.5, 55) in added(piece), "a chord ends where the next one begins"


def test_a_pickup_is_the_end_of_a_bar_and_a_bar_line_begins_anew():
    assert sketch(tune([(0, "G")], pickup=2, end=10)).startswith("B0 c1 B2 c3 b4 c5 B6 c6")
    odd = tune([(0, "G"), (8, "C")], meters=[(0, 4, 4), (6, 3, 4)], end=15)
    assert sketch(odd).startswith("B0 c1 b2 c3 B4 c5 b6 c7 B8 c8 b9 c10 c11 B12")


@pytest.mark.parametrize(
    ("symbol", "bass"),
    [
        ("D", {50, 45}),
        ("D/F#", {42}),
        ("Bdim", {47, 41}),
        ("Caug", {48, 44}),
        ("G7/F", {41}),
    ],
)
def test_the_bass_is_the_root_and_the_fifth_or_what_a_slash_says(symbol, bass):
    assert {pitch for _, _, pitch in added(tune([(0, symbol)])) if pitch < LOW} == bass


def test_without_chords_a_piece_stays_as_it_is():
    for chords in ([], [(0, "N.C.")], [(0, "bla"), (2, "")], [(16, "G")]):
        piece = tune(chords)
        assert accompany(piece) is piece
    assert len(accompany(NoteSequence())) == 0


def test_without_a_meter_it_is_common_time():
    piece = tune([(0, "G")], end=8)
    assert added(piece.replace(time_signatures=np.zeros(0, TIME_SIGNATURE))) == added(piece)


def test_every_kind_of_chord_has_a_voicing_in_range_under_the_melody():
    for kind in KINDS:
        for root in range(12):
            chord = Chord(root, kind, root)
            free = voicing(chord, None, 127)
            assert 2 <= len(free) <= 4
            assert free[0] >= LOW
            assert free[-1] <= HIGH
            assert all(chord.classes >> pitch % 12 & 1 for pitch in free)
            assert {(root + t) % 12 for t in KINDS[kind] if t in (3, 4, 10, 11)} <= {
                p % 12 for p in free
            }, "it can be told"
            assert voicing(chord, None, 64)[-1] <= free[-1]


def test_voices_move_little():
    moves = []
    for symbols in ("G C D7 G Em Am D7 G", "Am Dm E7 Am F G C E7", "D A7 Bm F#m G D Em A7"):
        before = voicing(parse(symbols.split()[0]), None, 127)
        for symbol in symbols.split()[1:]:
            after = voicing(parse(symbol), before, 127)
            moves.append(max(min(abs(p - q) for q in before) for p in after))
            before = after
    assert max(moves) <= 4
    assert np.mean(moves) < 2.5


@st.composite
def pieces(draw):
    meters = [(0, *draw(st.sampled_from([(4, 4), (3, 4), (6, 8), (5, 8), (2, 2), (9, 8)])))]
    pickup = draw(st.sampled_from([0, 0.5, 1]))
    bar = (
        pickup
        + 4 * meters[0][1] / meters[0][2] * draw(st.integers(1, 3))
        + draw(st.sampled_from([0, 0.5]))
    )
    if draw(st.booleans()):
        meters.append((bar, *draw(st.sampled_from([(4, 4), (3, 4), (6, 8)]))))
    end = draw(st.integers(4, 60)) / 2
    steps = draw(st.lists(st.integers(0, int(end * 4) - 1), max_size=10, unique=True).map(sorted))
    chords = [(step / 4, draw(st.sampled_from(SYMBOLS))) for step in steps]
    cuts = [
        0,
        *draw(st.lists(st.integers(1, int(end * 4) - 1), max_size=12, unique=True).map(sorted)),
        end * 4,
    ]
    notes = [(a / 4, b / 4, draw(st.integers(50, 90))) for a, b in pairwise(cuts)]
    return tune(chords, meters, notes, pickup, end)


@given(pieces())
def test_what_holds_of_any_tune(piece):
    begins = [2 * time for time in piece.chords["time"].tolist()] + [2 * piece.total_time]
    lines = [2 * line for line in bar_lines(piece).tolist()]
    for begin, end, pitch in added(piece):
        k = next(k for k in range(len(begins) - 1) if begins[k] <= begin < begins[k + 1])
        symbol = piece.chords["symbol"][k]
        assert parse(symbol).classes >> pitch % 12 & 1
        following = next(
            (j for j in range(k + 1, len(begins) - 1) if piece.chords["symbol"][j] != symbol),
            len(begins) - 1,
        )
        assert begin < end <= begins[following] + 1e-6, "a chord does not outlast itself"
        assert not known_as_none(symbol)
        origin = max([line for line in lines if line <= begin + 1e-6], default=lines[0])
        assert (begin - origin) % 0.5 == pytest.approx(0, abs=1e-6), "it lies on beats"
        over = [
            note["pitch"]
            for note in piece.notes
            if 2 * note["start_time"] < end - 1e-6 and 2 * note["end_time"] > begin + 1e-6
        ]
        assert BASS <= pitch < LOW or LOW <= pitch < min(over, default=127), (
            "chords stay under the melody"
        )


@given(pieces())
def test_a_chord_of_a_bar_is_heard(piece):
    rows = added(piece)
    lines = [2 * line for line in bar_lines(piece).tolist()]
    begins = [2 * time for time in piece.chords["time"].tolist()] + [2 * piece.total_time]
    for k, symbol in enumerate(piece.chords["symbol"].tolist()):
        inside = [line for line in lines if begins[k] <= line < begins[k + 1] - 1e-6]
        if parse(symbol) and inside:
            assert any(
                begin == pytest.approx(inside[0]) and pitch < LOW for begin, _, pitch in rows
            )


def test_nottingham_is_accompanied(corpora):
    pitches, quiet = [], 0
    for _, piece in read_bytes(
        (corpora / "nottingham" / "ABC_cleaned" / "waltzes.abc").read_bytes(), "waltzes.abc"
    ):
        made = accompany(piece)
        own = made.notes[made.notes["instrument"] > piece.notes["instrument"].max()]
        quiet += len(own) == 0
        pitches += own["pitch"].tolist()
        assert len(own) == 0 or own["velocity"].max() < piece.notes["velocity"].min()
    assert quiet == 1, "the tune without chords"
    assert min(pitches) >= BASS
    assert max(pitches) <= HIGH + 2
