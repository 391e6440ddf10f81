"""Steering: controls that work on any model, by a bias on its scores while it samples.

A steer reads the encoding's table (kind, pitch and advance of each value) and what was chosen; it knows no encoding by
name. One steer serves a batch; each stream is steered by its own past alone.
"""

from __future__ import annotations

import abc
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.controls.schedule import Schedule
from symgen.controls.targets import Targets
from symgen.encodings import Encoding, Events
from symgen.encodings.base import Grammar
from symgen.notes.theory.profiles import profile
from symgen.notes.theory.scales import scale
from symgen.notes.theory.tonality import lean
from symgen.sampling.processors.whole_notes.groups import span, within
from symgen.sampling.processors.whole_notes.time_fields import Said, is_whole, pitch_field
from symgen.sampling.request.params import Floats

Array = npt.NDArray[Any]
Seconds = npt.NDArray[np.float64]


class Steer(abc.ABC):
    """One control at work on `batch` streams; it does nothing until it is set."""

    @abc.abstractmethod
    def __init__(self, encoding: Encoding, batch: int, rate: float | None = None) -> None:
        """Read the table of `encoding`; `rate` is how many of its steps make a second, where it does not say so itself."""

    @classmethod
    def of(cls, encoding: Encoding, batch: int, rate: float | None = None) -> Steer:
        """Return what steers `batch` streams of `encoding` so; for some it is another class."""
        return cls(encoding, batch, rate)

    @classmethod
    def serves(cls, encoding: Encoding) -> bool:
        """Return whether music of `encoding` can be steered so."""
        return True

    @abc.abstractmethod
    def set(self, controls: Targets) -> None:
        """Take what is asked from now on, its times in seconds. Asking the same again changes nothing."""

    def at_least(self) -> None:  # noqa: B027 - few can do less than they are asked
        """Take the target as a lower limit, where that can be done."""

    def at(self, seconds: Seconds, grammar: Grammar) -> None:  # noqa: B027 - what is asked may be the same at all times
        """Begin a step at `seconds` `[batch]`, each stream's own, after what `grammar` was told."""

    def acts(self, field: int) -> bool:
        """Return whether it may ever change the scores of `field`; where not, it is not asked."""
        return True

    @abc.abstractmethod
    def apply(self, field: int, scores: Floats) -> None:
        """Change `scores` `[batch, size]` of `field` in place; barred values stay -inf."""

    def until(self, pitches: npt.NDArray[np.int64]) -> Seconds | None:
        """Return the seconds `[batch]` by which notes that begin now are to be over; None for any.

        `pitches` `[batch]` are theirs. It is asked where events are whole notes.
        """
        return None

    def heard(self, events: Events) -> None:  # noqa: B027 - few steers listen to a primer
        """Take events int32 `[batch, fields]` of a primer, which were not steered."""

    def chosen(self, events: Events) -> None:  # noqa: B027 - not every steer has a memory
        """Take the events int32 `[batch, fields]` that were chosen."""

    def keep(self, rows: npt.NDArray[np.int64]) -> None:  # noqa: B027 - nor has it then
        """Go on with the streams `rows`, which are as many as before; one named twice takes the place of another."""


