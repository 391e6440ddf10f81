"""What is given: a melody to be given chords, chords to be given a melody."""

import itertools

import numpy as np
import pytest

from symgen.controls import make_all
from symgen.encodings import encoding
from symgen.errors import BadOption, DataError, ReadError
from symgen.notes import write
from symgen.notes.sequence import (
    CHORD,
    KEY_SIGNATURE,
    TEMPO,
    TIME_SIGNATURE,
    NoteSequence,
    notes_of,
    table,
)
from symgen.notes.theory.bars import layout
from symgen.notes.theory.chord_line import spread
from symgen.notes.theory.meter import bar_lines
from symgen.runtime.base import Player
from symgen.sampling.request.sources import is_file, tune
from symgen.sampling.request.structure import Structure
from tests.sampling.fiddler import CHORDS, Fiddler, Tunes, planned_draw, tunes

BOOK = """X:1
T:First
M:6/8
L:1/8
Q:3/8=100
K:G
D|"G"GBd "C"edc|"D7"def "G"g2d|"C"ece "D7"dBA|"G"G3 G2:|

X:3
T:Second, which leaves the grid
M:4/4
L:1/4
K:Dm
"Dm"(3D/E/F/ A "A7"^c2|"Dm"d4|]
"""


@pytest.fixture
def book(tmp_path):
    (tmp_path / "book.abc").write_text(BOOK, encoding="utf-8")
    return str(tmp_path / "book.abc")


def test_a_melody_is_kept_as_it_is(book):
    """Its notes, those off the grid too, its meter, tempo, pickup, key and length."""
    for name in ("#1", "#3"):
        source = tune(book + name)
        samples = planned_draw(
            tunes(make_all([{"name": "meter"}])), num=3, melody=book + name, seed=1
        )
        for sample in samples:
            music = sample.sequence
            assert np.array_equal(
                music.notes[["pitch", "start_time", "end_time"]],
                source.notes[["pitch", "start_time", "end_time"]],
            )
            for facts in ("tempos", "time_signatures", "key_signatures"):
                assert np.array_equal(getattr(music, facts), getattr(source, facts))
            assert (music.first_bar_time, music.total_time) == (
                source.first_bar_time,
                source.total_time,
            )
            assert np.array_equal(
                sample.events[:, 0], encoding("melody_chords", chords=CHORDS).encode(source)[:, 0]
            )
        assert len({s.events[:, 1].tobytes() for s in samples}) > 1


def test_a_primer_is_one_of_a_book(book):
    [sample] = planned_draw(tunes(), book + "#1", bars=8, seed=1)
    assert (
        sample.sequence.notes["pitch"][:7].tolist() == tune(book + "#1").notes["pitch"][:7].tolist()
    )
    assert sample.measured["meter"] == "6/8"


def test_the_chords_of_a_melody_change_on_its_beats(book):
    for sample in planned_draw(tunes(), num=4, melody=book + "#1", seed=1):
        lines = bar_lines(sample.sequence)
        beats = np.append(lines, lines[:-1] + np.diff(lines) / 2)
        for time in sample.sequence.chords["time"]:
            assert time == 0 or np.isclose(beats, time).any()


def test_chords_fit_the_melody():
    """A fiddler prefers chords with the note of their step, so most steps are in their chord."""
    melody = NoteSequence(
        notes_of(
            (p, 80, k * 0.5, k * 0.5 + 0.5)
            for k, p in enumerate([60, 64, 67, 72, 65, 69, 72, 69] * 2)
        ),
        time_signatures=table(TIME_SIGNATURE, time=0, numerator=4, denominator=4),
    )
    assert fit(planned_draw(tunes(), num=8, melody=melody, seed=1)) > 0.62
    assert fit(planned_draw(tunes(chained=False), num=8, melody=melody, seed=1)) < 0.5


def fit(samples):
    made = tunes().encoding
    melody, chord = made.table(0)["classes"].astype(int), made.table(1)["classes"].astype(int)
    struck = [s.events[s.events[:, 0] > 1] for s in samples]
    return np.mean([(melody[e[:, 0]] & chord[e[:, 1]] > 0).mean() for e in struck])


class Riddle(Player):
    """Two notes tell of the first chord: a small joint model whose posterior can be counted.

    Eight steps: one of the chords C, F and G at the first, which then stays. The melody strikes c
    at once, and e, f or g at steps 3 and 7: 0.9 the one that goes with the chord, 0.05 each of the
    others. The player remembers its chord.
    """

    def __init__(self, made):
        self.made = made

    def start(self, batch):
        self.t, self.chord = -1, np.zeros(batch, int)

    def step(self, events, controls=None):
        self.t += 1
        if self.t == 1:
            self.chord = np.array(events)[:, 1]
        assert self.t == 0 or np.array_equal(self.chord, events[:, 1])

    def logits(self, field, chosen, rows=None):
        out = np.full((len(self.chord), self.made.fields[field].size), -30.0, np.float32)
        if field == 1 and self.t == 0:
            out[:, 1:4] = 0
        elif field == 1:
            out[np.arange(len(out)), self.chord] = 0
        elif self.t in (3, 7):
            out[:, [2 + 64, 2 + 65, 2 + 67]] = np.log(
                np.where(self.chord[:, None] == [1, 2, 3], 0.9, 0.05)
            )
        else:
            out[:, 2 + 60 if self.t == 0 else 1] = 0
        return out if rows is None else out[rows]

    def select(self, rows):
        self.chord = self.chord[rows]

    def fresh(self):
        return type(self)(self.made)


