"""The music of a bar: pitches, lengths, ties, chords, grace notes, rests, voices."""

import numpy as np
import pytest

from symgen.errors import BadOption
from symgen.notes import read_bytes
from symgen.notes.abc import AbcReader, tunes
from symgen.notes.abc.fields import QUARTER
from tests.notes.abc.tunes import abc, lengths, letters, pitches, starts, tune


def test_a_chord_symbol_that_is_too_long_is_cut_and_said():
    [(_, made)] = read_bytes(('X:1\nK:C\n"' + "C" + "x" * 40 + '"C4|"G"G4|\n').encode(), "x.abc")
    assert made.chords["symbol"].tolist() == ["C" + "x" * 31, "G"]
    assert made.source.warnings == ("a chord symbol of more than 32 characters is cut (line 3)",)


@pytest.mark.parametrize(
    ("music", "unplayed"),
    [
        ("CDEF|", ()),
        ("{c}C{de}DEF|", ("3 grace notes left out",)),
        ("|:{c}CDEF:|", ("1 grace note left out", "its repeats are written out")),
        ("CDEF|[1G4:|[2c4|]", ("its repeats are written out",)),
    ],
)
def test_what_is_not_played_is_told(music, unplayed):
    [(_, made)] = read_bytes(f"X:1\nK:C\n{music}\n".encode(), "x.abc")
    assert made.source.unplayed == unplayed
    assert not made.source.warnings


def warnings(sequence):
    return " / ".join(sequence.source.warnings)


def test_letters_octaves_and_lengths():
    found = tune("C,,C,CcC'c'c''")
    assert pitches(found) == [36, 48, 60, 72, 72, 84, 96]
    assert lengths(tune("C C2 C/ C/2 C// C3/2 C3/ C/4 C0")) == [
        1,
        2,
        0.5,
        0.5,
        0.25,
        1.5,
        1.5,
        0.25,
    ]
    assert not tune("C").source.warnings and "without length" in warnings(tune("C C0"))


def test_seconds_are_exact_at_120_to_the_minute():
    found = tune("C C/ (3CCC C/4 z4 C")
    assert found.notes["start_time"].tolist() == [0, 0.5, 0.75, 13 / 12, 17 / 12, 1.75, 3.875]
    assert len(found.tempos) == 0 and found.total_time == 4.375


@pytest.mark.parametrize(
    ("music", "scope", "wanted"),
    [
        ("^FFfF|F", None, [66, 66, 77, 66, 65]),  # in its own octave, to the bar line
        ("^FFfF|F", "octave", [66, 66, 77, 66, 65]),
        ("^FFfF|F", "pitch", [66, 66, 78, 66, 65]),
        ("^FFfF|F", "not", [66, 65, 77, 65, 65]),
        ("_BB=BB|B", None, [70, 70, 71, 71, 71]),
        ("^^C__D", None, [62, 60]),
        ("^F-|FF", None, [66, 65]),  # the tied note keeps it, the next one does not
        ("^F|FF", None, [66, 65, 65]),
        ("^F[K:D]F", None, [66, 66]),
        ("^c[K:C]c", None, [73, 72]),  # a new key ends them
        ("{^f}f", None, [78]),  # a grace note's accidental holds too
    ],
)
def test_accidentals_hold_to_the_bar_line(music, scope, wanted):
    line = f"%%propagate-accidentals {scope}\n" if scope else ""
    assert pitches(tune(line + music)) == wanted


@pytest.mark.parametrize(
    ("scope", "wanted"),
    [("not", [66, 65, 77]), ("octave", [66, 66, 77]), ("pitch", [66, 66, 78])],
)
def test_the_scope_of_accidentals_is_an_option_that_the_tune_overrides(scope, wanted):
    reader = AbcReader(accidentals=scope)
    [(_, found)] = reader.read(abc("^FFf|").encode(), "x.abc")
    assert pitches(found) == wanted
    [(_, found)] = reader.read(abc("%%propagate-accidentals not\n^FFf|").encode(), "x.abc")
    assert pitches(found) == [66, 65, 77]
    with pytest.raises(BadOption, match="every"):
        AbcReader(accidentals="every")


