"""What signs and directives do to the sound: dynamics, %%MIDI, macros, symbol lines, overlays."""

import pytest

from symgen.notes import read_bytes
from tests.notes.abc.tunes import abc, lengths, letters, pitches, starts, tune


def column(sequence, name, instrument=0):
    return sequence.notes[name][sequence.notes["instrument"] == instrument].tolist()


def test_dynamics_are_velocities():
    found = tune("C!p!DE|!ff![CE]|+f+F!fff!G!ppp!A", U="p=!pp!")
    assert column(found, "velocity") == [90, 60, 60, 120, 120, 105, 127, 30]  # 4.14
    assert column(tune("CpD|", U="p=!pp!"), "velocity") == [90, 45]
    assert column(tune("C!crescendo(!DE!crescendo)!|"), "velocity") == [80, 80, 80]
    both = tune("[V:1]!p!C4|\n[V:2]E4|")
    assert (column(both, "velocity"), column(both, "velocity", 1)) == ([60], [80])


def test_signs_that_change_the_sound_are_counted():
    found = tune("!trill!CTD|~E!<(!F!<)!|HG.A!>!B!2!c|\nw:la la", U="W=!trill!")
    assert found.source.unplayed == (
        "2 trills left out",
        "1 roll left out",
        "1 crescendo left out",
        "1 fermata left out",
        "1 staccato dot left out",
        "1 accent left out",
        "1 lyric line left out",
    )


def test_unknown_signs_are_counted_by_name():
    found = tune("!wobble!C!wobble!D+buzz+EK!2!!shortphrase!!crescendo)!kF|\ns:!hum!", U="k=!nil!")
    assert found.source.left_out == {
        "!wobble! decorations": 2,
        "!buzz! decorations": 1,
        "K signs": 1,
        "!hum! decorations": 1,
    }
    many = tune("".join(f"!x{n}!C" for n in range(60)))
    assert many.source.left_out["other decorations"] == 10 and len(many.source.left_out) == 51


@pytest.mark.parametrize(
    ("text", "drums"),
    [
        ("K:C clef=perc\nCD|\n", [True, True]),
        ("K:perc\nCD|\n", [True, True]),
        ("K:C\nV:1 clef=perc transpose=2\nCD|\n", [True, True]),
        ("K:C\nC[K:clef=perc]D|\n", [False, True]),
        ("K:C clef=perc\nC[K:clef=bass]D|\n", [True, False]),
        ("K:C clef=perc\n%%MIDI channel 3\nCD|\n", [False, False]),
        ("K:C clef=treble\n%%MIDI channel 10\nCD|\n", [True, True]),
    ],
)
def test_a_clef_of_percussion_is_of_drums(text, drums):
    [(_, found)] = read_bytes(f"X:1\nM:2/4\nL:1/4\n{text}".encode(), "x.abc")
    assert column(found, "is_drum") == drums
    assert pitches(found) == [60, 62]


def test_drums_are_played_as_the_map_says():
    lines = "%%MIDI drummap C 36\n%%MIDI drummap ^D 38\n%%MIDI drummap no 38\n"
    text = f"X:1\nM:4/4\nL:1/4\nK:C clef=perc\n{lines}C^DE2|\n[K:clef=treble]C4|\n"
    [(_, found)] = read_bytes(text.encode(), "x.abc")
    assert pitches(found) == [36, 38, 64, 60]
    assert found.source.left_out == {"%%MIDI drummap lines": 1}


def test_letters_can_be_defined_anew():
    found = tune("nCnDnEnF\nTGAB", U="n=!tenuto!\nU:T=!nil!")
    assert letters(found) == "CDEFGAB" and not found.source.warnings
    assert found.source.unplayed == ("4 tenuto marks left out",)
    assert tune("pCD|", U='p="G"').chords.tolist() == [(0, "G")]


@pytest.mark.parametrize(
    ("lines", "music", "programs", "drums"),
    [
        ("%%MIDI program 40\n", "CD|", [40, 40], [False, False]),
        ("", "C[I:MIDI program 40]D|", [0, 40], [False, False]),
        ("", "C|\nI:MIDI=program 40\nD|", [0, 40], [False, False]),
        ("", "C|\n%%MIDI channel 10\nD|", [0, 0], [False, True]),
        ("%%MIDI program 300\n", "CD|", [0, 0], [False, False]),
    ],
)
def test_programs_and_drums(lines, music, programs, drums):
    text = abc(music).replace("K:C\n", lines + "K:C\n").encode()
    [(_, found)] = read_bytes(text, "x.abc")
    assert column(found, "program") == programs and column(found, "is_drum") == drums


@pytest.mark.parametrize(
    ("lines", "programs"),
    [
        ("%%MIDI voice B instrument=74\n%%MIDI voice A instrument=59\n", (58, 73)),
        ("%%MIDI program 40\n", (40, 40)),
        ("%%MIDI program 2 40\n", (0, 40)),
        ("%%MIDI program 7\n%%MIDI voice B instrument=1\n", (7, 0)),
    ],
)
def test_programs_of_voices(lines, programs):
    text = abc("[V:A]C|\n[V:B]c|").replace("K:C\n", f"V:A\nV:B\n{lines}K:C\n").encode()
    [(_, found)] = read_bytes(text, "x.abc")
    assert (column(found, "program"), column(found, "program", 1)) == tuple([p] for p in programs)


def test_midi_transpose_goes_with_that_of_the_key():
    assert pitches(tune("C|\n%%MIDI transpose 2\nC|\n%%MIDI rtranspose 2\nC|\n[K:t=-1]C")) == [
        60,
        62,
        64,
        63,
    ]
    assert tune("%%MIDI gchord fzczcz\n%%MIDI gchord fz\nC").source.unplayed == (
        "2 %%MIDI gchord lines left out",
    )
    assert len(tune("%%MIDI voice B mute\n[V:A]C4|\n[V:B]E4|")) == 1


