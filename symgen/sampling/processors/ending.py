"""The ending of music in seconds: it thins out, and closes on a held chord of the tonic.

About two seconds before the end note-ons grow rarer. Then every stream comes to one moment, ends
what sounds outside the chord (or everything, where much sounds), plays the tonic in the bass and
the chord above it, and holds them. The model chooses octaves, velocities and order. The key is the
target at that time, else the one found in what has sounded. Only values that the grammar allows
are chosen. The encoding must have one field with note-ons and note-offs by pitch, or be one of
whole notes (see `whole_notes.ending`).
"""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np

from symgen.controls.schedule import Schedule
from symgen.encodings import Encoding, Events
from symgen.notes.theory import keys
from symgen.notes.theory.scales import Key, scale
from symgen.sampling.engine.view import ClosingChord, View
from symgen.sampling.processors.base import Processor, Setup
from symgen.sampling.processors.whole_notes.time_fields import is_whole
from symgen.types import Bools, Floats32, Ints

HELD, THINNED = 1.4, 0.8  # seconds that the chord is held, and that note-ons grow rarer before
SHARE = 0.2  # of the music at most, for each of them
LEAST = 2.0  # seconds of music that is brought to an end by default
RARER = 3.0  # nats less on a note-on when the chord comes
BASS = (33, 52)  # pitches of the bass
ABOVE, BELOW = 7, 14  # semitones above and below the music before in which the rest lies
TWO = 3  # semitones at least between the bass and the rest
HIGHEST = 84
MOST = 1.3  # times as dense as the target, to make up for an ending


def able(encoding: Encoding) -> bool:
    """Return whether music of `encoding` can be ended like this."""
    table = encoding.table(0)
    by_name = len(encoding.fields) == 1 and all(
        bool(((table["kind"] == kind) & (table["pitch"] >= 0)).any())
        for kind in ("note_on", "note_off")
    )
    return not encoding.tune and (by_name or is_whole(encoding))


def made_up(target: Schedule | None, view: View) -> Schedule | None:
    """Return the density `target` (in seconds), raised by the note-ons that the ending lacks.

    It is raised throughout, or in the last third where it changes over time.
    """
    if target is None or view.closing_chord is None:
        return target
    rate = view.encoding.steps_per_second
    end = view.total / rate
    since = target.times[0]
    if not target.constant:
        since = max(since, end * 2 / 3)
    times = np.linspace(since, end, 1001)
    rates = target.at(times)
    before = times < view.closing_chord.silent / rate
    expected = float(rates.mean()) * (end - since)
    without = float((rates * before).mean()) * (end - since)
    factor = float(np.clip((expected - Chord.NOTES) / max(without, 1e-9), 0.8, MOST))
    return target.scaled(factor, since)


