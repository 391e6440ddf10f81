"""Recordings to notes. `transcribers` is the registry of transcribers.

The memory that a recording takes does not grow with its length, except for its notes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from symgen.audio import reading
from symgen.audio.transcription.base import Transcriber
from symgen.checks import number
from symgen.errors import DataError
from symgen.notes.sequence import TEMPO, NoteSequence, Source, table
from symgen.registry import Registry
from symgen.types import Floats32, Progress

transcribers = Registry(
    "transcriber", {"basic_pitch": "symgen.audio.transcription.basic_pitch:BasicPitch"}
)

USUAL = "basic_pitch"
BLOCK = 10.0  # seconds that are read at once
QPM = 120.0  # quarter notes per minute that are written: a transcriber finds no beat

__all__ = ["USUAL", "Transcriber", "transcribe", "transcriber", "transcribers"]


def transcriber(name: str | None = None, **options: Any) -> Transcriber:
    """Return a transcriber that can be used, by default `USUAL`.

    Raises BadOption for a bad option, and DataError where a part of it is missing.
    """
    made: Transcriber = transcribers.make({"name": name or USUAL, **options})
    made.check()
    return made


def transcribe(
    path: str | os.PathLike[str],
    by: str | Transcriber | None = None,
    *,
    seconds: float | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> NoteSequence:
    """Return the notes of a recording, or of its first `seconds`, as piano.

    `by` is a transcriber or its name, with its `options`, such as threshold=0.7 of `basic_pitch`.
    `progress` is told the seconds that are done. Damage that was read over is among the warnings of
    the source. Raises ReadError if the file cannot be read, BadOption for a bad option, and
    DataError where the transcriber is missing or hears no note.
    """
    path, warnings = Path(path), list[str]()
    made = by if isinstance(by, Transcriber) else transcriber(by, **options)
    if seconds is not None:
        seconds = number("seconds", seconds, 0, above=True)
    blocks = _blocks(path, made.rate, warnings, progress)
    notes = made.notes(blocks if seconds is None else _first(blocks, round(seconds * made.rate)))
    if not len(notes):
        raise DataError(f"{path}: no note is heard in it")
    return NoteSequence(
        notes,
        tempos=table(TEMPO, time=0.0, qpm=QPM),
        source=Source(str(path), "recording", tuple(warnings), path.stem),
    )


def _first(blocks: Iterator[Floats32], left: int) -> Iterator[Floats32]:
    """Yield the first `left` samples."""
    for block in blocks:
        yield block[:left]
        left -= len(block)
        if left <= 0:
            return


def _blocks(
    path: Path, rate: int, warnings: list[str], progress: Progress | None
) -> Iterator[Floats32]:
    total = reading.info(path).seconds or 0.0 if progress else 0.0
    done = 0
    for block in reading.blocks(path, rate, seconds=BLOCK, warn=warnings.append):
        yield block[:, 0]
        done += len(block)
        if progress:
            seconds = done // rate
            progress(seconds, max(round(total), seconds), f"transcribing {path.name}")
