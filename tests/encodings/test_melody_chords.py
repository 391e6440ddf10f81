"""The melody_chords encoding: small tunes that can be read, and laws on random streams."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgen.encodings import encoding, encodings
from symgen.encodings.melody_chords import reading as read
from symgen.encodings.melody_chords.vocabulary import OUTSIDE, SIMPLER, UNKNOWN
from symgen.errors import BadOption, DataError
from symgen.notes import NoteSequence
from symgen.notes.sequence import CHORD, NOTE, TIME_SIGNATURE, Source, table

KNOWN = ("C", "G", "Am", "G7")
TUNES = encoding("melody_chords", chords=KNOWN)
SOUNDING = encoding("melody_chords", chords=KNOWN, melody="sounding")


def tune(rows, chords=(), total=0.0, fmt="", **more):
    """Return a piece of (pitch, start, end[, instrument]) rows, in sixteenths at 120 per minute."""
    rows = [(*row, 0)[:4] for row in rows]
    pitch, start, end, instrument = np.array(rows, float).reshape(-1, 4).T
    notes = table(
        NOTE,
        pitch=pitch,
        velocity=80,
        start_time=start / 8,
        end_time=end / 8,
        instrument=instrument,
    )
    named = np.array([(time / 8, symbol) for time, symbol in chords], CHORD)
    return NoteSequence(
        notes[np.lexsort((notes["pitch"], notes["start_time"]))],
        chords=named,
        total_time=total / 8,
        source=Source(format=fmt),
        **more,
    )


def melody(sequence, enc=TUNES):
    """Return the melody's column and what was dropped."""
    drops = Counter()
    return enc.encode(sequence, drops)[:, 0].tolist(), dict(drops)


def chord(*symbols, enc=TUNES):
    drops = Counter()
    events = enc.encode(tune([(60, 0, len(symbols))], enumerate(symbols)), drops)
    return [["", *enc.chords][v] for v in events[:, 1]], dict(drops)


def test_a_tune_with_chords():
    music = tune([(60, 1, 3), (60, 3, 4), (67, 6, 8)], [(1, "C"), (4, "G7"), (6, "N.C.")], total=10)
    assert TUNES.encode(music).tolist() == [
        [0, 0],
        [62, 1],
        [1, 1],
        [62, 1],
        [0, 4],
        [0, 4],
        [69, 0],
        [1, 0],
        [0, 0],
        [0, 0],
    ]
    assert SOUNDING.encode(music)[:, 0].tolist() == [0, 61, 61, 61, 0, 0, 68, 68, 0, 0]
    assert [tuple(f) for f in TUNES.fields] == [("melody", 130), ("chord", 5)]
    assert [tuple(f) for f in SOUNDING.fields] == [("melody", 129), ("chord", 5)]


def test_chords_before_and_behind_the_piece_and_two_in_a_step():
    music = tune([(60, 0, 4)], [(0, "C"), (1.9, "G"), (2.1, "Am"), (9, "C")])
    assert TUNES.encode(music)[:, 1].tolist() == [1, 1, 3, 3]
    assert TUNES.encode(tune([(60, 0, 2)], [(5, "C")]))[:, 1].tolist() == [0, 0]


def test_it_comes_back():
    music = tune(
        [(60, 4, 6), (60, 6, 8), (67, 10, 12)],
        [(4, "C"), (8, "G7"), (10, "N.C.")],
        total=14,
        first_bar_time=0.5,
        time_signatures=np.array([(0, 2, 4), (1.5, 3, 4)], TIME_SIGNATURE),
        tempos=[(0, 120)],
    )
    back = TUNES.decode(TUNES.encode(music), TUNES.context(music))
    assert back == music
    assert TUNES.context(music) == {
        "first_bar_time": 0.5,
        "qpm": 120.0,
        "meter": "2/4",
        "steps": 14,
        "bars": [4, 2, 4, 12, 3, 4],
    }
    slow = TUNES.decode(TUNES.encode(music), {"qpm": 60.0})
    assert slow.notes["start_time"].tolist() == [1.0, 1.5, 2.5]
    assert TUNES.decode(TUNES.encode(music)).notes["start_time"].tolist() == [
        0.5,
        0.75,
        1.25,
    ]  # 120 where nothing is said


