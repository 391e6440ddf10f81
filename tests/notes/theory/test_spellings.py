"""Chord symbols and the tones that music theory gives them.

The tones are names of notes, the bass first where it is not the root. Where symgen has no kind
with all of them, those that it leaves out stand in brackets.
"""

import pytest

from symgen.notes.theory.chords import known_as_none, parse

LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}

SPELLINGS = """
C CM Cmaj Cma CMAJ C:maj Cmajor (C) [C] ((C)) C* = C E G
Cm Cmin Cmi C- CMI Cminor cm cmin (Cm) = C Eb G
Am am A-: = A C E
Bbm bbm B♭m B♭- = Bb Db F
C7 Cdom7 Cdom C7th C(7) Caddb7 = C E G Bb
Cm7 C-7 Cmin7 CMI7 cm7 Cmin.7 = C Eb G Bb
Cmaj7 CM7 CΔ CΔ7 C△ C^7 Cj7 CMA7 Cmaj.7 C7M cmaj7 = C E G B
CmM7 Cm(maj7) C-Δ7 CminMaj7 Cm/M7 Cmi(ma7) Cm#7 = C Eb G B
Cdim C° Co Cº Cdim. = C Eb Gb
Cdim7 C°7 Co7 Cº7 C07 = C Eb Gb A
CdimM7 C°maj7 CoM7 C0(maj7) Co7M7 = C Eb Gb B
Cm7b5 Cø Cø7 CØ C∅ C∅7 Ch Chalfdim Chalf-dim7 C:hdim7 Cm7(♭5) C-7b5 = C Eb Gb Bb
C+ Caug C(#5) C+5 = C E G#
Caug7 C+7 C7+ C7#5 C7(+5) = C E G# Bb
Cmaj7#5 CM7+5 C+M7 CΔ(#5) = C E G# B
C(b5) C-5 CM(b5) Cmajb5 = C E Gb
C7b5 C7-5 C7(♭5) = C E Gb Bb
Cmaj7b5 CM7(b5) = C E Gb B
Csus4 Csus C4 = C F G
Csus2 = C D G
Csus#4 = C G (F#)
C7sus4 C7sus C7/4 C47 Csusaddb7 = C F G Bb
C9sus4 C9sus C9/4 C94 Csus9 = C D F G Bb
C13sus4 C13sus = C D F G A Bb
C7b9sus4 C7sus4(b9) C7susb9 = C Db F G Bb
C6 CM6 Cadd6 = C E G A
Cm6 C-6 = C Eb G A
C6/9 C69 C6(9) C6add9 = C D E G A
Ab6/9 A♭69 = Ab Bb C Eb F
Cm6/9 Cm69 = C D Eb G A
Cadd9 Cadd2 C2 C(add9) = C D E G
Cmadd9 Cm(add9) Cm(add2) = C D Eb G
Cadd11 Cadd4 = C E F G
C5 C(no3) Cno3rd C(omit3) Cpower = C G
C9 C7/9 C7(9) = C D E G Bb
Cm9 C-9 Cm7/9 = C D Eb G Bb
Cmaj9 CM9 CΔ9 Cmaj7/9 = C D E G B
CmM9 Cm9maj7 = C D Eb G B
C11 = C D E F G Bb
Cm11 C-11 = C D Eb F G Bb
C13 = C D E F G A Bb
Cmaj13 = C D E F G A B
C7b9 C7-9 C7(b9) C7♭9 C7(-9) = C Db E G Bb
C7#9 C7+9 C7(♯9) = C D# E G Bb
C7#11 C7#4 C7(#11) = C E F# G Bb
Cmaj7#11 CM7#11 CMaj7♯11 CΔ#11 = C E F# G B
CMaj7#4 = C E F# G B
C7b13 = C E G Ab Bb
C9#11 C9#4 = C D E F# G Bb
C13#11 = C D E F# G A Bb
C7(b9,#5) C7#5b9 C7(b9#5) C+7b9 = C Db E G# Bb
C7(b5,b9) C7b9b5 = C Db E Gb Bb
C7alt C7altered C7(alt.) Calt7 = C E G# Bb D#
C/E C\\E C/e ConE C/E. = E C G
D/F# D/f+ D/F♯ = F# D A
Am7/G am7/g = G A C E
C/Bb C/B♭ = Bb C E G
F♯ø7 F#m7b5 = F# A C E
D𝄫 = C E G
F𝄪m = G Bb D
C♮7 = C E G Bb
G(Em) G[Em] G|Em G,Em G;Em G/Em G&Em GorEm = G B D
D7/G7 D7(G) = D F# A C
G/B(Em) = B G D
C7#9b5 = C E Gb Bb (D#)
C13b9 = C Db E G Bb (A)
C9add13 C9(13) = C D E G Bb (A)
C7add11 = C E G Bb (F)
Cm7add11 = C Eb G Bb (F)
C7b9#11 C7(b9,#11) = C Db E G Bb (F#)
Cm9b5 Cø9 = C Eb Gb Bb (D)
Cmaj9#5 = C E G# B (D)
Cm6#11 = C Eb G A (F#)
C67 C6/7 C76 = C E G Bb (A)
Cmaj7sus4 = C F G (B)
Csus24 Csus4add9 = C F G (D)
C7no3 = C G (Bb)
"""
WITH_SPACES = [
    ("C minor seventh", "Cm7"),
    ("C major seventh", "Cmaj7"),
    ("C dominant seventh", "C7"),
    ("C diminished seventh", "Cdim7"),
    ("C half diminished", "Cm7b5"),
    ("C suspended fourth", "Csus4"),
    ("C dominant flat ninth", "C7b9"),
    ("C maj. 7", "Cmaj7"),
    ("C on E", "C/E"),
    ("C over E", "C/E"),
    ("D7 or G", "D7"),
    ("G (Em)", "G"),
    ("C (no 3rd)", "C5"),
]


def pitch_class(name):
    return (LETTERS[name[0]] + name.count("#") - name[1:].count("b")) % 12


@pytest.mark.parametrize("row", SPELLINGS.strip().splitlines())
def test_the_tones_of_a_symbol(row):
    symbols, tones = row.split(" = ")
    names = [name for name in tones.split() if not name.startswith("(")]
    for symbol in symbols.split():
        chord = parse(symbol)
        assert chord is not None, symbol
        found = {pitch for pitch in range(12) if chord.classes >> pitch & 1}
        assert found == {pitch_class(name) for name in names}, symbol
        assert chord.bass == pitch_class(names[0]), symbol


@pytest.mark.parametrize(("text", "same"), WITH_SPACES)
def test_symbols_of_several_words(text, same):
    assert parse(text) == parse(same) is not None


@pytest.mark.parametrize("text", ["N.C.", "(N.C.)", "N/C", "N. C.", "NC.", "no chord", "None"])
def test_no_chord(text):
    assert known_as_none(text) and parse(text) is None


@pytest.mark.parametrize(
    "text",
    [
        *("H", "H7", "c", "c7", "bb", "Cis", "Es"),  # German names
        *("p", "f", "ff", "mf", "dim.", "dim", "cresc.", "e", "tr", "End", "(S)", "Slow", "Bis"),
        *("Variation A", "D.C.", "D.C. al Fine", "C/", "/E", "C:E", "C-G", "C G7", "C(II)"),
        *("From A.Train's song", "A litle faster", "Canon", "Chorus.", "Break", "Dance", "(1)"),
    ],
)
def test_what_is_left_as_text(text):
    assert parse(text) is None and not known_as_none(text)
