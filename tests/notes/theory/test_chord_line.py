"""Chord symbols as they are typed: bar lines, repeats, and the length of the piece."""

import pytest

from symgen.errors import BadOption
from symgen.notes.theory.chord_line import symbols
from symgen.sampling.request.request import ask
from symgen.sampling.request.structure import Structure
from symgen.sampling.tunes.plan import planned
from tests.sampling.fiddler import planned_draw, tunes


def cells(text):
    return " ".join(":".join(cell) for cell in symbols(text).cells)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("G C | D", "G:C D"),
        ("| G | C |", "G C"),
        ("|: G | C :|", "G C"),
        ("G || C |]", "G C"),
        ("[| G | C :|: D | G :|", "G C D G"),
        ("[G C D]", "G C D"),
        ("G | % | D7", "G G D7"),
        ("G C | % | D7 %", "G:C G:C D7:D7"),
        ("G % D", "G G D"),
        ("G | | D", "G G D"),
        ("G | | | D", "G G G D"),
        (" | | G", "G G"),
    ],
)
def test_bar_lines_and_repeats(text, expected):
    assert cells(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("||", "holds no chord symbol"),
        ("% | %", "holds no chord symbol"),
        ("% | G", "the first has none before it"),
        ("G Hx", "'Hx' is not a chord"),
        ("G " + "x" * 500, r"^.{,200}$"),
        ("G" * 5000, r"^.{,200}$"),
        ("C" + "(add9)" * 20, "is not a chord"),
    ],
)
def test_what_is_no_chord_is_said_in_a_line(text, message):
    with pytest.raises(BadOption, match=message):
        symbols(text)


@pytest.mark.parametrize(
    ("text", "bars"),
    [
        ("G | C | D | G | Em", 5),
        ("G", 32),
        ("G C D7 G", 32),
        (" ".join(["G", "C"] * 80), 160),
        ("|: G | C :|", 2),
    ],
)
def test_bar_lines_make_the_length(text, bars):
    [sample] = planned_draw(tunes(), chords=text, seed=1)
    assert sample.measured["bars"] == bars


@pytest.mark.parametrize(
    ("text", "bars", "messages"),
    [
        ("G C D7 G", 8, ["chords: 4 bars of them, 2 times in 8 bars"]),
        ("G C D7", 8, ["chords: 3 bars of them, 2 times in 8 bars, and the first 2 once more"]),
        ("G C", 2, None),
        ("G", 8, None),
    ],
)
def test_how_often_chords_go_round_is_said(text, bars, messages):
    [sample] = planned_draw(tunes(), chords=text, bars=bars, seed=1)
    assert sample.measured.get("messages") == messages


def played(**options):
    [sample] = planned_draw(tunes(), seed=1, **options)
    return sample.sequence.chords["symbol"].tolist()


def test_more_bars_of_chords_than_there_are_cannot_be():
    with pytest.raises(BadOption, match="5 bars of chords for 4 bars of music; use --bars 5"):
        played(chords="G | C | D | G | Em", bars=4)
    with pytest.raises(BadOption, match="the chords make 2001 bars"):
        played(chords="G " * 2001)


def test_a_stream_without_an_end_has_no_chords_given():
    model = tunes()
    with pytest.raises(
        BadOption, match="chords need an end, and this stream has none; set bars or seconds too"
    ):
        planned(ask(seconds=None, shape=Structure(chords="G C")), model.encoding, endless=True)
    assert (
        planned(
            ask(seconds=None, shape=Structure(chords="G C", bars=2)), model.encoding, endless=True
        ).plan.bars
        == 2
    )


def test_what_repeats_has_the_same_chords():
    with pytest.raises(
        BadOption,
        match="bar 3 has D, but it repeats bar 1, which has G, in form AA; give 2 bars of chords "
        "for one strain",
    ):
        played(chords="G C D Em", form="AA", bars=4)
    assert played(chords="G C", form="AA", bars=4) == ["G", "C", "G", "C"]
    assert played(chords="G C G C", form="AA", bars=4) == ["G", "C", "G", "C"]
    assert played(chords="G C D Em", form="AB", bars=4) == ["G", "C", "D", "Em"]
    [sample] = planned_draw(tunes(), chords="G C D Em", form="AABB", bars=8, seed=1)
    assert sample.sequence.chords["symbol"].tolist() == ["G", "C", "G", "C", "D", "Em", "D", "Em"]
    assert sample.measured["messages"] == [
        "chords: 4 bars of them, 2 for each of the strains A, B of form AABB"
    ]


def test_what_was_typed_stays():
    assert played(chords="F#dim/C | G13 | Gb7 | N.C. | Cmaj7 G", bars=5) == [
        "F#dim/C",
        "G13",
        "Gb7",
        "N.C.",
        "Cmaj7",
        "G",
    ]
    assert played(chords=["G", "C"], bars=2) == ["G", "C"]
    assert played(chords="N.C. | G", bars=2) == ["G"]


@pytest.mark.parametrize(
    ("key", "symbol"), [("Eb", "Ab"), ("E", "G#"), ("Am", "G#"), ("Fm", "Ab"), ("C", "Ab")]
)
def test_chords_are_named_as_the_key_has_them(key, symbol):
    """A model that always has the chord on the pitch class 8, whatever its vocabulary calls it."""
    model = tunes()
    model.player.chord[:, 1 + 8] = 40
    [sample] = planned_draw(model, bars=4, key=key, seed=1, cadence=False)
    assert symbol in sample.sequence.chords["symbol"].tolist()


def test_a_cadence_leads_from_the_dominant_to_the_tonic():
    def end(chords, **options):
        [sample] = planned_draw(tunes(), bars=4, chords=chords, seed=1, **options)
        return {
            name: sample.measured[name] for name in ("cadence", "ends") if name in sample.measured
        }

    assert end("G C D7 G", key="G") == {"cadence": "D7 G"}
    assert end("G C D7/F# G6", key="G") == {"cadence": "D7/F# G6"}
    assert end("Am G C Am", key="Am") == {"ends": "C Am"}
    assert end("D G D Bm", key="D") == {"ends": "D Bm"}
    assert end("Dm Dm C Dm", key="D dorian") == {"cadence": "C Dm"}
    assert end("G G G G", key="G") == {"ends": "G"}
