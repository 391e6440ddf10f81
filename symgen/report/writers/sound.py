"""A piece as audio in a data: URI, small enough for a page: MP3, cut after a minute.

Every phone plays MP3.
"""

from __future__ import annotations

import base64
import io
import tempfile
from dataclasses import dataclass
from pathlib import Path

from symgen.errors import SymgenError
from symgen.notes.sequence import NoteSequence
from symgen.notes.transform import crop
from symgen.rendering import render
from symgen.types import Floats32

RATE = 24_000  # frames per second: enough for a piano's overtones up to 12 kHz
LEVEL = 0.5  # of compression: about 60 kbit per second
SECONDS = 60.0  # of a piece that are played
BYTES = 12 << 20  # of audio in a page


@dataclass(frozen=True)
class Sound:
    """Audio to embed: the URI, its seconds and its bytes."""

    uri: str
    seconds: float
    size: int


def sound(sequence: NoteSequence, room: int = BYTES, soundfont: str | None = None) -> Sound | str:
    """Return the first SECONDS of a piece as audio of at most `room` bytes, or why not."""
    if not len(sequence):
        return "no notes, so no audio"
    played = crop(sequence, 0.0, SECONDS) if sequence.total_time > SECONDS else sequence
    with tempfile.TemporaryDirectory(prefix="symgen") as folder:
        path = Path(folder) / "sample.wav"
        try:
            made = render(played, path, rate=RATE, soundfont=soundfont)
        except SymgenError as error:
            return f"no audio: {error}"
        data = mp3(*read(path))
    if len(data) > room:
        return f"no audio: {len(data) / 1e6:.1f} MB would make the page too large"
    uri = "data:audio/mpeg;base64," + base64.b64encode(data).decode()
    return Sound(uri, made.seconds, len(data))


def read(path: Path) -> tuple[Floats32, int]:
    """Return the frames of a sound file, float32 `[frames, channels]`, and its rate."""
    import soundfile

    frames, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return frames, rate


def mp3(frames: Floats32, rate: int) -> bytes:
    """Return frames as MP3, half as large as the renderer's own MP3."""
    import soundfile

    file = io.BytesIO()
    soundfile.write(
        file,
        frames,
        rate,
        format="MP3",
        subtype="MPEG_LAYER_III",
        compression_level=LEVEL,
        bitrate_mode="VARIABLE",
    )
    return file.getvalue()
