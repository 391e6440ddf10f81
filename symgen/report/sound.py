"""The sound of a piece as a data: URI, small enough to lie in a page: OGG Vorbis, one channel, cut where it is long."""

from __future__ import annotations

import base64
import tempfile
from dataclasses import dataclass
from pathlib import Path

from symgen.errors import DataError, SymgenError
from symgen.notes.sequence import NoteSequence
from symgen.notes.transform import crop
from symgen.render import render

RATE = 22_050          # frames a second: a piano's overtones up to 11 kHz
SECONDS = 60.0         # of a piece that are heard
BYTES = 12 << 20       # of sound in a page


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
        path = Path(folder) / "sample.ogg"
        try:
            made = render(heard, path, rate=RATE, soundfont=soundfont)
        except (DataError, SymgenError) as error:
            return f"no sound: {error}"
        data = path.read_bytes()
    if len(data) > room:
        return f"no sound: {len(data) / 1e6:.1f} MB would make the page too large"
    return Sound("data:audio/ogg;base64," + base64.b64encode(data).decode(), made.seconds, len(data))
