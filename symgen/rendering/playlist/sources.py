"""What goes into a playlist: recordings, and notes that are played once and kept as sound."""

from __future__ import annotations

import contextlib
import dataclasses
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from symgen.audio import reading
from symgen.audio.measures.level import Level
from symgen.audio.measures.loudness import Loudness
from symgen.errors import DataError
from symgen.notes.sequence import NoteSequence
from symgen.rendering import audio, playable
from symgen.rendering.base import Block, Synth, Warn
from symgen.rendering.playlist.limiter import TAPS, peaks

CHUNK = 1 << 16  # frames


@dataclasses.dataclass(frozen=True)
class Source:
    """One entry: its title, and its recording, or how its notes are read."""

    title: str
    path: Path | None = None
    notes: Callable[[], NoteSequence] | None = None


@dataclasses.dataclass(frozen=True)
class Sound:
    """The sound of an entry, which may be gone through again: `blocks` starts at the beginning.

    `lufs` is None where it is not defined. `peak` is the true peak. `lead` and `tail` are the
    frames of silence at both ends.
    """

    blocks: Callable[[], Iterator[Block]]
    frames: int
    lufs: float | None
    peak: float
    lead: int
    tail: int


@contextlib.contextmanager
def opened(source: Source, synth: Synth, rate: int, folder: Path, warn: Warn) -> Iterator[Sound]:
    """Yield the measured sound of an entry, stereo at `rate`.

    Notes are rendered into a file without a name in `folder`; a recording is read twice.
    """
    path = source.path
    if path is not None:
        yield _measured(
            lambda warn=None: reading.blocks(path, rate, 2, 2.0, warn), rate, source.title, warn
        )
        return
    assert source.notes is not None
    sequence = playable(source.notes())
    if sequence.total_time > audio.LONGEST * 3600:
        raise DataError(
            f"{source.title}: {sequence.total_time / 3600:.1f} hours long, but at most "
            f"{audio.LONGEST:.0f} hours are rendered; cut it first"
        )
    for line in sequence.source.warnings:
        warn(line)
    with tempfile.TemporaryFile(dir=folder) as kept:
        for block in synth.play(sequence, rate, warn):
            kept.write(np.ascontiguousarray(block, np.float32).data)

        def again(warn: Warn | None = None) -> Iterator[Block]:
            kept.seek(0)
            while data := kept.read(CHUNK * 8):
                yield np.frombuffer(data, np.float32).reshape(-1, 2)

        yield _measured(again, rate, source.title, warn)


def _measured(blocks: Callable[..., Iterator[Block]], rate: int, title: str, warn: Warn) -> Sound:
    loudness, level = Loudness(rate, 2), Level(rate, 2)
    peak = 0.0
    before = np.zeros((0, 2), np.float32)
    for block in blocks(warn):
        loudness.feed(block)
        level.feed(block)
        joined = np.concatenate([before, block])
        peak = max(peak, float(peaks(joined, peak).max(initial=0)))
        before = block[-2 * TAPS :]
    found = level.result()
    if found["peak"] is None:
        raise DataError(f"{title}: silent from its beginning to its end")
    lead, tail = (round(found[end] * rate) for end in ("lead", "tail"))
    return Sound(blocks, level.frames, loudness.integrated(), peak, lead, tail)
