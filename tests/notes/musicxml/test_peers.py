"""The songs of a corpus against verovio and partitura, where those two agree.

Neither is a dependency: `pip install verovio partitura` beside symgen runs this. Both play cue
notes, which are silent by the standard, so songs with cue notes are left out. Verovio plays grace
notes and partitura does not, so they do not agree on songs with grace notes.
"""

import base64
import io
import os
import sys
import warnings
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import symgen
from symgen.notes import meter
from symgen.notes.musicxml.document import parse

SCORES = Path(os.environ.get("SYMGEN_TEST_CORPORA", "../shared/corpora")) / "scores"
GRID = 48  # steps of a quarter note


def by_us(path):
    sequence = symgen.read(path)
    begin = meter.quarters(sequence, sequence.notes["start_time"])
    end = meter.quarters(sequence, sequence.notes["end_time"])
    return on_grid(begin, sequence.notes["pitch"], end)


def on_grid(begin, pitch, end):
    """Return sorted (begin, pitch, end)."""
    begin, end = (np.rint(np.asarray(times) * GRID).astype(int).tolist() for times in (begin, end))
    return sorted(zip(begin, np.asarray(pitch).tolist(), end, strict=True))


def strikes(rows):
    """Return (begin, pitch) of each note: of notes in unison, MIDI does not tell which one ends."""
    return [row[:2] for row in rows or []]


def by_verovio(path):
    verovio = pytest.importorskip("verovio", reason="pip install verovio")
    mido = pytest.importorskip("mido")
    verovio.enableLog(verovio.LOG_OFF)
    kit = verovio.toolkit()
    kit.loadData(ElementTree.tostring(parse(path.read_bytes(), path.name).root, "unicode"))
    file = mido.MidiFile(file=io.BytesIO(base64.b64decode(kit.renderToMIDI())), clip=True)
    found = []
    for track in file.tracks:
        now = 0
        for message in track:
            now += message.time
            if message.type == "note_on" and message.velocity:
                found.append((now / file.ticks_per_beat, message.note))
    begin, pitch = zip(*found, strict=True)
    return on_grid(begin, pitch, begin)


def by_partitura(path):
    partitura = pytest.importorskip("partitura", reason="pip install partitura")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        score = partitura.load_musicxml(path)
        try:
            score = partitura.score.unfold_part_maximal(score)
        except RecursionError:
            return None
        rows = []
        for part in score.parts:
            zero = part.quarter_map(0)
            for note in part.notes_tied:
                if not isinstance(note, partitura.score.GraceNote):
                    span = [note.start.t, note.start.t + note.duration_tied]
                    begin, end = part.quarter_map(span) - zero
                    rows.append((begin, note.midi_pitch, end))
    return on_grid(*zip(*rows, strict=True))


@pytest.fixture
def deep():
    """Allow the recursion that partitura needs to expand repeats."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    yield
    sys.setrecursionlimit(before)


@pytest.mark.slow
@pytest.mark.usefixtures("deep")
def test_songs_are_read_as_two_others_read_them():
    if not SCORES.is_dir():
        pytest.skip(f"{SCORES} is not here")
    paths = sorted(SCORES.glob("*.mxl"))
    agreed = 0
    for path in paths:
        root = parse(path.read_bytes(), path.name).root
        if next(root.iter("cue"), None) is not None:
            continue
        theirs = by_partitura(path)
        if strikes(by_verovio(path)) == strikes(theirs):
            agreed += 1
            assert by_us(path) == theirs, path.name
    assert agreed >= 15