def test_the_tempo_does_not_matter():
    notes = table(NOTE, pitch=[60, 62], velocity=80, start_time=[0, 4], end_time=[4, 4.5])
    music = NoteSequence(notes, tempos=[(0, 60), (4, 120)], chords=np.array([(4, "C")], CHORD))
    assert TUNES.encode(music).tolist() == [[62, 0], *[[1, 0]] * 15, [64, 1], *[[1, 1]] * 3]


def test_what_does_not_fit_the_grid_is_counted():
    triplet = tune([(60, 0, 4 / 3), (62, 4 / 3, 8 / 3), (64, 8 / 3, 4)], [(0, "C")])
    assert melody(triplet) == ([62, 64, 1, 66], {read.MOVED: 3})
    assert melody(triplet, encoding("melody_chords", grid=12, chords=KNOWN)) == (
        [62, 1, 1, 1, 64, 1, 1, 1, 66, 1, 1, 1],
        {},
    )
    fast = tune([(60, 0, 2 / 3), (62, 2 / 3, 4 / 3), (64, 4 / 3, 2)], [(0, "C")])
    assert melody(fast) == ([62, 64], {read.MOVED: 3, read.COLLIDED: 1})
    assert melody(tune([(60, 0, 0.2), (62, 0.25, 4)], [(0, "C")]))[1] == {
        read.MOVED: 2,
        read.COLLIDED: 1,
    }


def test_halves_of_a_step_fall_on_one_side():
    """32nd notes in the time of a tempo that binary fractions do not hold."""
    for qpm in (97.0, 113.3, 240.0):
        step = 60 / qpm / 8
        notes = table(
            NOTE,
            pitch=60,
            velocity=80,
            start_time=np.arange(64) * step,
            end_time=np.arange(1, 65) * step,
        )
        column = TUNES.encode(
            NoteSequence(notes, tempos=[(0, qpm)], chords=np.array([(0, "C")], CHORD))
        )[:, 0]
        assert column.tolist() == [62] * 33  # the last half falls on a step behind the end


def test_one_note_at_a_time():
    assert melody(tune([(60, 0, 4), (64, 0, 4), (67, 0, 2)], [(0, "C")])) == (
        [69, 1, 0, 0],
        {read.LOWER: 2},
    )
    assert melody(tune([(72, 0, 4), (60, 1, 3)], [(0, "C")])) == ([74, 1, 1, 1], {read.LOWER: 1})
    assert melody(tune([(60, 0, 4), (72, 2, 6)], [(0, "C")])) == (
        [62, 1, 74, 1, 1, 1],
        {read.CUT: 1},
    )
    assert melody(tune([(72, 0, 4), (60, 2, 6)], [(0, "C")])) == (
        [74, 1, 62, 1, 1, 1],
        {read.CUT: 1},
    )


def test_the_voice_that_is_the_melody():
    voices = [(60, 0, 4, 0), (72, 0, 4, 1)]
    assert melody(tune(voices, [(0, "C")], fmt="abc")) == ([62, 1, 1, 1], {read.VOICE: 1})
    assert melody(tune(voices, [(0, "C")])) == ([74, 1, 1, 1], {read.VOICE: 1})
    played = [
        (72, 0, 4, 0),
        *((p, t, t + 2, 1) for t in (0, 2) for p in (48, 76, 79)),
    ]  # chords above the melody stay chords
    assert melody(tune(played, [(0, "C")])) == ([74, 1, 1, 1], {read.VOICE: 6})
    drums = tune([(60, 0, 2), (62, 2, 4)], [(0, "C")])
    notes = drums.notes.copy()
    notes["is_drum"] = [False, True]
    assert melody(drums.replace(notes=notes)) == ([62, 1, 0, 0], {read.DRUM: 1})


