"""Recordings are read in blocks, at the rate and with the channels that are asked for."""

import subprocess
import sys

import numpy as np
import pytest
import soxr

from symgen.audio.reading import SUFFIXES, blocks, info, is_audio
from symgen.errors import BadOption, MissingExtra
from tests.audio.sound import RATE, save, tone

LOSSLESS = (".wav", ".flac", ".aiff")


def whole(path, *args, **options):
    return np.concatenate(list(blocks(path, *args, **options)))


def pitch(sound, rate):
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return spectrum.argmax() * rate / len(sound)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".opus", ".mp3", ".aiff"])
def test_each_format_is_read(tmp_path, suffix):
    path = save(tmp_path / f"a{suffix}", tone(2.0))
    told = info(path)
    sound = whole(path)
    assert (told.rate, told.channels, told.frames) == (RATE, 1, 2 * RATE)
    assert sound.dtype == np.float32 and sound.shape == (2 * RATE, 1)
    assert abs(pitch(sound[:, 0], RATE) - 440) < 1
    assert np.abs(sound[2000:-2000]).max() == pytest.approx(0.5, abs=0.03)
    if suffix in LOSSLESS:
        assert np.abs(sound[:, 0] - tone(2.0)).max() < 1e-4


def test_blocks_have_the_length_that_is_asked_for(tmp_path):
    path = save(tmp_path / "a.wav", tone(2.5))
    assert [len(b) for b in blocks(path, seconds=1.0)] == [RATE, RATE, RATE // 2]
    assert [len(b) for b in blocks(path, 8000, seconds=1.0)] == [8000, 8000, 4000]


@pytest.mark.parametrize("rate", [8000, 22_050, 48_000])
def test_resampling_in_blocks_is_that_of_the_whole(tmp_path, rate):
    path = save(tmp_path / "a.flac", tone(20.0, peak=0.9))
    expected = soxr.resample(whole(path, channels=None), RATE, rate)
    assert np.abs(whole(path, rate, seconds=0.37) - expected).max() < 1e-5


def test_channels_are_kept_or_mixed(tmp_path):
    left, right = tone(0.5), tone(0.5, pitch=660.0)
    path = save(tmp_path / "a.wav", np.stack([left, right], 1), subtype="FLOAT")
    assert np.allclose(whole(path)[:, 0], (left + right) / 2, atol=1e-6)
    assert (whole(path, channels=2) == np.stack([left, right], 1)).all()
    assert whole(path, channels=None).shape[1] == 2
    four = save(tmp_path / "b.wav", np.stack([left, right, left, right], 1), subtype="FLOAT")
    assert np.allclose(whole(four, channels=2), ((left + right) / 2)[:, None], atol=1e-6)
    one = save(tmp_path / "c.wav", left, subtype="FLOAT")
    assert (whole(one, channels=2) == left[:, None]).all()


def test_names_tell_what_is_a_recording():
    assert is_audio("a/b.MP3") and is_audio("x.m4a") and not is_audio("x.mid")
    assert {".wav", ".flac", ".ogg", ".opus", ".mp3", ".aiff"} <= set(SUFFIXES)


def test_bad_arguments_are_refused(tmp_path):
    path = save(tmp_path / "a.wav", tone(0.1))
    for options in (dict(rate=10), dict(channels=3), dict(seconds=0)):
        with pytest.raises(BadOption):
            next(blocks(path, **options))


def test_video_is_read_where_av_is_installed(tmp_path):
    av = pytest.importorskip("av")
    path = tmp_path / "a.m4a"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("aac", rate=RATE, layout="stereo")
        sound = np.stack([tone(2.0)] * 2)
        frame = av.AudioFrame.from_ndarray(sound, "fltp", "stereo")
        frame.rate = RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            out.mux(packet)
    read = whole(path, 8000)
    assert info(path).format == "AAC" and info(path).channels == 2
    assert abs(len(read) / 8000 - 2) < 0.2 and abs(pitch(read[:, 0], 8000) - 440) < 1


def test_the_error_names_the_extra_of_video(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    path = tmp_path / "a.m4a"
    path.write_bytes(b"x")
    with pytest.raises(
        MissingExtra, match=r"sound in \.m4a needs av: pip install 'symgen\[video\]'"
    ):
        info(path)


def test_nothing_heavy_is_imported_before_a_file_is_read():
    code = "import sys, symgen.audio.reading; print({'soxr', 'soundfile', 'av'} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "set()"