class EndingProcessor(Processor):
    """The ending of the streams of `view`, in the key of the target, if there is one."""

    def __init__(self, view: View) -> None:
        super().__init__(view)
        rate, total = view.encoding.steps_per_second, view.total
        self.begin = total - round(min(HELD * rate, SHARE * total))
        self._thin = self.begin - round(min(THINNED * rate, SHARE * total))
        self._key: Schedule | None = None
        self._rate = rate
        self._rows = np.arange(view.batch)
        self._since = np.zeros((view.batch, 128), np.int64)
        self._weights = np.zeros((view.batch, 12))  # steps that each pitch class has sounded
        self._near = np.full(view.batch, 64)  # the pitch that the music is near
        self._chords: dict[int, Chord] = {}  # of the streams that have come to their end
        self._read(view.encoding)
        view.closing_chord = ClosingChord(self.begin, self._silent())
        view.stop_at("ending", [self.begin])

    @classmethod
    def make(cls, setup: Setup) -> Processor | None:
        """Return one where the music is to be brought to an end."""
        if not setup.request.ends(setup.view.encoding):
            return None
        from symgen.sampling.processors.whole_notes.ending import NotesEnding

        made = (NotesEnding if setup.view.whole_notes else cls)(setup.view)
        made._key = setup.request.targets.schedules.get("key")
        return made

    def _read(self, encoding: Encoding) -> None:
        """Read the tables of `encoding`."""
        table = encoding.table(0)
        self._pitch = table["pitch"].astype(np.int64)
        self._advance = table["advance"].astype(np.int64)
        self._on = (table["kind"] == "note_on") & (self._pitch >= 0)
        self._off = (table["kind"] == "note_off") & (self._pitch >= 0)
        self._velocity = table["kind"] == "velocity"

    def _silent(self) -> float:
        """Return the step from which on, in effect, only the chord has note-ons."""
        return (self.begin + self._thin) / 2

    def update(self, events: Events) -> None:
        """Take the note-ons and note-offs of `events`."""
        values = np.minimum(events[:, 0], len(self._pitch) - 1)
        pitch = self._pitch[values]
        elapsed = self.view.elapsed
        on = self._rows[self._on[values]]
        off = self._rows[self._off[values]]
        self._since[on, pitch[on]] = elapsed[on]
        self._near[on] = (3 * self._near[on] + pitch[on]) // 4
        self._weights[off, pitch[off] % 12] += elapsed[off] - self._since[off, pitch[off]]
        for row, chord in self._chords.items():
            if self._on[values[row]]:
                chord.played.append(int(pitch[row]))

    def acts(self, field: int) -> bool:
        """Return whether it may change scores of `field`."""
        return field == 0

    def apply(self, field: int, scores: Floats32) -> None:
        """Make note-ons rarer in `scores` `[batch, size]`, or leave what the end may have."""
        elapsed, live = self.view.elapsed, self.view.live
        if max(elapsed.tolist()) < self._thin:
            return
        sounding = self.view.sounding
        for row in live[elapsed[live] >= self._thin].tolist():
            if elapsed[row] < self.begin:
                less = RARER * (elapsed[row] - self._thin) / max(self.begin - self._thin, 1)
                scores[row, self._on | self._velocity] -= np.float32(less)
                continue
            if row not in self._chords:
                key = self._found(row, sounding[row])
                self._chords[row] = Chord(key, int(self._near[row]), [])
            allowed = self._allowed(self._chords[row], scores[row] > -np.inf, sounding[row])
            if allowed.any():
                scores[row, ~allowed] = -np.inf

    def _allowed(self, chord: Chord, legal: Bools, sounding: Bools) -> Bools:
        """Return bool `[size]`: which `legal` values come next; none where none can.

        Note-offs come first, then note-ons, then time.
        """
        outside = sounding & ~np.isin(np.arange(128) % 12, chord.key.triad)
        over = sounding if chord.crowded(sounding) else outside
        released: Bools = legal & self._off & over[self._pitch]
        if released.any():
            return released
        if (next_notes := chord.next_notes(sounding)) is not None:
            note_ons: Bools = legal & self._on & next_notes[self._pitch]
            if note_ons.any() or not (legal & self._on).any():
                note_ons |= legal & self._velocity
            return note_ons
        longest = np.where(legal, self._advance, 0)
        return np.asarray((longest == longest.max()) & (longest > 0), bool)

    def _found(self, row: int, sounding: Bools) -> Key:
        """Return the key in which stream `row` ends."""
        if self._key is not None:
            return scale(self._key.values[int(self._key.index(self.begin / self._rate))])
        took = self.begin - self._since[row, sounding]
        weights = self._weights[row] + np.bincount(np.flatnonzero(sounding) % 12, took, 12)
        return keys.find(weights[None])[0]

    def select(self, rows: Ints) -> None:
        """Continue with the streams `rows`."""
        for name in ("_since", "_weights", "_near"):
            setattr(self, name, getattr(self, name)[rows])
        known = self._chords
        self._chords = {
            new: dataclasses.replace(known[old], played=list(known[old].played))
            for new, old in enumerate(rows.tolist())
            if old in known
        }


@dataclasses.dataclass
class Chord:
    """The chord that ends one stream: its key, the pitch near the music, the pitches played."""

    NOTES: ClassVar[int] = 4  # the bass, and the pitch classes of the triad above it

    key: Key
    near: int
    played: list[int]

    def crowded(self, sounding: Bools) -> bool:
        """Return whether more sounds, before the chord begins, than may sound on in it."""
        return not self.played and int(sounding.sum()) > self.NOTES

    def next_notes(self, sounding: Bools) -> Bools | None:
        """Return bool `[128]`: what may be played next; None where the chord is complete."""
        pitches = np.arange(128)
        free = ~sounding
        if not self.played:
            tonic: Bools = free & (pitches % 12 == self.key.tonic)
            bass: Bools = tonic & (pitches >= BASS[0]) & (pitches <= BASS[1])
            return bass if bass.any() else tonic
        left = [c for c in self.key.triad if c not in [p % 12 for p in self.played[1:]]]
        if not left:
            return None
        free = free & np.isin(pitches % 12, left)
        above = self.played[-1] if len(self.played) > 1 else self.played[0] + TWO
        lowest = max(above, min(self.near, HIGHEST - BELOW) - BELOW)
        highest = max(min(self.near + ABOVE, HIGHEST), lowest + 11)
        fits: Bools = free & (pitches > lowest) & (pitches <= highest)
        if fits.any():
            return fits
        higher: Bools = free & (pitches > self.played[0])
        return higher if higher.any() else free
