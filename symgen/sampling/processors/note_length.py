"""What a hand cannot do, and what a model forgets: a sounding pitch is not struck again, and no note rings for ever.

A stream that says strikes and releases apart can open a pitch twice and release it once, or forget a release for good,
and then it rings to the end. Real music does neither: among 95,737 notes of recorded piano, pedal applied, none is struck
while its pitch sounds, one in a thousand lasts over 7.6 seconds, and the longest 18.

Whole notes have their lengths from the model, and there strikes alone are barred. But one shift of
theirs can be a rest of a minute: among 1,908,609 of piano music 47 are longer than 5 seconds, so
what is longer is pressed as well. An encoding that has neither releases by pitch nor lengths is
left alone.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from symgen.encodings import Encoding, Events
from symgen.encodings.base import Mask
from symgen.sampling.processors.whole_notes.time_fields import columns, is_whole
from symgen.sampling.request.params import Floats

LONG = 8.0  # seconds from which a note is pressed to end
REST = 5.0  # and a rest between whole notes
PRESS = 2.0  # nats on its release for each second beyond
MOST = 16.0  # nats at most


class NoteLengthProcessor:
    """The strikes of `batch` streams and when they were: int64 steps `[batch, 128]`.

    Notes are pressed to end from `long` seconds on.

    As one event opens one pitch and takes so many steps at most, it is known for how many events nothing can be too long, or
    everything sound; so long that is not looked for.
    """

    def __init__(self, encoding: Encoding, batch: int, long: float | None = None) -> None:
        tables = [encoding.table(k) for k in range(len(encoding.fields))]
        self._on = [np.flatnonzero((t["kind"] == "note_on") & (t["pitch"] >= 0)) for t in tables]
        self._off = [np.flatnonzero((t["kind"] == "note_off") & (t["pitch"] >= 0)) for t in tables]
        self._towards = [np.isin(t["kind"], ("note_on", "velocity")) for t in tables]
        self._release = [
            _places(off, t["pitch"][off]) for off, t in zip(self._off, tables, strict=True)
        ]
        self._pitch = [t["pitch"].astype(np.int64) for t in tables]
        strikes = [
            np.append(t["kind"] == "note_on", False) for t in tables
        ]  # and of "nothing before"
        pressed = any(map(len, self._off))
        self._strikes = {k: s for k, s in enumerate(strikes) if pressed and s.any()}
        self._in_order = [
            np.array_equal(p[on], np.arange(128)) and np.array_equal(on, on[0] + np.arange(128))
            for p, on in zip(self._pitch, self._on, strict=True)
        ]
        ends = is_whole(encoding) or pressed
        self.acts = [
            ends and bool(len(on) or len(off)) for on, off in zip(self._on, self._off, strict=True)
        ]
        self._rests: dict[int, Floats] = {}  # what is added to the scores of the coarsest shift
        if is_whole(encoding):
            field, steps = min(columns(encoding, "advance").items())
            seconds = steps / encoding.steps_per_second
            self._rests[field] = -np.clip((seconds - REST) * PRESS, 0, MOST).astype(np.float32)
            self.acts[field] = True
        self._rate = PRESS / encoding.steps_per_second
        self._long = int((long or LONG) * encoding.steps_per_second)
        self._longest = max(sum(int(t["advance"].max()) for t in tables), 1)
        self._since = np.zeros((batch, 128), np.int64)
        self._rows = np.arange(batch)
        self._look_long = self._look_full = 0  # events that need not be looked at

    def chosen(self, events: Events, elapsed: npt.NDArray[np.int64]) -> None:
        """Take the events int32 `[batch, fields]` that were chosen at `elapsed` steps `[batch]`."""
        for field, strikes in self._strikes.items():
            struck = strikes[events[:, field]].nonzero()[0]
            if len(struck):
                self._since[struck, self._pitch[field][events[struck, field]]] = elapsed[struck]
        self._look_long -= 1
        self._look_full -= 1

    def apply(
        self, field: int, scores: Floats, sounding: Mask, elapsed: npt.NDArray[np.int64]
    ) -> None:
        """Bar strikes of the pitches that are `sounding` bool `[batch, 128]`, and press the releases of those that long have been."""
        if field in self._rests:
            scores += self._rests[field]
            return
        on, off, pitch = self._on[field], self._off[field], self._pitch[field]
        if self._in_order[field]:
            np.copyto(scores[:, on[0] : on[0] + 128], -np.inf, where=sounding)
        else:
            scores[:, on] = np.where(sounding[:, pitch[on]], -np.inf, scores[:, on])
        if self._look_full <= 0:
            counts = sounding.sum(axis=1)
            self._look_full = 128 - int(counts.max())
            if (everything := counts == 128).any():
                scores[np.ix_(everything, self._towards[field])] = -np.inf
        if len(off) and self._look_long <= 0:
            sounds = sounding.ravel().nonzero()[0]  # of all streams in a row
            over = elapsed[sounds >> 7] - self._since.ravel()[sounds] - self._long
            most = int(over.max(initial=-self._long))
            self._look_long = -most // self._longest
            if most > 0:
                late = over > 0
                over, sounds = over[late], sounds[late]
                values = self._release[field][sounds & 127]
                scores[sounds >> 7, values] += np.minimum(over * self._rate, MOST).astype(
                    np.float32
                ) * (values >= 0)


def _places(values: npt.NDArray[np.int64], pitches: npt.NDArray[np.int16]) -> npt.NDArray[np.int64]:
    """Return int64 `[128]`: the value that stands for each pitch, -1 where there is none."""
    out = np.full(128, -1)
    out[pitches] = values
    return out