def test_chords_are_named_from_the_track_that_plays_them():
    block = {"C": (48, 52, 55), "G7": (43, 47, 50, 53), "Am": (45, 48, 52)}
    rows = [(p, t, t + 4, 1) for t, name in ((2, "C"), (6, "G7"), (10, "Am")) for p in block[name]]
    drops = Counter()
    events = TUNES.encode(tune([(60, 0, 2, 0), (64, 4, 14, 0), *rows]), drops)
    assert events[:, 1].tolist() == [0, 0] + [1] * 4 + [4] * 4 + [3] * 4
    assert drops == {read.CHORDS: 10}
    odd = TUNES.encode(tune([(60, 0, 4, 0), *((p, 0, 4, 1) for p in (48, 49, 50, 51))]), drops)
    assert odd[:, 1].tolist() == [0] * 4
    assert drops == {read.CHORDS: 14, UNKNOWN: 1}
    alone = TUNES.encode(
        tune([(p, t, t + 2) for t in (0, 2) for p in (55, 60, 64)])
    )  # one instrument: its upper line
    assert alone.tolist() == [[66, 1], [1, 1], [66, 1], [1, 1]]


def test_a_chord_out_of_the_vocabulary_falls_to_a_simpler_one():
    assert chord("C", "Cmaj7", "Am7/e", "G7", "F", "?", "N.C.", "G9") == (
        ["C", "C", "Am", "G7", "", "", "", "G7"],
        {SIMPLER: 2, OUTSIDE: 1, UNKNOWN: 1},
    )
    triads = encoding("melody_chords", chords=("C", "G"), reduce="triads")
    assert chord("C7", "G7/b", enc=triads) == (["C", "G"], {})  # what is asked for is no loss
    written = encoding("melody_chords", chords=("C", "C/E"), reduce="written")
    assert chord("C", "C/e", "C/g", "C7/e", enc=written) == (["C", "C/E", "C", "C"], {SIMPLER: 2})
    sevenths = encoding("melody_chords", chords=("C", "C7"), reduce="written")
    assert chord("C7/e", "C9", "C6", enc=sevenths) == (["C7", "C7", "C"], {SIMPLER: 3})


def test_a_tune_without_chords_or_melody_is_refused():
    drops = Counter()
    assert TUNES.encode(tune([(60, 0, 4)]), drops).shape == (0, 2)
    assert [*drops] == ["tune without chord symbols (need_chords = false takes them)"]
    assert encoding("melody_chords", need_chords=False).encode(tune([(60, 0, 2)])).tolist() == [
        [62, 0],
        [1, 0],
    ]
    assert TUNES.encode(tune([], [(0, "C")], total=8)).shape == (0, 2)
    with pytest.raises(DataError, match="a piece has at most 1048576; cut it"):
        TUNES.encode(tune([(60, 0, 1e9)], [(0, "C")]))


def test_the_vocabulary_is_learned():
    one = encoding("melody_chords", cutoff=3)
    music = tune(
        [(60, 0, 8)],
        [
            (0, "D7"),
            (1, "A7/e"),
            (2, "E7b9"),
            (3, "D"),
            (4, "Gdim"),
            (5, "N.C."),
            (6, "H"),
            (7, "D"),
        ],
    )
    counts = one.survey(music)
    assert counts == {"D7": 1, "A7": 1, "E7": 1, "D": 2, "Gdim": 1}
    roots = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
    assert one.learned(counts).chords == tuple(root + "7" for root in roots)
    assert one.learned(counts + Counter(D=1)).chords == roots + tuple(root + "7" for root in roots)
    single = encoding("melody_chords", cutoff=2, every_root=False)
    assert single.learned(counts).chords == ("D",)
    more = counts + Counter(D=1)
    assert (
        one.learned(more).describe_vocabulary(more)
        == "24 chords from 7 uses; 1 used too rarely (cutoff 3): Gdim 1"
    )
    assert one.learned({}) == one
    assert one.learns
    assert not one.learned(counts).learns
    assert one.learned(counts).learned({"Gdim": 9}).chords == one.learned(counts).chords


