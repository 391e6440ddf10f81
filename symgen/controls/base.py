"""The contract of a control: a model input computed from music, and a target that a user asks for.

A control is a number of columns beside the events of a piece, one row for each event. Row t holds
what the model may know when event t is chosen. The first column is the presence bit; all columns
are 0 where there is nothing to tell. Rows are computed on a whole piece after augmentation, and
cropped with the events. They are never stored.

Some controls describe the music to come (`future`): how dense it will be, or in what key. In
training they are computed from the music itself. While music is sampled they hold the value
of the user's targets (`encode`), or zeros. Chains of windows that do not get a control (`drop`; see
`symgen.dataset.batches`) teach the model to play without it.

A control that is a target also measures music in the unit of the target (`measure`), on the same
time line from which the columns of training are counted. `tolerance` says which error is small.
"""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from symgen.checks import number
from symgen.controls.schedule import Schedule
from symgen.controls.timeline import Timeline, timeline
from symgen.encodings.base import Encoding, Events
from symgen.errors import BadOption

Rows = npt.NDArray[np.float32]


class Follower(abc.ABC):
    """The columns of a control for `batch` streams while they are sampled."""

    @abc.abstractmethod
    def rows(self) -> Rows:
        """Return float32 `[batch, width]`: the columns before the next event of each stream."""

    @abc.abstractmethod
    def update(self, events: Events) -> None:
        """Take the events int32 `[batch, fields]` that were chosen."""

    def reset(self) -> None:  # noqa: B027 - few followers compare with the past
        """Begin a new section: nothing so far counts as similar to what comes."""

    @abc.abstractmethod
    def select(self, rows: npt.NDArray[np.int64]) -> None:
        """Continue with the streams `rows` only, in that order; a row named twice is copied."""


