"""Tempo, dynamics and pedals."""

import numpy as np
import pytest

from symgen.notes.pedal import sustain
from tests.notes.musicxml.scores import (
    QUARTERS,
    backup,
    barline,
    direction,
    note,
    part,
    played,
    read,
    rows,
    score,
)


def mixed(settings, *measures):
    """Return (time, controller, value) of a score with these settings of its instrument."""
    header = f'<midi-instrument id="I"><midi-program>74</midi-program>{settings}</midi-instrument>'
    changes = played(*measures or [QUARTERS + note("C5", 16)], headers=[header]).control_changes
    assert set(changes["program"].tolist()) <= {73}
    return changes[["time", "control_number", "control_value"]].tolist()


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        ("<volume>50</volume>", [(0.0, 7, 64)]),  # half of 127
        ("<volume>100</volume><pan>0</pan>", [(0.0, 7, 127)]),
        ("<pan>-90</pan>", [(0.0, 10, 1)]),  # left
        ("<pan>90</pan>", [(0.0, 10, 127)]),
        ("<pan>135</pan>", [(0.0, 10, 96)]),  # behind the listener, right
        ("<midi-bank>1025</midi-bank>", [(0.0, 0, 8)]),  # counted from 1: 8 * 128
        ("<midi-bank>131</midi-bank>", [(0.0, 0, 1), (0.0, 32, 2)]),
        ("<volume>78.7402</volume><pan>0</pan><midi-bank>1</midi-bank>", []),  # MIDI's own
        ("<volume>x</volume><pan>999</pan><midi-bank>0</midi-bank>", []),
    ],
)
def test_volume_pan_and_bank_of_an_instrument(settings, wanted):
    assert mixed(settings) == wanted


def test_a_volume_that_changes_is_played_again_with_its_repeat():
    louder = '<sound><midi-instrument id="I"><volume>100</volume></midi-instrument></sound>'
    found = mixed(
        "<volume>50</volume>",
        QUARTERS + note("C5", 16),
        louder + note("D5", 16) + barline('<repeat direction="backward"/>'),
    )
    assert found == [(0.0, 7, 64), (2.0, 7, 127), (4.0, 7, 64), (6.0, 7, 127)]


def marked(mark, staff=0):
    where = f"<staff>{staff}</staff>" if staff else ""
    inside = f"<direction-type><dynamics><{mark}/></dynamics></direction-type>"
    return f"<direction>{inside}{where}</direction>"


def on_staff(name, staff):
    return note(name, 16).replace("</voice>", f"</voice><staff>{staff}</staff>")


@pytest.mark.parametrize(
    ("marks", "right", "left"),
    [
        (marked("p", 1) + marked("ff", 2), [49, 49, 96], [112, 112, 112]),
        (marked("p", 1), [49, 49, 96], [49, 49, 96]),  # one mark between the staves is for both
        (marked("p", 1) + marked("p", 2), [49, 49, 96], [49, 49, 96]),
        (marked("p"), [49, 49, 96], [49, 49, 96]),
    ],
)
def test_dynamics_of_two_staves(marks, right, left):
    later = ["", marked("f", 1)]
    music = [on_staff("C5", 1) + backup(16) + on_staff("C3", 2)] * 3
    first = QUARTERS + marks + music[0]
    found = played(first, *(a + b for a, b in zip(later, music[1:], strict=True))).notes
    assert found["velocity"][found["pitch"] == 72].tolist() == right
    assert found["velocity"][found["pitch"] == 48].tolist() == left


def metronome(unit, number, dots=0):
    return (
        f"<metronome><beat-unit>{unit}</beat-unit>{'<beat-unit-dot/>' * dots}"
        f"<per-minute>{number}</per-minute></metronome>"
    )


@pytest.mark.parametrize(
    ("mark", "qpm"),
    [
        (metronome("quarter", 60), 60),
        (metronome("half", 60), 120),
        (metronome("quarter", 60, 1), 90),
        (metronome("quarter", 60, 2), 105),
        (metronome("eighth", 90, 1), 67.5),
        (metronome("quarter", "c. 72-80"), 72),
        (metronome("quarter", "fast"), 120),
    ],
)
def test_a_metronome_mark(mark, qpm):
    assert played(QUARTERS + direction(mark) + note("C5")).tempos.tolist() == [(0.0, qpm)]


def test_the_sound_comes_before_the_mark():
    both = direction(metronome("quarter", 60), '<sound tempo="80"/>')
    assert played(QUARTERS + both + note("C5")).tempos.tolist() == [(0.0, 80.0)]
    apart = '<sound tempo="80"/>' + direction(metronome("quarter", 60))
    assert played(QUARTERS + apart + note("C5")).tempos.tolist() == [(0.0, 80.0)]


def test_a_note_as_long_as_another():
    change = (
        "<metronome><beat-unit>quarter</beat-unit><beat-unit>quarter</beat-unit><beat-unit-dot/>"
        "</metronome>"
    )
    sequence = played(
        QUARTERS + '<sound tempo="80"/>' + note("C5") + direction(change) + note("D5")
    )
    assert sequence.tempos["qpm"].tolist() == [80.0, 120.0]


def test_a_tempo_of_any_part_is_for_all():
    one = part(QUARTERS + note("C5") + note("D5"))
    other = part(QUARTERS + note("C4") + '<sound tempo="60"/>' + note("D4"))
    assert read(score(one, other)).notes["end_time"].tolist() == [0.5, 0.5, 1.5, 1.5]


