"""Damaged and strange recordings: what is sound is read, and the rest gets one line."""

import os
import struct
import sys

import numpy as np
import pytest

from symgen.audio.reading import blocks, containers, info
from symgen.audio.reading.quiet import quiet
from symgen.errors import ReadError
from symgen.limits import Limits, using
from tests.audio.sound import RATE, noise, save, tone


def read(path, *args):
    lines = []
    return np.concatenate(list(blocks(path, *args, warn=lines.append))), lines


def refused(path):
    with pytest.raises(ReadError) as caught:
        read(path)
    message = str(caught.value)
    assert message.startswith(str(path)) and "\n" not in message
    return message


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".opus", ".mp3", ".aiff", ".m4a"])
def test_what_is_no_sound_is_refused_in_one_line(tmp_path, suffix, capfd):
    if suffix == ".m4a":
        pytest.importorskip("av")
    path = tmp_path / f"a{suffix}"
    path.write_text("this is text\n" * 300, encoding="utf-8")
    assert "is it really" in refused(path)
    path.write_bytes(np.random.default_rng(0).bytes(5000))
    refused(path)
    path.write_bytes(b"")
    assert "is empty (0 bytes)" in refused(path)
    path.unlink()
    assert "No such file" in refused(path)
    path.mkdir()
    assert "not a regular file (a folder" in refused(path)
    assert capfd.readouterr() == ("", "")


def test_other_extensions_are_refused(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("x", encoding="utf-8")
    assert "no recording ends in '.txt'; known: .3gp" in refused(path)


@pytest.mark.parametrize("suffix", [".flac", ".mp3"])
def test_the_beginning_of_a_file_that_was_cut_off_is_read(tmp_path, suffix, capfd):
    path = save(tmp_path / f"a{suffix}", np.stack([tone(30.0)] * 2, 1))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    sound, lines = read(path)
    assert 12 * RATE < len(sound) < 16 * RATE
    assert len(lines) == 1 and "of the 30.0 s that its header claims: " in lines[0]
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("suffix", [".wav", ".aiff", ".ogg", ".opus"])
def test_a_file_that_ends_early_is_told_where_libsndfile_is_silent(tmp_path, suffix):
    path = save(tmp_path / f"a{suffix}", noise(12.0))
    assert read(path)[1] == []
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    sound, lines = read(path)
    assert 4 * RATE < len(sound) < 8 * RATE
    assert len(lines) == 1 and lines[0].endswith(": cut off")


def test_a_recording_that_was_broken_off_is_read(tmp_path):
    path = save(tmp_path / "a.wav", tone(2.0))
    data = bytearray(path.read_bytes())
    data[4:8] = data[40:44] = bytes(4)
    path.write_bytes(data)
    sound, lines = read(path)
    assert len(sound) == 2 * RATE and np.abs(sound[:, 0] - tone(2.0)).max() < 1e-4
    assert len(lines) == 1 and "recording was broken off" in lines[0]


@pytest.mark.parametrize("suffix", [".ogg", ".opus"])
def test_streams_of_ogg_one_after_the_other_are_read(tmp_path, suffix):
    """As a recorder of radio writes them: a stream for each song."""
    songs = [tone(1.0), tone(2.0, pitch=880.0)]
    data = [save(tmp_path / f"a{suffix}", song).read_bytes() for song in songs]
    path = tmp_path / f"b{suffix}"
    path.write_bytes(b"".join(data))
    sound, lines = read(path)
    assert len(sound) == 3 * RATE and lines == [] and info(path).frames is None
    assert np.abs(sound[:, 0] - np.concatenate(songs))[2000:-2000].mean() < 0.05
    path.write_bytes(data[0] + save(tmp_path / f"c{suffix}", tone(1.0, 8000), 8000).read_bytes())
    sound, lines = read(path)
    assert len(sound) == RATE
    assert lines == ["streams of another rate or other channels follow: not read"]


def test_a_stream_of_flac_without_a_length_is_read(tmp_path):
    path = save(tmp_path / "a.flac", tone(10.0))
    data = bytearray(path.read_bytes())
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    path.write_bytes(data)
    sound, lines = read(path)
    assert info(path).frames is None and len(sound) == 10 * RATE and lines == []


def test_a_header_that_claims_hours_is_no_longer_believed(tmp_path):
    path = save(tmp_path / "a.flac", tone(10.0))
    data = bytearray(path.read_bytes())
    counts = int.from_bytes(data[18:26], "big")  # the last 36 bits count the frames

    def claim(hours):
        data[18:26] = (counts >> 36 << 36 | hours * 3600 * RATE).to_bytes(8, "big")
        path.write_bytes(data)

    claim(10)
    sound, lines = read(path)
    assert len(sound) > 5 * RATE
    assert "of the 36,000.0 s that its header claims" in lines[-1]
    claim(100)
    assert "360,000 seconds of sound, over the limit of 86,400" in refused(path)


def test_a_fault_inside_a_library_is_one_line(tmp_path, monkeypatch):
    path = save(tmp_path / "a.wav", tone(1.0))
    monkeypatch.setattr(containers, "remarks", lambda file: [][0])
    assert "the decoder failed: IndexError: list index out of range" in refused(path)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".opus", ".mp3", ".aiff"])
