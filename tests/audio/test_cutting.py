"""Mixes are cut at quiet places."""

import numpy as np
import pytest

from symgen.audio.cutting import cuts, sounds, tracks
from symgen.errors import BadOption
from tests.audio.sound import RATE, noise, save


@pytest.fixture(scope="module")
def mix(tmp_path_factory):
    """Noise of 20, 14 and 17 seconds with 2 seconds of silence between."""
    gap = np.zeros(2 * RATE, np.float32)
    sound = np.concatenate([noise(20.0), gap, noise(14.0), gap, noise(17.0)])
    return save(tmp_path_factory.mktemp("mix") / "mix.flac", sound)


def test_a_mix_is_cut_in_the_silence_between_its_songs(mix):
    found = tracks(mix, 24.0)
    assert [t.name for t in found] == ["mix.flac#1", "mix.flac#2", "mix.flac#3"]
    assert [t.start_s for t in found] == pytest.approx([0, 21, 37], abs=0.2)
    assert sum(t.seconds for t in found) == pytest.approx(55, abs=0.01)
    assert {t.source for t in found} == {str(mix)}


def test_what_is_short_enough_stays_whole(mix):
    assert [(t.name, t.start_s, t.seconds) for t in tracks(mix, 55)] == [("mix.flac", 0.0, 55.0)]
    assert len(tracks(mix)) == 1
    with pytest.raises(BadOption, match="longest 5"):
        tracks(mix, 5)


@pytest.mark.parametrize("hops", [101, 137, 150, 199, 250, 1000])
def test_no_track_is_too_long_or_tiny(hops):
    power = np.random.default_rng(hops).random(hops)
    lengths = np.diff([0, *cuts(power, 100), hops])
    assert lengths.max() <= 100 and lengths.min() >= 25


def test_the_sound_of_tracks_is_that_of_the_recording(mix):
    parts = tracks(mix, 24.0)
    pieces = {t.name: [] for t in parts}
    for track, block in sounds(mix, parts, 8000):
        pieces[track.name].append(block)
    lengths = [len(np.concatenate(p)) for p in pieces.values()]
    assert lengths == pytest.approx([8000 * t.seconds for t in parts], abs=1)
    (whole,) = tracks(mix)
    assert sum(len(block) for _, block in sounds(mix, [whole], 8000)) == 55 * 8000
    chosen = [len(block) for _, block in sounds(mix, parts[1:2], 8000)]
    assert sum(chosen) == pytest.approx(8000 * parts[1].seconds, abs=1)
