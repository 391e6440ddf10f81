"""The order of playing: repeats, endings and parts; and that it is bounded."""

import time

import pytest

from symgen.errors import ReadError
from symgen.notes.abc.part_order import expand
from tests.notes.abc.tunes import letters, meters, tune


@pytest.mark.parametrize(
    ("music", "wanted"),
    [
        ("|:C4:|D4|", "CCD"),
        ("C4:|D4|", "CCD"),  # from the beginning
        ("C4:|D4:|E4|", "CCDDE"),  # from the last end of a repeat
        ("C4||D4:|", "CDCD"),  # a double bar is no start
        ("|:C4::D4:|", "CCDD"),
        ("|:C4:|:D4:|", "CCDD"),
        ("|:C4:||:D4:|", "CCDD"),
        ("|:C4:| |:D4:|", "CCDD"),
        ("|:C4:|][|:D4:|", "CCDD"),
        ("|::C4::|D4", "CCCD"),
        ("|:::C4:::|", "CCCC"),
        ("|:C4|D4", "CD"),
        ("C4|:D4:|", "CDD"),
        ("|:C4:||:D4:|E4", "CCDDE"),
        ("|:C4|1D4:|2E4|]", "CDCE"),
        ("|:C4|[1D4:|[2E4|]", "CDCE"),
        ("|:C4[1D4:|[2E4|]", "CDCE"),
        ("|:C4|1D4:|[2E4|]", "CDCE"),
        ("|:C4| [1D4:| [2E4|]", "CDCE"),
        ("|:C4|\n[1D4:|\n[2E4|]", "CDCE"),
        ("C4|1D4:|2E4||", "CDCE"),
        ("|:C4|[1D4:||[2E4||", "CDCE"),
        ("|:C4|[1,3D4:|[2,4E4:|F4", "CDCECDCEF"),
        ("|:C4|[1-3D4:|[4E4|]", "CDCDCDCE"),
        ("|:C4|[1-2,4D4:|[3E4:|F4|]", "CDCDCECDF"),
        ("|:C4|[1D4:|E4|]", "CDCE"),  # what follows is the second ending
        ("|:C4|[1D4||[2E4|]", "CDCE"),  # old spelling, without an end of repeat
        ("|:C4|[1D4||[2E4||F4:|", "CDCEFF"),
        (
            "|:C4|[1D4:|[2E4||F4:|",
            "CDCEFF",
        ),  # the double bar ends the second ending; the next repeat begins there
        ("|:C4|[1D4:|[2E4:|F4:|", "CDCEFF"),
        ("|:C4|[1D4:|[2E4|:F4:|", "CDCEFF"),
        ("C4|[1D4:|[2E4||F4|[1G4:|[2A4|]", "CDCEFGFA"),
        ("|:C4|D4|[1E4|F4:|[2G4|A4|]B4", "CDEFCDGAB"),
        ("|:C4:|[2D4|", "CCD"),
        ("|:C4|:D4:|E4:|", "CDDEE"),
        (":|C4:|", "CC"),
        ("|::|C4", "C"),
        ("|:|:C4:|:|", "CC"),
    ],
)
def test_repeats_and_endings(music, wanted):
    assert letters(tune(music)) == wanted


def test_what_makes_no_sense_is_said():
    for music, message in [
        ("|:C4|:D4:|", "inside another"),
        ("|:C4|D4|", "not closed"),
        ("C4|[2D4|", "without a first one"),
        ("C4|[1D4|", "without the end of a repeat"),
    ]:
        assert any(message in w for w in tune(music).source.warnings), music
    assert not tune("|:C4|[1D4:|[2E4|]").source.warnings


