"""What the tests of sound share: a small soundfont, pieces, and what one measures."""

import numpy as np
import pytest

from symgen.notes.sequence import NOTE, NoteSequence, table
from symgen.rendering.soundfont.synth import Soundfont
from tests.rendering.font import RATE, Font, sine


@pytest.fixture
def font(tmp_path):
    """Make a soundfont of one preset: font(zone settings) -> path; by default a looped sine."""

    def make(
        *zones, name="font.sf2", bank=0, program=0, data=None, loop=None, outer=None, **sample
    ):
        made = Font()
        data = sine(1) if data is None else data
        made.sample(data, loop or (0, len(data)), **sample)
        made.instrument(*({**z, 53: 0} for z in zones or ({54: 1},)))
        made.preset(bank, program, {**(outer or {}), 41: 0})
        path = tmp_path / name
        path.write_bytes(made.bytes())
        return path

    return make


@pytest.fixture
def piece():
    """Make a NoteSequence from columns: piece(pitch=60, start_time=0, ...)."""

    def make(control_changes=None, **columns):
        columns = {"velocity": 80, "start_time": 0.0, "end_time": 1.0, **columns}
        more = {} if control_changes is None else {"control_changes": control_changes}
        return NoteSequence(notes=table(NOTE, **columns), **more)

    return make


@pytest.fixture
def fundamental():
    """Measure the frequency of the strongest partial in hertz, between the bins."""

    def measure(wave, rate=RATE):
        spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave)), 1 << 19))
        return float(spectrum.argmax() * rate / (1 << 19))

    return measure


@pytest.fixture
def play():
    """Play a piece with the built-in player, without its room unless asked: float64 [frames, 2]."""

    def sound(sequence, soundfont="", rate=RATE, reverb=-200.0, say=None):
        messages = [] if say is None else say
        synth = Soundfont(soundfont=str(soundfont), reverb=reverb)
        out = np.concatenate(list(synth.play(sequence, rate, messages.append))).astype(np.float64)
        assert say is not None or not messages, messages
        return out

    return sound
