"""Notes of a part: places, chords, voices, ties, transposition, drums, what is left out."""

import pytest

from tests.notes.musicxml.scores import (
    COMMON,
    QUARTERS,
    backup,
    forward,
    note,
    part,
    pitches,
    played,
    read,
    rows,
    score,
    tied,
)


def test_a_chord_note_begins_with_the_note_before_it():
    chord = note("C4", 8) + note("E4", 8, before="<chord/>") + note("G4")
    assert rows(played(QUARTERS + chord)) == [(0, 60, 2), (0, 64, 2), (2, 67, 3)]


def test_backup_and_forward_move_the_cursor():
    voices = note("C5", 8) + backup(8) + forward(4) + note("C4", 4, voice=2) + note("D5", 4)
    assert rows(played(QUARTERS + voices)) == [(0, 72, 2), (1, 60, 2), (2, 74, 3)]


def test_divisions_may_change_and_differ_between_parts():
    triplet = "<attributes><divisions>3</divisions></attributes>"
    one = part(QUARTERS + note("C5", 4) + triplet + note("D5", 2) + note("E5", 1))
    other = part("<attributes><divisions>7</divisions></attributes>" + note("C4", 14))
    assert rows(read(score(one, other))) == [
        (0, 60, 2), (0, 72, 1), (1, 74, 1.666667), (1.666667, 76, 2),
    ]  # fmt: skip


def test_a_measure_is_as_long_as_its_longest_part():
    one = part(QUARTERS + note("C5", 16), note("D5", 16))
    other = part(QUARTERS + note("C4", 4), note("D4", 4))
    assert rows(read(score(one, other))) == [(0, 60, 1), (0, 72, 4), (4, 62, 5), (4, 74, 8)]


def test_rests_beyond_the_meter_of_one_part_do_not_count():
    long = part(COMMON + note("C5", 16) + note("R", 16), note("D5", 16))
    other = part(COMMON + note("C4", 16), note("D4", 16))
    assert [row[0] for row in rows(read(score(long, other)))] == [0, 0, 4, 4]
    assert [row[0] for row in rows(read(score(long)))] == [0, 8]  # it is a longer measure


def test_an_empty_measure_is_as_long_as_its_meter():
    assert rows(played(COMMON, note("C4"))) == [(4, 60, 5)]


def test_a_note_without_a_duration_has_that_of_its_type():
    bare = "<note><pitch><step>C</step><octave>4</octave></pitch><type>half</type></note>"
    assert rows(played(QUARTERS + bare + note("D4"))) == [(0, 60, 2), (2, 62, 3)]


@pytest.mark.parametrize(
    ("first", "second", "heard"),
    [
        (  # one note of a chord
            tied("C5", 8, "start") + note("E5", 8, before="<chord/>"),
            tied("C5", 8, "stop") + note("F5", 8, before="<chord/>"),
            [(0, 72, 4), (0, 76, 2), (2, 77, 4)],
        ),
        (  # the voices swap
            tied("C5", 8, "start") + backup(8) + tied("E4", 8, "start", voice=2),
            tied("E4", 8, "stop") + backup(8) + tied("C5", 8, "stop", voice=2),
            [(0, 64, 4), (0, 72, 4)],
        ),
        (  # two voices in unison, one of them tied
            tied("C5", 8, "start") + backup(8) + note("C5", 8, voice=2),
            tied("C5", 8, "stop") + backup(8) + note("C5", 8, voice=2),
            [(0, 72, 4), (0, 72, 2), (2, 72, 4)],
        ),
        (  # enharmonic
            tied("C#5", 8, "start"), tied("Db5", 8, "stop"), [(0, 73, 4)],
        ),
        (  # a tie to nowhere, and one from nowhere
            tied("C5", 8, "start"), tied("D5", 8, "stop"), [(0, 72, 2), (2, 74, 4)],
        ),
        (  # only printed
            note("C5", 8, '<notations><tied type="start"/></notations>'),
            note("C5", 8, '<notations><tied type="stop"/></notations>'),
            [(0, 72, 4)],
        ),
    ],
)  # fmt: skip
def test_each_note_ties_on_its_own(first, second, heard):
    assert sorted(rows(played(QUARTERS + first, second))) == sorted(heard)


def test_a_chain_of_ties_is_one_note():
    chain = tied("C5", 4, "start") + tied("C5", 4, "stop", "start") + tied("C5", 4, "stop")
    assert rows(played(QUARTERS + chain)) == [(0, 72, 3)]


