"""The order of playing: each measure is a whole note, and its letter is its name."""

import pytest

from symgen.errors import ReadError
from tests.notes.abc.tunes import letters, tune
from tests.notes.musicxml.scores import (
    BACK,
    COMMON,
    FORTH,
    barline,
    direction,
    note,
    part,
    played,
    read,
    rows,
    score,
    tied,
    words,
)


def bars(*measures, letters="CDEFGAB"):
    """Return the measures with a whole note each, in the order of `letters`.

    A measure is what stands before its note, "|", and what stands after it.
    """
    out = []
    for letter, inside in zip(letters, measures, strict=False):
        before, _, after = inside.partition("|")
        out.append(before + note(f"{letter}5", 16) + after)
    return [COMMON + out[0], *out[1:]]


def order(*measures):
    names = {72: "C", 74: "D", 76: "E", 77: "F", 79: "G", 81: "A", 83: "B"}
    sequence = played(*bars(*measures))
    assert [n["start_time"] for n in sequence.notes] == [2.0 * i for i in range(len(sequence))]
    return "".join(names[int(pitch)] for pitch in sequence.notes["pitch"])


def first(numbers, kind="start"):
    return barline(f'<ending number="{numbers}" type="{kind}"/>', "left")


def last(numbers, back=True, kind="stop"):
    inside = f'<ending number="{numbers}" type="{kind}"/>'
    return barline(inside + ('<repeat direction="backward"/>' if back else ""))


def sound(**attributes):
    return "<sound " + " ".join(f'{k}="{v}"' for k, v in attributes.items()) + "/>"


def back(**attributes):
    said = " ".join(f'{k.replace("_", "-")}="{v}"' for k, v in attributes.items())
    return barline(f'<repeat direction="backward" {said}/>')


def test_as_written():
    assert order("", "", "") == "CDE"


def test_a_repeat():
    assert order("", f"|{BACK}", "") == "CDCDE"
    assert order("", FORTH, f"|{BACK}", "") == "CDEDEF"


def test_a_second_repeat_begins_after_the_first():
    assert order(f"|{BACK}", f"|{BACK}", "") == "CCDDE"


def test_a_repeat_is_played_as_often_as_it_says():
    assert order(f"|{back(times=3)}", "") == "CCCD"


def test_endings():
    assert order("", first(1) + "|" + last(1), first(2) + "|" + last(2, False), "") == "CDCEF"
    assert order(FORTH, first("1,2") + "|" + last("1,2"), first(3) + "|" + last(3, False)) == (
        "CDCDCE"
    )
    three = (first(1) + "|" + last(1), first(2) + "|" + last(2), first(3) + "|" + last(3, False))
    assert order("", *three) == "CDCECF"


def test_a_range_of_endings():
    assert order("", first("1-3") + "|" + last("1-3"), first(4) + "|" + last(4, False)) == (
        "CDCDCDCE"
    )


def test_a_first_ending_without_a_second():
    assert order("", first(1) + "|" + last(1), "") == "CDCE"


def test_an_ending_that_stays_open():
    second = first(2) + "|" + last(2, False, "discontinue")
    assert order("", first(1) + "|" + last(1), second, f"|{BACK}", "") == "CDCEFFG"


def test_endings_of_two_repeats():
    pair = (first(1) + "|" + last(1), first(2) + "|" + last(2, False))
    assert order("", *pair, FORTH, *pair) == "CDCEFGFA"


def test_an_ending_of_several_measures():
    assert order("", first(1), "|" + last(1), first(2), "|" + last(2, False)) == "CDECFG"


def test_da_capo():
    assert order("", "", f"|{sound(dacapo='yes')}") == "CDECDE"
    assert order("", f"|{sound(fine='yes')}", f"|{sound(dacapo='yes')}") == "CDECD"


def test_after_a_jump_repeats_are_played_once():
    assert order(f"|{BACK}", f"|{sound(dacapo='yes')}") == "CCDCD"
    again = back(after_jump="yes")
    assert order(f"|{again}", f"|{sound(dacapo='yes')}") == "CCDCCD"


def test_beyond_the_jump_repeats_are_played_again():
    jump = sound(dacapo="yes")
    assert order(f"|{jump}", f"{FORTH}|{BACK}") == "CCDD"
    to_coda, coda = sound(tocoda="a"), sound(coda="a")
    assert order(f"|{to_coda}", f"|{jump}", coda, f"{FORTH}|{BACK}") == "CDCEFF"


def test_after_a_jump_the_last_ending_is_played():
    endings = (first(1) + "|" + last(1), first(2) + "|" + last(2, False))
    assert order("", *endings, f"|{sound(dacapo='yes')}") == "CDCEFCEF"


def test_dal_segno():
    assert order("", sound(segno="a"), "", f"|{sound(dalsegno='a')}") == "CDEFDEF"
    fine = order("", sound(segno="a"), f"|{sound(fine='yes')}", f"|{sound(dalsegno='a')}", "")
    assert fine == "CDEFDE"


def test_a_coda():
    assert (
        order(
            "",
            f"|{sound(tocoda='x')}",
            f"|{sound(dacapo='yes')}",
            sound(coda="x"),
            "",
        )
        == "CDECDFG"
    )


@pytest.mark.parametrize("text", ["D.C. al Fine", "da capo", "D.C.", "D. C. al fine"])
def test_jumps_in_words(text):
    assert order("", f"|{words('Fine')}", f"|{words(text)}") == "CDECD"


