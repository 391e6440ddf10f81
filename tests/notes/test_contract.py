"""What every registered reader and writer promises; a new format is tested once it has a name."""

import dataclasses
import io
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symgen.errors import BadOption, DataError, MissingExtra, ReadError
from symgen.notes import NoteSequence, notes_of, read_bytes, readers, write, writers
from tests.notes.midi.files import midi

PITCHES = [62, 64, 66, 67, 69, 71, 73, 74]  # D major, in quarters of half a second
TUNE = NoteSequence(notes_of([(p, 80, k / 2, k / 2 + 0.5) for k, p in enumerate(PITCHES)]))
SCORE = b"""<?xml version="1.0" encoding="UTF-8"?><score-partwise version="3.1"><part-list>
<score-part id="P1"><part-name>Piano</part-name></score-part></part-list><part id="P1">
<measure number="1"><attributes><divisions>1</divisions></attributes>
<note><pitch><step>C</step><octave>4</octave></pitch><duration>1</duration></note></measure>
</part></score-partwise>"""


def zipped():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("score.musicxml", SCORE)
    return file.getvalue()


MIDI = midi(["00 90 3c 40", "81 70 80 3c 00"])
# a small file of each format: for a new reader add one here
SAMPLES = {
    ".abc": b"X:1\nT:One\nM:4/4\nL:1/4\nK:D\nDEFG|\n\nX:2\nT:Two\nM:4/4\nL:1/4\nK:D\nABcd|\n",
    ".mid": MIDI,
    ".midi": MIDI,
    ".kar": MIDI,
    ".rmi": MIDI,
    ".tfrecord": lambda: writers.make({"name": ".tfrecord"}).encode(TUNE),
    ".musicxml": SCORE,
    ".xml": SCORE,
    ".mxl": zipped(),
}


def sample(suffix):
    """Return the bytes of a small file; skip the test where an optional package is missing."""
    try:
        data = SAMPLES[suffix]
        data = data() if callable(data) else data
        read_bytes(data, f"a{suffix}")
    except MissingExtra as error:
        pytest.skip(str(error))
    return data


each_reader = pytest.mark.parametrize("suffix", readers)
each_writer = pytest.mark.parametrize("suffix", writers)


def test_every_reader_has_a_sample():
    assert SAMPLES.keys() == readers.keys()


@each_reader
def test_pieces_are_named_and_in_order(suffix):
    data, name = sample(suffix), f"somewhere/a{suffix}"
    pieces = read_bytes(data, name)
    numbered = [f"#{i}" for i in range(1, len(pieces) + 1)]
    assert [found for found, _ in pieces] == ([""] if len(pieces) == 1 else numbered)
    for _, piece in pieces:
        notes = piece.notes
        assert len(notes) and (np.diff(notes["start_time"]) >= 0).all()
        assert (notes["start_time"] >= 0).all() and (notes["end_time"] > notes["start_time"]).all()
        assert (notes["pitch"] < 128).all() and (notes["velocity"] > 0).all()
        assert name in piece.source.path
    assert read_bytes(data, name) == pieces


@each_reader
@settings(max_examples=10)
@given(data=st.data())
def test_a_damaged_file_is_music_or_one_line(suffix, data):
    whole = bytearray(sample(suffix))
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=4)):
        whole[place] = data.draw(st.integers(0, 255))
    cut = bytes(whole[: data.draw(st.integers(1, len(whole)))])
    try:
        pieces = read_bytes(cut, f"a{suffix}")
    except ReadError as error:
        pieces = [("", error)]
    for _, piece in pieces:
        if isinstance(piece, ReadError):
            assert str(piece).startswith(f"a{suffix}") and "\n" not in str(piece)


@each_writer
def test_what_is_written_is_read_back(suffix):
    writer = writers.make({"name": suffix})
    try:
        data = writer.encode(TUNE)
        ((_, again),) = read_bytes(data, f"a{suffix}")
    except MissingExtra as error:
        pytest.skip(str(error))
    assert again.notes["pitch"].tolist() == PITCHES
    for name in ("start_time", "end_time"):
        assert np.allclose(again.notes[name], TUNE.notes[name], atol=0.01)
    assert writer.encode(dataclasses.replace(TUNE)) == data


@each_writer
def test_a_file_is_not_replaced_and_an_unknown_option_is_named(suffix, tmp_path):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"kept")
    with pytest.raises(DataError, match="--force"):
        write(TUNE, path)
    with pytest.raises(BadOption, match="'colour'"):
        write(TUNE, tmp_path / f"b{suffix}", colour="red")
    assert path.read_bytes() == b"kept" and not (tmp_path / f"b{suffix}").exists()