def dynamic(name, sound=""):
    return direction(f"<dynamics><{name}/></dynamics>", sound)


def velocities(*contents):
    return played(QUARTERS + "".join(contents)).notes["velocity"].tolist()


C = note("C5")


def test_dynamics_hold_until_the_next():
    assert velocities(C, dynamic("p"), C, C, dynamic("ff"), C) == [90, 49, 49, 112]


def test_the_dynamics_of_sound_are_per_cent_of_90():
    assert velocities('<sound dynamics="54.44"/>', C) == [49]
    assert velocities(dynamic("p", '<sound dynamics="50"/>'), C) == [45]
    assert velocities(dynamic("p"), note("C5", attributes=' dynamics="100"'), C) == [90, 49]


def test_a_stroke_is_for_one_note():
    assert velocities(dynamic("p"), C, dynamic("sfz"), C, C) == [49, 112, 49]
    assert velocities(dynamic("sfz", '<sound dynamics="120"/>'), C, C) == [108, 90]
    assert velocities(dynamic("fp"), C, C) == [96, 49]


def test_an_accent_is_for_one_note():
    accent = "<notations><articulations><accent/></articulations></notations>"
    assert velocities(dynamic("p"), note("C5", inside=accent), C) == [62, 49]


def wedge(kind):
    return direction(f'<wedge type="{kind}"/>')


def test_a_wedge_leads_to_the_next_dynamic():
    grown = velocities(dynamic("p"), wedge("crescendo"), C, C, C, C, wedge("stop"), dynamic("f"), C)
    assert grown == [49, 61, 72, 84, 96]


def test_a_wedge_to_nowhere_changes_nothing():
    assert velocities(dynamic("p"), wedge("crescendo"), C, C, wedge("stop"), C) == [49, 49, 49]
    wrong = velocities(dynamic("f"), wedge("crescendo"), C, C, wedge("stop"), dynamic("p"), C)
    assert wrong == [96, 96, 49]


def test_dynamics_go_by_time_and_by_part():
    voices = C + dynamic("f") + C + backup(8) + note("C4", voice=2) + note("D4", voice=2)
    assert velocities(voices) == [90, 90, 96, 96]
    two = read(score(part(QUARTERS + dynamic("f") + C), part(QUARTERS + dynamic("p") + C)))
    assert two.notes["velocity"].tolist() == [96, 49]


def pedal(kind, offset=""):
    return direction(f'<pedal type="{kind}" line="yes"/>', offset=offset)


def controls(*contents):
    changes = played(QUARTERS + "".join(contents)).control_changes
    assert set(changes["instrument"].tolist()) <= {0}
    return changes[["time", "control_number", "control_value"]].tolist()


def test_the_pedal():
    assert controls(pedal("start"), C, C, pedal("stop"), C) == [(0.0, 64, 127), (1.0, 64, 0)]
    assert controls('<sound damper-pedal="yes"/>', C, '<sound damper-pedal="no"/>', C) == [
        (0.0, 64, 127),
        (0.5, 64, 0),
    ]
    assert controls(pedal("start"), C) == [(0.0, 64, 127), (0.5, 64, 0)]  # it ends with the piece
    assert controls(pedal("stop"), C) == []
    assert controls(pedal("start", "<offset>2</offset>"), C)[0] == (0.25, 64, 127)
    assert controls('<sound soft-pedal="yes"/>', C)[0] == (0.0, 67, 127)


@pytest.mark.parametrize("change", [pedal("change"), pedal("stop") + pedal("start")])
def test_a_changed_pedal_is_up_for_a_moment(change):
    sequence = played(QUARTERS + pedal("start") + C + change + note("E5") + note("G5"))
    assert sequence.control_changes["control_value"].tolist() == [127, 0, 127, 0]
    assert (np.diff(sequence.control_changes["time"]) > 0).all()
    assert rows(sustain(sequence)) == [(0, 72, 1), (1, 76, 3), (2, 79, 3)]


def test_a_mark_is_where_it_is_printed_and_its_sound_at_the_cursor():
    moved = "<offset>4</offset>"
    sequence = played(QUARTERS + direction("<words>x</words>", '<sound tempo="60"/>', moved) + C)
    assert sequence.tempos.tolist() == [(0.0, 60.0)]
    heard = direction("<words>x</words>", '<sound tempo="60"/>', '<offset sound="yes">4</offset>')
    assert played(QUARTERS + heard + C + C).tempos.tolist() == [(0.0, 120.0), (0.5, 60.0)]


def test_what_is_printed_and_not_played_is_counted():
    """An ornament, a hairpin or a fermata changes no note, and is named."""
    hairpin = '<direction><direction-type><wedge type="{}"/></direction-type></direction>'
    ornament = "<notations><ornaments><trill-mark/></ornaments><fermata/></notations>"
    body = (
        QUARTERS
        + hairpin.format("crescendo")
        + note("C5", 8).replace("</note>", ornament + "</note>")
        + hairpin.format("stop")
        + note("D5", 8).replace("</note>", ornament + "</note>")
    )
    found = read(score(part(body)))
    assert len(found.notes) == 2
    assert set(found.source.unplayed) == {
        "2 trills left out",
        "2 fermatas left out",
        "1 hairpin left out",
    }
