"""The ending of music that counts seconds: the last of it thins to the chord of the tonic, which is held to the end.

Two seconds or so before the end strikes grow rarer. Then every stream comes to one moment, releases what sounds outside
the chord (or all, where much does), strikes the tonic in the bass and the chord above it, and holds them. Which octaves, how
loud and in what order is the model's choice. The key is the one that is asked at that time, else the one that is found in
what has sounded. All of it is chosen among what the grammar has legal, so that a sample is as sound as without it; it
needs an encoding of one field that strikes and releases by name, or one of whole notes (see
`ending_notes`).
"""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from symgen.controls.schedule import Schedule
from symgen.encodings import Encoding, Events
from symgen.encodings.base import Mask
from symgen.notes.theory import keys
from symgen.notes.theory.scales import Key, scale
from symgen.sampling.processors.whole_notes.time_fields import is_whole
from symgen.sampling.request.params import Floats

Ints = npt.NDArray[np.int64]

HELD, THINNED = 1.4, 0.8  # seconds that the chord is held, and that strikes grow rarer before it
SHARE = 0.2  # of the music at most, for each of them
LEAST = 2.0  # seconds of music that is ended unasked
RARER = 3.0  # nats less on a strike when the chord comes
BASS = (33, 52)  # where the bass of the chord lies
ABOVE, BELOW = (
    7,
    14,
)  # semitones above and below the music before it where the rest lies, at least TWO of them above the bass
TWO = 3
HIGHEST = 84
MOST = 1.3  # times as dense as is asked, to make up for an ending


def able(encoding: Encoding) -> bool:
    """Return whether music of `encoding` can be ended so."""
    table = encoding.table(0)
    by_name = len(encoding.fields) == 1 and all(
        bool(((table["kind"] == kind) & (table["pitch"] >= 0)).any())
        for kind in ("note_on", "note_off")
    )
    return not encoding.tune and (by_name or is_whole(encoding))


