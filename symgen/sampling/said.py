"""Steps of time that several fields of an event say together, such as seconds and hundredths of one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from symgen.encoding import Encoding, Events

Array = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def columns(encoding: Encoding, what: str) -> dict[int, Array]:
    """Return by field the steps `what` ("advance", "duration") of its values, for the fields that have any."""
    found = {k: encoding.table(k)[what].astype(np.int64) for k in range(len(encoding.fields))}
    return {k: steps for k, steps in found.items() if steps.any()}


def is_whole(encoding: Encoding) -> bool:
    """Return whether the events of `encoding` are whole notes: they say their lengths."""
    return bool(columns(encoding, "duration"))


class Said:
    """The steps of time that several fields of an event say together, the coarsest first.

    They are held to a limit while they are chosen. What would pass it comes to it, so that it is as likely as all that
    would pass it. The values of each field rise from 0.
    """

    def __init__(self, encoding: Encoding, what: str, batch: int) -> None:
        self.columns = columns(encoding, what)
        self.first, self.last = min(self.columns), max(self.columns)
        self.longest = int(self.columns[self.first].max())
        self.steps = np.zeros(batch, np.int64)
        self._held: Flags | None = None  # the streams whose coarser fields were held already

    def take(self, field: int, values: Array, limit: Array | None, exact: Flags | None = None) -> Array:
        """Take `values` `[batch]` of `field`; return what they become under `limit` `[batch]` steps.

        Streams in `exact` come to the limit, even where less was chosen.
        """
        column = self.columns[field]
        if field == self.first:
            self.steps, self._held = np.zeros(len(values), np.int64), exact
        said = column[values]
        if limit is not None:
            left = np.minimum(limit, self.longest) - self.steps
            held = said > left if self._held is None else (said > left) | self._held
            if held.any():
                values = np.where(held, self.within(field, left), values)
                said, self._held = column[values], held
        self.steps = self.steps + said
        return values

    def within(self, field: int, steps: Array) -> Array:
        """Return int64: the largest value of `field` that takes no more than `steps`."""
        return np.asarray(np.maximum(self.columns[field].searchsorted(steps, "right") - 1, 0), np.int64)

    def of(self, events: Events) -> Array:
        """Return int64 `[n]`: the steps that each of `events` `[n, fields]` says."""
        return np.asarray(sum(column.take(events[:, k], mode="clip") for k, column in self.columns.items()), np.int64)

    def write(self, events: Events, rows: Array, steps: Array) -> None:
        """Write `steps`, no more than the longest, into the `rows` of `events`."""
        left = np.minimum(steps, self.longest)
        for field, column in self.columns.items():
            values = self.within(field, left)
            events[rows, field] = values
            left = left - column[values]
