"""Chord symbols, as symgen.notes.chords reads them."""

import pytest

from symgen.notes import chords
from symgen.notes.musicxml.harmony import KINDS
from tests.notes.musicxml.scores import QUARTERS, note, part, played, read, score


def harmony(root="C", kind="major", inside="", text=None):
    alter = root.count("#") - root[1:].count("b")
    named = "" if text is None else f' text="{text}"'
    return (
        f"<harmony><root><root-step>{root[0]}</root-step><root-alter>{alter}</root-alter></root>"
        f"<kind{named}>{kind}</kind>{inside}</harmony>"
    )


def degree(value, alter, how):
    return (
        f"<degree><degree-value>{value}</degree-value><degree-alter>{alter}</degree-alter>"
        f"<degree-type>{how}</degree-type></degree>"
    )


def symbols(*contents):
    return played(QUARTERS + "".join(contents) + note("C5")).chords["symbol"].tolist()


def heard(*contents):
    return [chords.parse(symbol)[:] for symbol in symbols(*contents)]


def test_flats_and_a_bass():
    bass = "<bass><bass-step>A</bass-step><bass-alter>-1</bass-alter></bass>"
    assert symbols(harmony("Bb")) == ["Bb"]
    assert symbols(harmony("Eb", "dominant", text="7")) == ["Eb7"]
    assert symbols(harmony("Ab", "major-seventh")) == ["Abmaj7"]
    assert symbols(harmony("F", "minor", bass)) == ["Fm/Ab"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_parsed(kind):
    ((root, found, bass),) = heard(harmony("Bb", kind))
    assert (root, found) == (10, KINDS[kind])
    assert bass == (2 if kind == "Neapolitan" else 10)


@pytest.mark.parametrize(
    ("kind", "degrees", "found"),
    [
        ("dominant", [(9, -1, "add")], "7b9"),
        ("dominant", [(9, 1, "add")], "7#9"),
        ("dominant", [(5, -1, "alter")], "7b5"),
        ("dominant", [(5, 1, "alter")], "aug7"),
        ("dominant", [(11, 1, "add")], "7#11"),
        ("dominant-ninth", [(9, -1, "alter")], "7b9"),
        ("major", [(9, 0, "add")], "add9"),
        ("minor", [(9, 0, "add")], "madd9"),
        ("minor", [(7, 0, "add")], "m7"),
        ("minor", [(7, 1, "add")], "mM7"),
        ("suspended-fourth", [(7, 0, "add")], "7sus4"),
        ("dominant", [(4, 0, "add"), (3, 0, "subtract")], "7sus4"),
        ("major", [(3, 0, "subtract")], "5"),
        ("minor-seventh", [(5, -1, "alter")], "m7b5"),
        ("major-seventh", [(5, 1, "alter")], "maj7#5"),
        ("major-sixth", [(9, 0, "add")], "69"),
        ("dominant-13th", [(11, 1, "alter")], "13#11"),
        ("dominant", [(5, 1, "alter"), (9, -1, "add")], "7#5b9"),
    ],
)
def test_degrees(kind, degrees, found):
    assert heard(harmony("D", kind, "".join(degree(*d) for d in degrees))) == [(2, found, 2)]


def test_a_chord_without_a_name_keeps_its_degrees():
    both = degree(9, -1, "add") + degree(13, -1, "add")
    assert symbols(harmony("C", "dominant", both)) == ["C7(b9b13)"]


@pytest.mark.parametrize(
    ("text", "found"), [("m7b5", "m7b5"), ("sus4", "sus4"), ("", ""), ("(maj7)", "maj7")]
)
def test_another_kind_is_read_by_its_text(text, found):
    assert heard(harmony("G", "other", text=text)) == [(7, found, 7)]


def test_a_text_that_names_no_chord_is_kept():
    assert symbols(harmony("G", "other", text="7xyz")) == ["G7xyz"]


def test_no_chord():
    assert symbols("<harmony><kind>none</kind></harmony>") == ["N.C."]
    assert chords.known_as_none("N.C.")


def test_an_inversion_has_a_bass():
    assert symbols(harmony("C", "minor", "<inversion>1</inversion>")) == ["Cm/Eb"]
    assert symbols(harmony("C", "dominant", "<inversion>3</inversion>")) == ["C7/Bb"]


def test_chords_of_a_transposing_part_sound():
    clarinet = (
        "<attributes><transpose><diatonic>-1</diatonic><chromatic>-2</chromatic></transpose>"
        "</attributes>"
    )
    bass = "<bass><bass-step>F</bass-step><bass-alter>1</bass-alter></bass>"
    assert symbols(clarinet, harmony("D", "dominant", bass)) == ["C7/E"]
    assert symbols(clarinet, harmony("C")) == ["Bb"]
    alto = "<attributes><transpose><chromatic>-9</chromatic></transpose></attributes>"
    assert symbols(alto, harmony("A")) == ["C"]


def test_a_chord_is_at_the_cursor_and_its_offset():
    moved = harmony("G", inside="<offset>2</offset>")
    sequence = played(QUARTERS + harmony("C") + moved + note("C5") + harmony("F") + note("C5"))
    assert sequence.chords.tolist() == [(0.0, "C"), (0.25, "G"), (0.5, "F")]


def test_the_first_part_with_a_chord_counts():
    one, two = (part(QUARTERS + harmony(root) + note("C5")) for root in "CG")
    assert read(score(one, two)).chords["symbol"].tolist() == ["C"]


def test_a_chord_without_a_root_is_left_out():
    sequence = played(QUARTERS + "<harmony><kind>major</kind></harmony>" + note("C5"))
    assert not len(sequence.chords)
    assert sequence.source.unplayed == ("1 rootless chord symbol left out",)