@dataclasses.dataclass(frozen=True)
class Control(abc.ABC):
    """One control. Its options are the dataclass fields of the member.

    `drop` is the share of the chains of windows in training that do not get it.
    """

    drop: float = dataclasses.field(default=0.0, kw_only=True)

    name: ClassVar[str]
    unit: ClassVar[str] = ""
    future: ClassVar[bool] = False  # whether it describes the music to come
    local: ClassVar[bool] = False  # whether rows are computed without the rows before them
    gain: ClassVar[float] = 1.0  # factor of the columns, so that all controls spread alike

    # of a target
    numeric: ClassVar[bool] = False  # whether targets are numbers, which may glide
    carrier: ClassVar[str] = ""  # the control that holds the target, if it is another one
    tolerance: ClassVar[float | None] = None  # an error of this size is small; None: not measured
    relative: ClassVar[bool] = False  # whether the tolerance is a share of the target

    def __post_init__(self) -> None:
        object.__setattr__(self, "drop", number("controls.drop =", self.drop, 0, 1))

    def about(self) -> str:
        """Return one line for people: what it holds and, for a target, its unit and range."""
        return self.name

    # the model input

    @abc.abstractmethod
    def width(self, encoding: Encoding) -> int:
        """Return the number of columns, the presence bit included."""

    @abc.abstractmethod
    def compute(
        self, encoding: Encoding, events: Events, context: Mapping[str, Any], outline: Any = None
    ) -> Rows:
        """Return float32 `[steps, width]`; row t holds what is known when event t is chosen.

        `context` is what `encoding.context` returned for the piece, or the plan of a sample.
        `outline` is what the method of that name returned for the piece; it only saves time.
        """

    def compute_from(self, encoding: Encoding, events: Events, start: int) -> Rows:
        """Return the rows from `start` on of `compute`; only where the control is `local`."""
        raise NotImplementedError

    def outline(  # noqa: B027 - few controls have one
        self, encoding: Encoding, events: Events, context: Mapping[str, Any]
    ) -> Any:
        """Return what is slow to compute and the same in every key; None for nothing."""

    def follow(self, encoding: Encoding, batch: int, context: Mapping[str, Any]) -> Follower | None:
        """Return what computes the columns while sampling; None if they hold only targets."""
        return None

    def encode(self, encoding: Encoding, value: Any) -> Rows:
        """Return float32 `[width]`: the columns for the target `value`; BadOption if it is bad."""
        raise BadOption(f"{self.name} cannot be set: it holds {self.about()}")

    def encode_all(self, encoding: Encoding, values: Sequence[Any]) -> Rows:
        """Return float32 `[values, width]`: the columns for each value."""
        return np.stack([self.encode(encoding, value) for value in values])

    def scaled(self, rows: Rows) -> Rows:
        """Scale `rows` `[..., width]` by `gain` for the model, except the presence bit."""
        if self.gain == 1:
            return rows
        first = np.arange(rows.shape[-1]) == 0
        return rows * np.where(first, np.float32(1), np.float32(self.gain))

    # the target

    def read(self, value: Any) -> Any:
        """Return the target that `value` means, text included; BadOption if there is none."""
        raise BadOption(f"{self.name} cannot be set: it holds {self.about()}")

    def measure(self, line: Timeline, target: Schedule | None = None) -> Any:
        """Return what the music of `line` came to, in the unit of the target; None for nothing.

        The times of `target` count from the beginning of `line`.
        """
        return None

    def error(self, target: Any, measured: Any) -> float:
        """Return how far `measured` is from `target`, where 1 is the tolerance."""
        assert self.tolerance is not None
        if measured is None:
            return 1 / self.tolerance
        near = self.tolerance * (target if self.relative else 1)
        return float(abs(measured - target)) / near

    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of one value of the target."""
        return {}

    # what is learned from the training music, and what is reported of it

    @property
    def learns(self) -> bool:
        """Whether options that are left open are learned from the music, by `learned`."""
        return False

    def learned(self, contexts: Sequence[Mapping[str, Any]]) -> Control:
        """Return this control with open options filled from the contexts of the training pieces."""
        return self

    def survey(
        self,
        encoding: Encoding,
        contexts: Sequence[Mapping[str, Any]],
        events: Callable[[int], Events],
    ) -> dict[str, Any]:
        """Return what the pieces hold, for the training report: `unit`, and `seen` or `counts`.

        `events(i)` returns the events of piece `i`.
        """
        return {}

    def spec(self) -> dict[str, Any]:
        """Return the table from which the registry builds this control again."""
        options = {
            f.name: getattr(self, f.name)
            for f in dataclasses.fields(self)
            if f.init and (f.name != "drop" or self.drop)
        }
        return {"name": self.name} | options


@dataclasses.dataclass(frozen=True)
class TimelineControl(Control):
    """A control of the music to come, counted on its time line.

    All events of a moment get the same row.
    """

    future: ClassVar[bool] = True

    @property
    def ahead(self) -> float | None:
        """The seconds that it looks ahead; None if it needs the whole piece."""
        return None

    @abc.abstractmethod
    def moments(self, line: Timeline, context: Mapping[str, Any]) -> Rows:
        """Return float32 `[moments, width]`: the columns at each moment."""

    def compute(
        self, encoding: Encoding, events: Events, context: Mapping[str, Any], outline: Any = None
    ) -> Rows:
        """Return float32 `[steps, width]`."""
        line = timeline(encoding, events, context)
        rows: Rows = self.moments(line, context).take(line.moment, axis=0)
        return rows


def total_width(controls: Sequence[Control], encoding: Encoding) -> int:
    """Return how many columns `controls` have together."""
    return sum(control.width(encoding) for control in controls)


def columns(controls: Sequence[Control], encoding: Encoding) -> list[slice]:
    """Return where the columns of each of `controls` are."""
    ends = np.cumsum([0, *(control.width(encoding) for control in controls)]).tolist()
    return [slice(start, end) for start, end in pairwise(ends)]


def compute_all(
    controls: Sequence[Control],
    encoding: Encoding,
    events: Events,
    context: Mapping[str, Any],
    outlines: Sequence[Any] | None = None,
) -> Rows:
    """Return float32 `[steps, total width]`: the model input of `controls`, side by side."""
    out = np.empty((len(events), total_width(controls, encoding)), np.float32)
    counted = any(isinstance(control, TimelineControl) for control in controls)
    line = timeline(encoding, events, context) if counted else None
    for control, place, outline in zip(
        controls, columns(controls, encoding), outlines or [None] * len(controls), strict=True
    ):
        if line is not None and isinstance(control, TimelineControl):
            rows = control.scaled(control.moments(line, context))
            out[:, place] = rows.take(line.moment, axis=0)
        else:
            out[:, place] = control.scaled(control.compute(encoding, events, context, outline))
    return out


def compute_part(
    controls: Sequence[Control],
    encoding: Encoding,
    line: Timeline,
    start: int,
    stop: int,
    context: Mapping[str, Any],
    other: Callable[[Control], Rows],
) -> Rows:
    """Return the rows `start`..`stop` of `compute_all` for the piece with the time line `line`.

    Timeline controls are counted on a part of the line, as far ahead as they look.
    `other(control)` returns these rows of any other control.
    """
    out = np.empty((stop - start, total_width(controls, encoding)), np.float32)
    looks = [c.ahead for c in controls if isinstance(c, TimelineControl) and c.ahead is not None]
    part = line.part(start, stop, max(looks, default=0.0))
    context = {**context, "steps": context.get("steps", 0) or int(line.time[-1])}
    for control, place in zip(controls, columns(controls, encoding), strict=True):
        if isinstance(control, TimelineControl):
            seen = part if control.ahead is not None else line.part(start, stop, None)
            rows = control.scaled(control.moments(seen, context))
            out[:, place] = rows.take(seen.moment, axis=0)
        else:
            out[:, place] = other(control)
    return out


def steps_before(encoding: Encoding, events: Events) -> npt.NDArray[np.int64]:
    """Return int64 `[steps]`: the time in steps of the encoding when each event is chosen."""
    taken = np.zeros(len(events), np.int64)
    for field in range(len(encoding.fields)):
        taken += encoding.table(field)["advance"][events[:, field]]
    return np.cumsum(taken) - taken
