"""Where notes end: where their key is struck again, or a judge no longer hears them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from symgen.audio.transcription import features
from symgen.audio.transcription.features import OVERTONES
from symgen.audio.transcription.frames import Frames
from symgen.audio.transcription.judges import Judge
from symgen.types import Floats, Floats32, Ints

DEAF = 3  # frames after an onset in which a note is not thought to have ended


class Heard(NamedTuple):
    """Notes: key, begin and end in frames, the level of the overtones [notes, OVERTONES]."""

    key: Ints
    begin: Floats
    end: Floats
    level: Floats32


class Note(NamedTuple):
    """A note that has begun: its frame, the same more exactly, and its levels."""

    key: int
    frame: int
    begin: float
    level: Floats32


class Span(NamedTuple):
    """The rows in which a note may end, and the frame in which it is struck again, if it is."""

    note: Note
    first: int
    last: int
    struck: float | None


class Ends:
    """Follows notes to their ends, by rows of frames of which row 0 has the number `passed`."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self.open: dict[int, Note] = {}  # those that sound, by key

    def found(
        self, frames: Frames, passed: int, rows: tuple[int, int], struck: Sequence[Note]
    ) -> Heard:
        """Return the notes that end in `rows`, in which those of `struck` begin, by frame."""
        spans = list[Span]()
        for note in struck:
            if note.key in self.open:
                limit = note.frame - passed
                before = self.open[note.key]
                spans.append(_span(before, passed, (rows[0], limit), note.begin))
            self.open[note.key] = note
        for note in self.open.values():
            spans.append(_span(note, passed, rows, None))
        ended = list[tuple[Note, float]]()
        for span, off in zip(spans, self._off(frames, passed, spans), strict=True):
            ends = [end for end in (off, span.struck) if end is not None]
            if not ends:
                continue
            ended.append((span.note, min(ends)))
            if span.struck is None:
                del self.open[span.note.key]
        return heard(ended)

    def rest(self, end: float) -> Heard:
        """Return the notes that have not ended, which they now do."""
        left, self.open = self.open, {}
        return heard([(left[key], end) for key in sorted(left)])

    def _off(self, frames: Frames, passed: int, spans: Sequence[Span]) -> list[float | None]:
        """Return the frame in which each note is no longer heard; None where it still is."""
        sizes = np.array([span.last - span.first for span in spans], int)
        if not sizes.sum():
            return [None] * len(spans)
        at = np.concatenate([np.arange(span.first, span.last) for span in spans])
        key = np.repeat([span.note.key for span in spans], sizes)
        age = at + passed - np.repeat([span.note.frame for span in spans], sizes)
        level = np.repeat(np.array([span.note.level for span in spans]), sizes, axis=0)
        likely = self.judge(features.sounding(frames, at, key, age, level))
        parts = np.split(likely < 0.5, np.cumsum(sizes)[:-1])
        return [
            float(span.first + passed + part.argmax()) if part.any() else None
            for span, part in zip(spans, parts, strict=True)
        ]


def _span(note: Note, passed: int, rows: tuple[int, int], struck: float | None) -> Span:
    """Return the span of a note in `rows`; those before them have been looked at."""
    first = max(note.frame - passed + DEAF, rows[0])
    return Span(note, first, max(first, rows[1]), struck)


def heard(ended: Sequence[tuple[Note, float]]) -> Heard:
    """Return notes and their ends as arrays."""
    level = [note.level for note, _ in ended]
    return Heard(
        np.array([note.key for note, _ in ended], np.int64),
        np.array([note.begin for note, _ in ended], np.float64),
        np.array([end for _, end in ended], np.float64),
        np.array(level, np.float32).reshape(-1, len(OVERTONES)),
    )