@pytest.mark.parametrize(
    ("order", "wanted"),
    [
        ("ABA", "CDC"),
        ("A2B", "CCD"),
        ("(AB)2A", "CDCDC"),
        ("((AB)2.A)2", "CDCDCCDCDC"),
        ("A.B. A", "CDC"),
        ("A0B", "D"),
        ("AC", "CEE"),
        ("(AB", "CD"),
        ("AB)2", "CDD"),
        ("AZB", "CD"),
    ],
)
@pytest.mark.parametrize("field", ["P", "Y"])
def test_orders_of_parts(field, order, wanted):
    assert letters(tune("P:A\nC4|\nP:B\nD4|\nP:C\n|:E4:|", **{field: order})) == wanted


def test_parts_without_order_are_labels_and_an_order_without_parts_is_none():
    assert letters(tune("P:A\nC4|\nP:B\nD4:|")) == "CDCD"
    found = tune("C4:|D4|", P="AB")
    assert letters(found) == "CCD" and any("without parts" in w for w in found.source.warnings)


def test_parts_begin_where_they_are_written():
    assert (
        letters(tune("C4|\nP:A\nD4|\nP:B\nE4:|", P="BA")) == "CEED"
    )  # music before the first part comes first
    assert letters(tune("C2[P:A]D2|E2[P:B]F2|", P="BAB")) == "CFDEF"
    assert (
        letters(tune("P:A\nC4|\nP:B\nD4|\nP:A\nE4|", P="AB")) == "CD"
    )  # the first of a name counts
    found = tune("P:A\nV:1\nC4|\nV:2\nE4|\nP:B\nV:1\nD4|\nV:2\nF4|", P="BA")
    assert (letters(found), letters(found, 1)) == ("DC", "FE")  # of every voice


def test_key_meter_and_length_are_those_of_the_written_place():
    found = tune("P:A\nF4|\nP:B\nK:C\nM:3/4\nL:1/2\nF3/2|\nP:C\nF3/2|", K="G", Y="ABACB", M="4/4")
    assert found.notes["pitch"].tolist() == [66, 65, 66, 65, 65]
    assert meters(found) == [(0, "4/4"), (4, "3/4"), (7, "4/4"), (11, "3/4")]
    assert found.key_signatures.tolist() == [(0, 7, 0), (2, 0, 0), (3.5, 7, 0), (5.5, 0, 0)]


def test_the_order_is_expanded_by_hand():
    assert expand("A(B(CD)2)3") == (list("A" + "BCDCD" * 3), True)
    assert expand("(A") == (["A"], False)
    for bomb in ("(" * 50 + "A" + ")9" * 50, "A10001", "((A9999)9999)9999"):
        with pytest.raises(OverflowError):
            expand(bomb)


@pytest.mark.parametrize(
    ("music", "order", "message"),
    [
        ("P:A\n" + "CDEF|" * 1000, "A9999", "more than 200,000 notes"),
        ("P:A\n" + "z4|" * 1000 + "C", "A9999", "more than 1,000,000 bar lines"),
        ("P:A\nC4|", "A99999", "more than 10,000 parts"),
        ("C100000|C999999999", None, "lasts longer than 100,000 whole notes"),
        ("z999999|" * 99, None, "lasts longer"),
        ("C|" * 200_001, None, "more than 200,000 notes"),
    ],
)
def test_expansion_is_bounded(music, order, message):
    before = time.process_time()
    with pytest.raises(ReadError, match=message):
        tune(music, P=order)
    assert time.process_time() - before < 5


@pytest.mark.parametrize(
    "music",
    [
        "C4:|" * 2000,
        "|:" * 5000 + "C" + ":|" * 5000,
        "C[1D:|[2E:|" * 1000,
        "[|:" * 5000 + "C",
        "[1[32C" * 1000,
        "C&" * 3000,
        "{" * 9000 + "C",
        "[K:" * 60_000 + "C",
        '"a ' * 9000 + "C",
        "!a" * 9000 + "C",
        "(((3" * 3000 + "C",
        "C-" * 9000,
    ],
)
def test_work_is_linear_in_what_is_written(music):
    before = time.process_time()
    tune(music)
    assert time.process_time() - before < 5
