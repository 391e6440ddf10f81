"""MP3 is read whole whatever its header says, and over what is damaged."""

import io

import numpy as np
import pytest
import soundfile

from symgen.audio.reading import blocks, info, mpeg, soundfiles
from symgen.audio.reading.joined import Joined
from tests.audio.sound import RATE, save, tone


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    """20 s that begin with silence, so that the bit rate varies; bytes of a file with Xing."""
    quiet = np.zeros(5 * RATE, np.float32)
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 10 * RATE).astype(np.float32)
    sound = np.concatenate([quiet, tone(5.0), noise])
    path = tmp_path_factory.mktemp("song") / "a.mp3"
    return save(path, sound, bitrate_mode="VARIABLE", compression_level=0.5).read_bytes()


def read(path):
    lines = []
    return np.concatenate(list(blocks(path, warn=lines.append)))[:, 0], lines


def plain(song):
    """The file without its first frame, the Xing header."""
    found = mpeg.scan(io.BytesIO(song))
    return song[len(found.head) :], found


def test_frames_are_found_and_counted(song):
    found = mpeg.scan(io.BytesIO(song))
    assert found.in_order and found.claimed == found.frames and found.lost == 0
    assert found.frames * found.stream.samples == pytest.approx(20 * RATE, abs=3000)
    assert found.ranges == [(0, len(song))]


def test_a_file_without_a_xing_header_is_read_whole(tmp_path, song):
    path = tmp_path / "a.mp3"
    path.write_bytes(song)
    expected, _ = read(path)
    data, found = plain(song)
    path.write_bytes(data)
    with soundfile.SoundFile(path) as file:
        short = file.frames  # what libsndfile guesses from the first frame
    sound, lines = read(path)
    assert lines == []
    assert len(sound) == pytest.approx(found.frames * found.stream.samples, abs=1000)
    assert abs(short - len(sound)) > RATE, "libsndfile has learned it: mpeg.py may go"
    shift = np.abs(sound).argmax() - np.abs(expected).argmax()
    assert 0 <= shift < 3000  # the silence that the encoder put before
    length = len(sound) - 3000
    assert np.abs(sound[shift:][:length] - expected[:length]).max() < 0.01


def test_short_reads_give_the_same_sound(tmp_path, song, monkeypatch):
    path = tmp_path / "a.mp3"
    path.write_bytes(song)
    expected, _ = read(path)
    monkeypatch.setattr(soundfiles, "CHUNK", 5000)
    assert (read(path)[0] == expected).all()


def test_files_one_after_the_other_are_read(tmp_path, song):
    path = tmp_path / "a.mp3"
    path.write_bytes(song + b"ID3\x04\0\0\0\0\0\x04abcd" + song + b"TAG" + bytes(125))
    sound, lines = read(path)
    assert len(sound) == pytest.approx(40 * RATE, abs=5000) and lines == []
    assert info(path).seconds == pytest.approx(40, abs=0.3)


def test_damage_in_the_middle_is_skipped_and_told(tmp_path, song):
    path = tmp_path / "a.mp3"
    half = len(song) // 2
    junk = np.random.default_rng(1).bytes(5000)
    path.write_bytes(song[:half] + junk + song[half + 5000 :])
    sound, lines = read(path)
    assert 15 * RATE < len(sound) < 20 * RATE
    assert len(lines) == 1 and lines[0].endswith("bytes among its frames are no MP3: skipped")


@pytest.mark.parametrize("before", [2_000, 200_000])
def test_what_stands_before_the_frames_is_skipped(tmp_path, song, before):
    path = tmp_path / "a.mp3"
    path.write_bytes(b"ID3\x04\0\0\0\0\x08\0" + bytes(1024) + bytes(before) + song)
    sound, lines = read(path)
    assert len(sound) == 20 * RATE
    assert lines == [f"{before:,} bytes among its frames are no MP3: skipped"]


def test_bytes_that_look_like_frames_cost_little():
    for data in (b"\xff\xfb" * 2_000_000, b"\xff" * 4_000_000, b"ID3\x04\0\0\x7f\x7f\x7f\x7f", b""):
        assert mpeg.scan(io.BytesIO(data)) is None


def test_a_joined_file_reads_like_the_bytes_it_stands_for():
    source = io.BytesIO(bytes(range(100)))
    joined = Joined(source, b"head", [(10, 20), (50, 53)])
    expected = b"head" + bytes(range(10, 20)) + bytes(range(50, 53))
    assert joined.read() == expected
    for at in range(len(expected) + 2):
        joined.seek(at)
        assert joined.read(5) == expected[at : at + 5] and joined.tell() == at + len(
            expected[at : at + 5]
        )
    assert joined.seek(-2, io.SEEK_END) == len(expected) - 2
