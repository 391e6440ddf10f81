"""Sound files: every format reads back at its length and level, whole or not at all."""

import dataclasses
import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
import soundfile

from symgen.errors import BadOption, DataError, ReadError
from symgen.notes.sequence import NoteSequence
from symgen.rendering import Rendered, audio, ogg, render, synthesiser, synths
from symgen.rendering.base import Synth
from tests.rendering.font import RATE


@pytest.fixture
def chord(piece):
    return piece(pitch=[48, 60, 64, 67], velocity=[100, 90, 90, 127], end_time=1.5)


def blocks(seconds, level=0.1, rate=RATE):
    rng = np.random.default_rng(0)
    left = round(seconds * rate)
    while left > 0:
        yield (level * rng.uniform(-1, 1, (min(left, 100_000), 2))).astype(np.float32)
        left -= 100_000


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".mp3"])
def test_each_format_reads_back(tmp_path, chord, suffix):
    done = render(chord, tmp_path / f"chord{suffix}", synth="soundfont")
    sound, rate = soundfile.read(done.path, always_2d=True)
    assert (rate, sound.shape[1]) == (RATE, 2)
    assert len(sound) / rate == pytest.approx(done.seconds, abs=0.06)
    assert np.abs(sound).max() <= 10 ** (-0.5 / 20)
    assert 20 * np.log10(np.abs(sound).max()) == pytest.approx(done.peak, abs=0.5)
    assert 20 * np.log10(np.sqrt((sound**2).mean())) == pytest.approx(done.loudness, abs=0.5)
    assert -1.5 < done.peak < -0.999


def test_what_was_done_is_told(tmp_path, chord):
    done = render(chord, tmp_path / "a.wav", synth="soundfont")
    assert isinstance(done, Rendered)
    assert (done.synth, Path(done.soundfont).suffix, done.warnings) == ("soundfont", ".sf2", ())
    assert 1.5 < done.seconds < 5


def test_what_a_file_has_and_is_not_heard_is_said(tmp_path, chord):
    unplayed = "2 grace notes left out", "9 lyrics left out", "its repeats are written out"
    source = dataclasses.replace(chord.source, unplayed=unplayed)
    done = render(chord.replace(source=source), tmp_path / "a.wav", synth="soundfont", rate=8000)
    assert done.warnings == ("2 x grace notes left out",)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".mp3"])
def test_the_same_notes_give_the_same_bytes(tmp_path, chord, suffix):
    digests = {
        hashlib.sha256(
            render(chord, tmp_path / f"{i}{suffix}", synth="soundfont").path.read_bytes()
        ).digest()
        for i in "ab"
    }
    assert len(digests) == 1


def test_a_quiet_piece_is_as_loud_as_a_loud_one(tmp_path, piece):
    loud, quiet = (
        render(piece(pitch=60, velocity=v), tmp_path / f"{v}.wav", synth="soundfont")
        for v in (127, 3)
    )
    assert quiet.peak == pytest.approx(loud.peak, abs=0.3)


def test_the_rate_is_kept(tmp_path, chord):
    done = render(chord, tmp_path / "a.flac", rate=22050, synth="soundfont")
    assert soundfile.info(done.path).samplerate == 22050


def test_a_file_is_replaced_only_when_forced(tmp_path, chord):
    path = tmp_path / "a.wav"
    path.write_bytes(b"mine")
    with pytest.raises(DataError, match="exists; give another -o or --force"):
        render(chord, path)
    assert path.read_bytes() == b"mine"
    render(chord, path, force=True, synth="soundfont")
    assert soundfile.info(path).frames > RATE


@pytest.mark.parametrize("name", ["a.aiff", "a", "a.mid"])
def test_an_unknown_extension_is_refused(tmp_path, chord, name):
    with pytest.raises(BadOption, match=r"known: \.wav, \.flac, \.ogg, \.mp3, \.png"):
        render(chord, tmp_path / name)


@pytest.mark.parametrize(
    ("name", "rate"), [("a.wav", 0), ("a.wav", 4000), ("a.ogg", 10**6), ("a.mp3", 96000)]
)
def test_a_rate_that_cannot_be_is_refused(tmp_path, chord, name, rate):
    with pytest.raises(BadOption, match=f"rate {rate}"):
        render(chord, tmp_path / name, rate=rate, synth="soundfont")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["a.wav", "a.png"])
def test_no_notes_is_an_error(tmp_path, name):
    with pytest.raises(DataError, match="no notes"):
        render(NoteSequence(), tmp_path / name, synth="soundfont")
    assert not list(tmp_path.iterdir())