@pytest.mark.parametrize(
    "music",
    [
        "D2-D2",
        "D2- D2",
        "D2 -D2",
        "D2-|D2",
        "D2|-D2",
        "D2-|\nD2",
        'D2-"G"D2',
        'D2 "G"-D2',
        "D2-{e}D2",
    ],
)
def test_ties_in_every_spelling(music):
    found = tune(music)
    assert (pitches(found), lengths(found)) == ([62], [4])


def test_ties_across_repeats_and_endings_are_of_what_is_played():
    assert lengths(tune("C3D-|:D2C D-:|D4")) == [3, 3, 1, 3, 1, 5]
    found = tune("|:C3D-|[1D4:|[2D2E2|]")
    assert lengths(found) == [3, 5, 3, 3, 2]
    assert lengths(tune("|:C3D|[1-D4:|[2-D2E2|]")) == [3, 5, 3, 3, 2]
    assert not found.source.warnings
    assert "no note of its pitch" in warnings(tune("C-D"))


def test_chords_take_lengths_inside_and_outside_and_the_first_ones_time():
    found = tune("[CEG]2 [C2E]/ [CE2] F [GG]")
    assert starts(found) == [0, 0, 0, 2, 2, 3, 3, 4, 5, 5]
    assert lengths(found) == [2, 2, 2, 1, 0.5, 1, 2, 1, 1, 1]
    assert lengths(tune("[CEG]-[CEG]")) == [2, 2, 2]
    assert lengths(tune("[C-EG]2[CEG]2")) == [4, 2, 2, 2, 2]
    mended = tune("[CEG F|[DF")
    assert starts(mended) == [0, 0, 0, 1, 2, 2] and "not closed" in warnings(mended)


@pytest.mark.parametrize(
    ("p", "meter", "q"),
    [
        (2, "4/4", 3),
        (3, "4/4", 2),
        (4, "4/4", 3),
        (5, "4/4", 2),
        (5, "6/8", 3),
        (6, "4/4", 2),
        (7, "9/8", 3),
        (8, "4/4", 3),
        (9, "4/4", 2),
        (9, "12/8", 3),
    ],
)
def test_tuplets_by_meter(p, meter, q):
    found = tune(f"({p}" + "C" * p + "D", M=meter)
    assert lengths(found) == pytest.approx([q / p] * p + [1], abs=1e-6)
    assert float(found.notes["start_time"][-1]) * 2 == q


def test_tuplets_in_full():
    assert lengths(tune("(3:2:2CCD")) == pytest.approx([2 / 3, 2 / 3, 1], abs=1e-6)
    assert lengths(tune("(3::2CCD")) == pytest.approx([2 / 3, 2 / 3, 1], abs=1e-6)
    assert lengths(tune("(3:4CCCD")) == pytest.approx([4 / 3] * 3 + [1], abs=1e-6)
    assert starts(tune("(3Cz[EG]D")) == pytest.approx([0, 4 / 3, 4 / 3, 2], abs=1e-6)
    assert lengths(tune("(3{g}C>DE")) == pytest.approx([1, 1 / 3, 2 / 3], abs=1e-6)
    assert lengths(tune("(1:2:2CCD")) == [2, 2, 1]
    assert "makes no sense" in warnings(tune("(1C(0D"))


@pytest.mark.parametrize(
    ("music", "wanted"),
    [
        ("C>D", [1.5, 0.5]),
        ("C<D", [0.5, 1.5]),
        ("C>>D", [1.75, 0.25]),
        ("C<<<D", [0.125, 1.875]),
        ("C > D", [1.5, 0.5]),
        ("C>{g}D", [1.5, 0.5]),
        ("C2>D2", [3, 1]),
        ("C>D>E", [1.5, 0.75, 0.5]),
        ("C\\\n>D", [1.5, 0.5]),
    ],
)
def test_broken_rhythm(music, wanted):
    assert lengths(tune(music)) == wanted


