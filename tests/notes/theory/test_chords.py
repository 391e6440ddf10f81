"""Chord symbols: what they name, the way back, the chord of a set of pitches, simpler chords."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgen.errors import BadOption
from symgen.notes.theory.chords import (
    REDUCTIONS,
    UNNAMED,
    Chord,
    known_as_none,
    name,
    parse,
    reduce,
    spelled,
    symbol,
    transpose,
)
from symgen.notes.theory.kinds import KINDS

EVERY = [Chord(root, kind, bass) for kind in KINDS for root in range(12) for bass in range(12)]
NAMED = [chord for chord in EVERY if chord.kind not in UNNAMED]
chords = st.sampled_from(EVERY)


def classes(mask):
    return {p for p in range(12) if mask >> p & 1}


@pytest.mark.parametrize(
    ("text", "chord"),
    [
        ("C", (0, "", 0)),
        ("F#m", (6, "m", 6)),
        ("Bb7", (10, "7", 10)),
        ("Am7/e", (9, "m7", 4)),
        ("D/F#", (2, "", 6)),
        ("E♭", (3, "", 3)),
        ("Gd", (7, "dim", 7)),
        ("Ca", (0, "aug", 0)),
        ("D#d", (3, "dim", 3)),
        ("Fa7", (5, "aug7", 5)),
        ("D/f+", (2, "", 6)),
        ("A7/c+", (9, "7", 1)),
        ("Gm/bb", (7, "m", 10)),
        ("(E7)", (4, "7", 4)),
        (" B7", (11, "7", 11)),
        ("D m", (2, "m", 2)),
        ("E7b9", (4, "7b9", 4)),
        ("G7/f", (7, "7", 5)),
        ("C/c", (0, "", 0)),
        ("Cb", (11, "", 11)),
        ("E#m", (5, "m", 5)),
    ],
)
def test_symbols(text, chord):
    assert parse(text) == Chord(*chord)


@pytest.mark.parametrize(
    "several",
    [
        "m min mi - minor",
        "maj7 M7 ma7 Maj7 major7 j7 Δ Δ7 ^7 (maj7)",
        "m7 min7 -7 mi7",
        "mM7 m(maj7) mmaj7 minmaj7 -Δ7",
        "dim o ° d",
        "dim7 o7 °7 d7",
        "m7b5 ø ø7 h7 m7-5 m7(b5) -7b5 m7/b5",
        "aug + a +5 (#5)",
        "aug7 +7 7+ 7#5 7+5 a7 aug(7) 7aug",
        "7 dom7",
        "sus4 sus 4",
        "7sus4 7sus (7sus4)",
        "69 6/9 6add9",
        "add9 add2 (add9) 2",
        "7b9 7-9 7(b9)",
        "7#9 7+9",
        "5 no3 omit3",
        "madd9 m(add9) -add9",
        "9sus4 9sus",
        "maj7#11 M7#11 maj7(#11)",
        "7b5b9 7b9b5 7(b5,b9)",
        "13 dom13",
        "aug9 +9 9#5",
    ],
)
def test_spellings_of_one_kind(several):
    first, *others = several.split()
    assert first in KINDS
    for other in others:
        assert parse("G" + other) == Chord(7, first, 7), other


@pytest.mark.parametrize(
    "text",
    [
        "H7#9",
        "bla",
        "C/Q",
        "Fine",
        "Coda",
        "D.C.",
        "D.S.",
        "Da Capo",
        "^slow",
        "Bass",
        "C77",
        "Cdd",
        "C/",
        "Caug+m",
        "é",
    ],
)
def test_what_is_no_chord(text):
    assert parse(text) is None
    assert not known_as_none(text)


@pytest.mark.parametrize("text", ["", " ", "N.C.", "NC", "n.c.", "N.C", "No chord", " none "])
def test_what_says_there_is_none(text):
    assert parse(text) is None
    assert known_as_none(text)
    assert not known_as_none("C")


def test_every_chord_comes_back_in_every_spelling():
    assert all(parse(symbol(chord, sharps)) == chord for chord in EVERY for sharps in range(-7, 8))
    assert len({symbol(chord) for chord in EVERY}) == len(EVERY)


def test_spelling_follows_the_key():
    assert " ".join(map(spelled, range(12))) == "C C# D Eb E F F# G Ab A Bb B"
    assert symbol(parse("Abm/Eb"), 4) == "G#m/D#"
    assert symbol(parse("C#7"), -5) == "Db7"
    assert all(len(spelled(p, sharps)) <= 2 for p in range(12) for sharps in range(-7, 8))


def test_classes():
    assert classes(parse("A7").classes) == {9, 1, 4, 7}
    assert classes(parse("Am/f+").classes) == {9, 0, 4, 6}


def test_names():
    for text in (
        "C",
        "Am/E",
        "C6",
        "Am7",
        "F#m7b5",
        "Am6",
        "G7/F",
        "Bdim",
        "Caug",
        "Ddim7",
        "Gsus4",
        "C5",
        "E7b9",
    ):
        assert symbol(name(sounding(parse(text)))) == text
    assert symbol(name(sounding(parse("Am/F#")))) == "F#m7b5", "on its root where it can be"
    assert symbol(name([48, 64, 70])) == "C7", "the fifth may be missing"
    assert symbol(name([60, 63])) == "Cm"
    assert name([]) is None
    assert name([60, 72]) is None
    assert name([60, 61, 62]) is None


def sounding(chord):
    """Pitches of a chord, its bass the lowest."""
    return [36 + chord.bass, *(60 + p for p in classes(chord.classes))]


def test_a_name_has_the_classes_of_the_pitches_wherever_one_has():
    for chord in NAMED:
        named = name(sounding(chord))
        assert (named.classes, named.bass) == (chord.classes, chord.bass)


@given(st.sets(st.integers(21, 108), min_size=1, max_size=6))
def test_a_name_says_what_sounds_or_adds_its_fifth(pitches):
    named = name(pitches)
    message = {chord.classes for chord in NAMED if chord.bass == min(pitches) % 12}
    mask = sum(1 << p for p in {p % 12 for p in pitches})
    if mask in message:
        assert named.classes == mask
    elif named:
        assert named.classes == mask | 1 << (named.root + 7) % 12


@given(chords, st.integers(-30, 30))
def test_transposing_moves_every_class(chord, semitones):
    moved = transpose(chord, semitones)
    assert classes(moved.classes) == {(p + semitones) % 12 for p in classes(chord.classes)}
    assert transpose(moved, -semitones) == chord


@pytest.mark.parametrize(
    ("text", "triad", "seventh"),
    [
        ("C7", "C", "C7"),
        ("C13", "C", "C7"),
        ("Cmaj9", "C", "Cmaj7"),
        ("D/F#", "D", "D"),
        ("Am7/G", "Am", "Am7"),
        ("Bdim7", "Bdim", "Bdim7"),
        ("Bm7b5", "Bdim", "Bm7b5"),
        ("C6", "C", "C"),
        ("Cm69", "Cm", "Cm"),
        ("G9sus4", "Gsus4", "G7sus4"),
        ("E7b9", "E", "E7"),
        ("E7#9", "E", "E7"),
        ("C5", "C", "C"),
        ("Faug7", "Faug", "Faug7"),
        ("Cadd9", "C", "C"),
    ],
)
def test_reductions(text, triad, seventh):
    assert [symbol(reduce(parse(text), to)) for to in REDUCTIONS] == [triad, seventh, text]
    with pytest.raises(BadOption, match=r"'triad'.*triads"):
        reduce(parse(text), "triad")


@given(chords)
def test_reductions_reduce(chord):
    triad, seventh = (reduce(chord, to) for to in REDUCTIONS[:2])
    assert reduce(triad, "triads") == reduce(seventh, "triads") == triad
    assert reduce(seventh, "sevenths") == seventh
    assert len(KINDS[triad.kind]) == 3
    assert len(KINDS[seventh.kind]) <= 4


def test_the_symbols_of_nottingham(corpora):
    found = set()
    for path in sorted((corpora / "nottingham" / "ABC_cleaned").glob("*.abc")):
        found.update(re.findall(r'"([^"]*)"', path.read_text("latin-1")))
    assert len(found) == 117
    assert {text for text in found if parse(text) is None} == {" ", "From A.Train's song"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("G(Em)", "G"),  # ABC 2.1, 4.18: the second is for printing
        ("Bb(Gm/D)", "Bb"),
        ("G/B(Em)", "G/B"),
        ("Am[F]", "Am"),
        ("C7(b9)", "C7b9"),
        ("C(add9)", "Cadd9"),
        ("(E7)", "E7"),
    ],
)
def test_a_chord_in_brackets_after_another_is_for_printing(text, expected):
    assert parse(text) == parse(expected) is not None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("C7alt", "C7#5#9"),
        ("Calt", "C7#5#9"),
        ("C7/4", "C7sus4"),
        ("C4/7", "C7sus4"),
        ("C7/9", "C9"),
        ("C7(9)", "C9"),
        ("C7M", "Cmaj7"),
        ("C:min7", "Cm7"),
        ("CMI7", "Cm7"),
        ("A MINOR", "Am"),
        ("C augmented", "Caug"),
        ("C(Add9)", "Cadd9"),
        ("CADD9", "Cadd9"),
        ("Cm#7", "CmM7"),
        ("Cm(+7)", "CmM7"),
        ("C♮m", "Cm"),
        ("D7..", "D7"),
        ("C\\E", "C/E"),
        ("C07", "Cdim7"),
        ("Cadd2", "Cadd9"),
        ("C7th", "C7"),
    ],
)
def test_spellings_of_lead_sheets(text, expected):
    assert parse(text) == parse(expected) is not None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("C13b9", "C7b9"),
        ("C7b9b13", "C7b9"),
        ("Csus4add9", "Csus4"),
        ("C7add13", "C7"),
        ("Cm7add11", "Cm7"),
        ("Cø9", "Cm7b5"),
        ("Cmb6", "Cm"),
        ("C7no5", "C7"),
        ("C13(no5)", "C13"),
        ("Cm7#5", "Cm7"),
    ],
)
def test_a_chord_with_tones_that_no_kind_has_is_the_nearest_kind(text, expected):
    assert parse(text) == parse(expected) is not None


@pytest.mark.parametrize("text", ["Cadd#97", "Cadd99", "Cadd#0", "Cadd1"])
def test_an_added_degree_that_is_none_changes_nothing(text):
    assert parse(text) == parse("C")


@pytest.mark.parametrize(
    "text", ["4", "Segno", "D.C.", "DC", "Fine", "End", "H7", "c7", "%", "D.S."]
)
def test_other_text_is_no_chord(text):
    assert parse(text) is None and not known_as_none(text)


def test_the_nasty_symbols(corpora):
    def symbols(file):
        return re.findall(r'"([^"]*)"', (corpora / "nasty" / "abc" / file).read_text())

    assert [text for text in symbols("chord_spellings_nottingham.abc") if parse(text) is None] == []
    assert [text for text in symbols("unknown_chords.abc") if parse(text)] == ["Gmaj13#11", "D m"]


def test_music21_hears_the_same():
    harmony = pytest.importorskip("music21.harmony", reason="the extra `score` is not installed")
    kinds = [
        "",
        "m",
        "7",
        "m7",
        "maj7",
        "dim",
        "aug",
        "sus4",
        "sus2",
        "m7b5",
        "dim7",
        "6",
        "m6",
        "mM7",
        "7sus4",
        "9",
        "m9",
        "maj9",
        "11",
        "13",
        "add9",
        "7b9",
        "7#9",
        "7#11",
    ]
    for root, kind, bass in itertools.product(["C", "F#", "Bb", "E"], kinds, ["", "/G", "/A"]):
        text = root + kind + bass
        theirs = harmony.ChordSymbol(text.replace("Bb", "B-").replace("maj9", "M9")).pitchClasses
        assert classes(parse(text).classes) == set(theirs), text