class KeySteer(Steer):
    """Makes strikes outside the key unlikely, or bars them where the key is strict.

    A strike as such stays as likely as it was: what the other pitches lose the pitches of the key gain, so that the
    rhythm is left alone. So does a change of chord: what chord comes is steered, not when. A key is more than its scale: where
    chords are said they lean to those of the key (see `tonality`), else the pitch classes that have sounded for less time than
    they do in real music in the key grow likelier, and the others less so; how much, is found anew once a second of a stream's own
    time. Where a strict key changes, what sounds outside the new one is released before anything else; of whole notes none that
    is outside it lasts beyond the change.
    """

    OUTSIDE = -5.0  # nats on a strike outside the key
    CHORD = -2.0  # nats on a chord that has a note outside it, as the dominant of the dominant has
    PRIOR = 8.0  # seconds of sounding time in the shares of real music that are taken to have been heard
    FARTHEST = 2.0  # nats at most
    EVERY = (
        1.0  # seconds of a stream after which its shares are looked at again: they change slowly
    )

    def __init__(self, encoding: Encoding, batch: int, rate: float | None = None) -> None:
        tables = [encoding.table(k) for k in range(len(encoding.fields))]
        self._tables, self._classes = tables, [_classes(t) for t in tables]
        self._strikes = [span(np.asarray(classes.any(axis=1))) for classes in self._classes]
        self._octave = [t["pitch"][s] % 12 for t, s in zip(tables, self._strikes, strict=True)]
        self._outside = [np.where(t["kind"] == "chord", self.CHORD, self.OUTSIDE) for t in tables]
        self._chords = [bool((t["kind"] == "chord").any()) for t in tables]
        self._off = [np.flatnonzero((t["kind"] == "note_off") & (t["pitch"] >= 0)) for t in tables]
        self._hold = [np.flatnonzero(t["kind"] == "hold") for t in tables]
        self._last = np.repeat(encoding.start()[None], batch, axis=0)
        self._pitch = np.full(batch, -1)  # the last that was struck
        self._wish: Schedule | None = None
        self._strict, self._which = False, np.zeros(batch, np.int64)
        self._late: Array | None = None
        self._lengths = Said(encoding, "duration", batch) if is_whole(encoding) else None
        self._rows, self._struck = np.arange(batch), pitch_field(encoding) if self._lengths else 0
        pitch = tables[self._struck]["pitch"].astype(np.int64)
        self._places = np.stack(
            [pitch // 12, pitch % 12, pitch >= 0]
        )  # where it is heard, and whether
        self._rate = rate or encoding.steps_per_second
        ends = self._lengths is not None or any(map(len, self._off))
        self._shared = ends and not any(self._chords)
        self._heard, self._time = (
            np.zeros((batch, 11, 12)),
            np.zeros(batch),
        )  # seconds that each octave's classes sounded, and in all
        self._due = np.zeros(batch)  # seconds at which a stream's shares are looked at
        self._leant = [
            np.zeros((2, batch, len(octave)), np.float32) for octave in self._octave
        ]  # factors and their logarithms

    def set(self, controls: Targets) -> None:
        """Take the key and whether it is strict."""
        wish = controls.wishes.get("key")
        if (wish, controls.strict_key) == (self._wish, self._strict):
            return
        self._wish, self._strict, self._late = wish, controls.strict_key, None
        if wish is None:
            return
        scales = [scale(key) for key in wish.values]
        self._outlying = np.stack([~key.mask for key in scales])
        self._leaves = _leaves(wish, self._outlying)
        self._profiles = np.stack([profile(key) for key in scales])
        self._wrong = [
            np.stack([(classes & ~key.mask).any(axis=1) for key in scales])
            for classes in self._classes
        ]
        rates = [0.0 if self._strict else np.exp(outside) for outside in self._outside]
        leans = [
            np.stack([np.exp(lean(t, key)) for key in scales]) if any(self._chords) else 1.0
            for t in self._tables
        ]
        self._rates = [
            (np.where(wrong, rate, 1) * more).astype(np.float32)[:, s]
            for wrong, rate, more, s in zip(self._wrong, rates, leans, self._strikes, strict=True)
        ]
        self._take(np.zeros(len(self._time), np.int64), np.ones(len(self._time), bool))

    def _take(self, which: npt.NDArray[np.int64], fresh: npt.NDArray[np.bool_]) -> None:
        """Take the key `which` `[batch]` of those that are asked; the `fresh` streams begin in theirs, with nothing heard.

        All that is found for it has a row a stream, though they be alike: NumPy is several times as fast on arrays of one shape.
        """
        self._which, self._foreign = which, self._outlying[which]
        self._beyond = self._foreign[:, CLASS]
        shares, least = (
            self._profiles[which],
            np.where(self._foreign, self.FARTHEST, -self.FARTHEST),
        )
        self._terms = np.stack([shares, self.PRIOR * shares, least])
        factors = [rates[which] for rates in self._rates]
        with np.errstate(divide="ignore"):
            self._alone = [np.stack([each, np.log(each)]) for each in factors]
        for leant, known in zip(self._leant, self._alone, strict=True):
            leant[:, fresh] = known[:, fresh]
        self._heard[fresh], self._due[fresh] = 0, -np.inf

    def at(self, seconds: Seconds, grammar: Grammar) -> None:
        """Take the key of each stream's time, and what sounds outside of it where it is strict."""
        before, self._time = self._time, seconds
        if self._wish is None:
            return
        if not self._wish.constant and ((which := self._wish.index(seconds)) != self._which).any():
            self._take(which, which != self._which)
        if self._shared and self._lengths is None:
            sounding = grammar.open_pitches()
            if seconds.tolist() != before.tolist():
                heard = self._heard.reshape(len(sounding), -1)[:, :128]
                np.add(
                    heard, np.maximum(seconds - before, 0)[:, None], out=heard, where=sounding
                )  # time of what ended runs back
            if self._strict:
                outside = sounding & self._beyond
                self._late = outside if outside.any() else None
        if self._shared and True in (due := seconds >= self._due).tolist():
            self._weigh(due.nonzero()[0])

    def acts(self, field: int) -> bool:
        """Return whether `field` strikes, releases or holds a pitch, or says a chord."""
        return any(map(len, (self._octave[field], self._off[field], self._hold[field])))

    def until(self, pitches: npt.NDArray[np.int64]) -> Seconds | None:
        """Return when a strict key changes to one that is without the pitch."""
        if self._wish is None or not self._strict or self._wish.constant:
            return None
        leaves = self._leaves[self._which, pitches % 12]
        return np.asarray(np.where(pitches < 0, np.inf, leaves), np.float64)

    def apply(self, field: int, scores: Floats) -> None:
        """Move the weight of strikes outside the key to those inside."""
        if self._wish is None:
            return
        if self._strict:
            self._release(field, scores)
        if not len(self._octave[field]):
            return
        if self._chords[field]:
            held = self._last[:, field, None] == np.arange(scores.shape[1])
            stay = np.where(self._wrong[field][self._which] & self._strict, -np.inf, scores)[held]
            scores[held] = -np.inf
        within(scores, self._strikes[field], *self._leant[field])
        if self._chords[field]:
            scores[held] = stay

    def _weigh(self, rows: npt.NDArray[np.int64]) -> None:
        """Find what the scores of the streams `rows` are moved by, for what has been heard by now."""
        self._due[rows] = self._time[rows] + self.EVERY
        nats = self._lean(rows)
        for octave, (factors, biases), leant in zip(
            self._octave, self._alone, self._leant, strict=True
        ):
            more = nats.take(octave, axis=1)
            leant[0, rows], leant[1, rows] = factors[rows] * np.exp(more), biases[rows] + more

    def _lean(self, rows: npt.NDArray[np.int64]) -> Floats:
        """Return float32 `[rows, 12]`: a nat on a pitch class for each e-fold that its share of the time lies below that of real music.

        Those outside the scale have the least that one inside has.
        """
        shares, prior, least = self._terms[:, rows]
        found = np.add.reduce(self._heard[rows], axis=1) + prior
        nats = np.log(shares * np.add.reduce(found, axis=1, keepdims=True) / found)
        nats = np.minimum(np.maximum(nats, least), self.FARTHEST)
        np.copyto(nats, np.minimum.reduce(nats, axis=1, keepdims=True), where=least > 0)
        return np.asarray(nats, np.float32)

    def _release(self, field: int, scores: Floats) -> None:
        """Bar all but the releases of what sounds outside a strict key, where one of them is legal; and holding such a note."""
        off = self._off[field]
        if self._late is not None and len(off):
            wanted = self._late[:, self._tables[field]["pitch"][off]] & (scores[:, off] > -np.inf)
            for row in np.flatnonzero(wanted.any(axis=1)):
                stays = off[wanted[row]]
                kept = scores[row, stays]
                scores[row] = -np.inf
                scores[row, stays] = kept
        if len(self._hold[field]):
            wrong = (self._pitch >= 0) & self._foreign[np.arange(len(scores)), self._pitch % 12]
            scores[np.ix_(wrong, self._hold[field])] = -np.inf

    def heard(self, events: Events) -> None:
        """Take what a primer holds when it ends."""
        self._take_held(events)

    def chosen(self, events: Events) -> None:
        """Take the chords and notes that are held from here on, or how long a whole note sounds."""
        self._take_held(events)
        if self._lengths is not None and self._wish is not None:
            octave, place, heard = self._places.take(events[:, self._struck], axis=1, mode="clip")
            self._heard[self._rows, octave, place] += heard * self._lengths.of(events) / self._rate

    def _take_held(self, events: Events) -> None:
        if any(self._chords):
            self._last = np.array(events, np.int32)
        for field, hold in enumerate(self._hold):
            if len(hold):
                table, values = (
                    self._tables[field],
                    np.minimum(events[:, field], len(self._tables[field]) - 1),
                )
                self._pitch = np.where(
                    table["kind"][values] == "note_on", table["pitch"][values], self._pitch
                )

    def keep(self, rows: npt.NDArray[np.int64]) -> None:
        """Go on with the streams `rows`."""
        self._last, self._pitch = self._last[rows], self._pitch[rows]
        self._heard, self._time, self._due = self._heard[rows], self._time[rows], self._due[rows]
        self._leant = [leant[:, rows] for leant in self._leant]
        if self._wish is not None and not self._wish.constant:
            self._take(self._which[rows], np.zeros(len(rows), bool))


def _leaves(wish: Schedule, outlying: npt.NDArray[np.bool_]) -> Seconds:
    """Return float64 `[keys, 12]`: when the first later key begins that a pitch class lies outside.

    `outlying` bool `[keys, 12]` says where one does.
    """
    times = np.where(outlying, np.array(wish.times)[:, None], np.inf)
    after = np.concatenate([times[1:], np.full((1, 12), np.inf)])
    return np.asarray(np.minimum.accumulate(after[::-1])[::-1], np.float64)


CLASS = np.arange(128) % 12  # of each pitch


def _classes(values: Array) -> npt.NDArray[np.bool_]:
    """Return bool `[values, 12]`: the pitch classes that a value strikes, lets sound, or is a chord of."""
    struck = np.isin(values["kind"], ("note_on", "sounding")) & (values["pitch"] >= 0)
    bits = np.where(
        struck,
        1 << values["pitch"].astype(np.int64) % 12,
        np.where(values["kind"] == "chord", values["classes"], 0),
    )
    return np.asarray(bits[:, None] >> np.arange(12) & 1, bool)
