"""What a control is: numbers that tell a model, before each event, what the events before it do not.

A control is computed on a whole piece, augmented as it is, and cropped with the events; it is never stored. The first
column is its presence bit. Where the context lacks what a control needs, all its columns are zero.

Some controls tell of the music to come (`asked`): how dense it will be, in what key. In training they are computed from
the music itself. While music is made it is not there to compute them from, so they say what is asked (`row`), or nothing:
all zero, presence bit too. That a model also plays well where nothing is asked it learns from chains that were not told
(`drop`; see `symgen.dataset.batches`).
"""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from symgen.controls.timeline import Timeline, timeline
from symgen.encodings.base import Encoding, Events
from symgen.errors import BadOption

Rows = npt.NDArray[np.float32]


class Follower(abc.ABC):
    """A control of `batch` streams while they are made, from the events that each has come to."""

    @abc.abstractmethod
    def rows(self) -> Rows:
        """Return float32 `[batch, width]`: what is known before the next event of each stream."""

    @abc.abstractmethod
    def take(self, events: Events) -> None:
        """Take the events int32 `[batch, fields]` that were chosen."""

    def forget(self) -> None:  # noqa: B027 - few followers have a past to compare with
        """Begin something new: nothing that has been is like the present."""

    @abc.abstractmethod
    def keep(self, rows: npt.NDArray[np.int64]) -> None:
        """Go on with the streams `rows` alone, in that order; a stream named twice becomes two."""


