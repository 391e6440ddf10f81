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

Array = npt.NDArray[Any]


class Steer(abc.ABC):
    """One control at work on `batch` streams; it does nothing until it is set."""

    @abc.abstractmethod
    def __init__(self, encoding: Encoding, batch: int) -> None:
        """Read the table of `encoding`."""

    @abc.abstractmethod
    def set(self, controls: Controls) -> None:
        """Take what is asked from now on. Asking the same again changes nothing."""

    @abc.abstractmethod
    def apply(self, field: int, scores: Floats) -> None:
        """Change `scores` `[batch, size]` of `field` in place; barred values stay -inf."""

    def chosen(self, events: Events) -> None:  # noqa: B027 - not every steer has a memory
        """Take the events int32 `[batch, fields]` that were chosen."""

    @abc.abstractmethod
    def reached(self, notes: Array, seconds: float) -> float | None:
        """Return what the notes of `seconds` of music came to, in the unit that is asked; None where nothing is."""


class KeySteer(Steer):
    """Makes strikes outside the key unlikely, or bars them where the key is strict.

    A strike as such stays as likely as it was: what the other pitches lose the pitches of the key gain, so that the
    rhythm is left alone. Reached is the share of sounding time that the key's pitch classes take.
    """

    OUTSIDE = -5.0   # nats on a strike outside the key
    MOST_GAIN = 6.0  # nats that the pitches of the key may gain where there is next to nothing in them

    def __init__(self, encoding: Encoding, batch: int) -> None:
        self._classes = [np.where(t["kind"] == "note_on", t["pitch"] % 12, -1) for t in map(encoding.table, range(len(encoding.fields)))]
        self._strikes = [_span(classes >= 0) for classes in self._classes]
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
            outside = 0.0 if controls.strict_key else np.exp(self.OUTSIDE)
            self._factors = [np.where(self._scale.mask[c[s]], 1, outside).astype(np.float32)
                             for c, s in zip(self._classes, self._strikes, strict=True)]
            with np.errstate(divide="ignore"):
                self._biases = [np.log(f) for f in self._factors]

    def apply(self, field: int, scores: Floats) -> None:
        """Move the weight of strikes outside the key to those inside."""
        if self._scale is None or not len(self._factors[field]):
            return
        strikes = scores[:, self._strikes[field]]
        top = strikes.max(axis=1, keepdims=True)
        np.maximum(top, -1e30, out=top)  # where no strike is legal
        weights = np.exp(strikes - top)
        whole = weights.sum(axis=1, keepdims=True)
        inside = (weights * self._factors[field]).sum(axis=1, keepdims=True)
        gain = np.log(np.maximum(whole, 1e-30) / np.maximum(np.maximum(inside, whole * np.float32(np.exp(-self.MOST_GAIN))), 1e-30))
        scores[:, self._strikes[field]] = strikes + (self._biases[field] + gain)

    def reached(self, notes: Array, seconds: float) -> float | None:
        """Return the share of sounding time inside the scale."""
        if self._scale is None:
            return None
        time = notes["end_time"] - notes["start_time"]
        return float(time[self._scale.mask[notes["pitch"] % 12]].sum() / time.sum()) if len(notes) else 1.0


def _span(mask: npt.NDArray[np.bool_]) -> slice | npt.NDArray[np.int64]:
    """Return where `mask` is true, as a slice where that is one stretch: a slice is a view, an index a copy."""
    where = np.flatnonzero(mask)
    if len(where) and where[-1] - where[0] + 1 == len(where):
        return slice(int(where[0]), int(where[-1]) + 1)
    return where
