"""What a model is told of many streams before each of their events: what is asked at the time of each, and what followers hear.

A model that was trained with controls hears of those that are asked; of the others it hears nothing (zeros, presence bit
too). A key is told as the pitch histogram of music in that key. The position is told wherever music has an end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from symgen.controls import Control, Follower, total_width
from symgen.controls.base import columns
from symgen.controls.schedule import Schedule
from symgen.controls.targets import definition
from symgen.encodings import Encoding, Events
from symgen.sampling.request.params import Floats

if TYPE_CHECKING:
    from symgen.controls.targets import Targets
    from symgen.sampling.tunes.plan import Plan

Ints = npt.NDArray[np.int64]

POSITION = "position"
FINEST = 0.25  # seconds between two rows of a glide


class Wish(NamedTuple):
    """The rows `[n, width]` of a control: the first is told up to the first of `times`, each of the others from its time on."""

    place: slice
    times: npt.NDArray[np.float64]
    rows: Floats


class Conditioner:
    """What `batch` streams of a model with `controls` are told; `names` are those of the wishes that it is to be told.

    `seconds` is the length of the music, None where it has no end.
    """

    def __init__(
        self,
        controls: Sequence[Control],
        encoding: Encoding,
        batch: int,
        asked: Targets,
        names: Sequence[str] = (),
        seconds: float | None = None,
        plan: Plan | None = None,
    ) -> None:
        self.controls, self.encoding, self.plan, self.seconds, self.step = (
            controls,
            encoding,
            plan,
            seconds,
            0,
        )
        self._places = columns(controls, encoding)
        width = total_width(controls, encoding)
        rows = plan.controls(controls, encoding) if plan else None
        self._rows = np.zeros((1, width), np.float32) if rows is None else rows
        context = plan.context if plan else {}
        made = [
            (place, control.follow(encoding, batch, context))
            for place, control in zip(self._places, controls, strict=True)
        ]
        self._followers: list[tuple[slice, Follower]] = [
            (place, follower) for place, follower in made if follower is not None
        ]
        self.wished = np.zeros(width, bool)
        self._told: Floats  # at the seconds `_moment`
        self.set(asked, names)

    def set(self, asked: Targets, names: Sequence[str]) -> None:
        """Tell what is asked from now on."""
        self._still, self._wishes = self._rows.copy(), list[Wish]()
        self._moment: list[float] = []
        self._told = self._rows[:0]
        self.wished[:] = False
        for place, control in zip(self._places, self.controls, strict=True):
            if control.name == POSITION and self.seconds:
                whole = Schedule((0.0, self.seconds), (0.0, 1.0), (False, True))
                self._wish(place, control, whole, self.seconds / 1000)
            elif (name := _carried(control.name, asked, names)) is not None:
                source = control if name == control.name else definition(name)
                self._wish(place, source, asked.schedules[name], FINEST)
                self.wished[place] = True
        self._same = not (self._wishes or self._followers or self.plan)  # at all times

    def _wish(self, place: slice, control: Control, wish: Schedule, finest: float) -> None:
        times, values = wish.moments(finest)
        rows = control.scaled(control.encode_all(self.encoding, values))
        if len(rows) == 1:
            self._still[:, place] = rows[0]
        else:
            self._wishes.append(Wish(place, times[1:], rows))

    def rows(self, streams: Ints, seconds: npt.NDArray[np.float64]) -> Floats:
        """Return float32 `[streams, width]`: what is told of `streams` before their next events, at `seconds` `[streams]`.

        Of music without a plan it tells the same as long as no time passes, in the same array.
        """
        if self._same and len(self._told) == len(streams):
            return self._told
        if (moment := seconds.tolist()) == self._moment:
            return self._told
        row = self._still[self.plan.row(self.step) if self.plan else 0]
        rows: Floats = row[None].repeat(len(streams), axis=0)
        for wish in self._wishes:
            rows[:, wish.place] = wish.rows.take(wish.times.searchsorted(seconds, "right"), axis=0)
        for place, follower in self._followers:
            rows[:, place] = follower.rows()[streams]
        self._told, self._moment = rows, [] if self.plan or self._followers else moment
        return rows

    def take(self, events: Events) -> None:
        """Take the events int32 `[batch, fields]` that were chosen; where a plan begins a strain anew, nothing is like it."""
        self.step += 1
        for _, follower in self._followers:
            follower.update(np.asarray(events, np.int32))
        if self.plan and self.plan.begins(self.step):
            for _, follower in self._followers:
                follower.reset()

    def keep(self, rows: Ints) -> None:
        """Go on with the streams `rows`, in that order; one named twice becomes two."""
        for _, follower in self._followers:
            follower.select(rows)


def _carried(name: str, targets: Targets, names: Sequence[str]) -> str | None:
    """Return the target that the control `name` holds: its own, or one that it is the carrier of."""
    if name in targets.schedules:
        return name if name in names else None
    carried = (n for n in names if n in targets.schedules and definition(n).carrier == name)
    return next(carried, None)
