"""Piano music on two staves, clefs, names and marks; and that real music comes back exactly."""

import os
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symgen.notes import NoteSequence, Source, notes_of, read_bytes
from symgen.notes.musicxml.writer.writer import MusicXmlWriter
from symgen.notes.sequence import KEY_SIGNATURE, TEMPO, table
from tests.notes.musicxml.test_writer import again, piece, rows, written

CORPORA = Path(os.environ.get("SYMGEN_TEST_CORPORA", "../shared/corpora"))
SMALL = 16_000  # bytes of a MIDI file
LEFT = [(k, k + 1, pitch) for k in range(4) for pitch in (43, 50)]
RIGHT = [(k / 2, k / 2 + 0.5, 72 + k % 5) for k in range(8)]


def tree(sequence, **options):
    return ElementTree.fromstring(written(sequence, **options))


def places(sequence):
    """Return the pitches by staff, without the notes that continue a tie."""
    out = {}
    for note in tree(sequence).iter("note"):
        stops = any(tie.get("type") == "stop" for tie in note.iter("tie"))
        if note.find("pitch") is not None and not stops:
            out.setdefault(note.findtext("staff"), []).append(note.findtext("pitch/octave"))
    return out


def test_a_piano_piece_has_two_staves_with_their_clefs():
    root = tree(piece(LEFT + RIGHT))
    assert len(root.findall("part")) == 1
    assert root.findtext(".//staves") == "2"
    clefs = [(c.get("number"), c.findtext("sign"), c.findtext("line")) for c in root.iter("clef")]
    assert clefs == [("1", "G", "2"), ("2", "F", "4")]
    voices = {(n.findtext("staff"), n.findtext("voice")) for n in root.iter("note")}
    assert voices == {("1", "1"), ("2", "5")}
    assert {name: len(of) for name, of in places(piece(LEFT + RIGHT)).items()} == {"1": 8, "2": 8}


def test_a_tune_and_other_instruments_have_one_staff():
    assert tree(piece(RIGHT)).find(".//staves") is None
    violin = [(*note, 0, 40, False) for note in LEFT + RIGHT]
    assert tree(piece(violin)).find(".//staves") is None


@pytest.mark.parametrize(
    ("program", "pitches", "clef"),
    [
        (73, (72, 84), ("G", "2", None)),
        (42, (40, 50), ("F", "4", None)),
        (70, (36, 55), ("F", "4", None)),
        (41, (50, 65), ("C", "3", None)),
        (24, (45, 60), ("G", "2", "-1")),
        (33, (28, 40), ("F", "4", "-1")),
        (0, (60, 72), ("G", "2", None)),
    ],
)
def test_clefs_follow_the_range(program, pitches, clef):
    notes = [(k, k + 1, pitch, 0, program, False) for k, pitch in enumerate(pitches)]
    [found] = tree(piece(notes)).iter("clef")
    assert tuple(found.findtext(t) for t in ("sign", "line", "clef-octave-change")) == clef


def test_a_hand_that_stays_high_gets_another_clef():
    low = [(k, k + 1, pitch) for k in range(8) for pitch in (38, 45)]
    high = [(k, k + 1, pitch) for k in range(8, 24) for pitch in (69, 72, 76)]
    tune = [(k, k + 1, 88 + k % 3) for k in range(24)]
    root = tree(piece(low + high + tune))
    measures = root.findall("part/measure")
    changed = [(k, c.findtext("sign")) for k, m in enumerate(measures) for c in m.iter("clef")]
    assert changed == [(0, "G"), (0, "F"), (2, "G")]


def test_the_hands_of_two_tracks_are_one_part():
    left = [(*note, 1, 0, False) for note in LEFT]
    sequence = piece(left + [(*note, 0, 0, False) for note in RIGHT])
    assert len(tree(sequence).findall("part")) == 2
    midi = sequence.replace(source=Source(format="midi"))
    assert len(tree(midi).findall("part")) == 1
    assert {name: len(of) for name, of in places(midi).items()} == {"1": 8, "2": 8}
    assert rows(again(midi)) == rows(sequence)


