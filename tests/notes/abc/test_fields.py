"""Keys, meters, unit lengths and tempi, in the header and inside a tune."""

import pytest

from symgen.notes.abc import key
from tests.notes.abc.tunes import lengths, letters, meters, pitches, tune

SCALE = "CDEFGAB"
NATURAL = [0, 2, 4, 5, 7, 9, 11]


def altered(text):
    """Return what a key alters, as ABC writes it: "^F ^C"."""
    signs = {-2: "__", -1: "_", 1: "^", 2: "^^"}
    return " ".join(
        signs[a] + letter for letter, a in zip(SCALE, key.parse(text).key.altered, strict=True) if a
    )


@pytest.mark.parametrize(
    ("text", "wanted", "tonic", "mode"),
    [
        ("C", "", 0, 0),
        ("G", "^F", 7, 0),
        ("F", "_B", 5, 0),
        ("C#", "^C ^D ^E ^F ^G ^A ^B", 1, 0),
        ("Cb", "_C _D _E _F _G _A _B", 11, 0),
        ("Bb", "_E _B", 10, 0),
        ("B♭", "_E _B", 10, 0),
        ("F#m", "^C ^F ^G", 6, 1),
        ("Am", "", 9, 1),
        ("A minor", "", 9, 1),
        ("Amin", "", 9, 1),
        ("AMIN", "", 9, 1),
        ("A m", "", 9, 1),
        ("Aaeolian", "", 9, 1),
        ("Gmaj", "^F", 7, 0),
        ("G Major", "^F", 7, 0),
        ("G ionian", "^F", 7, 0),
        ("Ador", "^F", 9, 1),
        ("D Dorian", "", 2, 1),
        ("Emix", "^C ^F ^G", 4, 0),
        ("Amixolydian", "^C ^F", 9, 0),
        ("D phr", "_E _B", 2, 1),
        ("Flyd", "", 5, 0),
        ("Bloc", "", 11, 1),
        ("EbDor", "_D _E _G _A _B", 3, 1),
        ("G# m", "^C ^D ^F ^G ^A", 8, 1),
        ("G#", "^C ^D ^E ^^F ^G ^A ^B", 8, 0),
        ("HP", "^C ^F", 9, 0),
        ("Hp", "^C ^F", 9, 0),
        ("none", "", -1, 0),
        ("", "", -1, 0),
        ("D =c", "^F", 2, 0),
        ("D exp _b ^f", "^F _B", 2, 0),
        ("Dexp_b_e^f", "_E ^F _B", 2, 0),
        ("Amix ^g", "^C ^F ^G", 9, 0),
        ("Dphr ^f", "_E ^F _B", 2, 1),
        ("G clef=bass", "^F", 7, 0),
        ("Am bass", "", 9, 1),
        ("^f _b", "^F _B", -1, 0),
        ("C __b ^^f", "^^F __B", 0, 0),
        ("none ^f", "^F", -1, 0),
    ],
)
def test_keys(text, wanted, tonic, mode):
    found = key.parse(text)
    assert (altered(text), found.key.tonic, found.key.mode) == (wanted, tonic, mode)


@pytest.mark.parametrize(
    "mode",
    [
        "major",
        "minor",
        "dorian",
        "phrygian",
        "lydian",
        "mixolydian",
        "aeolian",
        "ionian",
        "locrian",
    ],
)
def test_every_key_is_that_of_music21(mode):
    keys = pytest.importorskip("music21.key", reason="the extra `score` is not installed")
    for tonic in ["C", "D", "E", "F", "G", "A", "B", "F#", "C#", "Bb", "Eb", "Ab"]:
        peer = keys.Key(tonic.replace("b", "-"), mode)
        if abs(peer.sharps) <= 7:
            wanted = {p.step: int(p.accidental.alter) for p in peer.alteredPitches}
            assert key.parse(f"{tonic}{mode[:3]}").key.altered == tuple(
                wanted.get(letter, 0) for letter in SCALE
            ), tonic