@pytest.mark.parametrize(
    ("music", "wanted"),
    [
        ("G>c/B/", [1, 0.5, 0.5]),  # 4.4 leaves it open; the bar comes out right so
        ("d/<B2", [0.5, 2]),
        ("G>[c/e/]", [1, 0.5, 0.5]),
    ],
)
def test_a_broken_rhythm_between_different_lengths_is_ignored(music, wanted):
    found = tune(music)
    assert lengths(found) == wanted
    assert "a broken rhythm between different lengths is ignored" in warnings(found)


@pytest.mark.parametrize(
    ("music", "wanted"),
    [
        ("G2>[ce]2", [3, 1, 1]),
        ("G2>z2B", [3, 1]),
        ("G/>c1/2", [0.75, 0.25]),
        ("G3/2>[cA]3/2", [2.25, 0.75, 0.75]),
        ("G>{d/}c", [1.5, 0.5]),
    ],
)
def test_a_broken_rhythm_between_equal_lengths_of_any_spelling(music, wanted):
    found = tune(music)
    assert lengths(found) == wanted
    assert not found.source.warnings


def test_broken_rhythm_of_chords_and_rests():
    found = tune("[CE]>[DF] z<C C>z D")
    assert starts(found) == [0, 0, 1.5, 1.5, 2.5, 4, 6]
    assert lengths(found) == [1.5, 1.5, 0.5, 0.5, 1.5, 1.5, 1]
    assert "without a note before it" in warnings(tune("|>C"))


def test_rests_of_every_kind():
    assert starts(tune("z C x/ D Z E Z2 F X G", M="3/4")) == [1, 2.5, 6.5, 13.5, 17.5]


def test_grace_notes_take_no_time_and_are_kept():
    text = abc("{cd}C2 {/^f}D{gfg}E", K="G").encode()
    (found,), sequence = tunes(text, "a.abc"), tune("{cd}C2 {/^f}D{gfg}E", K="G")
    assert starts(sequence) == [0, 2, 3]
    assert found.voices[0].graces == [
        (0, (72, 74)),
        (2 * QUARTER, (78,)),
        (3 * QUARTER, (79, 78, 79)),
    ]


def test_chord_symbols_and_annotations_apart():
    music = '"G"C "^slow"D "Am7/e"E "_x""<y"">z""@1,2 w"F| "D  7"C " "D ""E "C""Em"F'
    found = tune(music)
    assert [(round(t * 2, 6), s) for t, s in found.chords.tolist()] == [
        (0, "G"),
        (2, "Am7/e"),
        (4, "D7"),
        (5, ""),
        (6, ""),
        (7, "C"),
    ]
    voice = tunes(abc(music).encode(), "a.abc")[0].voices[0]
    assert [text for _, text in voice.annotations] == ["^slow", "_x", "<y", ">z", "@1,2 w"]
    assert [symbol for _, symbol in voice.alternatives] == ["Em"]


def test_a_fingering_or_a_word_is_no_chord_beside_one():
    voice = tunes(abc('"4""G"C "Fine" "Em"D "Am""2"E "4"F').encode(), "a.abc")[0].voices[0]
    assert [symbol for _, symbol in voice.chords] == ["G", "Em", "Am", "4"]
    assert [symbol for _, symbol in voice.alternatives] == ["4", "Fine", "2"]


def test_old_syntax_of_tune_books():
    assert letters(tune("(uiCD) \\\nEF | GA |")) == "CDEFGA"  # i has no meaning, and is no word
    assert letters(tune("C !fermat:a!D EF |")) == "CDEF"
    old = tune("C +E2G2+ F |")  # a chord
    assert (letters(old), starts(old)) == ("CEGF", [0, 1, 1, 3])


