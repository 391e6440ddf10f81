"""Frames to notes: which moments are onsets, and how long each note sounds.

A moment of a key is a candidate where the network's probability of an onset has a peak of at least
LEAST. Judges decide: one on the frames around it, the next also on what the first thinks of the
moments around it, so that an overtone or an echo of a note that was struck is told from a new
note. A note ends where it is struck again or a third judge no longer hears it.

Each decision waits until the frames after it have come, so it does not depend on how the frames
are cut. What is held does not grow with the length of the recording, except the notes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from symgen.audio.transcription import features
from symgen.audio.transcription.ends import Ends, Heard, Note
from symgen.audio.transcription.features import AFTER, BEFORE, REACH
from symgen.audio.transcription.frames import AROUND, KEYS, Frames, silence
from symgen.audio.transcription.judges import Judges
from symgen.types import Array, Floats, Ints

LEAST = 0.15
APART = 4  # frames: of two onsets of a key nearer than this, the likelier one counts
HELD = BEFORE + REACH + APART  # frames that are kept before the last decision


class Decoder:
    """Takes frames and returns notes that have ended, in the order of their ends."""

    def __init__(self, judges: Judges, threshold: float) -> None:
        self.judges, self.threshold = judges, threshold
        self.frames = silence(HELD)
        self.first = np.zeros_like(self.frames.onset)  # what the first judge thinks
        self.second = np.zeros_like(self.frames.onset)
        self.judged = self.reached = self.decided = HELD  # rows up to which each step is done
        self.passed = -HELD  # the number of the frame in row 0
        self.ends = Ends(judges.sounding)

    def feed(self, more: Frames) -> Heard:
        """Take frames; return the notes that have ended."""
        self.frames = self.frames.then(more)
        self.first, self.second = (
            np.concatenate([each, np.zeros_like(more.onset)]) for each in (self.first, self.second)
        )
        ready = max(self.frames.length - AFTER, self.judged)
        at, key = self._candidates(self.judged, ready)
        self.first[at, AROUND + key] = self.judges.onset(features.onsets(self.frames, at, key))
        self.judged, ready = ready, max(ready - REACH, self.reached)
        at, key = self._candidates(self.reached, ready)
        rows = features.among(self.frames, self.first, at, key)
        self.second[at, AROUND + key] = self.judges.among(rows)
        self.reached, ready = ready, max(ready - APART, self.decided)
        struck = self._struck(*self._onsets(self.decided, ready))
        found = self.ends.found(self.frames, self.passed, (self.decided, ready), struck)
        self.decided = ready
        self._forget(ready - HELD)
        return found

    def finish(self) -> Heard:
        """Return the notes that have not ended; there are no more frames."""
        end = self.frames.length + self.passed
        last = self.feed(silence(AFTER + REACH + APART))
        every = joined([last, self.ends.rest(end)])
        return every._replace(end=np.minimum(every.end, end))

    def _candidates(self, begin: int, end: int) -> tuple[Ints, Ints]:
        """Return the frames and keys of the peaks from `begin` to `end`."""
        onset = self.frames.onset[:, AROUND : AROUND + KEYS]
        rows = onset[begin:end]
        before, after = onset[begin - 1 : end - 1], onset[begin + 1 : end + 1]
        at, key = np.nonzero((rows >= LEAST) & (rows > before) & (rows >= after))
        return at + begin, key

    def _onsets(self, begin: int, end: int) -> tuple[Ints, Ints]:
        """Return the frames and keys of the notes that begin, by frame."""
        columns = slice(AROUND, AROUND + KEYS)
        rows = self.second[begin:end, columns]
        good = rows >= self.threshold
        for step in range(1, APART + 1):
            good &= rows > self.second[begin - step : end - step, columns]
            good &= rows >= self.second[begin + step : end + step, columns]
        at, key = np.nonzero(good)
        return at + begin, key

    def _struck(self, at: Ints, key: Ints) -> list[Note]:
        """Return the notes that begin in the frames `at` at `key`."""
        level = features.strength(self.frames, at, key)
        begin = at + self.passed + _between(self.frames.onset, at, AROUND + key)
        rows = zip(key.tolist(), (at + self.passed).tolist(), begin.tolist(), level, strict=True)
        return [Note(*row) for row in rows]

    def _forget(self, count: int) -> None:
        """Forget the first `count` rows."""
        if count <= 0:
            return
        self.frames = self.frames.part(count)
        self.first, self.second = self.first[count:], self.second[count:]
        self.judged, self.reached = self.judged - count, self.reached - count
        self.decided, self.passed = self.decided - count, self.passed + count


def joined(parts: Sequence[Heard]) -> Heard:
    """Return all notes of some parts."""
    key, begin, end, level = (np.concatenate(each) for each in zip(*parts, strict=True))
    return Heard(key, begin, end, level)


def _between(values: Array, at: Ints, column: Ints) -> Floats:
    """Return how far from the frame `at` the peak is, from -0.5 to 0.5, by a parabola."""
    before, peak, after = (values[at + step, column].astype(np.float64) for step in (-1, 0, 1))
    bend = before - 2 * peak + after
    found: Floats = np.where(bend < 0, (before - after) / np.where(bend < 0, 2 * bend, 1), 0.0)
    return np.clip(found, -0.5, 0.5)
