"""What the tests of transcription share: piano playing as sound, and the network."""

import numpy as np
import pytest

from symgen.audio.transcription import network
from symgen.notes.sequence import NOTE, NoteSequence, table
from symgen.rendering import render


@pytest.fixture(scope="session")
def hearing():
    """Skip where the package with the network is not installed."""
    if network.place() is None:
        pytest.skip(f"the network is not installed: {network.INSTALL}")


@pytest.fixture(scope="session")
def played():
    """A scale, chords and repeated notes, soft and loud: 30 notes in 8 seconds."""
    scale = [(60 + step, 70, i / 4, i / 4 + 0.23) for i, step in enumerate((0, 2, 4, 5, 7, 9, 11))]
    chords = [
        (pitch, velocity, 2 + i, 2.9 + i)
        for i, (root, velocity) in enumerate(((48, 40), (53, 100), (55, 50)))
        for pitch in (root, root + 16, root + 19, root + 24)
    ]
    again = [(72, 80, 5.2 + i / 5, 5.35 + i / 5) for i in range(6)]
    low = [(36 + 5 * i, 85, 6.5 + i * 0.3, 6.75 + i * 0.3) for i in range(5)]
    rows = np.array(scale + chords + again + low)
    pitch, velocity, start, end = rows[np.lexsort((rows[:, 0], rows[:, 2]))].T
    columns = {"pitch": pitch, "velocity": velocity, "start_time": start, "end_time": end}
    return NoteSequence(table(NOTE, **columns))


@pytest.fixture(scope="session")
def recording(played, tmp_path_factory):
    """A WAV file of it, by the built-in player."""
    path = tmp_path_factory.mktemp("sound") / "played.wav"
    render(played, path, synth="soundfont", rate=22050)
    return path