def test_parts_have_the_names_of_their_programs():
    notes = [(0, 1, 60, k, program, False) for k, program in enumerate((40, 40, 42))]
    names = [n.text for n in tree(piece([*notes, (0, 1, 38, 3, 0, True)])).iter("part-name")]
    assert names == ["Violin 1", "Violin 2", "Cello", "Drums"]


def test_the_tempos_of_a_performance_are_heard_and_not_printed():
    rates = 100.0 + np.arange(13) % 3
    times = np.append(0.0, np.cumsum(60 / rates))
    tempos = table(TEMPO, time=times[:-1], qpm=rates)
    notes = [(60 + k, 80, times[k], times[k + 1]) for k in range(13)]
    sequence = NoteSequence(notes_of(notes), tempos=tempos)
    assert len(list(tree(sequence).iter("metronome"))) == 1
    ((_, found),) = read_bytes(written(sequence), "x.musicxml")
    assert found.tempos["qpm"].tolist() == rates.tolist()


def test_dynamics_are_printed_where_asked():
    sequence = piece([(k, k + 1, 60) for k in range(24)])
    notes = sequence.notes.copy()
    notes["velocity"] = np.where(np.arange(24) < 12, 50, 100)
    sequence = sequence.replace(notes=notes)
    assert not list(tree(sequence).iter("dynamics"))
    marks = [mark[0].tag for mark in tree(sequence, dynamics=True).iter("dynamics")]
    assert marks == ["p", "ff"]
    assert MusicXmlWriter(dynamics=True).encode(sequence)
    ((_, found),) = read_bytes(written(sequence, dynamics=True), "x.musicxml")
    assert found.notes["velocity"].tolist() == notes["velocity"].tolist()


steps = st.integers(0, 8 * 12)
lengths = st.sampled_from([1, 2, 3, 4, 6, 8, 9, 12, 18, 24, 36, 48, 60])
chords = st.lists(st.tuples(steps, lengths, st.integers(30, 96)), min_size=8, max_size=40)


@settings(max_examples=30)
@given(chords, st.sampled_from([(4, 4), (3, 4), (6, 8), (5, 8)]), st.integers(0, 11))
def test_dense_piano_music_comes_back_exactly(notes, meter, tonic):
    sequence = piece(
        [(b / 12, (b + length) / 12, pitch) for b, length, pitch in notes],
        [(0, *meter)],
        key_signatures=np.array([(0, tonic, 0)], KEY_SIGNATURE),
    )
    assert rows(again(sequence)) == rows(sequence)


def real():
    """Return files of the corpora: the songs, and every 40th piano piece."""
    songs = sorted((CORPORA / "scores").glob("*.mxl"))[::8]
    out = [pytest.param(path.read_bytes(), path.name, id=path.name) for path in songs]
    archive = CORPORA / "classical_piano.zip"
    if archive.is_file():
        with zipfile.ZipFile(archive) as file:
            names = sorted(name for name in file.namelist() if name.endswith(".mid"))[::60]
            for name in names:
                marks = [pytest.mark.slow] if file.getinfo(name).file_size > SMALL else []
                out.append(pytest.param(file.read(name), name, id=Path(name).name, marks=marks))
    return out or [pytest.param(b"", "", marks=pytest.mark.skip(reason="no corpora here"))]


@pytest.mark.parametrize(("data", "name"), real())
@pytest.mark.filterwarnings("ignore:.*(off the grid|control changes? left out).*:UserWarning")
def test_real_music_comes_back_exactly(data, name):
    ((_, sequence),) = read_bytes(data, name)
    ((_, once),) = read_bytes(MusicXmlWriter().encode(sequence), "x.musicxml")
    assert len(once) == len(sequence)
    ((_, twice),) = read_bytes(MusicXmlWriter().encode(once), "x.musicxml")
    assert heard(twice) == heard(once)
    if sequence.source.format == "musicxml":
        assert heard(once) == heard(sequence)


def heard(sequence):
    """Return the notes without their velocities: of two in unison, the louder is written."""
    return sorted(row[:3] + row[4:] for row in rows(sequence))
