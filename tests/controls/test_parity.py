"""Density and pitch histogram beside note_seq's control signals, on real performances."""

import os

import numpy as np
import pytest

from symgen.controls import make_all
from symgen.controls.timeline import timeline
from symgen.encodings import encoding
from symgen.notes import read

EVERY = int(os.environ.get("SYMGEN_TEST_EVERY", "16"))  # 1 compares all performances
PIANO = encoding("performance")
BINS, NUMBER, HISTOGRAM = make_all(
    [{"name": "density", "form": "bins"}, {"name": "density"}, {"name": "pitch_histogram"}]
)


class Performance(list):
    """What a control signal asks of a performance: its events, and the steps of a second."""

    steps_per_second = 100


def performance(events):
    from note_seq.performance_encoder_decoder import PerformanceOneHotEncoding

    decoded = PerformanceOneHotEncoding(32)
    return Performance(decoded.decode_event(e) for e in events[:, 0].tolist())


def compared(events):
    from note_seq import performance_controls as theirs

    density = theirs.NoteDensityPerformanceControlSignal(
        3.0, [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0]
    )
    histogram = theirs.PitchHistogramPerformanceControlSignal(5.0)
    music, line = performance(events), timeline(PIANO, events)
    dense, classes = density.extract(music), histogram.extract(music)
    assert NUMBER.values(line)[line.moment] == pytest.approx(np.array(dense), abs=1e-6)
    assert np.abs(HISTOGRAM.seconds(line)[line.moment] - np.array(classes)).max() < 1e-6
    expected = [
        np.array([signal.encoder.events_to_input(values, i) for i in range(len(events))])
        for signal, values in ((density, dense), (histogram, classes))
    ]
    assert np.array_equal(BINS.compute(PIANO, events, {})[:, 1:], expected[0])
    assert np.abs(HISTOGRAM.compute(PIANO, events, {})[:, 1:] - expected[1]).max() < 1e-6


@pytest.mark.slow
def test_real_performances_are_told_as_note_seq_tells_them(corpora):
    pytest.importorskip("note_seq", reason="the extra `interop` is not installed")
    for path in sorted((corpora / "piano_performances").rglob("*.mid"))[::EVERY]:
        compared(PIANO.encode(read(path)))


@pytest.mark.parametrize("seed", range(20))
def test_nonsense_is_told_as_note_seq_tells_it(seed):
    """Note-ons of sounding pitches, note-offs of silent ones, shifts of any length."""
    pytest.importorskip("note_seq", reason="the extra `interop` is not installed")
    rng = np.random.default_rng(seed)
    kinds = np.stack(
        [
            rng.integers(low, high, 300)
            for low, high in ((58, 64), (186, 192), (256, 356), (356, 388))
        ]
    )
    compared(rng.permuted(kinds, axis=0)[0].astype(np.int32)[:, None])
