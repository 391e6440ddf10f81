"""The close of a piece: a lean to the dominant, then the tonic's chord, and a last note on the tonic that is held to the end.

The last bar has the tonic's chord. Its last note is struck at its beginning or in its middle, on the tonic nearest to
where the melody is, and nothing follows it. In the bar before, chords of the dominant are likelier than the model has
them: a small model that ended it with one in 32 % of its samples does so in 65 %, as 64 % of the Nottingham tunes do.
Where the key is not asked, it is found from what has sounded when that bar begins; where it is, the first step leans to
it too, as a steer to its scale alone does not say which note of it is the tonic.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from symgen.encodings import Encoding
from symgen.notes.theory import keys
from symgen.notes.theory.bars import Bar
from symgen.notes.theory.scales import Key, scale
from symgen.sampling.request.params import Floats

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

LEAN = 1.0  # nats on a chord of the dominant in the first half of the bar before the last
LEAN_LATE = 3.0  # and in its second
OPEN = 4.0  # nats on the chord of a key that is asked, and on its notes, where a piece begins
HIGH, LOW = (
    84,
    55,
)  # where a last note goes that follows none: to the tonic nearest to the middle of them


class Cadence(NamedTuple):
    """Steps: the beginning of the bar before the last (that of the last where there is none), of the last, the latest for
    the last note, and the end."""

    before: int
    last: int
    final: int
    stop: int


def cadence(bars: list[Bar], grid: int) -> Cadence:
    """Return where the cadence of a piece, or of a strain, of these bars is."""
    last = bars[-1]
    strong = last.start + last.meter.strong(grid)
    return Cadence(
        bars[-2].start if len(bars) > 1 else last.start,
        last.start,
        strong if strong < last.stop else last.start,
        last.stop,
    )


class CadenceProcessor:
    """A cadence at work on `batch` streams: each has a key, once the bar before the last begins.

    The last note lies in `pitches`, from the lowest to the highest.
    """

    pitches: tuple[int, int] = (0, 127)

    def __init__(self, encoding: Encoding, at: Cadence, batch: int, key: Key | None = None) -> None:
        self.at, self.keys = at, [key] * batch
        self._tables = [encoding.table(k) for k in range(len(encoding.fields))]

    def find(self, weights: npt.NDArray[np.float64]) -> None:
        """Take the keys that `weights` `[batch, 12]`, how long each pitch class has sounded, tell of; one that is known stays."""
        self.keys = [
            key or scale(found.name)
            for key, found in zip(self.keys, keys.find(weights), strict=True)
        ]

    def lean(self, field: int, scores: Floats, step: int) -> None:
        """Make the chords of the dominant likelier in the bar before the last."""
        if not self.at.before <= step < self.at.last:
            return
        amount = LEAN_LATE if 2 * step >= self.at.before + self.at.last else LEAN
        for row, key in enumerate(self.keys):
            if key is not None:
                scores[row, dominants(self._tables[field], key)] += amount

    def chords(self, field: int, step: int) -> Bools | None:
        """Return bool `[batch, size]`: the chords that may stand at `step`; None where all may."""
        if not self.at.last <= step < self.at.stop:
            return None
        return np.stack([tonics(self._tables[field], key) for key in self.keys if key is not None])

    def melody(
        self, field: int, step: int, pitch: Ints, since: Ints, classes: Ints | None
    ) -> Bools | None:
        """Return bool `[batch, size]`: the values of the melody that may stand at `step`; None where all may.

        `pitch` `[batch]` is the last one that was struck (-1 none), and `since` the step when, -1 where it is over. The melody
        ends on the tonic, or in the chord of `classes` `[batch]` (masks) where that is given and lacks it.
        """
        if not self.at.final <= step < self.at.stop:
            return None
        table, ends = self._tables[field], self._ends(len(pitch), classes)
        in_time = (since == self.at.last) | (since >= 0 if step > self.at.final else False)
        closing = in_time & (pitch >= 0) & ends[np.arange(len(pitch)), pitch % 12]
        hold = (table["kind"] == "hold") | (
            (table["kind"] == "sounding") & (table["pitch"] == pitch[:, None])
        )
        out: Bools = np.asarray(hold) & closing[:, None]
        if step == self.at.final:
            out |= np.isin(table["kind"], ("note_on", "sounding")) & (
                table["pitch"] == nearest(pitch, ends, *self.pitches)[:, None]
            )
        return out

    def _ends(self, batch: int, classes: Ints | None) -> Bools:
        """Return bool `[batch, 12]`: the pitch classes on which a melody may end."""
        ends = np.zeros((batch, 12), bool)
        ends[np.arange(batch), [key.tonic if key is not None else 0 for key in self.keys]] = True
        if classes is None:
            return ends
        chord = np.asarray(keys.bits(classes) > 0, bool)
        other = ~(ends & chord).any(axis=1) & chord.any(axis=1)
        ends[other] = chord[other]
        return ends


def open_in(table: Any, key: Key, scores: Floats) -> None:
    """Take the chord of the tonic, and make strikes of its notes likelier, as at the beginning of a piece in that key.

    Nine in ten of the Nottingham tunes begin with a chord on their tonic.
    """
    if (table["kind"] == "chord").any():
        fits = tonics(table, key)
        scores[np.ix_(scores[:, fits].max(axis=1) > -np.inf, ~fits)] = -np.inf
    else:
        scores[:, table["classes"].astype(np.int64) & mask(*key.triad) > 0] += OPEN


def nearest(pitch: Ints, classes: Bools, lowest: int = 0, highest: int = 127) -> Ints:
    """Return int64 `[batch]`: the pitch nearest to each `pitch` (the lower of two) whose class is among `classes` `[batch, 12]`.

    It lies from `lowest` to `highest` where one there has the class.
    """
    every = np.arange(128)
    middle = np.where(pitch >= 0, pitch, (LOW + HIGH) // 2)
    distance = 2 * abs(every - middle[:, None]) + (every > middle[:, None])
    distance += np.where((every < lowest) | (every > highest), 1 << 10, 0)
    return np.asarray(np.where(classes[:, every % 12], distance, 1 << 20).argmin(axis=1), np.int64)


def mask(*classes: int) -> int:
    """Return the mask of some pitch classes, as the tables of encodings have it."""
    return sum(1 << c for c in {c % 12 for c in classes})


def tonics(table: Any, key: Key) -> Bools:
    """Return bool `[size]`: the first chord that is the triad on the tonic; else those of the key nearest to it, else any."""
    triad = mask(*key.triad)
    chord, classes = table["kind"] == "chord", table["classes"].astype(np.int64)
    out = np.zeros(len(table), bool)
    if (exact := np.flatnonzero(chord & (classes == triad))).size:
        out[exact[0]] = True
        return out
    outside = mask(*np.flatnonzero(~key.mask).tolist())
    fits = chord & (classes >> key.tonic & 1 > 0) & (classes & outside == 0)
    shared = np.where(
        fits, keys.bits(classes & triad).sum(1) - keys.bits(classes & ~triad).sum(1) / 16, -1
    )
    return np.asarray(fits & (shared == shared.max()), bool) if fits.any() else chord


def dominants(table: Any, key: Key) -> Ints:
    """Return the chords that lead to the tonic: V and V7 in major and minor, in modes without a leading note VII or v."""
    five, seven = key.tonic + 7, key.tonic + 10
    wanted = [mask(five, five + 4, five + 7), mask(five, five + 4, five + 7, five + 10)]
    if not key.mask[(key.tonic + 11) % 12]:
        wanted = [mask(seven, seven + 4, seven + 7), mask(five, five + 3, five + 7)]
    return np.flatnonzero((table["kind"] == "chord") & np.isin(table["classes"], wanted))