def test_a_segno_and_a_coda_that_are_only_printed():
    segno, coda = direction("<segno/>"), direction("<coda/>")
    to_coda = direction("<words>To Coda</words>")
    assert order("", segno, f"|{to_coda}", f"|{words('D.S. al Coda')}", coda) == "CDEFDEG"
    leave = f"|{coda}"  # at the end of its measure: here one leaves
    assert order("", segno, leave, f"|{words('D.S. al Coda')}", coda) == "CDEFDEG"


SEGNO, CODA = sound(segno="s"), sound(coda="c")
FINE, TO_CODA = sound(fine="yes"), sound(tocoda="c")
DC, DS = sound(dacapo="yes"), sound(dalsegno="s")


@pytest.mark.parametrize(
    ("abc", "measures"),
    [
        ("c|d!fine!|e|f!D.C.!|]", ["|", f"|{FINE}", "|", f"|{DC}"]),
        ("c|d|e|f!D.C.!|]", ["|", "|", "|", f"|{DC}"]),
        ("c|!segno!d|e!fine!|f!D.S.!|]", ["|", f"{SEGNO}|", f"|{FINE}", f"|{DS}"]),
        (
            "c|!segno!d|e!dacoda!|f!D.S.!|!coda!g|a|]",
            ["|", f"{SEGNO}|", f"|{TO_CODA}", f"|{DS}", f"{CODA}|", "|"],
        ),
        ("c|d!dacoda!|e!D.C.!|!coda!f|]", ["|", f"|{TO_CODA}", f"|{DC}", f"{CODA}|"]),
        ("|:c|d!fine!:|e|f!D.C.!|]", [f"{FORTH}|", f"|{FINE}{BACK}", "|", f"|{DC}"]),
        (
            "|:c|1d:|2e!fine!|]f|g!D.C.!|]",
            [
                f"{FORTH}|",
                f"{first(1)}|{last(1)}",
                f"{first(2)}|{FINE}{last(2, back=False)}",
                "|",
                f"|{DC}",
            ],
        ),
        (
            "!segno!c|:d:|e!dacoda!|f!D.S.!|!coda!|:g:|]",
            [f"{SEGNO}|", f"{FORTH}|{BACK}", f"|{TO_CODA}", f"|{DS}", f"{CODA}{FORTH}|{BACK}"],
        ),
        ("|:c|d|e!D.C.!:|]", [f"{FORTH}|", "|", f"|{DC}{BACK}"]),
    ],
)
def test_jumps_are_played_as_those_of_abc(abc, measures):
    assert order(*measures) == letters(tune(abc)).upper()


def test_a_jump_to_a_sign_that_is_not_there_is_said():
    sequence = played(*bars("", f"|{sound(dalsegno='a')}"))
    assert sequence.source.warnings == ("a jump to a segno that is not there",)
    assert len(sequence) == 4


def test_a_repeat_in_one_part_is_for_all():
    one, other = part(*bars(f"|{BACK}", "")), part(*bars("", "", letters="GA"))
    assert rows(read(score(one, other))) == [
        (0, 72, 4), (0, 79, 4), (4, 72, 8), (4, 79, 8), (8, 74, 12), (8, 81, 12),
    ]  # fmt: skip


def test_a_repeat_in_the_middle_of_a_measure():
    middle = barline('<repeat direction="backward"/>', "middle")
    assert rows(played(COMMON + note("C5", 8) + middle + note("D5", 8))) == [
        (0, 72, 2), (2, 72, 4), (4, 74, 6),
    ]  # fmt: skip


def test_a_tie_into_each_ending():
    body = COMMON + tied("C5", 16, "start")
    one = first(1) + tied("C5", 16, "stop") + last(1)
    two = first(2) + tied("C5", 16, "stop") + last(2, False)
    assert rows(played(body, one, two)) == [(0, 72, 8), (8, 72, 16)]


def test_a_tie_over_the_end_of_a_repeat():
    body = FORTH + COMMON + tied("C5", 16, "stop", "start") + BACK
    assert rows(played(body, tied("C5", 16, "stop"))) == [(0, 72, 12)]


def test_a_note_of_one_pass_only():
    attribute = ' time-only="2"'
    body = COMMON + note("C5", 8) + note("D5", 8, attributes=attribute) + BACK
    assert rows(played(body)) == [(0, 72, 2), (4, 72, 6), (6, 74, 8)]


def test_what_a_jump_leads_to_is_restated():
    fast = '<sound tempo="240"/>'
    pedal = direction('<pedal type="start"/>')
    key = "<attributes><key><fifths>1</fifths></key></attributes>"
    sequence = played(*bars("", fast + key + pedal + "|" + BACK, ""))
    assert sequence.tempos.tolist() == [(0.0, 120.0), (2.0, 240.0), (3.0, 120.0), (5.0, 240.0)]
    assert sequence.key_signatures["time"].tolist() == [0.0, 2.0, 3.0, 5.0]
    controls = sequence.control_changes[["time", "control_value"]].tolist()
    assert controls == [(2.0, 127), (3.0, 0), (5.0, 127), (7.0, 0)]


def test_repeats_are_said():
    assert played(*bars(f"|{BACK}")).source.unplayed == ("its repeats are written out",)
    assert played(*bars("")).source.unplayed == ()


def test_too_many_repeats_are_refused():
    many = "".join(note("C5", 1) for _ in range(300)) + back(times=100)
    data = score(part(COMMON + many, *[many] * 40))
    with pytest.raises(ReadError, match="more than the limit of 500,000 notes with repeats"):
        read(data)