def test_a_tie_does_not_reach_over_a_rest_or_into_another_part():
    one = part(QUARTERS + tied("C5", 4, "start") + note("R", 4) + tied("C5", 4, "stop"))
    other = part(QUARTERS + note("R", 4) + tied("C5", 4, "stop"))
    assert rows(read(score(one, other))) == [(0, 72, 1), (1, 72, 2), (2, 72, 3)]


TRANSPOSE = "<attributes><transpose>{}</transpose></attributes>"


@pytest.mark.parametrize(
    ("inside", "heard"),
    [
        ("<diatonic>-1</diatonic><chromatic>-2</chromatic>", [70]),  # clarinet in B flat
        ("<chromatic>-9</chromatic>", [63]),  # alto saxophone
        ("<chromatic>-2</chromatic><octave-change>-1</octave-change>", [58]),  # tenor saxophone
        ("<chromatic>0</chromatic><octave-change>1</octave-change>", [84]),  # piccolo
        ("<chromatic>0</chromatic><double/>", [60, 72]),  # cello and bass
        ('<chromatic>0</chromatic><double above="yes"/>', [72, 84]),
        ("<diatonic>-8</diatonic><chromatic>-14</chromatic>", [58]),
    ],
)
def test_a_transposing_part_is_read_as_it_sounds(inside, heard):
    assert pitches(played(QUARTERS + TRANSPOSE.format(inside) + note("C5"))) == heard


def test_a_transposition_holds_until_the_next_one():
    down = TRANSPOSE.format("<chromatic>-2</chromatic>")
    back = TRANSPOSE.format("<chromatic>0</chromatic>")
    assert pitches(played(QUARTERS + down + note("C5"), note("C5"), back + note("C5"))) == [
        70, 70, 72,
    ]  # fmt: skip


def test_a_transposition_of_one_staff():
    moved = '<attributes><transpose number="2"><chromatic>-12</chromatic></transpose></attributes>'
    two = note("C5", inside="<staff>1</staff>") + note("C5", inside="<staff>2</staff>")
    assert pitches(played(QUARTERS + moved + two)) == [72, 60]


@pytest.mark.parametrize(
    ("fifths", "mode", "inside", "tonic", "minor"),
    [
        (2, "major", "<diatonic>-1</diatonic><chromatic>-2</chromatic>", 0, 0),
        (2, "minor", "<diatonic>-1</diatonic><chromatic>-2</chromatic>", 9, 1),
        (3, "major", "<chromatic>-9</chromatic>", 0, 0),
        (-1, "minor", "", 2, 1),
        (0, "dorian", "", 2, 1),
        (0, "mixolydian", "", 7, 0),
    ],
)
def test_a_key_is_the_one_that_sounds(fifths, mode, inside, tonic, minor):
    key = (
        f"<attributes><key><fifths>{fifths}</fifths><mode>{mode}</mode></key>"
        f"{f'<transpose>{inside}</transpose>' if inside else ''}</attributes>"
    )
    assert played(QUARTERS + key + note("C5")).key_signatures.tolist() == [(0.0, tonic, minor)]


def test_the_key_of_most_parts_counts():
    keys = [f"<attributes><key><fifths>{n}</fifths></key></attributes>" for n in (0, 2, 2)]
    sequence = read(score(*(part(QUARTERS + key + note("C5")) for key in keys)))
    assert sequence.key_signatures.tolist() == [(0.0, 2, 0)]


KIT = "".join(
    f'<score-instrument id="P1-I{n}"><instrument-name>D</instrument-name></score-instrument>'
    for n in (36, 39)
) + "".join(
    f'<midi-instrument id="P1-I{n}"><midi-channel>10</midi-channel>'
    f"<midi-unpitched>{n}</midi-unpitched></midi-instrument>"
    for n in (36, 39)
)


def hit(place, instrument=""):
    named = f'<instrument id="{instrument}"/>' if instrument else ""
    return (
        f"<note><unpitched><display-step>{place[0]}</display-step><display-octave>{place[1]}"
        f"</display-octave></unpitched><duration>4</duration>{named}</note>"
    )


def test_drums_are_those_of_their_instruments():
    sequence = played(QUARTERS + hit("F4", "P1-I36") + hit("C5", "P1-I39"), headers=[KIT])
    assert pitches(sequence) == [35, 38]
    assert sequence.notes["is_drum"].all()


