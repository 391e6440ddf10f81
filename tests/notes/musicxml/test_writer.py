"""The writer: what is written reads back, and other programs find what they look for."""

import io
import warnings
from xml.etree import ElementTree

import mido
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgen.notes import NoteSequence, chords, read_bytes
from symgen.notes.abc.writer.writer import AbcWriter
from symgen.notes.midi.writer import MidiWriter
from symgen.notes.musicxml.writer.harmony import spelled_out
from symgen.notes.musicxml.writer.pitch import fifths
from symgen.notes.musicxml.writer.writer import MusicXmlWriter
from symgen.notes.sequence import (
    CHORD,
    CONTROL_CHANGE,
    KEY_SIGNATURE,
    NOTE,
    PITCH_BEND,
    TEMPO,
    TIME_SIGNATURE,
    sorted_table,
)
from symgen.notes.theory import meter

BEAT = 0.5  # seconds


def piece(notes, meters=((0, 4, 4),), **tables):
    """A piece of (begin, end, pitch, instrument, program, is_drum) in quarters at 120 qpm."""
    rows = [
        (pitch, 80, begin * BEAT, end * BEAT, *(more or (0, 0, False)))
        for begin, end, pitch, *more in notes
    ]
    return NoteSequence(
        sorted_table(rows, NOTE, "start_time", "pitch"),
        time_signatures=np.array([(t * BEAT, n, d) for t, n, d in meters], TIME_SIGNATURE),
        **tables,
    )


def written(sequence, **options):
    return MusicXmlWriter(**options).encode(sequence)


