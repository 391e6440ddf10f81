"""Steering towards a key: which pitches and chords come, but not when."""

from __future__ import annotations

import numpy as np

from symgen.controls.schedule import Schedule
from symgen.encodings import Events
from symgen.notes.theory.profiles import profile
from symgen.notes.theory.scales import scale
from symgen.notes.theory.tonality import key_bias
from symgen.sampling.engine.view import FOREVER, View
from symgen.sampling.processors.base import Goals, Steer
from symgen.sampling.processors.whole_notes.groups import span, within
from symgen.sampling.processors.whole_notes.time_fields import TimeFields, pitch_field
from symgen.types import Array, Bools, Floats, Floats32, Ints

CLASS = np.arange(128) % 12  # of each pitch


class KeySteer(Steer):
    """Makes note-ons outside the key unlikely, or bars them where the key is strict.

    Note-ons together stay as likely as they were: the pitches of the key gain what the others
    lose, so the rhythm does not change. The same holds for chords: which chord comes is steered,
    not when.

    A key is more than its scale. Where the encoding has chords, those of the key become likelier
    (see `tonality`). Elsewhere pitch classes become likelier that have sounded for a smaller share
    of the time than in real music in the key, and the others less likely. These shares are
    computed once per second of a stream's own time.

    Where a strict key changes, the pitches outside the new key end before anything else happens;
    whole notes outside it do not last beyond the change.
    """

    name = "key"

    OUTSIDE = -5.0  # nats on a note-on outside the key
    CHORD = -2.0  # nats on a chord that has a note outside it, as secondary dominants have
    PRIOR = 8.0  # seconds of real music in the key that are taken to have sounded before
    FARTHEST = 2.0  # nats at most
    EVERY = 1.0  # seconds of a stream between two looks at its shares

    def __init__(self, view: View) -> None:
        super().__init__(view)
        encoding, batch = view.encoding, view.batch
        tables = [encoding.table(k) for k in range(len(encoding.fields))]
        self._tables, self._classes = tables, [_classes(t) for t in tables]
        self._onsets = [span(np.asarray(classes.any(axis=1))) for classes in self._classes]
        self._octave = [t["pitch"][s] % 12 for t, s in zip(tables, self._onsets, strict=True)]
        self._outside = [np.where(t["kind"] == "chord", self.CHORD, self.OUTSIDE) for t in tables]
        self._chords = [bool((t["kind"] == "chord").any()) for t in tables]
        self._off = [np.flatnonzero((t["kind"] == "note_off") & (t["pitch"] >= 0)) for t in tables]
        self._has_chords = any(self._chords)
        self._hold = [np.flatnonzero(t["kind"] == "hold") for t in tables]
        self._melodies = [k for k, hold in enumerate(self._hold) if len(hold)]
        self._last = np.repeat(encoding.start()[None], batch, axis=0)
        self._pitch = np.full(batch, -1)  # of the last note-on
        self._target: Schedule | None = None
        self._strict = False
        self._which = np.zeros(batch, np.int64)
        self._late: Bools | None = None  # what sounds outside a strict key
        self._lengths = TimeFields(encoding, "duration", batch) if view.whole_notes else None
        self._rows, self._pitch_field = (
            np.arange(batch),
            pitch_field(encoding) if self._lengths else 0,
        )
        pitch = tables[self._pitch_field]["pitch"].astype(np.int64)
        self._places = np.stack([pitch // 12, pitch % 12, pitch >= 0])  # octave, class, sounds
        ends = self._lengths is not None or any(map(len, self._off))
        self._shared = ends and not self._has_chords
        self._sounded = np.zeros((batch, 11, 12))  # seconds that each class of each octave sounded
        self._time = np.zeros(batch)
        self._due = np.zeros(batch)  # seconds at which the shares of a stream are computed again
        # factors and their logarithms
        self._biases = [np.zeros((2, batch, len(octave)), np.float32) for octave in self._octave]
        if view.whole_notes:
            view.deadlines.append(self._until)

    def set(self, goals: Goals) -> None:
        """Take the key, and whether it is strict."""
        self._share = goals.share(self.name)
        self.aim(goals.schedule(self.name), goals.targets.strict_key)

    def aim(self, target: Schedule | None, strict: bool = False) -> None:
        """Take the key, and whether notes outside it are barred."""
        if (target, strict) == (self._target, self._strict):
            return
        self._target, self._strict, self._late = target, strict, None
        # of whole notes the lengths are limited instead
        stops = target.changes() if target and strict and not self.view.whole_notes else ()
        self.view.stop_at("key", [round(time * self.view.rate) for time in stops])
        if target is None:
            return
        scales = [scale(key) for key in target.values]
        self._outlying = np.stack([~key.mask for key in scales])
        self._leaves = _leaves(target, self._outlying)
        self._profiles = np.stack([profile(key) for key in scales])
        self._wrong = [
            np.stack([(classes & ~key.mask).any(axis=1) for key in scales])
            for classes in self._classes
        ]
        rates = [0.0 if strict else np.exp(outside) for outside in self._outside]
        key_biases = [
            np.stack([np.exp(key_bias(t, key)) for key in scales]) if self._has_chords else 1.0
            for t in self._tables
        ]
        self._rates = [
            (np.where(wrong, rate, 1) * more).astype(np.float32)[:, s]
            for wrong, rate, more, s in zip(
                self._wrong, rates, key_biases, self._onsets, strict=True
            )
        ]
        self._take(np.zeros(len(self._time), np.int64), np.ones(len(self._time), bool))

    def _take(self, which: Ints, fresh: Bools) -> None:
        """Take the key `which` `[batch]` of the target's; `fresh` streams forget what sounded.

        Everything has a row per stream, even where all rows are the same: NumPy is several times
        as fast on arrays of one shape.
        """
        self._which = which
        self._foreign = self._outlying[which]
        self._beyond = self._foreign[:, CLASS]
        shares = self._profiles[which]
        least = np.where(self._foreign, self.FARTHEST, -self.FARTHEST)
        self._terms = np.stack([shares, self.PRIOR * shares, least])
        factors = [rates[which] for rates in self._rates]
        with np.errstate(divide="ignore"):
            self._plain = [np.stack([each, np.log(each)]) for each in factors]
        for biases, plain in zip(self._biases, self._plain, strict=True):
            biases[:, fresh] = plain[:, fresh]
        self._sounded[fresh], self._due[fresh] = 0, -np.inf

    def begin_step(self, view: View) -> None:
        """Take the key at each stream's time, and what sounds outside it where it is strict."""
        seconds, before = view.seconds, self._time
        self._time = seconds
        if self._target is None:
            return
        if not self._target.constant:
            which = self._target.index(seconds)
            if (which != self._which).any():
                self._take(which, which != self._which)
        if self._shared and self._lengths is None:
            self._listen(view.sounding, seconds, before)
        if self._shared and True in (due := seconds >= self._due).tolist():
            self._weigh(due.nonzero()[0])

    def _listen(self, sounding: Bools, seconds: Floats, before: Floats) -> None:
        """Add the time since `before` to the classes of the `sounding` pitches."""
        if seconds.tolist() != before.tolist():
            sounded = self._sounded.reshape(len(sounding), -1)[:, :128]
            took = np.maximum(seconds - before, 0)[:, None]  # the time of ended streams runs back
            np.add(sounded, took, out=sounded, where=sounding)
        if self._strict:
            outside = sounding & self._beyond
            self._late = outside if outside.any() else None

    def acts(self, field: int) -> bool:
        """Return whether `field` has note-ons, note-offs or holds by pitch, or chords."""
        return any(map(len, (self._octave[field], self._off[field], self._hold[field])))

    def _until(self, pitches: Ints) -> Ints | None:
        """Return the step at which a strict key changes to one without the pitch."""
        if self._target is None or not self._strict or self._target.constant:
            return None
        seconds = np.where(pitches < 0, np.inf, self._leaves[self._which, pitches % 12])
        rate = self.view.rate
        steps = np.floor(np.minimum(seconds, FOREVER / rate) * rate + 1e-6)
        return np.asarray(steps, np.int64)

    def steer(self, field: int, scores: Floats32) -> None:
        """Move the weight of note-ons and chords outside the key to those inside."""
        if self._target is None:
            return
        if self._strict:
            self._release(field, scores)
        if not len(self._octave[field]):
            return
        if self._chords[field]:
            held = self._last[:, field, None] == np.arange(scores.shape[1])
            barred = self._wrong[field][self._which] & self._strict
            stay = np.where(barred, -np.inf, scores)[held]
            scores[held] = -np.inf
        within(scores, self._onsets[field], *self._biases[field])
        if self._chords[field]:
            scores[held] = stay

    def _weigh(self, rows: Ints) -> None:
        """Compute the biases of the streams `rows` from what has sounded."""
        self._due[rows] = self._time[rows] + self.EVERY
        nats = self._lean(rows)
        for octave, (factors, logs), biases in zip(
            self._octave, self._plain, self._biases, strict=True
        ):
            more = nats.take(octave, axis=1)
            biases[0, rows] = factors[rows] * np.exp(more)
            biases[1, rows] = logs[rows] + more

    def _lean(self, rows: Ints) -> Floats32:
        """Return float32 `[rows, 12]`: the nats on each pitch class.

        That is one nat for each e-fold that its share of the time lies below that of real music.
        Classes outside the scale have the least that one inside has.
        """
        shares, prior, least = self._terms[:, rows]
        found = np.add.reduce(self._sounded[rows], axis=1) + prior
        nats = np.log(shares * np.add.reduce(found, axis=1, keepdims=True) / found)
        nats = np.minimum(np.maximum(nats, least), self.FARTHEST)
        np.copyto(nats, np.minimum.reduce(nats, axis=1, keepdims=True), where=least > 0)
        return np.asarray(nats, np.float32)

    def _release(self, field: int, scores: Floats32) -> None:
        """Leave only note-offs of what sounds outside a strict key, where one is legal.

        A hold of such a note is barred too.
        """
        off = self._off[field]
        if self._late is not None and len(off):
            pitch = self._tables[field]["pitch"][off]
            late = self._late[:, pitch] & (scores[:, off] > -np.inf)
            for row in np.flatnonzero(late.any(axis=1)):
                stays = off[late[row]]
                kept = scores[row, stays]
                scores[row] = -np.inf
                scores[row, stays] = kept
        if len(self._hold[field]):
            foreign = self._foreign[np.arange(len(scores)), self._pitch % 12]
            wrong = (self._pitch >= 0) & foreign
            scores[np.ix_(wrong, self._hold[field])] = -np.inf

    def primed(self, events: Events) -> None:
        """Take the chord and the note that a primer holds when it ends."""
        self._take_held(events)

    def update(self, events: Events) -> None:
        """Take the chords and notes that are held from here on, or how long a whole note lasts."""
        self._take_held(events)
        if self._lengths is not None and self._target is not None:
            pitches = events[:, self._pitch_field]
            octave, place, sounds = self._places.take(pitches, axis=1, mode="clip")
            seconds = sounds * self._lengths.of(events) / self.view.rate
            self._sounded[self._rows, octave, place] += seconds

    def _take_held(self, events: Events) -> None:
        if self._has_chords:
            self._last = np.array(events, np.int32)
        for field in self._melodies:
            table = self._tables[field]
            values = np.minimum(events[:, field], len(table) - 1)
            note_on = table["kind"][values] == "note_on"
            self._pitch = np.where(note_on, table["pitch"][values], self._pitch)

    def select(self, rows: Ints) -> None:
        """Continue with the streams `rows`."""
        self._last = self._last[rows]
        self._pitch = self._pitch[rows]
        self._sounded = self._sounded[rows]
        self._time = self._time[rows]
        self._due = self._due[rows]
        self._biases = [biases[:, rows] for biases in self._biases]
        if self._target is not None and not self._target.constant:
            self._take(self._which[rows], np.zeros(len(rows), bool))


def _leaves(target: Schedule, outlying: Bools) -> Floats:
    """Return float64 `[keys, 12]`: when the first later key begins that lacks a pitch class.

    `outlying` bool `[keys, 12]` says which classes a key lacks.
    """
    times = np.where(outlying, np.array(target.times)[:, None], np.inf)
    after = np.concatenate([times[1:], np.full((1, 12), np.inf)])
    return np.asarray(np.minimum.accumulate(after[::-1])[::-1], np.float64)


def _classes(values: Array) -> Bools:
    """Return bool `[values, 12]`: the pitch classes of a note-on, a sounding pitch or a chord."""
    onsets = np.isin(values["kind"], ("note_on", "sounding")) & (values["pitch"] >= 0)
    chords = np.where(values["kind"] == "chord", values["classes"], 0)
    bits = np.where(onsets, 1 << values["pitch"].astype(np.int64) % 12, chords)
    return np.asarray(bits[:, None] >> np.arange(12) & 1, bool)