def test_drums_without_an_instrument_are_those_of_their_place():
    sequence = played(QUARTERS + hit("F4") + hit("C5") + hit("C9"))
    assert pitches(sequence) == [36, 38]
    assert sequence.notes["is_drum"].all()
    assert sequence.source.unplayed == ("1 unnamed drum left out",)


def test_drums_without_a_number_are_those_of_their_name():
    named = (
        '<score-instrument id="A"><instrument-name>Triangle</instrument-name></score-instrument>'
    )
    assert pitches(played(QUARTERS + hit("B4"), headers=[named])) == [81]


def test_an_unpitched_note_of_another_channel_is_no_drum():
    block = (
        '<score-instrument id="A"><instrument-name>Block</instrument-name></score-instrument>'
        '<midi-instrument id="A"><midi-channel>3</midi-channel><midi-program>116</midi-program>'
        "<midi-unpitched>61</midi-unpitched></midi-instrument>"
    )
    (found,) = played(QUARTERS + hit("B4"), headers=[block]).notes
    assert (found["pitch"], found["program"], found["is_drum"]) == (60, 115, False)


TWO = "".join(
    f'<score-instrument id="{name}"><instrument-name>X</instrument-name></score-instrument>'
    f'<midi-instrument id="{name}"><midi-program>{program}</midi-program></midi-instrument>'
    for name, program in (("A", 74), ("B", 69))
)


def test_a_note_names_its_instrument():
    named = "".join(note("C5", inside=f'<instrument id="{name}"/>') for name in "ABA")
    assert played(QUARTERS + named, headers=[TWO]).notes["program"].tolist() == [73, 68, 73]


def test_an_instrument_changes_its_program():
    change = (
        '<sound><midi-instrument id="A"><midi-program>41</midi-program></midi-instrument></sound>'
    )
    later = backup(8) + note("C3", 4, voice=2) + note("D3", 4, voice=2)  # by time, not in the file
    sequence = played(QUARTERS + note("C5") + change + note("D5") + later, headers=[TWO])
    assert sequence.notes["program"].tolist() == [73, 73, 40, 40]


def test_a_part_changes_its_instrument():
    change = '<sound><instrument-change id="B"/></sound>'
    sequence = played(QUARTERS + note("C5") + change + note("D5"), headers=[TWO])
    assert sequence.notes["program"].tolist() == [73, 68]


@pytest.mark.parametrize(
    ("header", "program"),
    [
        ("<part-abbreviation>Vln.</part-abbreviation>", 0),
        ("", 0),
        ('<score-instrument id="A"><instrument-name>Violoncello</instrument-name>'
         "</score-instrument>", 42),
        ('<score-instrument id="A"><instrument-name>X</instrument-name>'
         "<instrument-sound>wind.flutes.flute</instrument-sound></score-instrument>", 73),
    ],
)  # fmt: skip
def test_an_instrument_without_a_program_has_that_of_its_name(header, program):
    assert played(QUARTERS + note("C5"), headers=[header]).notes["program"].tolist() == [program]


GRACE = "<note><grace/><pitch><step>B</step><octave>4</octave></pitch></note>"


def test_grace_notes_are_counted_and_cue_notes_are_silent():
    sequence = played(QUARTERS + GRACE + note("C5") + GRACE + note("G5", before="<cue/>"))
    assert rows(sequence) == [(0, 72, 1)]
    assert sequence.source.unplayed == ("2 grace notes left out", "1 cue note left out")


def test_a_staccato_note_is_as_long_as_written():
    short = "<notations><articulations><staccato/></articulations></notations>"
    sequence = played(QUARTERS + note("C5", inside=short))
    assert rows(sequence) == [(0, 72, 1)]
    assert sequence.source.remarks == ("1 staccato note as long as written",)


def test_an_ornament_is_said():
    trill = "<notations><ornaments><trill-mark/></ornaments></notations>"
    sequence = played(QUARTERS + note("C5", inside=trill))
    assert sequence.source.remarks == ("1 ornament not written out",)


def test_a_note_outside_midi_is_left_out():
    high = TRANSPOSE.format("<chromatic>0</chromatic><octave-change>1</octave-change>")
    sequence = played(QUARTERS + high + note("C5") + note("A9"))
    assert pitches(sequence) == [84]
    assert sequence.source.unplayed == ("1 out-of-range note left out",)


def test_each_part_is_an_instrument():
    sequence = read(score(*(part(QUARTERS + note(name)) for name in ("C4", "E4", "G4"))))
    assert sequence.notes["instrument"].tolist() == [0, 1, 2]