def test_any_change_of_bytes_is_read_or_refused(tmp_path, suffix):
    data = save(tmp_path / f"a{suffix}", tone(0.3)).read_bytes()
    draw = np.random.default_rng(0)
    path = tmp_path / f"b{suffix}"
    for _ in range(30):
        changed = bytearray(data)
        for at in draw.integers(0, min(len(data), 200), 3):
            changed[at] = draw.integers(256)
        path.write_bytes(changed[: draw.integers(1, len(data) + 1)])
        reason = ""
        try:
            assert np.isfinite(read(path, 8000)[0]).all()
        except ReadError as error:
            reason = str(error)
        assert "decoder failed" not in reason and "\n" not in reason


def test_the_limit_of_sound_holds(tmp_path):
    path = save(tmp_path / "a.wav", tone(3.0))
    with using(Limits(sound=2.0)):
        assert "raise the limit sound if you trust it" in refused(path)


def test_silence_that_is_packed_to_nothing_is_refused_beyond_the_limit(tmp_path):
    path = save(tmp_path / "a.flac", np.zeros(100_000))
    assert path.stat().st_size < 1_000
    assert len(read(path)[0]) == 100_000
    with using(Limits(bytes=150_000)):
        assert "more than the limit of 150,000 bytes" in refused(path)
        assert len(read(save(tmp_path / "b.flac", noise(10.0)))[0]) == 10 * RATE


def test_what_is_no_number_is_silence_and_counted(tmp_path):
    sound = tone(1.0)
    sound[100:120], sound[500] = np.nan, -np.inf
    got, lines = read(save(tmp_path / "a.wav", sound, subtype="FLOAT"), 8000)
    assert np.isfinite(got).all() and len(got) == 8000
    assert lines == ["21 values that are no numbers: read as silence"]


def test_another_scale_is_refused(tmp_path):
    path = save(tmp_path / "a.wav", tone(1.0) * 32768, subtype="FLOAT")
    assert "values up to 16384, where full scale is 1" in refused(path)


def test_strange_rates_and_channels(tmp_path):
    path = save(tmp_path / "a.wav", tone(0.5, 384_000), 384_000)
    assert len(read(path, 16_000)[0]) == 8000
    path = save(tmp_path / "b.wav", np.zeros((100, 32)))
    assert "32 channels, over the limit of 8" in refused(path)
    path = save(tmp_path / "c.wav", np.zeros(100), 44_100)
    data = bytearray(path.read_bytes())
    data[24:28] = struct.pack("<I", 2_000_000_000)
    path.write_bytes(data)
    assert "2,000,000,000 frames per second; expected 1,000 to 768,000" in refused(path)
    path = save(tmp_path / "d.wav", np.zeros(0))
    assert "holds no sound (0 frames)" in refused(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_does_not_block(tmp_path):
    os.mkfifo(tmp_path / "a.wav")
    with pytest.raises(ReadError, match="not a regular file"):
        info(tmp_path / "a.wav")


def test_only_c_code_is_kept_quiet(capfd):
    with quiet(), quiet():
        print("python speaks", file=sys.stderr)
    assert capfd.readouterr().err == "python speaks\n"
