"""The order of playing beyond repeats: jumps, endings of parts, bar lines in odd spellings."""

import pytest

from tests.notes.abc.tunes import lengths, letters, tune


def warnings(sequence):
    return " / ".join(sequence.source.warnings)


@pytest.mark.parametrize(
    ("music", "wanted"),
    [
        ("C4|D4!fine!|E4|F4!D.C.!|]", "CDEFCD"),
        ("C4|D4|!fine!E4|F4!dacapo!|]", "CDEFCDE"),  # at the end of its bar
        ("C4|D4|E4!D.C.!|]", "CDECDE"),
        ("C4|D4|E4|!D.C.!", "CDECDE"),
        ("C4|D4|E4!D.C.!|F4|]", "CDECDEF"),
        ("C4|!segno!D4|!fine!E4|F4!D.S.!|]", "CDEFDE"),
        ("C4|SD4|E4!fine!|F4!D.S.alfine!|G4|]", "CDEFDE"),
        ("C4|D4!dacoda!|E4!D.C.!||!coda!F4|]", "CDECDF"),
        ("C4|D4!coda!|E4!D.C.alcoda!||!coda!F4|G4|]", "CDECDFG"),
        ("C4|SD4|OE4|F4!D.S.alcoda!|OG4|]", "CDEFDG"),
        # what comes again has no repeats, and the last endings
        ("|:C4|D4!fine!:|E4|F4!D.C.!|]", "CDCDEFCD"),
        ("|:C4|[1D4:|[2E4|]F4|G4!D.C.!|]", "CDCEFGCEFG"),
        ("C4|:D4:|E4!D.C.!|]", "CDDECDE"),
        # a jump at the end of a repeat is taken after it
        ("C4|:D4|E4!D.C.!:|", "CDEDECDE"),
        # the coda has repeats of its own
        ("C4!coda!|D4!D.C.!||!coda!|:E4:|", "CDCEE"),
        # a symbol line
        ("C4|D4|E4|F4|]\ns:*!fine!*!D.C.!", "CDEFCD"),
        # several jumps, each taken once: a dance with two trios
        ("C4!fine!|D4!D.C.!|E4!D.C.alfine!|]", "CDCEC"),
        ("C4!D.C.!|D4!D.C.!|", "CCDCD"),
        ("C4|D4!D.C.!|E4|F4!D.C.!|]", "CDCDEFCDEF"),
        ("SC4|D4!D.S.!|SE4|F4!D.S.!|]", "CDCDEFEF"),  # the last segno before it
        ("C4!fine!|D4!D.C.!|:E4:|F4!D.C.!|]", "CDCEEFC"),
        # a jump over which the coda leads is not taken
        ("C4!dacoda!|D4!D.C.alcoda!|E4!D.C.!|!coda!F4|]", "CDCF"),
        ("C4!dacoda!|D4!D.C.alcoda!|!coda!E4!D.C.!|F4|]", "CDCECEF"),
    ],
)
def test_jumps(music, wanted):
    found = tune(music)
    assert letters(found) == wanted
    assert not found.source.warnings


def test_jumps_that_cannot_be_taken_are_said():
    assert "D.S. without a segno" in warnings(tune("C4|D4!D.S.!|"))
    assert "order of parts" in warnings(tune("P:A\nC4!D.C.!|\nP:B\nD4|", P="AB"))


def test_a_jump_holds_in_every_voice():
    found = tune("[V:1]C4|D4!fine!|E4!D.C.!|\n[V:2]c4|d4|e4|")
    assert [letters(found, i) for i in range(2)] == ["CDECD", "cdecd"]


def test_a_jump_in_quotation_marks_is_counted():
    found = tune('C4|"D.C."D4|"_D.S. al Fine"E4|"Dm"F4|"^Segno"G4|')
    assert found.source.unplayed == ("2 D.C. or D.S. in quotation marks left out",)


@pytest.mark.parametrize(
    ("music", "order", "wanted"),
    [
        ("P:A\nC4|[1D4:|[2E4:|[3F4:|[4G4|]", "A4", "CDCECFCG"),  # the example of 4.10
        ("P:A\nC4|[1D4:|[2E4|]", "A2", "CDCE"),
        ("P:A\nC4|[1D4:|[2E4|]\nP:B\nF4|", "AAB", "CDCEF"),
        ("P:A\n|:C4|[1,2D4:|[3E4|]", "A3", "CDCDCE"),
        # a repeat of its own in each part
        ("P:A\nC4|[1D4:|[2E4|]\nP:B\nF4|", "ABA", "CDCEFCDCE"),
        ("P:A\n|:C4|[1D4:|[2E4|]", "A2", "CDCECDCE"),
    ],
)
def test_endings_of_a_part_that_is_played_several_times(music, order, wanted):
    assert letters(tune(music, P=order)) == wanted


@pytest.mark.parametrize(
    ("music", "wanted"),
    [
        ("|:C4|D4[|]:|E4|", "CDCDE"),  # an invisible bar line and the end of a repeat (4.8)
        ("|:C4|D4|]:|E4|", "CDCDE"),
        ("|:C4[|]:|\\\n|:D4[|]:|", "CCDD"),
        ("|:C4|1D4:|2E4|]:|", "CDCE"),
        ("C4.|D4|", "CD"),
        ("|:C4|\\\n1D4:|2E4|]", "CDCE"),  # 6.1.1: a backslash joins two lines
        ("|:C4|\\ %remark\nw:la\n [1D4:|\\\n2E4|]", "CDCE"),
    ],
)
def test_bar_lines_and_endings_in_odd_spellings(music, wanted):
    assert letters(tune(music)) == wanted


@pytest.mark.parametrize(
    ("music", "wanted"),
    [
        ("C3D>|EF3|", [3, 1.5, 0.5, 3]),
        ("C3D<|EF3|", [3, 0.5, 1.5, 3]),
        ("C3(3DE|FG3|", [3, 2 / 3, 2 / 3, 2 / 3, 3]),
        ("C2(3:2:2DE|(3FGA|", [2, 2 / 3, 2 / 3, 2 / 3, 2 / 3, 2 / 3]),
    ],
)
def test_broken_rhythm_and_tuplets_go_on_over_a_bar_line(music, wanted):
    assert lengths(tune(music)) == pytest.approx(wanted, abs=1e-6)