class EndingProcessor:
    """The ending of `batch` streams of `total` steps, which acts on `fields`.

    `wish` is the key that is asked over time, in seconds.
    """

    def __init__(
        self, encoding: Encoding, batch: int, total: int, wish: Schedule | None = None
    ) -> None:
        rate = encoding.steps_per_second
        self.total, self._wish = total, wish
        self.begin = total - round(min(HELD * rate, SHARE * total))
        self._thin = self.begin - round(min(THINNED * rate, SHARE * total))
        self._silent = (self.begin + self._thin) / 2  # from then on, in effect, the chord alone
        self.fields = self._read(encoding)
        self._rate, self._rows = rate, np.arange(batch)
        self._since = np.zeros((batch, 128), np.int64)
        self._weights = np.zeros((batch, 12))
        self._near = np.full(batch, 64)
        self._chords: dict[int, Chord] = {}  # of the streams that have come to their end

    def _read(self, encoding: Encoding) -> tuple[int, ...]:
        """Read the tables of `encoding`; return the fields on which it acts."""
        table = encoding.table(0)
        self._pitch, self._kind = table["pitch"].astype(np.int64), table["kind"]
        self._advance = table["advance"].astype(np.int64)
        self._on = (self._kind == "note_on") & (self._pitch >= 0)
        self._off = (self._kind == "note_off") & (self._pitch >= 0)
        self._velocity = self._kind == "velocity"
        return (0,)

    def makes_up(self, wish: Schedule) -> Schedule:
        """Return the density `wish` (in seconds) raised by what strikes the ending lacks of it: throughout, or in the last third
        where it changes over time."""
        end, since = (
            self.total / self._rate,
            wish.times[0] if wish.constant else max(wish.times[0], self.total / self._rate * 2 / 3),
        )
        times = np.linspace(since, end, 1001)
        rates, before = wish.at(times), times < self._silent / self._rate
        wanted, without = (
            float(rates.mean()) * (end - since),
            float((rates * before).mean()) * (end - since),
        )
        factor = float(np.clip((wanted - Chord.STRIKES) / max(without, 1e-9), 0.8, MOST))
        return wish.scaled(factor, since)

    def chosen(self, events: Events, elapsed: Ints) -> None:
        """Take the events int32 `[batch, fields]` that were chosen at `elapsed` steps `[batch]`."""
        values = np.minimum(events[:, 0], len(self._pitch) - 1)
        pitch = self._pitch[values]
        on, off = self._rows[self._on[values]], self._rows[self._off[values]]
        self._since[on, pitch[on]] = elapsed[on]
        self._near[on] = (3 * self._near[on] + pitch[on]) // 4
        self._weights[off, pitch[off] % 12] += elapsed[off] - self._since[off, pitch[off]]
        for row, chord in self._chords.items():
            if self._on[values[row]]:
                chord.struck.append(int(pitch[row]))

    def acts(self, field: int, elapsed: Ints) -> bool:
        """Return whether it changes scores of `field` at `elapsed` steps `[batch]`."""
        return field in self.fields and max(elapsed.tolist()) >= self._thin

    def apply(self, field: int, scores: Floats, sounding: Mask, elapsed: Ints, live: Ints) -> None:
        """Make strikes rarer in `scores` `[batch, size]`, or leave what the end may have; `sounding` bool `[batch, 128]`."""
        for row in live[elapsed[live] >= self._thin].tolist():
            if elapsed[row] < self.begin:
                less = RARER * (elapsed[row] - self._thin) / max(self.begin - self._thin, 1)
                scores[row, self._on | self._velocity] -= np.float32(less)
                continue
            if row not in self._chords:
                self._chords[row] = Chord(self._key(row, sounding[row]), int(self._near[row]), [])
            allowed = self._allowed(self._chords[row], scores[row] > -np.inf, sounding[row])
            if allowed.any():
                scores[row, ~allowed] = -np.inf

    def _allowed(
        self, chord: Chord, legal: npt.NDArray[np.bool_], sounding: npt.NDArray[np.bool_]
    ) -> npt.NDArray[np.bool_]:
        """Return bool `[size]`: what of the `legal` values comes next: releases, then strikes, then time; none where none can."""
        over = (
            sounding
            if chord.crowded(sounding)
            else sounding & ~np.isin(np.arange(128) % 12, chord.key.triad)
        )
        released: npt.NDArray[np.bool_] = legal & self._off & over[self._pitch]
        if released.any():
            return released
        if (wanted := chord.wanted(sounding)) is not None:
            strikes: npt.NDArray[np.bool_] = legal & self._on & wanted[self._pitch]
            if strikes.any() or not (legal & self._on).any():
                strikes |= legal & self._velocity
            return strikes
        longest = np.where(legal, self._advance, 0)
        return np.asarray((longest == longest.max()) & (longest > 0), bool)

    def _key(self, row: int, sounding: npt.NDArray[np.bool_]) -> Key:
        """Return the key that stream `row` ends in."""
        if self._wish is not None:
            return scale(self._wish.values[int(self._wish.index(self.begin / self._rate))])
        weights = self._weights[row] + np.bincount(
            np.flatnonzero(sounding) % 12, self.begin - self._since[row, sounding], 12
        )
        return scale(keys.find(weights[None])[0].name)


@dataclasses.dataclass
class Chord:
    """The chord that ends one stream: its key, the pitch that the music was near, and what of it is struck."""

    STRIKES: ClassVar[int] = (
        4  # the bass, and above it the pitch classes of the triad in some order
    )

    key: Key
    near: int
    struck: list[int]

    def crowded(self, sounding: npt.NDArray[np.bool_]) -> bool:
        """Whether more of the chord sounds, before it is struck, than may sound on in it."""
        return not self.struck and int(sounding.sum()) > self.STRIKES

    def wanted(self, sounding: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_] | None:
        """Return bool `[128]`: what may be struck next; None where the chord is whole."""
        pitches, free = np.arange(128), ~sounding
        if not self.struck:
            bass: npt.NDArray[np.bool_] = (
                free
                & (pitches >= BASS[0])
                & (pitches <= BASS[1])
                & (pitches % 12 == self.key.tonic)
            )
            return bass if bass.any() else free & (pitches % 12 == self.key.tonic)
        left = [c for c in self.key.triad if c not in [p % 12 for p in self.struck[1:]]]
        if not left:
            return None
        above = self.struck[-1] if len(self.struck) > 1 else self.struck[0] + TWO
        lowest = max(above, min(self.near, HIGHEST - BELOW) - BELOW)
        highest = max(min(self.near + ABOVE, HIGHEST), lowest + 11)
        fits: npt.NDArray[np.bool_] = (
            free & (pitches > lowest) & (pitches <= highest) & np.isin(pitches % 12, left)
        )
        if fits.any():
            return fits
        higher: npt.NDArray[np.bool_] = (
            free & np.isin(pitches % 12, left) & (pitches > self.struck[0])
        )
        return higher if higher.any() else free & np.isin(pitches % 12, left)