@pytest.mark.parametrize(
    ("macro", "music", "wanted"),
    [
        ("~g2 = {a}g{f}g", "~g2 ~c2|", [79, 79, 72]),
        ("~n2 = n{o}n/{m}n/", "~G2~c2|", [67, 67, 67, 72, 72, 72]),
        ("~n3 = nom", "~B3 ~C3|", [71, 72, 69, 60, 62, 59]),  # over the octave, both ways
        ("~n2 = no", "~B,2 ~c'2 ~c3", [59, 60, 84, 86, 72]),
        ("T=c2 = c/d/c/B/", "T=c2 c2", [72, 74, 72, 71, 72]),
        ("Zz2 = ga", '"Zz2"Zz2', [79, 81]),
    ],
)
def test_macros(macro, music, wanted):
    found = tune(music, m=macro, M="none")
    assert pitches(found) == wanted and not found.source.warnings


@pytest.mark.parametrize(
    ("music", "chords"),
    [
        ('CDEF|GABc|\ns:"C"*"Am"*|"G7"**"C"', [(0, "C"), (1, "Am"), (2, "G7"), (3.5, "C")]),
        ('CzDE|\ns:"C""D"', [(0, "C"), (1, "D")]),  # no rests
        ('{a}C[EG]-[EG]D|\ns:"C"*"Em""D"', [(0, "C"), (1, "Em"), (1.5, "D")]),
        ('CD|EF|\ns:"C"|"Em"', [(0, "C"), (1, "Em")]),
        ('CD|\ns:"C"\nEF|\ns:"Em"', [(0, "C"), (1, "Em")]),  # each from its own line
        ('CD|\nEF|\ns:"C"**"F"', [(0, "C"), (1.5, "F")]),  # from the first without one
        ('CD|\ns:"C"\ns:*"D"', [(0, "C"), (0.5, "D")]),  # stacked
        ('CD|\ns:"C"\n+:"D"', [(0, "C"), (0.5, "D")]),
        ('|:CD:|\ns:"C""D"', [(0, "C"), (0.5, "D"), (1, "C"), (1.5, "D")]),
    ],
)
def test_symbol_lines(music, chords):
    assert tune(music).chords.tolist() == chords


def test_dynamics_of_a_symbol_line():
    assert column(tune("CDEF|\ns:!p!*!f!"), "velocity") == [60, 60, 105, 105]


def test_overlays_of_several_bars():
    found = tune("g2f2|e3e|\n&&(d4|c3)c|f4|")
    assert [letters(found, i) for i in range(2)] == ["gfeef", "dcc"]
    assert starts(found, 1) == [0, 4, 7] and starts(found)[-1] == 8
    found = tune("C4|D4&&E4|F4|G4|")
    assert [letters(found, i) for i in range(2)] == ["CDG", "EF"] and starts(found)[-1] == 8
    found = tune("|:g4|e4:|\n&&d4|c4|")
    assert [letters(found, i) for i in range(2)] == ["gege", "dcdc"]
    assert starts(found, 1) == [0, 4, 8, 12]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("V:Cl\nK:C transpose=-2\n[V:Cl]CDEF|", [58, 60, 62, 63]),  # the example of 4.6
        ("V:T name=Tenor\nK:C clef=treble-8\n[V:T]C|", [48]),
        ("V:1 t=-2\nK:C\n[V:1]C|", [58]),
        ("K:C t=-3\nC|", [57]),
        ("V:1 octave=1\nK:C transpose=-2\n[V:1]C|", [70]),  # each is independent (4.6)
        ("V:1 transpose=1\nK:C transpose=-2\n[V:1]C|", [61]),
        ("K:C\nC[K:clef=treble-8]C[K:clef=treble]C|", [60, 48, 60]),
        ("K:C\nC[K:treble-8]C[K:G]C|", [60, 48, 48]),
        ("K:C\nC[K:octave=-1]C[K:bass]C[K:octave=0]C|", [60, 48, 48, 60]),
    ],
)
def test_clefs_and_transposition(text, wanted):
    [(_, found)] = read_bytes(f"X:1\nM:4/4\nL:1/4\n{text}\n".encode(), "x.abc")
    assert pitches(found) == wanted


def test_fields_before_the_first_voice_are_of_every_voice():
    found = tune("L:1/8\nK:D\nV:1\nCF|\nV:2\nFC|")
    assert [lengths(found, i) for i in range(2)] == [[0.5, 0.5]] * 2
    assert [pitches(found, i) for i in range(2)] == [[61, 66], [66, 61]]
    first = tune("V:1\nL:1/8\nCF|\nV:2\nFC|")
    assert [lengths(first, i) for i in range(2)] == [[0.5, 0.5], [1, 1]]


def test_music_before_the_first_voice_is_of_voice_1():
    found = tune("CDEF|\nV:1\nGABc|\nV:2\nCDEF|CDEF|")
    assert [letters(found, i) for i in range(2)] == ["CDEFGABc", "CDEFCDEF"]
    apart = tune("CDEF|\nV:2\nGABc|")
    assert [letters(apart, i) for i in range(2)] == ["CDEF", "GABc"]


def test_line_breaks_by_exclamation_marks():
    assert letters(tune("CD!EF!GABc|", I="linebreak !")) == "CDEFGABc"
    assert letters(tune("CD!EF!GABc|")) == "CDEFGABc"  # the old way (10.2.1)
    assert column(tune("CD!+f+EF!GA|", I="decoration +"), "velocity")[-2:] == [105, 105]
    assert tune('"^!"C"!"D!E', I="linebreak !").chords.tolist() == [(0.5, "!")]