def test_text_that_names_no_chord_is_told():
    told = tune('"4"C "G"D "Slow"E "4"F |').source
    assert told.remarks == ("3 chord symbols without a meaning: '4', 'Slow'",)
    assert told.unplayed == ()
    assert tune('"G"C "N.C."D "^4"E "am"F |').source.remarks == ()


def test_a_chord_before_a_bar_line_gives_way_to_that_of_the_next_note():
    assert tune('"C"C4"D7"|"G"G4').chords["symbol"].tolist() == ["C", "G"]
    assert tune('"C"C4"D7"|G4').chords["symbol"].tolist() == ["C", "D7"]


def test_voices_have_their_own_clock():
    for music in (
        "V:1\nC4|D4|\nV:2\nC,2E,2|\nV:1\nE4|\nV:2\nF,8|",
        "[V:1]C4|D4|E4|\n[V:2]C,2E,2|F,8|",
    ):
        found = tune(music)
        assert (letters(found), pitches(found, 1), starts(found, 1)) == (
            "CDE",
            [48, 52, 53],
            [0, 2, 4],
        )
    found = tune("V:B\nc|\nV:A\nC|", V="A clef=bass octave=-1")
    assert (pitches(found), pitches(found, 1)) == ([48], [72])  # A is written first, in the header
    assert pitches(tune("V:1 transpose=-2\nC")) == [58]
    assert "have different lengths" in warnings(tune("V:1\nC\nV:2\nCC"))


def test_overlays_go_back_to_the_beginning_of_the_bar():
    found = tune("CDEF&c2d2|G4&z2 e2&g4|A4")
    assert [letters(found, i) for i in range(3)] == ["CDEFGA", "cde", "g"]
    assert [starts(found, i) for i in range(3)] == [[0, 1, 2, 3, 4, 8], [0, 2, 6], [4]]
    both = tune("V:1\nC4&E4|\nV:2\nG4|")
    assert [letters(both, i) for i in range(3)] == ["C", "G", "E"]  # behind the voices


def test_signs_without_sound_are_passed_over():
    plain = tune("CDEF|GABc|")
    for music in (
        "!trill!C ~D .E vF|uGTA+fermata+BHc|",
        "C`D`EF|GABc|",
        "CDEF|$GABc|",
        "CD!EF|!GABc|",
        "CyDEyF|GABc|",
        "CDEF|GyABc\n|",
        "(CD)(EF)|.(GA.)Bc|",
        "CDEF|%x\nw:do re mi\nGABc|\nW:text",
        "[r:remark]CD[I:x y]EF|[N:note]GABc|",
        "CD\\\nEF|\\\nGABc|",
        "CDEF|\ns:!3!*\nr:no\nGABc|",
        "U:W=!x!\nWCDEF|GABc|",
        "CD {} EF|GABc|",
    ):
        assert tune(music) == plain, music
        assert not tune(music).source.warnings, music


def test_what_is_odd_is_said_once_a_kind():
    message = tune("CD#EF|GAB@c|\nC#D|").source.warnings
    assert message == (
        "'#' is ignored here (2 times, first in line 6)",
        "'@' is ignored here (line 6)",
    )
    assert "D.S. without a segno" in warnings(tune("CDEF!D.S.!|"))
    assert "m:~g2 makes no sense" in warnings(tune("C", m="~g2"))
    assert "words among the music" in warnings(tune("CD|\nthis is no music\nEF|"))
    assert "0" in warnings(tune("C/0D")) and "too fine" in warnings(tune("C/1000D"))
    high = tune("C C'''''''' D")
    assert starts(high) == [0, 2] and "outside the MIDI pitches" in warnings(high)


def test_notes_are_sorted_and_loud_alike():
    notes = tune("V:1\nEDC|\nV:2\nCDE|").notes
    assert (np.diff(notes["start_time"]) >= 0).all() and notes["pitch"].tolist() == [
        60,
        64,
        62,
        62,
        60,
        64,
    ]
    assert set(notes["velocity"].tolist()) == {80}
