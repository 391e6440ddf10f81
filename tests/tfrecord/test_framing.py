"""The TFRecord framing, and files of NoteSequence protocol buffers."""

import gzip
import io
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgen.errors import ReadError
from symgen.notes import NoteSequence, Source, notes_of, read, read_bytes, write
from symgen.notes.interop.proto_files import SequencesWriter
from symgen.tfrecord import framing as tfrecord

GOLDEN = bytes.fromhex(  # one record, b"abc", as TensorFlow's TFRecordWriter spells it
    "03 00 00 00 00 00 00 00 b0 99 49 0e 61 62 63 6e 57 f1 21"
)


def song(pitch):
    return NoteSequence(notes=notes_of([(pitch, 64, 0, 1)]), source=Source(f"{pitch}.mid"))


@given(st.lists(st.binary(max_size=50)))
def test_records_come_back(records):
    file = io.BytesIO()
    assert tfrecord.write_records(file, records) == len(records)
    file.seek(0)
    assert list(tfrecord.read_records(file, "x")) == records


def test_the_bytes_are_those_of_tensorflow():
    assert tfrecord.frame(b"abc") == GOLDEN


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    def broken():
        yield b"first"
        raise RuntimeError

    with pytest.raises(RuntimeError):
        tfrecord.write_records(tmp_path / "x.tfrecord", broken())
    assert list(tmp_path.iterdir()) == []
    tfrecord.write_records(tmp_path / "x.tfrecord", [b"first", b""])
    assert list(tfrecord.read_records(tmp_path / "x.tfrecord")) == [b"first", b""]


THREE = b"".join(map(tfrecord.frame, [b"one", b"two", b"three"]))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (THREE[:-1], "record 3 is cut off: 8 of 9 bytes"),
        (THREE[:-9], "record 3 is cut off: 0 of 9 bytes"),
        (THREE[:22], "record 2 is cut off after 3 bytes"),
        (THREE.replace(b"two", b"twO"), "record 2 is corrupt (checksum of its data)"),
        (
            b"\x04" + THREE[1:],
            "record 1 is corrupt (checksum of its length), or this is not a TFRecord",
        ),
        (b"x" * 99, "record 1 is corrupt"),
    ],
    ids=["tail", "data", "head", "changed", "length", "other"],
)
def test_damage_names_the_file_and_the_record(tmp_path, data, message):
    path = tmp_path / "x.tfrecord"
    path.write_bytes(data)
    with pytest.raises(ReadError) as caught:
        list(tfrecord.read_records(path))
    assert str(caught.value).startswith(f"{path}: {message}")


def test_records_before_the_damage_are_read():
    assert list(itertools.islice(tfrecord.read_records(io.BytesIO(THREE[:-1]), "x"), 2)) == [
        b"one",
        b"two",
    ]


def test_a_length_that_is_not_true_costs_no_memory():
    length = (1 << 60).to_bytes(8, "little")
    data = length + tfrecord.TAIL.pack(tfrecord._masked(length))
    with pytest.raises(ReadError, match="record 1 is cut off"):
        list(tfrecord.read_records(io.BytesIO(data), "x"))


def test_a_record_beyond_the_limit_is_not_read(monkeypatch):
    monkeypatch.setattr(tfrecord, "LARGEST", 100)
    with pytest.raises(ReadError, match="record 1 is longer than the limit of 100 bytes"):
        list(tfrecord.read_records(io.BytesIO(tfrecord.frame(bytes(1000))), "x"))


def test_a_missing_file(tmp_path):
    with pytest.raises(ReadError, match="cannot be opened"):
        list(tfrecord.read_records(tmp_path / "none.tfrecord"))


def test_one_sequence_in_a_file(tmp_path):
    back = read(write(song(60), tmp_path / "x.tfrecord"))
    assert back == song(60)
    assert back.source.path == "60.mid"


def test_many_sequences_in_a_file(tmp_path):
    path = tmp_path / "many.tfrecord"
    path.write_bytes(b"".join(SequencesWriter().encode(song(pitch)) for pitch in (60, 61, 62)))
    pieces = read_bytes(path.read_bytes(), str(path))
    assert [suffix for suffix, _ in pieces] == ["#1", "#2", "#3"]
    assert [piece for _, piece in pieces] == [song(60), song(61), song(62)]


def test_a_compressed_file_is_told_apart_from_a_damaged_one():
    with pytest.raises(ReadError, match="is compressed; open a symgen dataset with"):
        read_bytes(gzip.compress(tfrecord.frame(b"abc")), "train-00000-of-00001.tfrecord")


def test_records_that_are_no_sequences():
    with pytest.raises(ReadError, match=r"x\.tfrecord: record 1 is not a NoteSequence"):
        read_bytes(tfrecord.frame(b"\xff\xff\xff"), "x.tfrecord")