def test_basses_are_learned_at_every_root_too():
    one = encoding("melody_chords", cutoff=2, reduce="written").learned(
        {"D/F#": 1, "C/E": 1, "G": 1}
    )
    assert one.chords[:3] == ("C/E", "C#/F", "D/F#")
    assert len(one.chords) == 12


def test_an_open_encoding_accepts_a_filled_one():
    one = encoding("melody_chords")
    assert one.accepts(one)
    assert one.accepts(TUNES)
    assert not TUNES.accepts(one)
    assert not one.accepts(SOUNDING)
    assert not one.accepts(encoding("performance"))
    assert len({e.fingerprint() for e in (one, TUNES, SOUNDING)}) == 3
    assert encodings.make(TUNES.spec()) == TUNES


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"grid": 0}, "encoding.grid = 0: expected a whole number from 1 to 48"),
        ({"cutoff": True}, "cutoff"),
        ({"melody": "onset"}, "did you mean 'onsets'"),
        ({"reduce": "triad"}, "did you mean 'triads'"),
        ({"chords": "C"}, "expected a list"),
        ({"chords": ["C", "c#"]}, "no chord symbol"),
        ({"chords": ["A#", "Bb"]}, "there twice"),
        ({"need_chords": 1}, "true or false"),
    ],
)
def test_options_that_cannot_be(options, message):
    with pytest.raises(BadOption, match=message):
        encoding("melody_chords", **options)


def test_the_table_says_what_a_value_is():
    first, second = TUNES.table(0), TUNES.table(1)
    assert first["kind"].tolist() == ["rest", "hold", *["note_on"] * 128]
    assert (first["advance"] == 1).all()
    assert first["pitch"].tolist() == [-1, -1, *range(128)]
    assert first["classes"][[0, 1, 2, 2 + 60, 2 + 71]].tolist() == [0, 0, 1, 1, 1 << 11]
    assert second["kind"].tolist() == ["no_chord", *["chord"] * 4]
    assert not second["advance"].any()
    assert second["classes"].tolist() == [
        0,
        0b000010010001,
        0b100010000100,
        0b001000010001,
        0b100010100100,
    ]
    assert set(SOUNDING.table(0)["kind"]) == {"rest", "sounding"}


def test_both_fields_are_transposed():
    every = encoding("melody_chords", cutoff=1).learned({"C": 1, "Am7": 1})
    events = every.encode(tune([(60, 0, 2), (72, 3, 4)], [(0, "C"), (1, "Am7"), (3, "N.C.")]))
    for semitones in range(-12, 13):
        moved = every.transpose(events, semitones)
        back = every.decode(moved)
        assert back.notes["pitch"].tolist() == [60 + semitones, 72 + semitones]
        classes = every.table(1)["classes"].astype(int)
        turned = [
            (c << semitones % 12 | c << semitones % 12 >> 12) & 0xFFF for c in classes[events[:, 1]]
        ]
        assert classes[moved[:, 1]].tolist() == turned
        assert np.array_equal(every.transpose(moved, -semitones), events)
    for semitones in (56, -61):
        with pytest.raises(ValueError, match="takes a pitch out"):
            every.transpose(events, semitones)
    assert TUNES.transpose(np.array([[62, 1], [1, 4]], np.int32), 7).tolist() == [
        [69, 2],
        [1, 0],
    ]  # D7 and D are out of the vocabulary
    assert every.stretch(events, 2.0) is events
    assert every.step_times(events).tolist() == [0, 0.125, 0.25, 0.375]
    assert every.duration(events) == 0.5