def test_a_key_holds_in_every_octave_and_a_clef_alone_changes_none():
    assert pitches(tune("F,Ff[K:clef=bass]f", K="G")) == [54, 66, 78, 78]
    assert pitches(tune("C", K="C clef=treble-8")) == [48] and pitches(
        tune("C", K="C treble+8")
    ) == [72]
    assert pitches(tune("C[K:C octave=1]C", K="C transpose=-3")) == [57, 69]  # 4.6: independent


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("4/4", "4/4"),
        ("6/8", "6/8"),
        ("C", "4/4"),
        ("C|", "2/2"),
        (" 3 / 4 ", "3/4"),
        ("2+3/8", "5/8"),
        ("(2+3)/8", "5/8"),
        ("(3+2+3)/8", "8/8"),
        ("6/8 3/4", "6/8"),
        ("12/8", "12/8"),
    ],
)
def test_meters(text, wanted):
    found = tune("C", M=text)
    assert meters(found) == [(0, wanted)] and not found.source.warnings


@pytest.mark.parametrize("text", ["none", None, ""])
def test_free_meter_has_no_rows(text):
    found = tune("C3|DEFGA|", M=text)
    assert meters(found) == [] and found.first_bar_time == 0 and not found.source.warnings


@pytest.mark.parametrize(
    ("meter", "unit"),
    [
        ("2/4", 0.25),
        ("3/4", 0.5),
        ("6/8", 0.5),
        ("5/8", 0.25),
        ("C", 0.5),
        ("none", 0.5),
        (None, 0.5),
        ("2+3/8", 0.25),
    ],
)
def test_the_unit_without_L_follows_the_meter_of_the_header(meter, unit):
    assert lengths(tune("C", M=meter, L=None)) == [unit]
    assert lengths(tune("M:2/4\nC", M="4/4", L=None)) == [
        0.5
    ]  # what comes after K: changes no length


def test_lengths_and_meters_change_inside_a_tune():
    found = tune("C|[L:1/8]D\nL:1/16\nE[L:1]F[M:3/4]G|\nM:6/8\nA", L="1/4")
    assert lengths(found) == [1, 0.5, 0.25, 4, 4, 4]
    assert meters(tune("C4|\nM:3/4\nC3|[M:6/8]C3|C3|\nM:C|\nC4|")) == [
        (0, "4/4"),
        (4, "3/4"),
        (7, "6/8"),
        (13, "2/2"),
    ]


def test_keys_change_inside_a_tune():
    found = tune("F|[K:D]F|\nK:Bbm\nF|")
    assert pitches(found) == [65, 66, 65]
    assert found.key_signatures.tolist() == [(0, 0, 0), (0.5, 2, 0), (1, 10, 1)]
    assert tune("F|[K:none]F|[K:C]F").key_signatures.tolist() == [(0, 0, 0), (1, 0, 0)]


@pytest.mark.parametrize(
    ("text", "qpm"),
    [
        ("1/4=120", 120),
        ("1/8=120", 60),
        ("3/8=80", 120),
        ("1/4 3/8 1/4 3/8=40", 200),
        ('"Allegro" 1/4=90', 90),
        ('1/4=90 "Andante"', 90),
        ("1/2=60.5", 121),
        ("120", 60),
        ("C=100", 50),
        ("C3=40", 60),
        ("C2 = 100", 100),
        ("3/8 = 80", 120),
    ],
)
def test_tempi(text, qpm):
    found = tune("C2", Q=text, L="1/8")
    assert found.tempos.tolist() == [(0, qpm)] and not found.source.warnings
    assert found.total_time == pytest.approx(60 / qpm)


def test_tempi_change_inside_a_tune_and_go_with_the_place():
    found = tune("C4|[Q:1/4=60]D4|\nQ:1/4=240\nE4:|")
    assert found.tempos.tolist() == [(0, 120), (2, 60), (6, 240), (7, 120), (9, 60), (13, 240)]
    assert found.notes["start_time"].tolist() == [0, 2, 6, 7, 9, 13] and found.total_time == 14
    assert tune("C4|", Q='"Slowly"').tempos.tolist() == []


@pytest.mark.parametrize(
    "field",
    [
        "M:zz/9",
        "M:0/4",
        "M:4/3",
        "M:999/4",
        "L:1/0",
        "L:x",
        "L:99",
        "K:Q#",
        "K:Gfoo",
        "Q:fast",
        "Q:1/4=0",
        "Q:=",
        "Q:1/0=60",
    ],
)
def test_what_makes_no_sense_is_passed_over_and_said(field):
    letter, value = field.split(":")
    found = tune("CDE", **{letter: value})
    assert letters(found) == "CDE"
    assert any(f"{letter}:{value} makes no sense" in w for w in found.source.warnings)
    assert any("makes no sense" in w for w in tune(f"[{field}]C").source.warnings)
