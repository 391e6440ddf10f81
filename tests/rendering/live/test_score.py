"""Whole pieces and streams in blocks."""

import numpy as np
import pytest

from symgen.notes.sequence import CONTROL_CHANGE, NOTE, NoteSequence, table
from symgen.rendering.soundfont.live import BlockSynth, Sampler
from symgen.rendering.soundfont.live.score import follow, perform
from symgen.rendering.soundfont.synth import Soundfont
from symgen.sampling.engine.event_decoder import StreamEvent

RATE = 16000


@pytest.fixture(scope="module")
def sampler():
    return Sampler.open(rate=RATE)


@pytest.fixture
def performance():
    """Eight seconds of two instruments and drums with a pedal that stays down."""
    rng = np.random.default_rng(5)
    start = rng.uniform(0, 8, 60)
    notes = table(
        NOTE,
        pitch=rng.integers(36, 80, 60),
        velocity=rng.integers(20, 120, 60),
        start_time=start,
        end_time=start + rng.uniform(0.05, 2, 60),
        instrument=np.arange(60) % 3,
        program=(np.arange(60) % 3) * 20,
        is_drum=np.arange(60) % 3 == 2,
    )
    changes = table(
        CONTROL_CHANGE,
        time=[0, 1, 2.5, 3, 11],
        control_number=[7, 64, 64, 64, 64],
        control_value=[90, 127, 0, 127, 0],
    )
    return NoteSequence(notes=notes, control_changes=changes)


@pytest.mark.parametrize("frames", [1000, 4001, 16000])
def test_a_piece_sounds_as_it_is_rendered(sampler, performance, frames):
    whole = np.concatenate(list(Soundfont().play(performance, RATE, print)))
    blocks = list(perform(performance, BlockSynth(sampler), frames))
    sound = np.concatenate(blocks)
    assert {len(block) for block in blocks} == {frames}
    shared = min(len(sound), len(whole))
    np.testing.assert_allclose(sound[:shared], whole[:shared], atol=1e-6)
    assert not sound[shared:].any()
    assert np.abs(whole[shared:]).max(initial=0) < 1e-6


def test_a_piece_is_given_as_it_is_played(sampler, performance):
    synth = BlockSynth(sampler)
    blocks = perform(performance, synth, 1000)
    next(blocks)
    assert len(synth._events) < 10


def test_a_stream_is_read_no_further_than_it_is_heard(sampler):
    read = []

    def stream():
        for k in range(1000):
            read.append(k)
            yield StreamEvent("on", k * 0.1, 60, 80)
            yield StreamEvent("off", k * 0.1 + 0.09, 60, 80)

    blocks = follow(stream(), BlockSynth(sampler), RATE // 4)
    sound = np.concatenate([next(blocks) for _ in range(8)])
    assert len(read) < 25
    assert np.abs(sound[:RATE]).max() > 0.01