@pytest.mark.parametrize(
    ("notes", "shares"),
    [((64, 64), [0.99, 0, 0]), ((65, 65), [0, 0.99, 0]), ((64, 65), [0.49, 0.49, 0.02])],
)
def test_chords_know_what_the_melody_will_be(notes, shares):
    """The first chord follows from the whole melody; a single stream has each in a third."""
    made = encoding("melody_chords", chords=("C", "F", "G"))
    melody = NoteSequence(
        notes_of([(60, 80, 0, 0.375), (notes[0], 80, 0.375, 0.875), (notes[1], 80, 0.875, 1)]),
        total_time=1,
    )
    samples = planned_draw(Tunes(Riddle(made), made), num=200, melody=melody, seed=1, cadence=False)
    found = np.bincount([s.events[0, 1] for s in samples], minlength=4)[1:] / len(samples)
    assert np.allclose(found, shares, atol=0.1)


def test_a_harmonised_sample_depends_on_nothing_beside_it(book):
    many = planned_draw(tunes(), num=7, melody=book + "#1", seed=5)
    for index in (0, 3, 6):
        assert np.array_equal(
            planned_draw(tunes(), first=index, melody=book + "#1", seed=5)[0].events,
            many[index].events,
        )


def test_a_melody_under_given_chords_is_drawn_in_proportion():
    """p(m) p(c | m) over all melody values, counted at the first step of 800 samples."""
    made = encoding("melody_chords", chords=("C", "Dm"))
    model = Tunes(Fiddler(made), made)
    model.player.melody[-1, :] = -30
    pitches = [60, 62, 64, 65]
    model.player.melody[-1, [2 + p for p in pitches]] = np.log([0.4, 0.3, 0.2, 0.1])
    samples = planned_draw(model, num=800, seconds=0.5, chords="C", seed=1, cadence=False)
    drawn = np.array([s.events[0, 0] - 2 for s in samples])
    prior = np.array([0.4, 0.3, 0.2, 0.1])
    logits = (
        np.array([[0, 0, 0]] * 4)
        + model.player.chord[-1]
        + model.player.fits[[2 + p for p in pitches]]
    )
    likelihood = np.exp(logits[:, 1]) / np.exp(logits).sum(1)
    expected = prior * likelihood / (prior * likelihood).sum()
    counted = np.array([(drawn == p).mean() for p in pitches])
    assert np.allclose(counted, expected, atol=4 * np.sqrt(0.25 / 800))
    assert abs(expected - prior).max() > 0.1  # the test can tell


def chord_at(sample, seconds):
    rows = sample.sequence.chords
    return str(rows["symbol"][np.searchsorted(rows["time"], seconds + 1e-6, "right") - 1])


@pytest.mark.parametrize(
    ("text", "bars", "expected"),
    [
        ("G C D7 G", 8, "G C D7 G G C D7 G"),
        ("G | C D7", 4, "G C:D7 G C:D7"),
        ("|: G | C :|", 3, "G C G"),
        ("G | | D7", 3, "G G D7"),
        ("G C D7 G", 2, "G:C D7:G"),
        ("Am N.C.", 2, "Am N.C."),
    ],
)
def test_symbols_are_spread_over_the_bars(text, bars, expected):
    for sample in planned_draw(tunes(), num=2, bars=bars, chords=text, seed=1, tempo=120):
        for bar, cell in enumerate(expected.split()):
            symbols = cell.split(":")
            for k, symbol in enumerate(symbols):
                assert chord_at(sample, 2 * (bar + k / len(symbols))) == symbol
                assert chord_at(sample, 2 * (bar + (k + 1) / len(symbols)) - 0.125) == symbol
        assert sample.requested["chords"] == text


def test_three_chords_in_a_bar_lie_on_beats():
    bars = layout([0, 4, 4], 16, 4)
    steps = [p for p, _ in spread(["G", "C", "D"], bars[0], 4)]
    assert all(s % 4 == 0 for s in steps)
    assert len(set(steps)) == 3


def test_chords_of_a_tune(book):
    [sample] = planned_draw(tunes(), chords=book + "#1", seed=1)
    source = tune(book + "#1")
    expected = [(round(t, 3), s) for t, s in source.chords.tolist()]
    merged = [next(group) for _, group in itertools.groupby(expected, key=lambda row: row[1])]
    assert [(round(t, 3), s) for t, s in sample.sequence.chords.tolist()] == merged
    assert sample.sequence.total_time == pytest.approx(source.total_time)
    assert sample.sequence.first_bar_time == pytest.approx(source.first_bar_time)
    assert not np.array_equal(sample.sequence.notes["pitch"], source.notes["pitch"])


