"""What was heard, as a file: notes as MIDI or a score, and their sound as OGG."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterable
from pathlib import Path

from symgen.errors import BadOption, DataError, unknown
from symgen.notes import write
from symgen.notes.quantise import quantise
from symgen.notes.sequence import NOTE, NoteSequence, table
from symgen.rendering import audio
from symgen.rendering.soundfont.live import BlockSynth, Sampler
from symgen.rendering.soundfont.live.score import perform
from symgen.serve.live.music import FRAMES, Row

KINDS = {
    "mid": "audio/midi",
    "ogg": "audio/ogg",
    "musicxml": "application/vnd.recordare.musicxml+xml",
}


def last(rows: Iterable[Row], now: float, minutes: float) -> NoteSequence:
    """Return the notes that began in the last `minutes` before `now`, and what was heard of them.

    DataError where nothing was.
    """
    begin = max(now - minutes * 60, 0.0)
    heard = sorted(row for row in rows if begin <= row.start < now)
    if not heard:
        raise DataError("nothing was heard yet; play first, and then save it")
    return NoteSequence(
        notes=table(
            NOTE,
            start_time=[row.start - begin for row in heard],
            end_time=[min(row.end, now) - begin for row in heard],
            pitch=[row.pitch for row in heard],
            velocity=[row.velocity for row in heard],
            instrument=[row.track for row in heard],
        )
    )


def saved(sequence: NoteSequence, kind: str, sampler: Sampler) -> bytes:
    """Return the bytes of a file of one of KINDS."""
    if kind not in KINDS:
        raise BadOption(unknown("format", kind, KINDS))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"heard.{kind}"
        if kind == "ogg":
            audio.save(perform(sequence, BlockSynth(sampler), FRAMES), path, sampler.rate)
        else:
            played = quantise(sequence, steady=True).sequence if kind == "musicxml" else sequence
            with warnings.catch_warnings():  # of times that are rounded
                warnings.simplefilter("ignore")
                write(played, path)
        return path.read_bytes()
