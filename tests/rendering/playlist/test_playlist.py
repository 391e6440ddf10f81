"""Many pieces and recordings become a playlist of one loudness."""

import numpy as np
import pytest
import soundfile

from symgen.audio.measures.loudness import Loudness
from symgen.audio.reading import blocks
from symgen.errors import BadOption, DataError
from symgen.notes import notes_of
from symgen.notes.sequence import NoteSequence
from symgen.rendering.playlist import Source, make
from symgen.rendering.playlist.limiter import limited, peaks
from symgen.rendering.playlist.mixing import Mixer
from tests.audio.sound import noise, save, tone

RATE = 22_050


def stereo(sound):
    return np.stack([sound, sound], 1)


def lufs(sound, rate=RATE):
    meter = Loudness(rate, sound.shape[1])
    meter.feed(sound.astype(np.float32))
    return meter.integrated()


def read(path):
    return np.concatenate(list(blocks(path, channels=2)))


def parts(sound, length):
    return [sound[i : i + length] for i in range(0, len(sound), length)]


@pytest.fixture
def songs(tmp_path):
    """A loud tone, soft noise between silences, and notes."""
    gap = np.zeros(RATE, np.float32)
    soft = np.concatenate([gap, noise(4.0, RATE, 0.01), gap])
    piece = NoteSequence(notes_of([(60, 90, 0, 1.0), (64, 90, 1, 2.0), (67, 90, 2, 3.0)]))
    return [
        Source("loud", save(tmp_path / "loud.wav", stereo(tone(4.0, RATE, 300.0, 0.9)), RATE)),
        Source("soft", save(tmp_path / "soft.flac", soft, RATE)),
        Source("notes", None, lambda: piece),
    ]


def test_tracks_have_one_loudness_and_the_mix_holds_them_all(tmp_path, songs):
    made = make(songs, tmp_path / "out", rate=RATE, loudness=-20, crossfade=1, synth="soundfont")
    names = [entry.path.name for entry in made.entries]
    assert names == ["01-loud.wav", "02-soft.wav", "03-notes.wav"] and made.failed == []
    for entry in made.entries:
        sound = read(entry.path)
        assert lufs(sound) == pytest.approx(-20, abs=0.3)
        assert lufs(sound) == pytest.approx(entry.lufs, abs=0.05)
        assert peaks(sound).max() < 10 ** (-1 / 20) and len(sound) / RATE == entry.seconds
    mix = read(made.mix)
    begins = [entry.begin for entry in made.entries]
    assert begins[:2] == pytest.approx([0, 3], abs=0.01)  # a second of cross-fade
    assert begins[2] == pytest.approx(3 + 4 - 1, abs=0.1)  # the silence around it is left out
    assert len(mix) / RATE == made.seconds
    middle = mix[round(1.0 * RATE) : round(2.5 * RATE)]
    assert (middle == read(made.entries[0].path)[round(1.0 * RATE) : round(2.5 * RATE)]).all()
    text = made.m3u.read_text(encoding="utf-8").splitlines()
    assert text[:3] == ["#EXTM3U", "#EXTINF:4,loud", "01-loud.wav"] and len(text) == 7


@pytest.mark.parametrize("suffix", [".mp3", ".ogg", ".flac"])
def test_other_formats(tmp_path, songs, suffix):
    made = make(songs[:2], tmp_path / "out", suffix=suffix, rate=RATE, loudness=-23)
    assert [entry.path.suffix for entry in made.entries] == [suffix] * 2
    assert lufs(read(made.entries[0].path)) == pytest.approx(-23, abs=0.3)
    assert soundfile.info(made.mix).duration == pytest.approx(made.seconds, abs=0.1)