def streams(form, chords):
    """Random streams `[steps, 2]` that the grammar lets pass."""
    enc = encoding("melody_chords", chords=chords, melody=form, need_chords=False)

    def made(rows):
        grammar, out = enc.grammar(1), np.zeros((len(rows), 2), np.int32)
        for step, row in enumerate(rows):
            for field, chance in enumerate(row):
                legal = np.flatnonzero(grammar.legal(field)[0])
                out[step, field] = legal[chance % 3 if chance < 600 else chance % len(legal)]
                grammar.choose(field, out[step, field][None])
        return out

    return st.tuples(
        st.just(enc),
        st.lists(st.tuples(st.integers(0, 999), st.integers(0, 999)), max_size=40).map(made),
    )


@given(
    st.sampled_from(["onsets", "sounding"]).flatmap(lambda form: streams(form, KNOWN)),
    st.floats(30, 280),
)
def test_what_is_decoded_is_encoded_again(pair, qpm):
    enc, events = pair
    context = {"qpm": qpm, "bars": [3, 6, 8]}
    back = enc.decode(events, context)
    if not len(back.notes):
        return
    again = enc.encode(back)
    assert again.tolist() == events.tolist()
    assert enc.context(back)["bars"] == context["bars"]
    assert enc.context(back)["steps"] == len(events)


def random_tunes():
    time = st.floats(0, 30, allow_nan=False)
    note = st.tuples(st.integers(-2, 130), time, st.floats(-1, 8), st.integers(0, 2))
    return st.tuples(
        st.lists(note, max_size=25),
        st.lists(st.tuples(time, st.sampled_from(["C", "G7", "x", "Am7/g"])), max_size=5),
    )


@given(random_tunes(), st.sampled_from(["onsets", "sounding"]), st.sampled_from([1, 3, 4, 12]))
def test_any_music_gives_a_stream_that_the_grammar_accepts(made, form, grid):
    rows, chords = made
    music = tune([(p, t, max(t + d, t), i) for p, t, d, i in rows], sorted(chords), total=40)
    enc, drops = (
        encoding("melody_chords", chords=KNOWN, melody=form, grid=grid, need_chords=False),
        Counter(),
    )
    events = enc.encode(music, drops)
    assert len(events) in (0, enc.context(music)["steps"])
    grammar = enc.grammar(1)
    for row in events:
        for field, value in enumerate(row):
            assert grammar.legal(field)[0, value]
            grammar.choose(field, row[field][None])
        sounding = np.flatnonzero(grammar.open_pitches()[0])
        assert len(sounding) == (row[0] != 0)
    back = enc.decode(events, enc.context(music))
    if form == "onsets" and len(events):  # every note is in the events or in the account
        lost = sum(drops[reason] for reason in (read.WRONG, read.VOICE, read.LOWER, read.COLLIDED))
        good = read.pitched(music, Counter())
        found = read.symbols(good, grid)
        named = np.count_nonzero(good.notes["instrument"] == found.track) if found else 0
        alone = (
            good.notes["instrument"] == good.notes["instrument"][0]
        ).all()  # then the melody is taken from the chords' own
        assert len(back.notes) + lost + (0 if alone else named) == len(music.notes)
    if len(back.notes):
        assert enc.encode(back).tolist() == events.tolist()


def test_a_hold_is_legal_while_a_note_sounds():
    grammar = TUNES.grammar(2)
    assert not grammar.legal(0)[:, 1].any()
    grammar.choose(0, np.array([62, 0]))
    grammar.choose(1, np.array([1, 1]))
    assert grammar.legal(0)[:, 1].tolist() == [True, False]
    grammar.choose(0, np.array([64]), np.array([1]))
    assert grammar.legal(0)[:, 1].tolist() == [True, True]
    grammar.choose(0, np.array([1, 0]))
    assert grammar.open_pitches().sum(axis=1).tolist() == [1, 0]
    assert grammar.closing(0).shape == (0, 2)
    assert grammar.legal(1).all()
