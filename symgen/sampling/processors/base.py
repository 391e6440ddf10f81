"""Processors: everything that changes the scores of a model while it is sampled.

Each step of the loop draws one event, field by field. For every field the processors change the
scores, in the order of `symgen.sampling.processors.processors`. Then a value is drawn, and each
processor may look at it or replace it. One processor serves a batch of streams side by side; a
stream depends only on its own past.

To add one, write a class with `make` and the methods it needs, and register it with one line.
"""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from symgen.controls import Control
from symgen.controls.schedule import Schedule
from symgen.controls.targets import Targets
from symgen.encodings import Encoding, Events
from symgen.sampling.engine.view import View
from symgen.types import Floats32, Ints

if TYPE_CHECKING:
    from symgen.sampling.request.request import Request

# of the steering, where a target is not the user's own
SHARES = {"polyphony": 0.75}  # less does not hold a model that drones
SHARE = 0.5  # of the other targets


@dataclasses.dataclass(frozen=True)
class Goals:
    """The targets from now on: all of them, and which by conditioning or steering.

    `shares` says how much of the steering is done where a target is not the user's own. A target
    in `floors` is only a lower limit.
    """

    targets: Targets
    conditioned: Sequence[str] = ()
    steered: Sequence[str] = ()
    shares: Mapping[str, float] = dataclasses.field(default_factory=dict)
    floors: Sequence[str] = ()

    def schedule(self, name: str) -> Schedule | None:
        """Return the target to which `name` is steered; None where it has none."""
        return self.targets.schedules.get(name) if name in self.steered else None

    def share(self, name: str) -> float:
        """Return how much of the steering to `name` is done."""
        return self.shares.get(name, 1.0)


@dataclasses.dataclass(frozen=True)
class Setup:
    """What processors are made from. `made` holds those before in the order, by name.

    `copies` streams search for each sample, of which `first` is the index of the first.
    """

    view: View
    request: Request
    controls: Sequence[Control] = ()
    first: int = 0
    copies: int = 1
    made: dict[str, Processor] = dataclasses.field(default_factory=dict)


class Processor:
    """One influence on the choice of events; by default it does nothing."""

    def __init__(self, view: View) -> None:
        self.view = view

    @classmethod
    def make(cls, setup: Setup) -> Processor | None:
        """Return the processor that a request needs; None where it needs none."""
        return cls(setup.view)

    def set(self, goals: Goals) -> None:
        """Take the targets; called before the first step and whenever they change."""

    def acts(self, field: int) -> bool:
        """Return whether `apply` may change scores of `field`; asked once."""
        return True

    def begin_step(self, view: View) -> None:
        """Prepare for the next event. Once the onset of a note is known, see `moved`."""

    def apply(self, field: int, scores: Floats32) -> None:
        """Change `scores` `[batch, size]` of `field` in place; values at -inf must stay there."""

    def unblock(self, field: int, rows: Ints, attempt: int) -> bool:
        """Make room where the streams `rows` have no value left; return whether to score again."""
        return False

    def choose(self, field: int, values: Ints) -> Ints:
        """Take the `values` `[batch]` drawn for `field`; return those to use instead."""
        return values

    def moved(self, view: View) -> None:
        """Take `view.onset`: where events are whole notes, time passes within an event."""

    def update(self, events: Events) -> None:
        """Take the events int32 `[batch, fields]` of a step, before `view` lets their time pass."""

    def primed(self, events: Events) -> None:
        """Take events of a primer, as in `update`, which does so by default."""
        self.update(events)

    def select(self, rows: Ints) -> None:
        """Continue with the streams `rows` `[batch]`; one named twice replaces another."""


def overriding(processors: Sequence[Processor], method: str) -> list[Processor]:
    """Return the processors that have a `method` of their own."""
    plain = getattr(Processor, method)
    return [p for p in processors if getattr(type(p), method) is not plain]


class Steer(Processor, abc.ABC):
    """Moves the scores towards one target. It does nothing while it has no target.

    It reads only the encoding's tables (kind, pitch and advance of each value), so that it works
    with every encoding that has what it needs.
    """

    name: ClassVar[str]  # of the target

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self._share = 1.0

    @classmethod
    def serves(cls, encoding: Encoding) -> bool:
        """Return whether music of `encoding` can be steered like this."""
        return True

    @classmethod
    def of(cls, view: View) -> Steer:
        """Return the steer for the encoding of `view`; whole notes may need another class."""
        return cls(view)

    @classmethod
    def make(cls, setup: Setup) -> Processor | None:
        """Return the steer, with or without a target: a stream may set one later."""
        return cls.of(setup.view)

    def set(self, goals: Goals) -> None:
        """Take the target of this steer from `goals`."""
        self._share = goals.share(self.name)
        self.aim(self.target(goals))

    def target(self, goals: Goals) -> Schedule | None:
        """Return the target of this steer; None where it has none."""
        return goals.schedule(self.name)

    @abc.abstractmethod
    def aim(self, target: Schedule | None) -> None:
        """Take the target from now on, its times in seconds. The same target again does nothing."""

    def apply(self, field: int, scores: Floats32) -> None:
        """Steer, or do only a share of it where the target is gentle."""
        if self._share == 1:
            self.steer(field, scores)
            return
        before = scores.copy()
        self.steer(field, scores)
        moved = np.zeros_like(scores)
        known = scores > -np.inf
        np.subtract(scores, before, out=moved, where=known)
        np.copyto(scores, before + np.float32(self._share) * moved, where=known)

    @abc.abstractmethod
    def steer(self, field: int, scores: Floats32) -> None:
        """Change `scores` `[batch, size]` of `field` in place, as `apply`."""

    def moved(self, view: View) -> None:
        """Take the target at the onset of the note under way."""
        self.begin_step(view)

    def primed(self, events: Events) -> None:
        """Ignore a primer: it was not steered."""
