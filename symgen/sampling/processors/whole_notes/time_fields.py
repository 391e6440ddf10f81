"""Steps of time that several fields of an event give together, such as seconds and hundredths."""

from __future__ import annotations

import numpy as np

from symgen.encodings import Encoding, Events
from symgen.types import Bools, Ints


def columns(encoding: Encoding, what: str) -> dict[int, Ints]:
    """Return by field the steps `what` ("advance", "duration") of its values, where it has any."""
    found = {k: encoding.table(k)[what].astype(np.int64) for k in range(len(encoding.fields))}
    return {k: steps for k, steps in found.items() if steps.any()}


def is_whole(encoding: Encoding) -> bool:
    """Return whether the events of `encoding` are whole notes, with their lengths."""
    return bool(columns(encoding, "duration"))


def pitch_field(encoding: Encoding) -> int:
    """Return the one field of whole notes that holds the pitch."""
    tables = map(encoding.table, range(len(encoding.fields)))
    [field] = [k for k, table in enumerate(tables) if (table["kind"] == "note_on").any()]
    return field


class TimeFields:
    """The steps of time that several fields of an event give together, the coarsest first.

    They are held to a limit while they are chosen: a choice beyond the limit comes to it, so the
    limit is as likely as all choices beyond. The values of each field rise from 0.
    """

    def __init__(self, encoding: Encoding, what: str, batch: int) -> None:
        self.columns = columns(encoding, what)
        self.first, *self._finer = sorted(self.columns)
        self.last = max(self.columns)
        self.longest = int(self.columns[self.first].max())
        self.steps = np.zeros(batch, np.int64)
        self._held: Bools | None = None  # the streams whose coarser fields were held already

    def take(
        self, field: int, values: Ints, limit: Ints | None, exact: Bools | None = None
    ) -> Ints:
        """Take `values` `[batch]` of `field`; return what they become under `limit` `[batch]`.

        Streams in `exact` come to the limit even where less was chosen.
        """
        column = self.columns[field]
        first = field == self.first
        if first:
            self._held = exact
        steps = column.take(values)
        if limit is not None:
            left = np.minimum(limit, self.longest)
            if not first:
                left = left - self.steps
            held = steps > left if self._held is None else (steps > left) | self._held
            if True in held.tolist():
                values = np.where(held, self.within(field, left), values)
                steps = column[values]
                self._held = held
        self.steps = steps if first else self.steps + steps
        return values

    def within(self, field: int, steps: Ints) -> Ints:
        """Return int64: the largest value of `field` that takes no more than `steps`."""
        places = self.columns[field].searchsorted(steps, "right") - 1
        return np.asarray(np.maximum(places, 0), np.int64)

    def of(self, events: Events) -> Ints:
        """Return int64 `[n]`: the steps of each of `events` `[n, fields]`."""
        steps: Ints = self.columns[self.first].take(events[:, self.first], mode="clip")
        for k in self._finer:
            steps += self.columns[k].take(events[:, k], mode="clip")
        return steps

    def before(self, field: int, events: Events) -> Ints:
        """Return int64 `[n]`: the steps of the fields before `field`."""
        if field == self.first:
            return np.zeros(len(events), np.int64)
        steps: Ints = self.columns[self.first].take(events[:, self.first], mode="clip")
        for k in self._finer:
            if k < field:
                steps += self.columns[k].take(events[:, k], mode="clip")
        return steps

    def after(self, field: int) -> int:
        """Return the most steps that the fields after `field` can give."""
        return sum(int(column[-1]) for k, column in self.columns.items() if k > field)

    def write(self, events: Events, rows: Ints, steps: Ints) -> None:
        """Write `steps`, no more than the longest, into the `rows` of `events`."""
        left = np.minimum(steps, self.longest)
        for field, column in self.columns.items():
            values = self.within(field, left)
            events[rows, field] = values
            left = left - column[values]