def test_silence_is_an_error(tmp_path, chord, font):
    path = font({54: 1, 43: 0 | 1 << 8})
    with pytest.raises(DataError, match="nothing sounds"):
        render(chord, tmp_path / "a.wav", soundfont=path, synth="soundfont")
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("synth", ["soundfont", "fluidsynth", None])
def test_a_missing_or_bad_font_is_an_error_in_one_line(tmp_path, chord, synth):
    with pytest.raises(ReadError, match=r"^[^\n]*none\.sf2: no such soundfont; give [^\n]*$"):
        render(chord, tmp_path / "a.wav", soundfont=tmp_path / "none.sf2", synth=synth)
    (tmp_path / "bad.sf2").write_bytes(b"no font")
    with pytest.raises(
        ReadError, match=r"^[^\n]*bad\.sf2: not a soundfont[^\n]*--soundfont[^\n]*$"
    ):
        render(chord, tmp_path / "a.wav", soundfont=tmp_path / "bad.sf2", synth=synth)
    assert [p.name for p in tmp_path.iterdir()] == ["bad.sf2"]


def test_an_endless_piece_is_refused(tmp_path, piece):
    with pytest.raises(DataError, match=r"24\.0 hours long, but at most 6 hours"):
        render(
            piece(pitch=60, start_time=86400.0 - 1, end_time=86400.0),
            tmp_path / "a.wav",
            synth="soundfont",
        )


def test_a_failure_while_playing_leaves_nothing(tmp_path):
    def broken():
        yield next(blocks(1))
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        audio.save(broken(), tmp_path / "a.wav", RATE)
    assert not list(tmp_path.iterdir())


def test_a_wav_over_four_gigabytes_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(audio, "WAV_BYTES", 100_000)
    with pytest.raises(DataError, match=r"4 GiB of a WAV file; use \.flac"):
        audio.save(blocks(1), tmp_path / "a.wav", RATE)
    audio.save(blocks(1), tmp_path / "a.flac", RATE)


def test_a_long_ogg_is_written_in_blocks(tmp_path):
    seconds, peak, _ = audio.save(blocks(150, rate=16000), tmp_path / "a.ogg", 16000)
    assert soundfile.info(tmp_path / "a.ogg").frames == 150 * 16000
    assert (seconds, peak) == (150, pytest.approx(-1, abs=3))


def test_an_ogg_is_renumbered_and_its_checksums_hold(tmp_path):
    audio.save(blocks(2), tmp_path / "a.ogg", RATE)
    data, at, pages = (tmp_path / "a.ogg").read_bytes(), 0, 0
    while at < len(data):
        _, _, _, _, serial, page, checksum, segments = ogg.HEAD.unpack_from(data, at)
        length = (
            ogg.HEAD.size + segments + sum(data[at + ogg.HEAD.size : at + ogg.HEAD.size + segments])
        )
        assert (serial, page) == (ogg.SERIAL, pages)
        assert checksum == slow_checksum(
            data[at : at + 22] + b"\0\0\0\0" + data[at + 26 : at + length]
        )
        at, pages = at + length, pages + 1
    assert pages > 4


def slow_checksum(data):
    """The checksum as the Ogg specification words it, byte for byte."""
    out = 0
    for byte in data:
        out ^= byte << 24
        for _ in range(8):
            out = (out << 1 ^ ogg.POLYNOMIAL) if out & 0x80000000 else out << 1
    return out


def test_what_is_no_ogg_is_not_touched():
    with pytest.raises(ValueError, match="no Ogg page at byte 0"):
        ogg.renumber(io.BytesIO(b"RIFF" * 20))


def test_the_peak_between_frames_counts():
    turn = (
        np.pi / 2 * np.arange(400) + np.pi / 4
    )  # a quarter of the rate: every frame misses the peak
    block = np.stack([np.sin(turn)] * 2, 1).astype(np.float32)
    assert np.abs(block).max() == pytest.approx(0.707, abs=1e-3)
    assert audio.true_peak(block) > 0.85
    assert audio.measure([block], io.BytesIO()).peak == audio.true_peak(block)


@pytest.mark.parametrize("name", sorted(synths))
def test_every_synth_is_one(name):
    made = synths.make({"name": name})
    assert isinstance(made, Synth)
    assert made.soundfont == ""
    assert made.font.is_file()


def test_the_synth_is_fluidsynth_where_it_is_installed(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert synthesiser()[0] == "soundfont"
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}")
    assert synthesiser()[0] == "fluidsynth"
    assert synthesiser("soundfont")[0] == "soundfont"
    with pytest.raises(BadOption, match="Did you mean 'soundfont'"):
        synthesiser("soundfnt")
