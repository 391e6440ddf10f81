"""The controls that a model is conditioned on, for many streams, before each of their events.

A model that was trained with controls takes those that have a target; for the others it gets zeros,
the presence bit included. A key is given as the pitch histogram of music in that key. The position
in the piece is given wherever music has an end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from symgen.controls import Control, Follower, total_width
from symgen.controls.base import columns
from symgen.controls.schedule import Schedule
from symgen.controls.targets import definition
from symgen.encodings import Encoding, Events
from symgen.runtime.base import Player
from symgen.sampling.engine.view import View
from symgen.sampling.engine.wrapper import PlayerWrapper
from symgen.sampling.processors.base import Goals, Processor, Setup
from symgen.types import Bools, Floats, Floats32, Ints

if TYPE_CHECKING:
    from symgen.controls.targets import Targets
    from symgen.sampling.tunes.plan import Plan

POSITION = "position"
FINEST = 0.25  # seconds between two rows of a glide


class Rows(NamedTuple):
    """The rows float32 `[n, width]` of one control, in the columns `place`.

    The first holds up to the first of `times`, each of the others from its time on.
    """

    place: slice
    times: Floats
    rows: Floats32


class Conditioner:
    """The conditions of `batch` streams of a model with `controls`.

    It is conditioned on the targets in `names`. `seconds` is the length of the music, None for
    music without an end.
    """

    def __init__(
        self,
        controls: Sequence[Control],
        encoding: Encoding,
        batch: int,
        targets: Targets,
        names: Sequence[str] = (),
        seconds: float | None = None,
        plan: Plan | None = None,
    ) -> None:
        self.controls, self.encoding, self.plan = controls, encoding, plan
        self.seconds, self.step = seconds, 0
        self._places = columns(controls, encoding)
        width = total_width(controls, encoding)
        rows = plan.controls(controls, encoding) if plan else None
        self._planned = np.zeros((1, width), np.float32) if rows is None else rows
        context = plan.context if plan else {}
        made = [
            (place, control.follow(encoding, batch, context))
            for place, control in zip(self._places, controls, strict=True)
        ]
        self._followers: list[tuple[slice, Follower]] = [
            (place, follower) for place, follower in made if follower is not None
        ]
        self.requested: Bools = np.zeros(width, bool)  # the columns that hold targets
        self._known: Floats32  # at the seconds `_moment`
        self.set(targets, names)

    def set(self, targets: Targets, names: Sequence[str]) -> None:
        """Take the `targets` in `names` from now on."""
        self._constant, self._changing = self._planned.copy(), list[Rows]()
        self._moment: list[float] = []
        self._known = self._planned[:0]
        self.requested[:] = False
        for place, control in zip(self._places, self.controls, strict=True):
            if control.name == POSITION and self.seconds:
                whole = Schedule((0.0, self.seconds), (0.0, 1.0), (False, True))
                self._add(place, control, whole, self.seconds / 1000)
            elif (name := _carried(control.name, targets, names)) is not None:
                source = control if name == control.name else definition(name)
                self._add(place, source, targets.schedules[name], FINEST)
                self.requested[place] = True
        self._same = not (self._changing or self._followers or self.plan)  # at all times

    def _add(self, place: slice, control: Control, target: Schedule, finest: float) -> None:
        times, values = target.moments(finest)
        rows = control.scaled(control.encode_all(self.encoding, values))
        if len(rows) == 1:
            self._constant[:, place] = rows[0]
        else:
            self._changing.append(Rows(place, times[1:], rows))

    def rows(self, streams: Ints, seconds: Floats) -> Floats32:
        """Return float32 `[streams, width]`: the conditions of `streams` at `seconds` `[streams]`.

        Without a plan or followers it returns the same array as long as no time passes.
        """
        if self._same and len(self._known) == len(streams):
            return self._known
        if (moment := seconds.tolist()) == self._moment:
            return self._known
        row = self._constant[self.plan.row(self.step) if self.plan else 0]
        rows: Floats32 = row[None].repeat(len(streams), axis=0)
        for change in self._changing:
            places = change.times.searchsorted(seconds, "right")
            rows[:, change.place] = change.rows.take(places, axis=0)
        for place, follower in self._followers:
            rows[:, place] = follower.rows()[streams]
        self._known = rows
        self._moment = [] if self.plan or self._followers else moment
        return rows

    def update(self, events: Events) -> None:
        """Take the events int32 `[batch, fields]` of a step.

        Where a plan begins a strain that is new, followers forget what came before.
        """
        self.step += 1
        for _, follower in self._followers:
            follower.update(np.asarray(events, np.int32))
        if self.plan and self.plan.begins(self.step):
            for _, follower in self._followers:
                follower.reset()

    def select(self, rows: Ints) -> None:
        """Continue with the streams `rows`, in that order; one named twice becomes two."""
        for _, follower in self._followers:
            follower.select(rows)


def _carried(name: str, targets: Targets, names: Sequence[str]) -> str | None:
    """Return the target that the control `name` holds: its own, or one that it carries."""
    if name in targets.schedules:
        return name if name in names else None
    carried = (n for n in names if n in targets.schedules and definition(n).carrier == name)
    return next(carried, None)


class ConditionsProcessor(Processor):
    """Keeps the conditions of the streams of `view` up to date; it changes no scores."""

    def __init__(self, view: View, conditioner: Conditioner) -> None:
        super().__init__(view)
        self.conditioner = conditioner

    @classmethod
    def make(cls, setup: Setup) -> Processor | None:
        """Return one for a model that has controls."""
        view, request = setup.view, setup.request
        if not setup.controls:
            return None
        conditioner = Conditioner(
            setup.controls,
            view.encoding,
            view.batch,
            request.targets,
            (),
            request.lasts,
            request.plan,
        )
        return cls(view, conditioner)

    def set(self, goals: Goals) -> None:
        """Take the targets that the model is conditioned on."""
        self.conditioner.set(goals.targets, goals.conditioned)

    def acts(self, field: int) -> bool:
        """Return False: the model itself meets the targets."""
        return False

    def update(self, events: Events) -> None:
        """Let the controls that follow the music take `events`."""
        self.conditioner.update(events)

    def select(self, rows: Ints) -> None:
        """Continue with the streams `rows`."""
        self.conditioner.select(rows)


class ConditionedPlayer(PlayerWrapper):
    """A player that is fed the conditions of the live streams with their events."""

    def __init__(self, player: Player, conditions: ConditionsProcessor) -> None:
        super().__init__(player)
        self._conditions = conditions

    def step(self, events: Events, controls: Floats32 | None = None) -> None:
        """Take the last events of the live streams."""
        view = self._conditions.view
        seconds = view.seconds if len(view.live) == view.batch else view.seconds[view.live]
        self.player.step(events, self._conditions.conditioner.rows(view.live, seconds))

    def fresh(self) -> Player:
        """Return another player of the same model, without the conditions."""
        return self.player.fresh()