def test_a_chord_that_the_model_does_not_know_is_said():
    [sample] = planned_draw(tunes(), bars=2, chords="Gmaj9 C", seed=1)
    assert sample.measured["messages"] == [
        "chord Gmaj9 is unknown to the model, which gets G instead"
    ]
    assert chord_at(sample, 0) == "Gmaj9"


def test_the_melody_ends_in_the_last_chord_that_is_given():
    made = tunes().encoding.table(0)["classes"].astype(int)
    for text, classes in (("C F G7 C", {0}), ("C Am F D", {2, 6, 9}), ("G C | D7 | G", {7})):
        for sample in planned_draw(tunes(), num=4, bars=4, chords=text, seed=2):
            assert sample.sequence.notes["pitch"][-1] % 12 in classes
            assert made[sample.events[-9, 0]] or sample.events[-9, 0] <= 1


def test_a_melody_closes_where_it_ends_on_its_tonic():
    def samples(last):
        notes = notes_of(
            (p, 80, k * 0.5, k * 0.5 + 0.5)
            for k, p in enumerate([67, 71, 74, 71, 69, 66, 62, last])
        )
        tune = NoteSequence(
            notes,
            key_signatures=table(KEY_SIGNATURE, time=0, key=7, mode=0),
            tempos=table(TEMPO, time=0, qpm=120),
            time_signatures=table(TIME_SIGNATURE, time=0, numerator=4, denominator=4),
        )
        return planned_draw(tunes(), num=6, melody=tune, seed=2)

    assert all(chord_at(s, 2.1) == "G" for s in samples(67))
    assert not all(chord_at(s, 2.1) == "G" for s in samples(64))


def test_a_midi_file_gives_its_melody(tmp_path):
    notes = notes_of([(72, 80, 0, 1), (74, 80, 1, 2)]).tolist() + [
        (p, 60, s, s + 1, 1, 0, False) for s in (0, 1) for p in (48, 52, 55)
    ]
    both = NoteSequence(np.array(sorted(notes, key=lambda n: (n[2], n[0])), notes_of([]).dtype))
    write(both, tmp_path / "both.mid")
    [sample] = planned_draw(tunes(), melody=tmp_path / "both.mid", seed=1)
    assert sample.sequence.notes["pitch"].tolist() == [72, 74]


def notes_only():
    return NoteSequence(notes_of([(60, 80, 0, 1), (62, 80, 1, 2)]))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            dict(melody="book.abc"),
            ReadError,
            "holds 2 tunes; choose one, such as .*book.abc#1",
        ),
        (dict(melody="book.abc#2"), ReadError, "holds 2 tunes, but no #2; choose one"),
        (dict(melody="nowhere.abc"), ReadError, "nowhere.abc: no such file"),
        (
            dict(melody="book.abc#1", bars=8),
            BadOption,
            "bars 8: the given melody has its own bars; remove --bars",
        ),
        (
            dict(chords="book.abc#1", meter="4/4"),
            BadOption,
            "the tune whose chords are given has its own",
        ),
        (
            dict(chords="book.abc#1", melody="book.abc#1"),
            BadOption,
            "remove the one that the model should make",
        ),
        (dict(chords="G Hx"), BadOption, "'Hx' is not a chord; expected symbols such as G"),
        (dict(chords="||"), BadOption, "holds no chord symbol"),
        (
            dict(chords=" ".join("G" * 40), bars=2, meter="2/4"),
            BadOption,
            "20 in one bar of 8 steps",
        ),
        (dict(melody=NoteSequence()), DataError, "give another tune"),
        (
            dict(chords=notes_only()),
            DataError,
            "no chord symbols that the model knows; give a tune with chords",
        ),
        (dict(melody=5), BadOption, "melody 5: expected the name of a file, a NoteSequence$"),
        (
            dict(chords=5),
            BadOption,
            "chords 5: expected the name of a file, a NoteSequence, or chord symbols",
        ),
        (dict(chords=["G", 5]), BadOption, "chords .* expected the name"),
        (dict(melody="x" * 9999), ReadError, "^.{,300}$"),
    ],
)
def test_what_cannot_be_given_is_said(book, tmp_path, monkeypatch, options, error, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=message):
        planned_draw(tunes(), **options)


def test_a_shape_keeps_music_as_well_as_names():
    assert not is_file("G C D7 G")
    assert not is_file("F# C#")
    assert is_file("tune.abc")
    assert is_file("tune.abc#3")
    assert is_file(NoteSequence())
    assert not is_file("G C " * 200)
    assert not is_file("G\0")
    assert Structure(chords="F#m").chords == "F#m"
    assert len(table(CHORD, time=0, symbol="G")) == 1
