"""read, read_bytes and write: the extension picks the format; errors are one line."""

import os
import subprocess
import sys

import pytest

from symgen.errors import BadOption, DataError, MissingExtra, ReadError
from symgen.notes import (
    SUFFIXES,
    NoteSequence,
    Reader,
    Writer,
    notes_of,
    read,
    read_bytes,
    readers,
    write,
    writers,
)
from tests.notes.midi.files import midi

SCALE = midi(["00 90 3c 40", "81 70 80 3c 00"])
HEAVY = ["symusic", "mido", "music21", "note_seq", "pretty_midi", "tensorflow", "google_crc32c"]


@pytest.mark.parametrize("name", ["a.mid", "a.MID", "a.midi", "a.kar", "ünï – 名前.mid"])
def test_the_extension_picks_the_reader(tmp_path, name):
    (tmp_path / name).write_bytes(SCALE)
    assert len(read(tmp_path / name)) == 1
    assert read(str(tmp_path / name)).source.path == str(tmp_path / name)


def test_every_registered_format_is_what_it_says():
    for name in readers:
        assert issubclass(readers.load(name), Reader)
        assert readers.load(name).format
        assert name == name.lower()
    for name in writers:
        assert issubclass(writers.load(name), Writer)
    assert tuple(readers) == SUFFIXES
    assert set(writers) <= set(SUFFIXES)


def make(tmp_path, what):
    path = tmp_path / what
    if what == "folder.mid":
        path.mkdir()
    elif what != "missing.mid":
        path.write_bytes(b"" if what == "empty.mid" else b"text")
    return path


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("missing.mid", "no such file; check the path"),
        ("folder.mid", "is a folder; read its files with symgen.pieces"),
        ("empty.mid", "the file is empty"),
        ("song.mp3", "no reader for the extension .mp3; known: .abc .kar .mid .midi"),
        ("song", "no reader for a name without extension"),
        ("text.mid", "not a MIDI file"),
    ],
)
def test_what_cannot_be_read_is_one_line_that_names_the_file(tmp_path, what, message):
    path = make(tmp_path, what)
    with pytest.raises(ReadError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(
    os.name == "nt" or os.geteuid() == 0, reason="needs a user who may not read everything"
)
def test_a_file_one_may_not_read(tmp_path):
    path = tmp_path / "secret.mid"
    path.write_bytes(SCALE)
    path.chmod(0)
    with pytest.raises(ReadError, match="cannot be opened: Permission denied"):
        read(path)


def test_an_error_of_the_system_is_a_read_error(tmp_path, monkeypatch):
    (tmp_path / "a.mid").write_bytes(SCALE)

    def refuse(path, most):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("symgen.regular.contents", refuse)
    with pytest.raises(ReadError, match="cannot be opened: Permission denied"):
        read(tmp_path / "a.mid")


def test_a_name_with_a_nul_byte_is_a_read_error():
    with pytest.raises(ReadError, match=r"cannot be opened|no such file"):
        read("a\0b.mid")


def test_a_file_of_many_pieces_is_not_one(tmp_path):
    one = write(NoteSequence(notes=notes_of([(60, 64, 0, 1)])), tmp_path / "one.tfrecord")
    (tmp_path / "many.tfrecord").write_bytes(one.read_bytes() * 3)
    with pytest.raises(ReadError, match=r"holds 3 pieces; read it with symgen\.pieces"):
        read(tmp_path / "many.tfrecord")


def test_writing_to_an_unknown_extension(tmp_path):
    with pytest.raises(
        DataError, match=r"no writer for the extension \.xyz; known: \.abc \.mid \.midi"
    ):
        write(NoteSequence(), tmp_path / "a.xyz")


def test_a_missing_package_says_how_to_install_it(monkeypatch):
    for loaded in [m for m in sys.modules if m.split(".")[0] == "note_seq"]:
        monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setitem(sys.modules, "note_seq", None)
    with pytest.raises(MissingExtra, match=r"pip install 'symgen\[interop\]'"):
        read_bytes(b"x", "a.tfrecord")


def test_to_proto_without_note_seq_says_how_to_install_it(monkeypatch):
    for loaded in [m for m in sys.modules if m.split(".")[0] == "note_seq"]:
        monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setitem(sys.modules, "note_seq", None)
    with pytest.raises(MissingExtra, match=r"needs note-seq: pip install 'symgen\[interop\]'"):
        NoteSequence().to_proto()


def test_reading_and_writing_midi_loads_nothing_heavy(tmp_path):
    (tmp_path / "a.mid").write_bytes(SCALE)
    code = (
        "import sys; from symgen.notes import read, write; from symgen.notes.pedal import sustain; "
        "write(sustain(read(sys.argv[1])), sys.argv[2]); print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.mid"), str(tmp_path / "b.mid")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert not {m.split(".")[0] for m in done.stdout.split()} & set(HEAVY)
    assert done.stderr == ""


def test_options_of_readers_are_keywords(tmp_path):
    path = tmp_path / "a.abc"
    path.write_text("X:1\nM:4/4\nL:1/4\nK:C\n^FFf|\n")
    assert read(path).notes["pitch"].tolist() == [66, 66, 77]
    assert read(path, accidentals="pitch").notes["pitch"].tolist() == [66, 66, 78]
    path.write_text("X:1\nM:4/4\nL:1/4\nK:C\n%%propagate-accidentals not\n^FFf|\n")
    assert read(path, accidentals="pitch").notes["pitch"].tolist() == [66, 65, 77]


def test_options_of_other_formats_are_without_effect(tmp_path):
    (tmp_path / "a.mid").write_bytes(SCALE)
    assert read(tmp_path / "a.mid", accidentals="pitch") == read(tmp_path / "a.mid")
    with pytest.raises(BadOption, match="no scope of accidentals is called 'every'"):
        read(tmp_path / "a.mid", accidentals="every")
    with pytest.raises(BadOption, match="no option of reading is called 'accidental'"):
        read(tmp_path / "a.mid", accidental="pitch")
