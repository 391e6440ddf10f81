"""No pitch begins while it sounds, and no note lasts for ever.

A stream of note-ons and note-offs can open a pitch twice and close it once, or forget a note-off,
and then the note lasts to the end. Real music does neither: of 95,737 notes of recorded piano with
pedal, none begins while its pitch sounds, one in a thousand is longer than 7.6 seconds, and the
longest lasts 18.

Whole notes have their lengths from the model; there only note-ons are barred. But one of their
shifts can be a rest of a minute: of 1,908,609 shifts in piano music 47 are longer than 5 seconds,
so longer ones are made less likely too. An encoding without note-offs by pitch and without lengths
is left as it is.
"""

from __future__ import annotations

import numpy as np

from symgen.encodings import Encoding, Events
from symgen.sampling.engine.view import View
from symgen.sampling.processors.base import Processor, Setup
from symgen.sampling.processors.whole_notes.time_fields import columns
from symgen.types import Array, Floats32, Ints

LONG = 8.0  # seconds after which the note-off of a note grows likelier
REST = 5.0  # and after which a rest between whole notes grows less likely
PRESS = 2.0  # nats for each second beyond
MOST = 16.0  # nats at most


class NoteLengthProcessor(Processor):
    """The time of the last note-on of each pitch: int64 steps `[batch, 128]`.

    After `long` seconds note-offs grow likelier. It knows for how many events nothing can be too
    long and not every pitch can sound, and does not look until then.
    """

    def __init__(self, view: View, long: float | None = None) -> None:
        super().__init__(view)
        encoding = view.encoding
        tables = [encoding.table(k) for k in range(len(encoding.fields))]
        self._on = [np.flatnonzero((t["kind"] == "note_on") & (t["pitch"] >= 0)) for t in tables]
        self._off = [np.flatnonzero((t["kind"] == "note_off") & (t["pitch"] >= 0)) for t in tables]
        self._towards = [np.isin(t["kind"], ("note_on", "velocity")) for t in tables]
        self._pitch = [t["pitch"].astype(np.int64) for t in tables]
        self._release = [
            _places(off, p[off]) for off, p in zip(self._off, self._pitch, strict=True)
        ]
        pressed = any(map(len, self._off))
        self._note_ons = {
            k: np.append(t["kind"] == "note_on", False)  # False for "nothing before"
            for k, t in enumerate(tables)
            if pressed and (t["kind"] == "note_on").any()
        }
        self._in_order = [
            np.array_equal(p[on], np.arange(128)) and np.array_equal(on, on[0] + np.arange(128))
            for p, on in zip(self._pitch, self._on, strict=True)
        ]
        ends = view.whole_notes or pressed
        self._acts = [
            ends and bool(len(on) or len(off)) for on, off in zip(self._on, self._off, strict=True)
        ]
        self._rests = _rests(encoding) if view.whole_notes else {}
        for field in self._rests:
            self._acts[field] = True
        self._rate = PRESS / encoding.steps_per_second
        self._long = int((long or LONG) * encoding.steps_per_second)
        self._longest = max(sum(int(t["advance"].max()) for t in tables), 1)
        self._since = np.zeros((view.batch, 128), np.int64)
        self._look_long = self._look_full = 0  # events for which there is no need to look

    @classmethod
    def make(cls, setup: Setup) -> Processor | None:
        """Return one that knows the longest notes of the training music."""
        extent = setup.request.extent
        return cls(setup.view, None if extent is None else extent.long)

    def acts(self, field: int) -> bool:
        """Return whether `field` has note-ons or note-offs by pitch, or rests of whole notes."""
        return self._acts[field]

    def apply(self, field: int, scores: Floats32) -> None:
        """Bar note-ons of sounding pitches, and make note-offs of long notes likelier."""
        if field in self._rests:
            scores += self._rests[field]
            return
        sounding = self.view.sounding
        on = self._on[field]
        pitch = self._pitch[field]
        if self._in_order[field]:
            np.copyto(scores[:, on[0] : on[0] + 128], -np.inf, where=sounding)
        else:
            again = sounding[:, pitch[on]]
            scores[:, on] = np.where(again, -np.inf, scores[:, on])
        if self._look_full <= 0:
            counts = np.add.reduce(sounding, axis=1)
            self._look_full = 128 - max(counts.tolist())
            if (everything := counts == 128).any():
                scores[np.ix_(everything, self._towards[field])] = -np.inf
        if len(self._off[field]) and self._look_long <= 0:
            self._press(field, scores, sounding)

    def _press(self, field: int, scores: Floats32, sounding: Array) -> None:
        """Make the note-offs of notes likelier that have been sounding for too long."""
        sounds = sounding.ravel().nonzero()[0]  # of all streams in a row
        over = self.view.elapsed[sounds >> 7] - self._since.ravel()[sounds] - self._long
        most = max(over.tolist(), default=-self._long)
        self._look_long = -most // self._longest
        if most <= 0:
            return
        late = over > 0
        over = over[late]
        sounds = sounds[late]
        values = self._release[field][sounds & 127]
        nats = np.minimum(over * self._rate, MOST).astype(np.float32)
        scores[sounds >> 7, values] += nats * (values >= 0)

    def update(self, events: Events) -> None:
        """Take the note-ons among `events`."""
        for field, note_ons in self._note_ons.items():
            rows = note_ons[events[:, field]].nonzero()[0]
            if len(rows):
                pitches = self._pitch[field][events[rows, field]]
                self._since[rows, pitches] = self.view.elapsed[rows]
        self._look_long -= 1
        self._look_full -= 1

    def select(self, rows: Ints) -> None:
        """Continue with the streams `rows`."""
        self._since = self._since[rows]
        self._look_long = self._look_full = 0


def _rests(encoding: Encoding) -> dict[int, Floats32]:
    """Return the nats to add to the scores of the coarsest shift, by its field."""
    field, steps = min(columns(encoding, "advance").items())
    seconds = steps / encoding.steps_per_second
    return {field: -np.clip((seconds - REST) * PRESS, 0, MOST).astype(np.float32)}


def _places(values: Ints, pitches: Ints) -> Ints:
    """Return int64 `[128]`: the value that stands for each pitch, -1 where there is none."""
    out = np.full(128, -1)
    out[pitches] = values
    return out
