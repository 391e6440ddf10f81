"""Names of notes in their context."""

from symgen.notes.musicxml.writer.spelling import Names

A_MINOR, C_MAJOR, E_FLAT = (0, 9, 1), (0, 0, 0), (0, 3, 0)


def named(pitches, key=C_MAJOR):
    notes = [(k, k + 1, pitch) for k, pitch in enumerate(pitches)]
    names = Names(notes, [key])
    return [
        letter + "#" * alter + "b" * -alter
        for k, pitch in enumerate(pitches)
        for letter, alter in [names.at(k, pitch)]
    ]


def test_the_leading_note_of_a_minor_key_is_sharp():
    assert named([69, 71, 72, 74, 76, 68, 69] * 2, A_MINOR)[5] == "G#"


def test_a_flat_key_has_flats():
    assert named([63, 65, 67, 68, 70, 72, 74, 75], E_FLAT) == [
        "Eb", "F", "G", "Ab", "Bb", "C", "D", "Eb",
    ]  # fmt: skip


def test_a_passage_in_another_key_has_its_names():
    home = [60, 62, 64, 65, 67, 69, 71, 72] * 8
    away = [68, 70, 72, 73, 75, 77, 79, 80] * 8  # A flat major
    assert named(home + away)[-8:] == ["Ab", "Bb", "C", "Db", "Eb", "F", "G", "Ab"]
    sharp = [64, 66, 68, 69, 71, 73, 75, 76] * 8  # E major
    assert named(home + sharp)[-8:] == ["E", "F#", "G#", "A", "B", "C#", "D#", "E"]
