"""Plays the chords of a tune under its melody while both are decided, one step at a time.

It plays as `symgen.notes.accompany` does with a whole tune: bass notes and close chords on the
beats, and in the last bar one chord to the end.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from symgen.encodings.base import Change
from symgen.notes.accompany import LOUDNESS, Hit, bass, pattern, voicing
from symgen.notes.theory.chords import Chord
from symgen.sampling.tunes.plan import Plan

ABOVE = 84  # C6, for the voicing where no melody sounds


class _Meter(NamedTuple):
    """A meter from step `start` on: the steps of its bar, and the hits of the pattern.

    Each hit stands at its step in the bar, with its length in steps.
    """

    start: int
    bar: int
    hits: Mapping[int, tuple[int, Hit]]

    @classmethod
    def of(cls, start: int, numerator: int, denominator: int, grid: int) -> _Meter:
        hits = {}
        for hit in pattern(numerator, denominator):
            begin, end = round(hit.begin * grid), round(hit.end * grid)
            hits[begin] = (end - begin, hit)
        return cls(start, round(4 * grid * numerator / denominator), hits)


class Accompanist:
    """The accompaniment of one stream. `chords` are those of the values of its field `chord`."""

    def __init__(self, plan: Plan, chords: Sequence[Chord | None]) -> None:
        self._chords = chords
        rows = np.reshape(plan.context["bars"], (-1, 3)).tolist()
        self._meters = [_Meter.of(at, number, unit, plan.grid) for at, number, unit in rows]
        last = self._meters[-1]
        whole = (plan.steps - 1 - last.start) // last.bar
        self._last = None if plan.endless else last.start + whole * last.bar
        self._chord: Chord | None = None
        self._voices: tuple[int, ...] | None = None
        self._fresh = self._fifth = self._ringing = False
        self._melody: dict[int, int] = {}  # velocities of the melody notes that sound, by pitch
        self._loud = 0
        self._sounding: list[tuple[int, Change]] = []  # each with the step of its end

    def __deepcopy__(self, memo: dict[int, Any]) -> Accompanist:
        other = copy.copy(self)
        other._melody, other._sounding = self._melody.copy(), self._sounding.copy()
        return other

    def take(self, now: int, value: int, changes: Sequence[Change]) -> list[Change]:
        """Take the chord of step `now` and what the melody does there; return what is played."""
        for change in changes:
            if change.kind == "on":
                self._melody[change.pitch] = self._loud = change.velocity
            else:
                self._melody.pop(change.pitch, None)
        chord = self._chords[value]
        changed = chord != self._chord
        if changed:
            self._chord, self._fresh, self._ringing = chord, True, False
        out = self._ended(now, everything=changed)
        if chord is None or not self._loud or self._ringing:
            return out
        meter = self._meter(now)
        place = (now - meter.start) % meter.bar
        if self._last is not None and now >= self._last and (changed or place == 0):
            self._ringing = True
            return out + self._struck(now, meter.bar, ("bass", "chord"))
        return out + self._hit(now, *meter.hits[place]) if place in meter.hits else out

    def _meter(self, now: int) -> _Meter:
        """Return the meter in force; a pickup has that of the first bar."""
        begun = [meter for meter in self._meters if meter.start <= now]
        return begun[-1] if begun else self._meters[0]

    def _hit(self, now: int, length: int, hit: Hit) -> list[Change]:
        """Play a hit of the pattern; the first one of a chord begins with its bass."""
        roles = [hit.role] if hit.role == "bass" or not self._fresh else ["bass", hit.role]
        if self._fresh or (hit.first and hit.role == "bass"):
            self._fifth = False
        self._fresh = False
        return self._struck(now, length, roles)

    def finish(self, now: int) -> list[Change]:
        """End what sounds."""
        return self._ended(now, everything=True)

    def _ended(self, now: int, everything: bool) -> list[Change]:
        over = [change for end, change in self._sounding if everything or end <= now]
        self._sounding = [] if everything else [one for one in self._sounding if one[0] > now]
        return [change._replace(kind="off", time=now) for change in over]

    def _struck(self, now: int, length: int, roles: Sequence[str]) -> list[Change]:
        assert self._chord is not None
        under = min(self._melody, default=ABOVE)
        out = []
        for role in roles:
            if role == "bass":
                pitches: tuple[int, ...] = (bass(self._chord, self._fifth),)
                self._fifth = not self._fifth
            else:
                self._voices = voicing(self._chord, self._voices, under)
                pitches = tuple(pitch for pitch in self._voices if pitch < under)
            velocity = max(1, round(self._loud * LOUDNESS[role]))
            out += [Change("on", now, pitch, velocity) for pitch in pitches]
        self._sounding += [(now + length, change) for change in out]
        return out