def test_what_cannot_be_used_is_named_and_left_out(tmp_path, songs):
    bad = tmp_path / "bad.mp3"
    bad.write_text("text", encoding="utf-8")
    silent = save(tmp_path / "silent.wav", np.zeros(RATE), RATE)
    sources = [Source("bad", bad), songs[0], Source("silent", silent)]
    made = make(sources, tmp_path / "out", rate=RATE)
    assert [entry.title for entry in made.entries] == ["loud"]
    assert [title for title, _ in made.failed] == ["bad", "silent"]
    left = {path.name for path in (tmp_path / "out").iterdir()}
    assert left == {"02-loud.wav", "playlist.wav", "playlist.m3u8"}
    with pytest.raises(DataError, match="exists"):
        make(sources, tmp_path / "out", rate=RATE)
    with pytest.raises(DataError, match=r"no entry of the playlist can be used: .*is it really"):
        make(sources[:1], tmp_path / "none", rate=RATE)
    assert list((tmp_path / "none").iterdir()) == []
    for options in (dict(loudness=0), dict(crossfade=-1), dict(suffix=".aac"), dict(rate=5)):
        with pytest.raises(BadOption):
            make(songs, tmp_path / "bad", **options)


def test_high_peaks_keep_an_entry_softer_and_that_is_told(tmp_path):
    sound = 0.001 * noise(4.0, RATE)
    sound[:: RATE // 2] = 0.9
    path = save(tmp_path / "clicks.wav", sound, RATE)
    lines = []
    made = make([Source("clicks", path)], tmp_path / "out", rate=RATE, warn=lines.append)
    assert len(lines) == 1 and "because of its peaks; --loudness -" in lines[0]
    assert made.entries[0].lufs < -20
    assert peaks(read(made.entries[0].path)).max() <= 10 ** (-1 / 20)


@pytest.mark.parametrize("length", [100, 4_096, 100_000])
def test_the_limiter_holds_true_peaks_and_leaves_the_rest(length):
    time = np.arange(2 * RATE) / RATE
    sound = 0.3 * np.sin(2 * np.pi * RATE / 4 * time + np.pi / 4)  # peaks between the frames
    sound[RATE // 2 : RATE // 2 + 300] *= 6
    sound = stereo(sound.astype(np.float32))
    made = np.concatenate(list(limited(parts(sound, length), RATE)))
    assert made.shape == sound.shape
    assert peaks(sound).max() > 1.7 and 0.8 < peaks(made).max() < 10 ** (-1 / 20)
    far = slice(RATE // 2 + 300 + RATE // 10, None)
    assert (made[: RATE // 3] == sound[: RATE // 3]).all() and (made[far] == sound[far]).all()
    whole = np.concatenate(list(limited([sound], RATE)))
    assert np.abs(whole - made).max() < 1e-6


@pytest.mark.parametrize("length", [7, 64, 1000])
def test_a_cross_fade_keeps_the_power_and_the_length(length):
    first, second, third = (stereo(noise(1.0, 1000, 0.5, seed)) for seed in range(3))
    mixer = Mixer(200)
    out = []
    for sound in (first, second, third):
        out += list(mixer.add(iter(parts(sound, length)), len(sound)))
    sound = np.concatenate([*out, *mixer.end()])
    assert len(sound) == 2600 == mixer.at and mixer.begins == [0, 800, 1600]
    assert (sound[:800] == first[:800]).all() and (sound[1000:1600] == second[200:800]).all()
    angle = (np.arange(200)[:, None] + 0.5) / 200 * np.pi / 2
    expected = first[800:] * np.cos(angle) + second[:200] * np.sin(angle)
    assert np.abs(sound[800:1000] - expected).max() < 1e-6


def test_short_sounds_fade_for_half_their_length():
    mixer = Mixer(200)
    sounds = [np.ones((n, 2), np.float32) for n in (1000, 50, 1000)]
    out = [b for s in sounds for b in mixer.add(iter([s]), len(s))]
    assert sum(map(len, [*out, *mixer.end()])) == 1000 + 50 + 1000 - 25 - 25
