"""The ending of music that counts seconds: the last of it thins to the chord of the tonic, which is held to the end.

Two and a half seconds or so before the end strikes grow rarer. Then every stream comes to one moment, releases what
sounds, strikes the tonic in the bass and its chord close to where the music was, and holds it. The key is the one that
is asked at that time, else the one that is found in what has sounded. All of it is chosen among what the grammar has
legal, so that a sample is as sound as without it; it needs an encoding of one field that strikes and releases by name.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from symgen.encoding import Encoding, Events
from symgen.encoding.base import Mask
from symgen.notes import keys
from symgen.sampling.choose import Floats
from symgen.sampling.key import Scale, scale
from symgen.sampling.schedule import Schedule

Ints = npt.NDArray[np.int64]

HELD, THINNED = 1.6, 1.2  # seconds that the chord is held, and that strikes grow rarer before it
SHARE = 0.2               # of the music at most, for each of them
LEAST = 1.0               # seconds of music that are ended
RARER = 3.0               # nats less on a strike when the chord comes
BASS = 36                 # the octave of the bass: from C to the B above it
TOP = (60, 79)            # where the highest note of the chord lies


def able(encoding: Encoding) -> bool:
    """Return whether music of `encoding` can be ended so."""
    table = encoding.table(0)
    return len(encoding.fields) == 1 and not encoding.steps_per_quarter and all(
        bool(((table["kind"] == kind) & (table["pitch"] >= 0)).any()) for kind in ("note_on", "note_off"))


def chord(key: Scale, near: int) -> tuple[int, ...]:
    """Return the pitches of the tonic's chord, rising, its highest the tonic nearest to `near`."""
    tonic, third, fifth = key.triad
    top = min((p for p in range(TOP[0], TOP[1] + 1) if p % 12 == tonic), key=lambda p: abs(p - near))
    return BASS + tonic, top - (tonic - third) % 12, top - (tonic - fifth) % 12, top


class Ending:
    """The ending of `batch` streams of `total` steps; `wish` is the key that is asked over time, in seconds."""

    def __init__(self, encoding: Encoding, batch: int, total: int, wish: Schedule | None = None) -> None:
        table, rate = encoding.table(0), encoding.steps_per_second
        self.total, self._wish = total, wish
        self.begin = total - round(min(HELD * rate, SHARE * total))
        self._thin = self.begin - round(min(THINNED * rate, SHARE * total))
        self._on = np.full(128, -1)
        self._off = np.full(128, -1)
        for kind, places in (("note_on", self._on), ("note_off", self._off)):
            values = np.flatnonzero((table["kind"] == kind) & (table["pitch"] >= 0))
            places[table["pitch"][values]] = values
        self._pitch, self._kind, self._advance = table["pitch"].astype(np.int64), table["kind"], table["advance"].astype(np.int64)
        self._towards = np.isin(self._kind, ("note_on", "velocity"))
        self._velocities = np.flatnonzero(self._kind == "velocity")
        self._rate, self._rows = rate, np.arange(batch)
        self._since = np.zeros((batch, 128), np.int64)
        self._weights = np.zeros((batch, 12))
        self._near = np.full(batch, sum(TOP) // 2)
        self._left: dict[int, list[int]] = {}  # of the streams at their end: the pitches to be struck
        self._struck: dict[int, set[int]] = {}

    def chosen(self, events: Events, elapsed: Ints) -> None:
        """Take the events int32 `[batch, fields]` that were chosen at `elapsed` steps `[batch]`."""
        values = np.minimum(events[:, 0], len(self._pitch) - 1)
        kind, pitch = self._kind[values], self._pitch[values]
        on, off = self._rows[kind == "note_on"], self._rows[(kind == "note_off") & (pitch >= 0)]
        self._since[on, pitch[on]] = elapsed[on]
        self._near[on] = (3 * self._near[on] + pitch[on]) // 4
        self._weights[off, pitch[off] % 12] += elapsed[off] - self._since[off, pitch[off]]
        for row, left in self._left.items():
            if kind[row] == "note_on" and left and pitch[row] == left[0]:
                self._struck[row].add(left.pop(0))

    def apply(self, scores: Floats, sounding: Mask, elapsed: Ints, live: Ints) -> None:
        """Make strikes rarer in `scores` `[batch, size]`, or leave what is to come alone; `sounding` bool `[batch, 128]`."""
        now = elapsed[live]
        if int(now.max(initial=0)) < self._thin:
            return
        for row in live[now >= self._thin].tolist():
            if elapsed[row] < self.begin:
                scores[row, self._towards] -= np.float32(RARER * (elapsed[row] - self._thin) / max(self.begin - self._thin, 1))
                continue
            if row not in self._left:
                self._left[row] = list(chord(self._key(row, sounding[row]), int(self._near[row])))
                self._struck[row] = set()
            value = self._next(row, scores[row], sounding[row])
            if value >= 0 and scores[row, value] > -np.inf:
                scores[row] = -np.inf
                scores[row, value] = 0

    def _next(self, row: int, scores: npt.NDArray[np.float32], sounding: npt.NDArray[np.bool_]) -> int:
        """Return the value that comes next at the end of stream `row`: releases, strikes, then time; -1 where none can."""
        over = [p for p in np.flatnonzero(sounding).tolist() if p not in self._struck[row] and scores[self._off[p]] > -np.inf]
        if over:
            return int(self._off[over[0]])
        if self._left[row]:
            strike = int(self._on[self._left[row][0]])
            if scores[strike] > -np.inf or not len(self._velocities):
                return strike
            return int(self._velocities[len(self._velocities) // 2])
        longest = np.where(scores > -np.inf, self._advance, 0)
        return int(longest.argmax()) if longest.any() else -1

    def _key(self, row: int, sounding: npt.NDArray[np.bool_]) -> Scale:
        """Return the key that stream `row` ends in."""
        if self._wish is not None:
            return scale(self._wish.values[int(self._wish.index(self.begin / self._rate))])
        weights = self._weights[row] + np.bincount(np.flatnonzero(sounding) % 12, self.begin - self._since[row, sounding], 12)
        return scale(keys.find(weights[None])[0].name)
