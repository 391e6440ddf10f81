"""The sound of a piece as a data: URI, small enough to lie in a page: MP3, which every phone plays, cut where it is long."""

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

RATE = 24_000  # frames a second: a piano's overtones up to 12 kHz
LEVEL = 0.5  # of compression: about 60 kbit a second
SECONDS = 60.0  # of a piece that are heard
BYTES = 12 << 20  # of sound in a page


@dataclass(frozen=True)
class Sound:
    """A sound to embed: the URI, its seconds and its bytes."""

    uri: str
    seconds: float
    size: int


def sound(sequence: NoteSequence, room: int = BYTES, soundfont: str | None = None) -> Sound | str:
    """Return the first SECONDS of a piece as sound, or one line that says why there is none."""
    if not len(sequence):
        return "no notes, so no sound"
    heard = crop(sequence, 0.0, SECONDS) if sequence.total_time > SECONDS else sequence
    with tempfile.TemporaryDirectory(prefix="symgen") as folder:
        path = Path(folder) / "sample.wav"
        try:
            made = render(heard, path, rate=RATE, soundfont=soundfont)
        except SymgenError as error:
            return f"no sound: {error}"
        data = _mp3(path)
    if len(data) > room:
        return f"no sound: {len(data) / 1e6:.1f} MB would make the page too large"
    return Sound(
        "data:audio/mpeg;base64," + base64.b64encode(data).decode(), made.seconds, len(data)
    )


def _mp3(path: Path) -> bytes:
    """Return the sound of a WAV file as MP3; that of the renderer is twice as large."""
    import soundfile

    frames, rate = soundfile.read(path, dtype="float32")
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
