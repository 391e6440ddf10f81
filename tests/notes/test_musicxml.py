"""MusicXML through music21, on a score spelled out here."""

import io
import zipfile

import pytest

from symgen.errors import ReadError
from symgen.notes import read_bytes

ATTRIBUTES = """<attributes><divisions>2</divisions><key><fifths>-1</fifths><mode>minor</mode></key>
<time><beats>3</beats><beat-type>4</beat-type></time></attributes>
<direction><direction-type><words>slow</words></direction-type><sound tempo="60"/></direction>"""


def note(step, octave, duration, inside=""):
    pitch = f"<pitch><step>{step}</step><octave>{octave}</octave></pitch>"
    return f"<note>{pitch}<duration>{duration}</duration>{inside}</note>"


def score(*measures):
    bars = "".join(f'<measure number="{i}">{m}</measure>' for i, m in enumerate(measures, 1))
    return f"""<?xml version="1.0" encoding="UTF-8"?><score-partwise version="3.1">
<part-list><score-part id="P1"><part-name>Piano</part-name></score-part></part-list>
<part id="P1">{bars}</part></score-partwise>""".encode()


def read(data, name="x.musicxml"):
    ((suffix, sequence),) = read_bytes(data, name)
    assert suffix == ""
    return sequence


def notes(sequence):
    return sequence.notes[["pitch", "start_time", "end_time"]].tolist()


WALTZ = score(
    ATTRIBUTES
    + note("D", 4, 2)
    + note("F", 4, 2)
    + "<note><chord/>"
    + note("A", 4, 2)[6:]
    + note("G", 4, 2),
    note("A", 4, 4, '<tie type="start"/>') + note("B", 4, 2),
    note("D", 5, 6),
)


def test_notes_chords_and_tempo():
    sequence = read(WALTZ)
    assert notes(sequence)[:4] == [(62, 0.0, 1.0), (65, 1.0, 2.0), (69, 1.0, 2.0), (67, 2.0, 3.0)]
    assert sequence.tempos.tolist() == [(0.0, 60.0)]
    assert sequence.time_signatures.tolist() == [(0.0, 3, 4)]
    assert sequence.key_signatures.tolist() == [(0.0, 2, 1)]  # D minor
    assert sequence.source.format == "musicxml"
    assert sequence.total_time == 9.0


def test_a_tied_note_is_one_note():
    tied = score(
        ATTRIBUTES + note("A", 4, 6, '<tie type="start"/>'), note("A", 4, 6, '<tie type="stop"/>')
    )
    assert notes(read(tied)) == [(69, 0.0, 6.0)]


def test_repeats_are_played_out():
    repeated = score(
        ATTRIBUTES
        + note("A", 4, 6)
        + '<barline location="right"><repeat direction="backward"/></barline>',
        note("B", 4, 6),
    )
    assert notes(read(repeated)) == [(69, 0.0, 3.0), (69, 3.0, 6.0), (71, 6.0, 9.0)]


def test_chord_symbols():
    harmony = "<harmony><root><root-step>D</root-step></root><kind>minor-seventh</kind></harmony>"
    sequence = read(score(ATTRIBUTES + harmony + note("D", 4, 6)))
    assert sequence.chords.tolist() == [(0.0, "Dm7")]
    assert len(sequence) == 1


def test_a_compressed_score():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("META-INF/container.xml", "<container/>")
        archive.writestr("waltz.xml", WALTZ)
    assert notes(read(file.getvalue(), "x.mxl")) == notes(read(WALTZ))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<html></html>", "not a MusicXML score"),
        (b"<score-partwise><part", "music21 cannot read it"),
        (b"PK\x03\x04 not a zip", "damaged archive"),
    ],
)
def test_what_is_no_score_is_refused(data, said):
    with pytest.raises(ReadError, match=said):
        read(data)


def test_an_archive_without_a_score():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(ReadError, match="holds no score"):
        read(file.getvalue(), "x.mxl")
