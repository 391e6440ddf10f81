"""What the small networks look at: numbers about a moment at a pitch, one row for each.

All are relations: of probabilities around the moment, of levels in decibels before and after it,
at the pitch and at its overtones. None depends on how loud the recording is.
"""

from __future__ import annotations

import numpy as np

from symgen.audio.transcription.frames import AROUND, FIRST, KEYS, LOWEST, Frames
from symgen.types import Array, Floats32

BEFORE, AFTER = 12, 24  # frames around a moment that are looked at
NEAR = np.arange(-5, 6)  # frames at which the probability of an onset is looked at
SOUNDING = np.array([-10, -6, -3, -1, 0, 1, 2, 3, 5, 8, 12, 18])  # and that of a note
RELATED = np.array([-24, -19, -12, -7, -1, 1, 7, 12, 19, 24])  # semitones
OVERTONES = np.array([0, 12, 19, 24, 28])  # semitones above the pitch: harmonics 1 to 5
BESIDE = np.array([-12, -2, -1, 1, 2, 7])
STEPS = np.array([-9, -6, -4, -2, 0, 2, 4, 6, 9, 14])  # frames at which levels are looked at
AROUND_BANDS = LOWEST - FIRST  # bands below the lowest key
LATER = 5  # frames after an onset at which a note is as loud as it gets
PASSES = np.arange(-10, 11)  # frames at which first thoughts are looked at
REACH = 10  # frames around a moment in which they count
ROOF = 60.0  # decibels: differences of level are cut off here
SCALE = 10.0  # decibels that are 1


def onsets(frames: Frames, at: Array, key: Array) -> Floats32:
    """Return the features of notes that may begin in frame `at` at `key` [moments, features].

    There must be BEFORE frames before each, and AFTER from it on.
    """
    rows, column, band = at[:, None], AROUND + key[:, None], AROUND_BANDS + key[:, None]
    wide = _widest(frames.onset, 2)
    loud = _widest(frames.note, 4)
    high = frames.level.max(1)
    top = high[rows + LATER]
    moments = rows[:, :, None] + STEPS[:, None]
    level = frames.level[moments, (band + OVERTONES)[:, None, :]]
    own = frames.level[rows + LATER, band]
    return _joined(
        [
            frames.onset[rows + NEAR, column],
            wide[rows, column + RELATED],
            frames.note[rows + SOUNDING, column],
            loud[rows + 4, column + RELATED],
            wide.sum(1)[rows] / 8,
        ],
        [
            level.reshape(len(at), len(STEPS) * len(OVERTONES)) - top,
            high[rows + STEPS] - top,
            frames.level[rows + LATER, band + BESIDE] - own,
            frames.level[rows - 4, band + BESIDE] - own,
        ],
        key,
    )


def among(frames: Frames, first: Floats32, at: Array, key: Array) -> Floats32:
    """Return the features of notes that may begin, among the others [moments, features].

    `first` has what was thought of each frame and key at first, as wide as `frames.onset`.
    """
    rows, column = at[:, None], AROUND + key[:, None]
    wide = _widest(first, 3)
    wider = _widest(first, REACH - 2)
    return np.concatenate(
        [
            onsets(frames, at, key),
            _odds(first[rows + PASSES, column]),
            _odds(wide[rows, column + RELATED]),
            _odds(wider[rows, column + RELATED]),
            wide.sum(1)[rows] / 8,
        ],
        axis=1,
        dtype=np.float32,
    )


def _odds(probability: Floats32) -> Floats32:
    """Return the logarithm of the odds, from -1 to 1."""
    kept = np.clip(probability, 1e-3, 1 - 1e-3)
    odds: Floats32 = np.log(kept / (1 - kept)) / 7
    return odds


def sounding(frames: Frames, at: Array, key: Array, begun: Array, level: Array) -> Floats32:
    """Return the features of notes that may still sound in frame `at` [moments, features].

    Each began `begun` frames earlier with the `level` of its overtones [moments, OVERTONES].
    """
    rows, column = at[:, None], AROUND + key[:, None]
    bands = AROUND_BANDS + key[:, None]
    now = _levels(frames, at, bands + OVERTONES)
    later = _levels(frames, at + 4, bands + OVERTONES)
    last = _levels(frames, at + 9, bands + OVERTONES)
    before = _levels(frames, at - 4, bands + OVERTONES)
    high = frames.level.max(1)
    age = np.stack([np.log1p(begun), np.minimum(begun / 20, 1)], 1)
    return _joined(
        [
            frames.note[rows + np.array([-6, -3, -1, 0, 1, 3, 6, 10]), column],
            frames.onset[rows + np.array([-3, 0, 3]), column],
            frames.note[rows, column + np.array([-12, -1, 1, 12])],
            age,
        ],
        [
            now - level,
            later - before,
            last - now,
            now[:, :2] - high[at][:, None],
            (high[at + 4] - high[at - 4])[:, None],
            _levels(frames, at, bands + BESIDE) - now[:, :1],
        ],
        key,
    )


def strength(frames: Frames, at: Array, key: Array) -> Floats32:
    """Return the level of the overtones just after each onset, in decibels [notes, OVERTONES]."""
    bands = AROUND_BANDS + key[:, None] + OVERTONES
    looks = [_levels(frames, at + step, bands) for step in (3, 5, 7)]
    found: Floats32 = np.maximum.reduce(looks)
    return found


def _levels(frames: Frames, at: Array, bands: Array) -> Floats32:
    return frames.level[at[:, None], bands]


def _widest(values: Floats32, reach: int) -> Floats32:
    """Return the greatest value within `reach` frames of each."""
    out = values.copy()
    for step in range(1, reach + 1):
        np.maximum(out[step:], values[:-step], out=out[step:])
        np.maximum(out[:-step], values[step:], out=out[:-step])
    return out


def _joined(plain: list[Array], decibels: list[Array], key: Array) -> Floats32:
    scaled = [np.clip(each, -ROOF, ROOF) / SCALE for each in decibels]
    place = (key / KEYS - 0.5)[:, None]
    return np.concatenate([*plain, *scaled, place, place**2], axis=1, dtype=np.float32)