@dataclasses.dataclass(frozen=True)
class Control(abc.ABC):
    """One control. Options are the dataclass fields of the member.

    `drop` is the share of the chains of windows in training that are not told it.
    """

    drop: float = dataclasses.field(default=0.0, kw_only=True)

    name: ClassVar[str]
    asked: ClassVar[bool] = False  # whether it tells of the music to come
    unit: ClassVar[str] = ""  # of what is asked
    gain: ClassVar[float] = (
        1.0  # times its columns that a model hears, so that they spread about as widely as others do
    )

    def __post_init__(self) -> None:
        if (
            isinstance(self.drop, bool)
            or not isinstance(self.drop, int | float)
            or not 0 <= self.drop <= 1
        ):
            raise BadOption(
                f"controls.drop = {self.drop!r}: expected a share from 0 (always told) to 1"
            )
        object.__setattr__(self, "drop", float(self.drop))

    def about(self) -> str:
        """Return in a line what it tells; of one that is asked, in what unit and range."""
        return self.name

    @abc.abstractmethod
    def width(self, encoding: Encoding) -> int:
        """Return the number of columns, the presence bit included."""

    @abc.abstractmethod
    def compute(
        self, encoding: Encoding, events: Events, context: Mapping[str, Any], outline: Any = None
    ) -> Rows:
        """Return float32 `[steps, width]`: row t holds what is known when event t is to be chosen.

        `context` is what `encoding.context` told of the piece, or what a sample is asked to be. `outline` is what the
        method of that name gave for the piece in any key; it only saves time.
        """

    def outline(self, encoding: Encoding, events: Events, context: Mapping[str, Any]) -> Any:  # noqa: B027 - few controls have one
        """Return what costs time and is the same in every key; None for nothing."""

    def follow(self, encoding: Encoding, batch: int, context: Mapping[str, Any]) -> Follower | None:
        """Return what tells the columns of `batch` streams while they are made, where they depend on the events before."""
        return None

    def row(self, encoding: Encoding, value: Any) -> Rows:
        """Return float32 `[width]`: what a model is told where `value` is asked; BadOption says what may be asked."""
        raise BadOption(f"{self.name} cannot be asked for: it tells {self.about()}")

    def rows_of(self, encoding: Encoding, values: Sequence[Any]) -> Rows:
        """Return float32 `[values, width]`: what `row` says of each."""
        return np.stack([self.row(encoding, value) for value in values])

    def heard(self, rows: Rows) -> Rows:
        """Return `rows` `[..., width]`, computed or asked, as a model hears them: all but the presence bit `gain` times."""
        return (
            rows
            if self.gain == 1
            else rows
            * np.where(np.arange(rows.shape[-1]) > 0, np.float32(self.gain), np.float32(1))
        )

    def reached(
        self, encoding: Encoding, events: Events, context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the value that music had as a whole, in the unit that is asked; None where it tells none."""
        return None

    @property
    def learns(self) -> bool:
        """Whether options that are left open are to be learned from the music, by `learned`."""
        return False

    def learned(self, contexts: Sequence[Mapping[str, Any]]) -> Control:
        """Return this control with what was left open filled from the contexts of the pieces to be trained on."""
        return self

    def survey(
        self,
        encoding: Encoding,
        contexts: Sequence[Mapping[str, Any]],
        events: Callable[[int], Events],
    ) -> dict[str, Any]:
        """Return what a model is told of the pieces, for whoever asks what it knows: `unit`, and `seen` or `counts`.

        `events(i)` gives those of piece `i`. The values are text, numbers, and lists or tables of them.
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
    """A control of the music to come, counted on its time line: all events of a moment are told the same."""

    asked: ClassVar[bool] = True

    @property
    def ahead(self) -> float | None:
        """The seconds that what is told at a moment looks ahead, no sooner and no further; None where it needs the whole piece."""
        return None

    @abc.abstractmethod
    def moments(self, line: Timeline, context: Mapping[str, Any]) -> Rows:
        """Return float32 `[moments, width]`: what is told at each."""

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
    """Return where the columns of each of `controls` lie."""
    ends = np.cumsum([0, *(control.width(encoding) for control in controls)]).tolist()
    return [slice(start, end) for start, end in pairwise(ends)]


def compute_all(
    controls: Sequence[Control],
    encoding: Encoding,
    events: Events,
    context: Mapping[str, Any],
    outlines: Sequence[Any] | None = None,
) -> Rows:
    """Return float32 `[steps, total width]`: the columns of `controls` as a model hears them, side by side in their order."""
    out = np.empty((len(events), total_width(controls, encoding)), np.float32)
    line = (
        timeline(encoding, events, context)
        if any(isinstance(control, TimelineControl) for control in controls)
        else None
    )
    for control, place, outline in zip(
        controls, columns(controls, encoding), outlines or [None] * len(controls), strict=True
    ):
        if line is not None and isinstance(control, TimelineControl):
            out[:, place] = control.heard(control.moments(line, context)).take(line.moment, axis=0)
        else:
            out[:, place] = control.heard(control.compute(encoding, events, context, outline))
    return out


def compute_part(
    controls: Sequence[Control],
    encoding: Encoding,
    line: Timeline,
    start: int,
    stop: int,
    context: Mapping[str, Any],
    whole: Callable[[Control], Rows],
) -> Rows:
    """Return the rows `start`..`stop` of what `compute_all` returns for the whole of a piece whose time line is `line`.

    What is counted is counted on a part of the line, the end of the window furthest ahead included; `whole(control)` gives
    the rows of any other control.
    """
    out = np.empty((stop - start, total_width(controls, encoding)), np.float32)
    ahead = max(
        (c.ahead for c in controls if isinstance(c, TimelineControl) and c.ahead is not None),
        default=0.0,
    )
    part, context = (
        line.part(start, stop, ahead),
        {**context, "steps": context.get("steps", 0) or int(line.time[-1])},
    )
    for control, place in zip(controls, columns(controls, encoding), strict=True):
        if isinstance(control, TimelineControl):
            seen = part if control.ahead is not None else line.part(start, stop, None)
            out[:, place] = control.heard(control.moments(seen, context)).take(seen.moment, axis=0)
        else:
            out[:, place] = whole(control)[start:stop]
    return out


def steps_before(encoding: Encoding, events: Events) -> npt.NDArray[np.int64]:
    """Return int64 `[steps]`: how far time has advanced, in steps of the encoding, when each event is to be chosen."""
    taken = np.zeros(len(events), np.int64)
    for field in range(len(encoding.fields)):
        taken += encoding.table(field)["advance"][events[:, field]]
    return np.cumsum(taken) - taken
