"""Steering: controls that work on any model, by a bias on its scores while it samples.

A steer reads the encoding's table (kind, pitch and advance of each value) and what was chosen; it knows no encoding by
name. One steer serves a batch; each stream is steered by its own past alone.
"""

from __future__ import annotations

import abc
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.encoding import Encoding, Events
from symgen.sampling.choose import Floats
from symgen.sampling.controls import Controls
from symgen.sampling.key import Scale, scale
from symgen.sampling.tonality import lean

Array = npt.NDArray[Any]


class Steer(abc.ABC):
    """One control at work on `batch` streams; it does nothing until it is set."""

    @abc.abstractmethod
    def __init__(self, encoding: Encoding, batch: int, rate: float | None = None) -> None:
        """Read the table of `encoding`; `rate` is how many of its steps make a second, where it does not say so itself."""

    @abc.abstractmethod
    def set(self, controls: Controls) -> None:
        """Take what is asked from now on. Asking the same again changes nothing."""

    @abc.abstractmethod
    def apply(self, field: int, scores: Floats) -> None:
        """Change `scores` `[batch, size]` of `field` in place; barred values stay -inf."""

    def chosen(self, events: Events) -> None:  # noqa: B027 - not every steer has a memory
        """Take the events int32 `[batch, fields]` that were chosen."""

    def keep(self, rows: npt.NDArray[np.int64]) -> None:  # noqa: B027 - nor has it then
        """Go on with the streams `rows`, which are as many as before; one named twice takes the place of another."""

    @abc.abstractmethod
    def reached(self, notes: Array, seconds: float) -> float | None:
        """Return what the notes of `seconds` of music came to, in the unit that is asked; None where nothing is."""


class KeySteer(Steer):
    """Makes strikes outside the key unlikely, or bars them where the key is strict.

    A strike as such stays as likely as it was: what the other pitches lose the pitches of the key gain, so that the
    rhythm is left alone. So does a change of chord: what chord comes is steered, not when. Reached is the share of sounding
    time that the key's pitch classes take.
    """

    OUTSIDE = -5.0   # nats on a strike outside the key
    CHORD = -2.0     # nats on a chord that has a note outside it, as the dominant of the dominant has
    MOST_GAIN = 6.0  # nats that the pitches of the key may gain where there is next to nothing in them

    def __init__(self, encoding: Encoding, batch: int, rate: float | None = None) -> None:
        tables = [encoding.table(k) for k in range(len(encoding.fields))]
        self._tables, self._classes = tables, [_classes(t) for t in tables]
        self._strikes = [_span(np.asarray(classes.any(axis=1))) for classes in self._classes]
        self._outside = [np.where(t["kind"] == "chord", self.CHORD, self.OUTSIDE) for t in tables]
        self._chords = [bool((t["kind"] == "chord").any()) for t in tables]
        self._last = np.repeat(encoding.start()[None], batch, axis=0)
        self._asked: tuple[str | None, bool] = (None, False)
        self._scale: Scale | None = None
        self._factors: list[Floats] = []

    def set(self, controls: Controls) -> None:
        """Take the key and whether it is strict."""
        if (controls.key, controls.strict_key) == self._asked:
            return
        self._asked = controls.key, controls.strict_key
        self._scale = scale(controls.key) if controls.key is not None else None
        if self._scale is not None:
            wrong = [(classes & ~self._scale.mask).any(axis=1) for classes in self._classes]
            rates = [0.0 if controls.strict_key else np.exp(outside) for outside in self._outside]
            leans = [np.exp(lean(t, self._scale)) if any(self._chords) else 1.0 for t in self._tables]
            self._factors = [(np.where(w, rate, 1) * more).astype(np.float32)[s]
                             for w, rate, more, s in zip(wrong, rates, leans, self._strikes, strict=True)]
            with np.errstate(divide="ignore"):
                self._biases = [np.log(f) for f in self._factors]

    def apply(self, field: int, scores: Floats) -> None:
        """Move the weight of strikes outside the key to those inside."""
        if self._scale is None or not len(self._factors[field]):
            return
        if self._chords[field]:
            held = self._last[:, field, None] == np.arange(scores.shape[1])
            stay = scores[held]
            scores[held] = -np.inf
        strikes = scores[:, self._strikes[field]]
        top = strikes.max(axis=1, keepdims=True)
        np.maximum(top, -1e30, out=top)  # where no strike is legal
        weights = np.exp(strikes - top)
        whole = weights.sum(axis=1, keepdims=True)
        inside = (weights * self._factors[field]).sum(axis=1, keepdims=True)
        gain = np.log(np.maximum(whole, 1e-30) / np.maximum(np.maximum(inside, whole * np.float32(np.exp(-self.MOST_GAIN))), 1e-30))
        scores[:, self._strikes[field]] = strikes + (self._biases[field] + gain)
        if self._chords[field]:
            scores[held] = stay

    def chosen(self, events: Events) -> None:
        """Take the chords that are held from here on."""
        self._last = np.array(events, np.int32)

    def keep(self, rows: npt.NDArray[np.int64]) -> None:
        """Go on with the streams `rows`."""
        self._last = self._last[rows]

    def reached(self, notes: Array, seconds: float) -> float | None:
        """Return the share of sounding time inside the scale."""
        if self._scale is None:
            return None
        time = notes["end_time"] - notes["start_time"]
        return float(time[self._scale.mask[notes["pitch"] % 12]].sum() / time.sum()) if len(notes) else 1.0


def _classes(values: Array) -> npt.NDArray[np.bool_]:
    """Return bool `[values, 12]`: the pitch classes that a value strikes, lets sound, or is a chord of."""
    struck = np.isin(values["kind"], ("note_on", "sounding")) & (values["pitch"] >= 0)
    bits = np.where(struck, 1 << values["pitch"].astype(np.int64) % 12, np.where(values["kind"] == "chord", values["classes"], 0))
    return np.asarray(bits[:, None] >> np.arange(12) & 1, bool)


def _span(mask: npt.NDArray[np.bool_]) -> slice | npt.NDArray[np.int64]:
    """Return where `mask` is true, as a slice where that is one stretch: a slice is a view, an index a copy."""
    where = np.flatnonzero(mask)
    if len(where) and where[-1] - where[0] + 1 == len(where):
        return slice(int(where[0]), int(where[-1]) + 1)
    return where