def again(sequence):
    """Return the piece as it is read back; a warning is an error here."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ((_, found),) = read_bytes(written(sequence), "x.musicxml")
    return found


def rows(sequence):
    notes = sequence.notes
    begin = np.rint(meter.quarters(sequence, notes["start_time"]) * 48).astype(int).tolist()
    end = np.rint(meter.quarters(sequence, notes["end_time"]) * 48).astype(int).tolist()
    others = [notes[name].tolist() for name in ("pitch", "velocity", "program", "is_drum")]
    return sorted(zip(begin, end, *others, strict=True))


steps = st.integers(0, 4 * 4 * 12)  # twelfths of a quarter, over four bars
lengths = st.sampled_from([1, 2, 3, 4, 6, 8, 9, 12, 18, 24, 36, 48, 60])
sounds = st.sampled_from([(0, 0, False), (1, 40, False), (2, 0, True)])
tunes = st.lists(st.tuples(steps, lengths, st.integers(36, 84), sounds), min_size=1, max_size=12)
meters = st.sampled_from([(4, 4), (3, 4), (6, 8), (7, 8), (2, 2)])


@given(tunes, meters, st.integers(0, 11), st.integers(0, 1), st.sampled_from([60.0, 96.0, 133.0]))
def test_what_is_written_reads_back(tune, meter_, tonic, mode, qpm):
    notes = [(b / 12, (b + length) / 12, pitch, *sound) for b, length, pitch, sound in tune]
    sequence = piece(
        [(b * 120 / qpm, e * 120 / qpm, *more) for b, e, *more in notes],
        [(0, *meter_)],
        key_signatures=np.array([(0, tonic, mode)], KEY_SIGNATURE),
        tempos=np.array([(0, qpm)], TEMPO),
    )
    found = again(sequence)
    assert rows(found) == rows(sequence)
    assert found.tempos["qpm"].tolist() == [qpm]
    assert found.time_signatures[["numerator", "denominator"]].tolist()[0] == meter_
    if not sequence.notes["is_drum"].all():
        assert found.key_signatures.tolist() == [(0.0, tonic, mode)]


@pytest.mark.parametrize("kind", chords.KINDS)
def test_every_chord_reads_back(kind):
    symbols = [f"Bb{kind}", f"F#{kind}/C#"]
    table = np.array([(0, symbols[0]), (BEAT, symbols[1])], CHORD)
    found = again(piece([(0, 4, 60)], chords=table))
    assert [chords.parse(s) for s in found.chords["symbol"]] == [chords.parse(s) for s in symbols]
    assert found.chords["time"].tolist() == [0.0, BEAT]


def test_other_chord_symbols():
    table = np.array([(0, "N.C."), (BEAT, "C7xyz")], CHORD)
    assert again(piece([(0, 4, 60)], chords=table)).chords["symbol"].tolist() == ["N.C.", "C7xyz"]


def test_a_seventh_with_a_flat_ninth_is_a_dominant_with_a_degree():
    assert spelled_out("7b9") == ("dominant", ((9, -1, "add"),))
    assert spelled_out("m7") == ("minor-seventh", ())


def test_a_pickup_is_an_implicit_measure():
    sequence = piece([(0, 1, 67), (1, 5, 72), (5, 8, 74)]).replace(first_bar_time=BEAT)
    found = again(sequence)
    assert found.first_bar_time == BEAT
    assert meter.bar_lines(found).tolist() == [0.5, 2.5]
    root = ElementTree.fromstring(written(sequence))
    measures = [(m.get("number"), m.get("implicit")) for m in root.iter("measure")]
    assert measures == [("0", "yes"), ("1", None), ("2", None)]


def test_meters_keys_and_tempos_may_change():
    sequence = piece(
        [(k, k + 1, 60 + k) for k in range(7)],
        [(0, 4, 4), (4, 3, 4)],
        key_signatures=np.array([(0, 2, 0), (2.0, 9, 1)], KEY_SIGNATURE),
        tempos=np.array([(0, 120.0), (2 * BEAT, 90.0)], TEMPO),
    ).replace(time_signatures=np.array([(0, 4, 4), (1 + 2 / 1.5, 3, 4)], TIME_SIGNATURE))
    found = again(sequence)
    assert found.time_signatures[["numerator", "denominator"]].tolist() == [(4, 4), (3, 4)]
    assert found.tempos.tolist() == [(0.0, 120.0), (1.0, 90.0)]
    assert found.key_signatures[["key", "mode"]].tolist() == [(2, 0), (9, 1)]
    assert found.key_signatures["time"].tolist()[1] == found.time_signatures["time"].tolist()[1]


def test_velocities_and_the_pedal():
    controls = np.zeros(3, CONTROL_CHANGE)
    controls["time"], controls["control_number"] = [0, 0.5, 1.0], 64
    controls["control_value"] = [127, 100, 0]
    sequence = piece([(0, 2, 60), (2, 4, 64)], control_changes=controls)
    notes = sequence.notes.copy()
    notes["velocity"] = [17, 103]
    found = again(sequence.replace(notes=notes))
    assert found.notes["velocity"].tolist() == [17, 103]
    assert found.control_changes[["time", "control_value"]].tolist() == [(0.0, 127), (1.0, 0)]


def test_bank_volume_and_pan_of_each_instrument():
    rows = [(0, 0, 8, 1), (0, 32, 3, 1), (0, 7, 30, 1), (0, 10, 127, 0), (0, 10, 1, 1)]
    controls = np.zeros(len(rows), CONTROL_CHANGE)
    for column, name in enumerate(("time", "control_number", "control_value", "instrument")):
        controls[name] = [row[column] for row in rows]
    controls["program"] = np.where(controls["instrument"] == 1, 40, 0)
    notes = [(0, 4, 60, 0, 0, False), (0, 4, 64, 1, 40, False)]
    found = again(piece(notes, control_changes=controls)).control_changes
    names = ["time", "control_number", "control_value", "instrument"]
    assert sorted(found[names].tolist()) == sorted(controls[names].tolist())


def test_controllers_and_bends_that_a_score_has_not_are_told():
    controls = np.zeros(4, CONTROL_CHANGE)
    controls["time"], controls["control_number"] = [0, 0, 0.2, 0.4], [64, 7, 7, 11]
    bends = np.zeros(1, PITCH_BEND)
    music = piece([(0, 4, 60)], control_changes=controls, pitch_bends=bends)
    told = []
    for writer in (MusicXmlWriter(), AbcWriter()):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            writer.encode(music)
        told.append([str(one.message).partition(": ")[2] for one in caught])
    assert told[0] == ["2 control changes left out", "1 pitch bend left out"]
    assert told[1] == ["4 control changes left out", "1 pitch bend left out"]


SONG = (
    '<score-partwise><identification><creator type="lyricist">Heine</creator>'
    '<creator type="composer">Clara  Schumann</creator></identification><part-list>'
    '<score-part id="P1"><part-name>Singer</part-name></score-part>'
    '<score-part id="P2"><part-name>Piano</part-name></score-part></part-list>'
    '<part id="P1"><measure number="1"><attributes><divisions>1</divisions></attributes><note>'
    "<pitch><step>C</step><octave>5</octave></pitch><duration>4</duration>"
    "<lyric><text>la</text></lyric></note></measure></part>"
    '<part id="P2"><measure number="1"><attributes><divisions>1</divisions></attributes><note>'
    "<pitch><step>C</step><octave>3</octave></pitch><duration>4</duration></note></measure></part>"
    "</score-partwise>"
)


def test_composer_and_names_of_parts_are_kept_and_lyrics_are_told():
    ((_, song),) = read_bytes(SONG.encode(), "song.musicxml")
    assert (song.source.composer, song.source.names) == ("Clara Schumann", ("Singer", "Piano"))
    assert song.source.unplayed == ("1 lyric syllable left out",)
    found = again(song).source
    assert (found.composer, found.names) == (song.source.composer, song.source.names)
    ((_, voice),) = read_bytes(AbcWriter().encode(part_of(song, 0)), "song.abc")
    assert voice.source.composer == "Clara Schumann"
    tracks = mido.MidiFile(file=io.BytesIO(MidiWriter().encode(song))).tracks
    assert [track.name for track in tracks][1:] == ["Singer", "Piano"]


def test_names_of_voices_become_names_of_parts():
    tune = (
        'X:1\nC:Anon\nL:1/1\nV:1 name="Fiddle"\nV:2 clef=bass nm="Harp"\nK:C\nV:1\nC|\nV:2\nC,|\n'
    )
    ((_, duet),) = read_bytes(tune.encode(), "duet.abc")
    assert (duet.source.composer, duet.source.names) == ("Anon", ("Fiddle", "Harp"))
    assert again(duet).source.names == ("Fiddle", "Harp")


def part_of(sequence, instrument):
    return sequence.replace(notes=sequence.notes[sequence.notes["instrument"] == instrument])


def pitches(sequence):
    root = ElementTree.fromstring(written(sequence))
    return [
        (n.findtext("pitch/step"), n.findtext("pitch/alter"), n.findtext("accidental"))
        for n in root.iter("note")
        if n.find("pitch") is not None
    ]


def test_notes_are_spelled_in_the_key():
    flat = piece([(0, 1, 63), (1, 2, 64), (2, 3, 63), (3, 5, 61)])
    flat = flat.replace(key_signatures=np.array([(0, 10, 0)], KEY_SIGNATURE))  # B flat major
    assert pitches(flat) == [
        ("E", "-1", None), ("E", None, "natural"), ("E", "-1", "flat"), ("D", "-1", "flat"),
        ("D", "-1", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tonic", "mode", "sharps"),
    [(0, 0, 0), (9, 1, 0), (7, 0, 1), (5, 0, -1), (6, 0, 6), (3, 1, -6), (1, 0, -5), (8, 1, 5)],
)
def test_keys_as_signatures(tonic, mode, sharps):
    assert fifths(tonic, mode) == sharps


def test_a_triplet_has_its_type_and_its_bracket():
    sequence = piece([(k / 3, (k + 1) / 3, 60 + k) for k in range(3)])
    notes = list(ElementTree.fromstring(written(sequence)).iter("note"))[:3]
    assert [n.findtext("type") for n in notes] == ["eighth"] * 3
    assert [n.findtext("time-modification/actual-notes") for n in notes] == ["3"] * 3
    brackets = [[t.get("type") for t in n.iter("tuplet")] for n in notes]
    assert brackets == [["start"], [], ["stop"]]


def test_a_title_and_the_names_of_the_parts():
    data = written(piece([(0, 1, 60)]), title="A & B", names=("Flute",))
    root = ElementTree.fromstring(data)
    assert root.findtext("movement-title") == "A & B"
    assert root.findtext("part-list/score-part/part-name") == "Flute"


def test_moved_notes_are_said():
    with pytest.warns(UserWarning, match="off the grid"):
        written(piece([(0.03, 1.01, 60)]))


def test_an_empty_piece_is_a_measure_of_rest():
    ((_, found),) = read_bytes(written(NoteSequence()), "x.musicxml")
    assert len(found) == 0
