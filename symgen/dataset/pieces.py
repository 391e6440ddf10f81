"""The pieces of a split, held in memory as one array of events."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.controls import Control, compute_all, compute_part, total_width
from symgen.controls.timeline import Timeline, timeline
from symgen.dataset.cache import Cache
from symgen.dataset.rows import Array, Rows
from symgen.encodings import Encoding, Events

STRETCHED_BYTES = 96 << 20  # of pieces at another speed that a split keeps
TIMELINE_BYTES = 128 << 20  # of their timelines
CONTROL_BYTES = 128 << 20  # of the controls of whole pieces


def compact(encoding: Encoding) -> np.dtype[Any]:
    """Return the smallest integer type that holds every event value of `encoding`."""
    return np.dtype(np.min_scalar_type(max(f.size for f in encoding.fields)))


def note_count(encoding: Encoding, events: Any) -> int:
    """Return the number of notes in `events`."""
    return len(encoding.spans(events).row)


class Split(Rows):
    """The pieces of a split of notes, in the order of their ids.

    `values` holds the events of all pieces, `[events, fields]`; `ends` is where each ends in it.
    """

    def __init__(
        self,
        encoding: Encoding,
        contexts: Sequence[dict[str, Any]],
        lengths: Sequence[int],
        values: Array,
    ) -> None:
        super().__init__(encoding, contexts, lengths)
        self.encoding = encoding
        self.values = values
        self._stretched: Cache[Array] = Cache(STRETCHED_BYTES)
        self._timelines: Cache[Timeline] = Cache(TIMELINE_BYTES)
        self._controls: Cache[npt.NDArray[np.float32]] = Cache(CONTROL_BYTES)
        self._outlines: dict[Any, Any] = {}

    @classmethod
    def of(cls, encoding: Encoding, pieces: dict[str, Array]) -> Split:
        """Return a split with the events `[steps, fields]` of each piece id."""
        empty = np.zeros((0, len(encoding.fields)), np.int32)
        values = np.concatenate([empty, *pieces.values()]).astype(compact(encoding))
        return cls(encoding, [{"id": i} for i in pieces], [len(e) for e in pieces.values()], values)

    @property
    def total(self) -> int:
        """The events of all pieces."""
        return len(self.values)

    def part(self, i: int) -> Array:
        """Return a view of the events of piece `i`, `[steps, fields]` of a small integer type."""
        return self.values[self.ends[i] - self.lengths[i] : self.ends[i]]

    def stretched(self, i: int, factor: float) -> Array:
        """Return the events of piece `i` with all times multiplied by `factor`, typed as `part`."""
        if factor == 1:
            return self.part(i)
        return self._stretched.get(
            (i, factor),
            lambda: self.encoding.stretch(self.events(i), factor).astype(self.values.dtype),
        )

    def steps(self, i: int, factor: float) -> int:
        """Return the events of piece `i` with all times multiplied by `factor`."""
        return len(self.stretched(i, factor))

    def varied(self, i: int, factor: float, semitones: int, start: int, stop: int) -> Events:
        """Return the events `start` to `stop` of piece `i`, stretched and transposed."""
        events = self.stretched(i, factor)[start:stop].astype(np.int32)
        return self.encoding.transpose(events, semitones)

    def share(self, events: int, seed: int = 0) -> Split:
        """Return random pieces that hold about `events` events, at least one; all if fewer."""
        if self.total <= events:
            return self
        order = np.random.default_rng([seed, 7]).permutation(len(self))
        count = 1 + int(np.argmin(np.abs(np.cumsum(self.lengths[order]) - events)))
        chosen = np.sort(order[:count]).tolist()
        values = np.concatenate([self.part(i) for i in chosen])
        contexts = [self.contexts[i] for i in chosen]
        return Split(self.encoding, contexts, self.lengths[chosen].tolist(), values)

    def extent(self) -> tuple[int | None, float]:
        """Return the notes and the seconds; a grid of beats has its nominal tempo."""
        parts = [self.part(i) for i in range(len(self))]
        notes = sum(note_count(self.encoding, part) for part in parts)
        return notes, sum(self.encoding.duration(part) for part in parts)

    def unigram(self, held_out: Rows) -> dict[str, float]:
        """Return for each field the nats of a value of `held_out`; see Rows."""
        assert isinstance(held_out, Split)
        nats = {}
        for k, field in enumerate(self.encoding.fields):
            counts = np.bincount(self.values[:, k], minlength=field.size) + 1.0
            logs = np.log(counts / counts.sum())
            nats[field.name] = -float(logs[held_out.values[:, k]].mean())
        return nats

    def control_rows(
        self, controls: tuple[Control, ...], i: int, factor: float = 1.0, semitones: int = 0
    ) -> npt.NDArray[np.float32]:
        """Return float32 `[steps, width]`: the controls of piece `i`, stretched and transposed."""

        def make() -> npt.NDArray[np.float32]:
            events = self.encoding.transpose(self._events(i, factor), semitones)
            outlines = [self._outline(control, i, factor) for control in controls]
            return compute_all(controls, self.encoding, events, self.contexts[i], outlines)

        return self._controls.get((controls, i, factor, semitones), make)

    def control_window(
        self,
        controls: tuple[Control, ...],
        i: int,
        start: int,
        stop: int,
        factor: float = 1.0,
        semitones: int = 0,
    ) -> npt.NDArray[np.float32]:
        """Return the rows from `start` to `stop` of `control_rows`.

        The other rows are not computed where the controls allow that.
        """
        stop = min(stop, len(self.stretched(i, factor)))
        if start >= stop:
            return np.zeros((0, total_width(controls, self.encoding)), np.float32)

        def other(control: Control) -> npt.NDArray[np.float32]:
            if not control.local:
                return self.control_rows((control,), i, factor, semitones)[start:stop]
            events = self.stretched(i, factor)[:stop].astype(np.int32)
            moved = self.encoding.transpose(events, semitones)
            return control.scaled(control.compute_from(self.encoding, moved, start))

        line = self._timelines.get(
            (i, factor),
            lambda: timeline(self.encoding, self._events(i, factor), self.contexts[i]),
        )
        return compute_part(
            controls,
            self.encoding,
            line.moved(semitones),
            start,
            stop,
            self.contexts[i],
            other,
        )

    def _events(self, i: int, factor: float) -> Events:
        return self.stretched(i, factor).astype(np.int32)

    def _outline(self, control: Control, i: int, factor: float) -> Any:
        key = (control, i, factor)
        if key not in self._outlines:
            self._outlines[key] = control.outline(
                self.encoding, self._events(i, factor), self.contexts[i]
            )
        return self._outlines[key]

    @functools.cached_property
    def spans(self) -> npt.NDArray[np.int64]:
        """The lowest and highest pitch of each piece, `[pieces, 2]`; 127 and 0 without notes."""
        return np.array([self._span(i) for i in range(len(self))], np.int64).reshape(-1, 2)

    def _span(self, i: int) -> tuple[int, int]:
        events = self.part(i)
        tables = [self.encoding.table(k)["pitch"] for k in range(len(self.encoding.fields))]
        found = np.concatenate([t[np.unique(events[:, k])] for k, t in enumerate(tables)])
        found = found[found >= 0]
        return (int(found.min()), int(found.max())) if len(found) else (127, 0)
